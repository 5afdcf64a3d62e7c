"""Train the network of the labeller on a corpus of pages with gold, and write its weights.

The corpus folder holds `pages.jsonl` (rows with `id`, `domain`, `page_text`, `html`: path of the gzipped page, `gold`:
`blocks` of [kind, text], or `with` and `without`: snippets of the article and of noise). Only weights leave the corpus:
the features are counts, positions, shapes and hits in the project's word lists, never words of the pages.

Pages with snippets only are labelled where the network trained on the others and trafilatura agree, their page texts by
what the network says of their HTML. Probabilities are cross-validated by domain. Needs the dependency group `train`.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import trafilatura
from numpy.typing import NDArray
from rich.progress import track
from selectolax.lexbor import LexborHTMLParser
from sklearn.neural_network import MLPClassifier

from etl.extract.charset import Decoded, decode
from etl.transform.blocks import Block, read_blocks
from etl.transform.dom import read_dom
from etl.transform.features import features, squeezed
from etl.transform.labels import label_by_rules
from etl.transform.metadata import read_metadata
from etl.transform.model import CLIP, Network

WEIGHTS = Path(__file__).resolve().parents[1] / "etl" / "transform" / "data" / "model.npz"
FOLDS = 5
_LIKELY = 0.5
_SAME, _OTHER = 0.7, 0.3
"""Shares of a line's runs of words in the body from which on it is of it, and below which it is not."""
_STEADY = 1e-6
"""Columns that vary less are left as they are."""
_GRAM = 4
_WORD = re.compile(r"[^\W_]+")
_TAUGHT = 0.5
"""Weight of a page that is labelled by agreement, against one with gold."""
_SNIPPET = 2.0
"""Weight of a line that a snippet names, against the others of its page."""
_TOKENS_MAX = 80
"""Words of a line that count in its weight."""
_SUFFIXES = frozenset({"co", "com", "org", "net", "gov", "ac", "or", "ne", "edu"})


@dataclass(slots=True)
class Example:
    """A page of one kind with its features and what is known of its lines."""

    id: str
    domain: str
    gold: dict[str, Any]
    texts: list[str]
    matrix: NDArray[np.float64]
    known: list[float | None] = field(default_factory=list)
    """Per line: 1 article, 0 not, None unknown."""
    weights: list[float] = field(default_factory=list)


def main() -> None:
    """Read the corpus, train both kinds, write the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, nargs="+", help="folders with pages.jsonl")
    parser.add_argument("--members", type=int, default=3, help="networks that are trained and averaged")
    parser.add_argument("--hidden", type=int, default=32, help="hidden units of each")
    parser.add_argument("--output", type=Path, default=WEIGHTS)
    parser.add_argument(
        "--predictions", type=Path, help="add cross-validated probabilities to this file, as JSON lines"
    )
    arguments = parser.parse_args()
    size = (arguments.members, arguments.hidden)
    pages = [page for corpus in arguments.corpus for page in _pages(corpus)]
    marked = [_marked_example(page) for page in track(pages, description="reading HTML")]
    _learn_from_agreement(marked, pages, _cross_validated(marked, size))
    judged = _cross_validated(marked, size)
    plain = [_plain_example(page) for page in track(pages, description="reading page texts")]
    _learn_from_html(plain, marked, judged)
    if arguments.predictions:
        _write_predictions(arguments.predictions, "html", marked, judged)
        _write_predictions(arguments.predictions, "text", plain, _cross_validated(plain, size))
    arrays = {}
    for kind, examples in (("html", marked), ("text", plain)):
        for name, values in zip(Network._fields, _train(examples, size), strict=True):
            arrays[f"{kind}_{name}"] = values.astype(np.float32 if name in ("mean", "scale") else np.float16)
    np.savez_compressed(arguments.output, allow_pickle=False, **arrays)
    print(f"{arguments.output}: {arguments.output.stat().st_size:,} bytes")


def _pages(corpus: Path) -> Iterator[dict[str, Any]]:
    with (corpus / "pages.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            yield {**json.loads(line), "corpus": corpus}


def _learn_from_agreement(
    marked: list[Example], pages: list[dict[str, Any]], judged: dict[str, NDArray[np.float64]]
) -> None:
    for example, page in zip(marked, track(pages, description="asking trafilatura"), strict=True):
        if not example.gold["blocks"]:
            _teach(example, _agreed(example, _trafilatura(page), judged[example.id]))


def _learn_from_html(plain: list[Example], marked: list[Example], judged: dict[str, NDArray[np.float64]]) -> None:
    for example, teacher in zip(plain, marked, strict=True):
        if not example.gold["blocks"]:
            body = [text for text, p in zip(teacher.texts, judged[teacher.id], strict=True) if p > _LIKELY]
            _teach(example, _overlaps(example.texts, body))


def _write_predictions(path: Path, kind: str, examples: list[Example], judged: dict[str, NDArray[np.float64]]) -> None:
    with path.open("a", encoding="utf-8") as out:
        for example in examples:
            row = {"kind": kind, "id": example.id, "texts": example.texts, "p": judged[example.id].tolist()}
            out.write(json.dumps(row) + "\n")


def _marked_example(page: dict[str, Any]) -> Example:
    data = gzip.decompress((page["corpus"] / page["html"]).read_bytes())
    tree = LexborHTMLParser(_decoded(data))
    stated = read_metadata(tree, page["url"]).article_body or ""
    return _example(page, read_dom(tree), squeezed(stated))


def _decoded(data: bytes) -> str:
    found = decode(data, html=True)
    return found.text if isinstance(found, Decoded) else ""


def _plain_example(page: dict[str, Any]) -> Example:
    return _example(page, read_blocks(unicodedata.normalize("NFC", page["page_text"])), "")


def _example(page: dict[str, Any], blocks: list[Block], stated: str) -> Example:
    gold = page["gold"]
    if not blocks:
        return Example(page["id"], page["domain"], gold, [], np.zeros((0, 0)))
    lines, labels = label_by_rules(blocks)
    texts = [block.text for block in blocks]
    example = Example(page["id"], page["domain"], gold, texts, features(lines, labels, stated))
    if gold["blocks"]:
        _teach(example, _overlaps(texts, [text for _, text in gold["blocks"]]))
    else:
        _teach(example, _snippets(texts, gold))
    return example


def _teach(example: Example, known: list[float | None]) -> None:
    share = 1.0 if example.gold["blocks"] else _TAUGHT
    named = [None] * len(known) if example.gold["blocks"] else _snippets(example.texts, example.gold)
    example.known = [k if n is None else n for k, n in zip(known, named, strict=True)]
    counts = [min(len(_WORD.findall(text)), _TOKENS_MAX) for text in example.texts]
    example.weights = [
        share * (count + 2) * (1.0 if n is None else _SNIPPET) for count, n in zip(counts, named, strict=True)
    ]


def _overlaps(texts: list[str], body: list[str]) -> list[float | None]:
    """Which lines are of the body: the same line, or most of its runs of four words stand there."""
    whole = {squeezed(line) for text in body for line in (text, *text.split("\n"))}
    grams = {gram for text in body for gram in _grams(text)}
    known: list[float | None] = []
    for text in texts:
        own = list(_grams(text))
        share = sum(gram in grams for gram in own) / len(own) if own else 0.0
        known.append(1.0 if squeezed(text) in whole or share > _SAME else 0.0 if share < _OTHER else None)
    return known


def _grams(text: str) -> Iterator[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return zip(*(words[start:] for start in range(_GRAM)), strict=False)


def _snippets(texts: list[str], gold: dict[str, Any]) -> list[float | None]:
    inside, outside = ([squeezed(text) for text in gold[key]] for key in ("with", "without"))
    lines = [squeezed(text) for text in texts]
    return [
        1.0 if any(s in line for s in inside) else 0.0 if any(s in line for s in outside) else None for line in lines
    ]


def _trafilatura(page: dict[str, Any]) -> list[str]:
    data = gzip.decompress((page["corpus"] / page["html"]).read_bytes())
    return (trafilatura.extract(_decoded(data), include_comments=False) or "").split("\n")


def _agreed(example: Example, said: list[str], judged: NDArray[np.float64]) -> list[float | None]:
    theirs = _overlaps(example.texts, said)
    return [
        k if k is not None and (p > _LIKELY) == (k > _LIKELY) else None for k, p in zip(theirs, judged, strict=True)
    ]


def _fold(domain: str) -> int:
    """All hosts of one registered domain are in one fold."""
    parts = domain.split(".")
    kept = 3 if parts[-2:-1] and parts[-2] in _SUFFIXES else 2
    return hashlib.sha256(".".join(parts[-kept:]).encode()).digest()[0] % FOLDS


def _cross_validated(examples: list[Example], size: tuple[int, int]) -> dict[str, NDArray[np.float64]]:
    judged: dict[str, NDArray[np.float64]] = {}
    for fold in track(range(FOLDS), description="cross-validating"):
        net = _train([e for e in examples if _fold(e.domain) != fold], size)
        for example in examples:
            if _fold(example.domain) == fold:
                judged[example.id] = np.array(net.probabilities(example.matrix) if example.texts else [])
    return judged


def _train(examples: Iterable[Example], size: tuple[int, int]) -> Network:
    rows, known, weights = [], [], []
    for example in examples:
        picked = [i for i, k in enumerate(example.known) if k is not None]
        if picked:
            rows.append(example.matrix[picked])
            known += [example.known[i] for i in picked]
            weights += [example.weights[i] for i in picked]
    matrix = np.vstack(rows)
    mean, deviation = matrix.mean(axis=0), matrix.std(axis=0)
    scale = 1.0 / np.where(deviation > _STEADY, deviation, 1.0)
    scaled = np.clip((matrix - mean) * scale, -CLIP, CLIP).astype(np.float32)
    weight = np.array(weights) / np.mean(weights)
    members, hidden = size
    nets = [
        MLPClassifier(
            (hidden,), alpha=1.0, max_iter=12, batch_size=512, learning_rate_init=2e-3, random_state=member
        ).fit(scaled, np.array(known), sample_weight=weight)
        for member in range(members)
    ]
    output = np.zeros((members * hidden, members))
    for member, net in enumerate(nets):
        output[member * hidden : (member + 1) * hidden, member] = net.coefs_[1][:, 0]
    return Network(
        mean,
        scale,
        np.hstack([net.coefs_[0] for net in nets]),
        np.concatenate([net.intercepts_[0] for net in nets]),
        output,
        np.concatenate([net.intercepts_[1] for net in nets]),
    )


if __name__ == "__main__":
    main()
