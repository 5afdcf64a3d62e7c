"""Fit the weights by which headline and lead are chosen to corpora of pages with gold, report them cross-validated.

A corpus folder holds `pages.jsonl` (rows with `id`, `domain`, `url`, `source_set`, `page_text`, `html`: path of the
gzipped page, `gold`: `title` and `blocks` of [kind, text]) and may hold `labels.jsonl` (`id`, `labels`: one letter a
line of the page text, perhaps `lines`). Only weights leave the corpus. The lead is chosen after the network has
answered: train that first. Needs the dependency group `train`.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import track
from scipy.optimize import minimize  # type: ignore[import-untyped]  # no stubs
from sklearn.linear_model import LogisticRegression

from etl.extract.charset import Decoded, decode
from etl.transform import headline_choice, leads
from etl.transform.blocks import Block, read_blocks
from etl.transform.features import squeezed
from etl.transform.labels import label_by_rules, label_without_lead
from etl.transform.metadata import Metadata
from etl.transform.page import HTML, Page, read_web_page
from etl.transform.record import Document

WEIGHTS = Path(__file__).resolve().parents[1] / "etl" / "transform" / "data" / "heads.toml"
FOLDS = 5
_PENALTY = 1.0
_TITLED = 0.6
"""Weight of a page of which only the title is known, which may be put otherwise above its text."""
_UNLAID = 0.3
"""Weight of each page once more without its empty lines: not all dumps have them."""
_ABSENT = 0.5
"""A title that no line is more like does not stand on the page."""
_STRICT = 0.5
"""Taken off the bias: fewer headlines where there are none, at the price of one in a hundred that are right."""
_EAGER = 0.4
"""Taken off what having no lead weighs: more leads are found than wrong ones are added."""

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Choice:
    """A page with its candidates, of which some are right, or none is."""

    group: str
    domain: str
    signs: Vector
    right: Vector
    """1 for each right candidate."""
    absent: bool
    """Whether it is known that no line of the page is right."""
    weight: float

    @property
    def usable(self) -> bool:
        """Whether anything is to be learned from it."""
        return len(self.right) > 0 and (self.absent or bool(self.right.any()))


def main() -> None:
    """Read the corpora, fit, write the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, nargs="+", help="folders with pages.jsonl")
    parser.add_argument("--output", type=Path, default=WEIGHTS)
    arguments = parser.parse_args()
    pages = [page for corpus in arguments.corpus for page in _pages(corpus)]
    told = {page["source_set"] for page in pages if any(kind == "summary" for kind, _ in page["gold"]["blocks"])}
    headlines = [choice for page in track(pages, "reading headlines") for choice in _headlines(page) if choice.usable]
    _report_headlines(headlines)
    rank = _rank(headlines)
    accept = _accept(headlines, rank)
    accept[-1] -= _STRICT
    tables = {
        "headline": dict(zip(headline_choice.SIGNS, rank, strict=True)),
        "is_headline": dict(zip((*headline_choice.SIGNS, "bias"), accept, strict=True)),
    }
    for name, marked in (("lead", False), ("lead_marked", True)):
        telling = [page for page in pages if page["source_set"] in told or (page["letters"] and not marked)]
        choices = [_lead(page, marked=marked) for page in track(telling, f"reading {name}s")]
        choices = [_or_none(choice) for choice in choices if choice.usable]
        _report_leads(name, choices)
        weights = _rank(choices)
        weights[-1] -= _EAGER
        tables[name] = dict(zip((*leads.sign_names(marked=marked), "none"), weights, strict=True))
    arguments.output.write_text(_as_toml(tables), encoding="utf-8")


def _pages(corpus: Path) -> Iterator[dict[str, Any]]:
    labels: dict[str, dict[str, Any]] = {}
    if (corpus / "labels.jsonl").exists():
        labels = {row["id"]: row for row in _rows(corpus / "labels.jsonl")}
    for page in _rows(corpus / "pages.jsonl"):
        yield {**page, "corpus": corpus, "letters": _letters(page, labels.get(page["id"]))}


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _letters(page: dict[str, Any], row: dict[str, Any] | None) -> dict[str, set[str]] | None:
    """What was labelled by hand: the texts of each letter."""
    if row is None:
        return None
    lines = row.get("lines") or [line for line in page["page_text"].splitlines() if line.strip()]
    found = defaultdict(set)
    for line, letter in zip(lines, row["labels"], strict=True):
        found[letter].add(squeezed(line))
    return found


def _headlines(page: dict[str, Any]) -> Iterator[Choice]:
    """The page as it is, and once more without its empty lines."""
    blocks = _blocks(page)
    known = 1.0 if page["letters"] or page["gold"]["blocks"] else _TITLED
    for weight, shown in ((1.0, blocks), (_UNLAID, [block._replace(gap=True) for block in blocks])):
        if not shown:
            return
        lines, _ = label_by_rules(shown)
        candidates = headline_choice.candidates_of(lines)
        texts = [lines[index].block.text for index in candidates]
        title = page["gold"]["title"] or ""
        wanted = page["letters"]["H"] if page["letters"] else {squeezed(title)} - {""}
        right = [squeezed(text) in wanted for text in texts]
        absent = not wanted if page["letters"] else bool(title) and all(_ratio(title, text) < _ABSENT for text in texts)
        signs = headline_choice.signs_of(lines, candidates)
        yield _choice(page, signs, right, absent=absent, weight=weight * known)


def _ratio(title: str, text: str) -> float:
    return SequenceMatcher(None, title.casefold(), text.casefold(), autojunk=False).ratio()


def _choice(
    page: dict[str, Any], signs: list[tuple[float, ...]], right: list[bool], *, absent: bool, weight: float
) -> Choice:
    group = f"{page['source_set']}{', labelled' if page['letters'] else ''}"
    return Choice(group, page["domain"], np.array(signs, float), np.array(right, float), absent, weight)


def _blocks(page: dict[str, Any]) -> list[Block]:
    return read_blocks(unicodedata.normalize("NFC", page["page_text"]))


def _lead(page: dict[str, Any], *, marked: bool) -> Choice:
    shown = _page(page) if marked else Page(_blocks(page), Metadata())
    letters = None if marked else page["letters"]
    gold = page["gold"]["blocks"]
    wanted = letters["L"] if letters else {squeezed(text) for kind, text in gold if kind == "summary"}
    if not shown.blocks or (shown.blocks[0].markup is not None) != marked:
        return _choice(page, [], [], absent=False, weight=0.0)
    lines, labels, likely = label_without_lead(shown.blocks, shown.metadata)
    candidates = leads.candidates_of(lines, labels)
    right = [squeezed(lines[index].block.text) in wanted for index in candidates]
    if True in right:
        right = [index == right.index(True) for index in range(len(right))]  # what goes on from it is not chosen
    signs = leads.signs_of(lines, labels, likely, candidates, shown.metadata)
    weight = 1.0 if marked or letters else _TITLED
    return _choice(page, signs, right, absent=not wanted, weight=weight)


def _page(page: dict[str, Any]) -> Page:
    data = gzip.decompress((page["corpus"] / page["html"]).read_bytes())
    decoded = decode(data, html=True)
    text = decoded.text if isinstance(decoded, Decoded) else ""
    return read_web_page(Document(text, "", page["id"], 0, len(data), HTML, "utf-8", url=page["url"]))


def _or_none(choice: Choice) -> Choice:
    """With one more candidate, which stands for none of the others, and one more sign, which only that one has."""
    count, width = choice.signs.shape
    signs = np.zeros((count + 1, width + 1))
    signs[:count, :width] = choice.signs
    signs[count, width] = 1.0
    right = np.append(choice.right, float(choice.absent))
    return Choice(choice.group, choice.domain, signs, right, absent=False, weight=choice.weight)


def _rank(choices: Iterable[Choice]) -> Vector:
    """Weights under which the right candidates of a page are likely, as against its others (conditional logit)."""
    known = [choice for choice in choices if choice.right.any()]
    signs = np.vstack([choice.signs for choice in known])
    right = np.concatenate([choice.right for choice in known])
    counts = [len(choice.right) for choice in known]
    page = np.repeat(np.arange(len(known)), counts)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    weight = np.array([choice.weight for choice in known])

    def loss(weights: Vector) -> tuple[float, Vector]:
        scores = signs @ weights
        shifted = np.exp(scores - np.maximum.reduceat(scores, starts)[page])
        all_, good = np.add.reduceat(shifted, starts), np.add.reduceat(shifted * right, starts)
        gradient = signs.T @ ((shifted / all_[page] - shifted * right / good[page]) * weight[page])
        value = float(-(weight * np.log(good / all_)).sum() + _PENALTY * (weights @ weights) / 2)
        return value, gradient + _PENALTY * weights

    found: Vector = minimize(loss, np.zeros(signs.shape[1]), jac=True, method="L-BFGS-B").x
    return found


def _best(choice: Choice, weights: Vector) -> int:
    return int(np.argmax(choice.signs @ weights))


def _accept(choices: Iterable[Choice], rank: Vector) -> Vector:
    """Weights and bias that tell right best candidates from those of pages without a headline."""
    best = [(choice, _best(choice, rank)) for choice in choices]
    known = [(choice, at) for choice, at in best if choice.absent or choice.right[at]]
    fitted = LogisticRegression().fit(
        np.array([choice.signs[at] for choice, at in known]),
        np.array([not choice.absent for choice, _ in known]),
        sample_weight=np.array([choice.weight for choice, _ in known]),
    )
    return np.append(fitted.coef_[0], fitted.intercept_[0])


def _folds(choices: list[Choice]) -> Iterator[tuple[list[Choice], list[Choice]]]:
    """To learn from, and to test on; all hosts of a registered domain together, each page once."""
    for fold in range(FOLDS):
        tested = [choice for choice in choices if _fold(choice.domain) == fold]
        yield [choice for choice in choices if _fold(choice.domain) != fold], tested


def _fold(domain: str) -> int:
    return hashlib.sha256(".".join(domain.split(".")[-2:]).encode()).digest()[0] % FOLDS


def _report_headlines(choices: list[Choice]) -> None:
    counts: dict[str, Vector] = defaultdict(lambda: np.zeros(4))
    for known, tested in _folds(choices):
        rank = _rank(known)
        accept = _accept(known, rank)
        for choice in tested:
            at = _best(choice, rank)
            taken = choice.signs[at] @ accept[:-1] + accept[-1] > _STRICT
            name = choice.group if choice.weight >= _TITLED else f"{choice.group}, no empty lines"
            if choice.absent:
                counts[name] += (0, 0, not taken, 1)
            else:
                counts[name] += (taken and choice.right[at] > 0, 1, 0, 0)
    for name, (right, pages, silent, absent) in sorted(counts.items()):
        print(f"headline, {name}: {right:.0f} of {pages:.0f} right, {silent:.0f} of {absent:.0f} without one left so")


def _report_leads(name: str, choices: list[Choice]) -> None:
    counts: dict[str, Vector] = defaultdict(lambda: np.zeros(3))
    for known, tested in _folds(choices):
        weights = _rank(known)
        weights[-1] -= _EAGER
        for choice in tested:
            at, none = _best(choice, weights), len(choice.right) - 1
            counts[choice.group] += (choice.right[none] == 0, at != none, at != none and choice.right[at] > 0)
    for group, (pages, taken, right) in sorted(counts.items()):
        print(f"{name}, {group}: {right:.0f} of {pages:.0f} found, of {taken:.0f} taken")


def _as_toml(tables: dict[str, dict[str, float]]) -> str:
    parts = ["# Weights of the signs by which headline and lead are chosen; written by tools/train_heads.py.\n"]
    for name, weights in tables.items():
        parts.append(f"\n[{name}]\n" + "".join(f"{sign} = {weight:.2f}\n" for sign, weight in weights.items()))
    return "".join(parts)


if __name__ == "__main__":
    main()
