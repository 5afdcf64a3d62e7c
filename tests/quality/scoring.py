"""Score what the parser says of a page against gold: body, headline, date, names, agencies, related items, lines.

Every measure is a `Counts`: a mean over pages counts each page once, an F1 counts what was found, said and wanted, so
that counts add up over pages and 2 x hit / (said + wanted) is the figure of either kind.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tests.quality.rouge import Block, rouge_lsum

Prediction = Mapping[str, Any]
"""`{headline, lead, body, published_at, authors, agencies: [{agency_code, scope}], related_items: [{title, section,
teaser}]}`, each of which may be missing; `published_at` is the day as the publisher wrote it."""

MEASURES = {
    "body": "body ROUGE-LSum F1",
    "title": "title equal",
    "date": "date equal",
    "authors": "authors F1",
    "kept": "snippets of the article kept",
    "noise": "snippets of noise kept",
    "agencies_text": "agencies of the text F1",
    "agencies_image": "agencies of pictures F1",
    "related": "related titles F1",
    "section": "related section equal",
    "teaser": "related teaser equal",
    "sections": "related sections found",
    "teasers": "related teasers found",
    "headline": "headline equal",
    "lead": "lead equal",
    "lines": "body lines F1",
}
LABEL_MEASURES = frozenset(list(MEASURES)[list(MEASURES).index("agencies_text") :])
"""Those for which lines, agencies and related items were labelled by hand."""
OF_ITEMS_FOUND = frozenset({"section", "teaser"})
"""Measured on the items that were found: finding more, harder ones may lower them."""
LOWER_IS_BETTER = frozenset({"noise"})

_SIGNS = str.maketrans(
    dict.fromkeys("“”„‟«»″〝〞", '"')
    | dict.fromkeys("‘’‚‛‹›′`´", "'")
    | dict.fromkeys("‐‑‒–—―−", "-")
    # A soft hyphen and a zero-width space are not to be seen.
    | dict.fromkeys("\u00ad\u200b", None)
)
_BULLETS = "•*-–> "
_NAME_OPENERS = re.compile(r"^(?:von|by|par|di|por)\s+")
_TITLE_OPENER = re.compile(r"^[^:]{2,40}: (?=.{15})")
"""`Read also: ` before the title of a related item."""
_LINE_WORDS = 4
"""Shorter lines stand in too many places to tell where one was taken from."""
_CODES = tomllib.loads((Path(__file__).parent / "agency_codes.toml").read_text(encoding="utf-8"))
_TEXT_SCOPES = frozenset({"text", "byline", "dateline"})


class Counts(NamedTuple):
    """What was found of what was said and wanted."""

    hit: float
    said: float
    wanted: float

    @property
    def score(self) -> float:
        """F1, or the mean where all pages count alike."""
        return 2 * self.hit / (self.said + self.wanted) if self.said + self.wanted else 1.0


@dataclass(frozen=True, slots=True)
class RelatedGold:
    """A related item; parts that the page does not give are None."""

    title: str
    section: str | None
    teaser: str | None


@dataclass(frozen=True, slots=True)
class Labels:
    """What was labelled by hand on a page."""

    lines: tuple[tuple[str, str], ...]
    """Letter (README.md) and text."""
    agencies: frozenset[tuple[str, str]]
    """Code and scope."""
    related: tuple[RelatedGold, ...]


@dataclass(frozen=True, slots=True)
class Gold:
    """What is right for a page; what is None or empty is not scored."""

    id: str
    group: str
    lang: str
    site: str
    blocks: tuple[Block, ...] = ()
    title: str | None = None
    day: str | None = None
    authors: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    noise: tuple[str, ...] = ()
    labels: Labels | None = None


def labels_of(row: Mapping[str, Any], lines: list[str]) -> Labels:
    """The labels in a row of labels: letters by line, agencies, and related items as numbers of lines."""

    def at(number: int | None) -> str | None:
        return None if number is None else lines[number]

    return Labels(
        lines=tuple(zip(row["labels"], lines, strict=True)),
        agencies=frozenset((agency["code"], agency["scope"]) for agency in row["agencies"]),
        related=tuple(
            RelatedGold(lines[item["title_line"]], at(item.get("section_line")), at(item.get("teaser_line")))
            for item in row["related"]
        ),
    )


def score_page(gold: Gold, prediction: Prediction) -> dict[str, Counts]:
    """Score one page by every measure that its gold allows; a page without prediction has nothing right."""
    lead, body = prediction.get("lead") or "", prediction.get("body") or ""
    whole = body if not lead or body.startswith(lead) else f"{lead}\n\n{body}"
    scores: dict[str, Counts] = {}
    if gold.blocks:
        scores["body"] = _page(rouge_lsum(gold.blocks, whole))
    if gold.title:
        scores["title"] = _page(plain(gold.title) == plain(prediction.get("headline")))
    if gold.day:
        scores["date"] = _page(str(prediction.get("published_at") or "")[:10] == gold.day[:10])
    if gold.authors:
        wanted, said = _names(gold.authors), _names(prediction.get("authors") or ())
        scores["authors"] = _page(_count(wanted, said).score)
    for measure, snippets in (("kept", gold.kept), ("noise", gold.noise)):
        if snippets:
            text = plain(whole)
            scores[measure] = _page(sum(plain(snippet) in text for snippet in snippets) / len(snippets))
    return scores | (_score_labels(gold.labels, prediction) if gold.labels else {})


def total(pages: Iterable[Mapping[str, Counts]]) -> dict[str, Counts]:
    """The counts of all pages, in the order of `MEASURES`; measures that no page was scored by are left out."""
    sums: dict[str, Counts] = {}
    for page in pages:
        for measure, counts in page.items():
            before = sums.get(measure, Counts(0, 0, 0))
            sums[measure] = Counts(*(a + b for a, b in zip(before, counts, strict=True)))
    return {measure: sums[measure] for measure in MEASURES if measure in sums}


def _score_labels(labels: Labels, prediction: Prediction) -> dict[str, Counts]:
    scores: dict[str, Counts] = {}
    credited = [(a.get("agency_code") or "", a.get("scope") or "") for a in prediction.get("agencies") or ()]
    for measure, scopes in (("agencies_text", _TEXT_SCOPES), ("agencies_image", frozenset({"image"}))):
        scores[measure] = _count(_codes(labels.agencies, scopes), _codes(credited, scopes))
    scores |= _score_related(labels.related, prediction.get("related_items") or ())
    headlines = {folded(text) for label, text in labels.lines if label == "H"}
    if headlines:
        scores["headline"] = _page(folded(prediction.get("headline")) in headlines)
    lead = " ".join(folded(text) for label, text in labels.lines if label == "L")
    if lead:
        said = (line for line in (prediction.get("lead") or "").split("\n") if line.strip())
        scores["lead"] = _page(" ".join(map(folded, said)) == lead)
    return scores | {"lines": _score_lines(labels, prediction)}


def _score_related(gold: Iterable[RelatedGold], said: Iterable[Mapping[str, Any]]) -> dict[str, Counts]:
    """Items by their titles, with or without the phrase that introduces them; sections and teasers of found and all."""
    wanted = {folded(item.title): item for item in gold}
    without_opener = {_TITLE_OPENER.sub("", title): title for title in reversed(wanted)}
    found: dict[str, Mapping[str, Any]] = {}
    for item in said:
        title = folded(item.get("title"))
        found[title if title in wanted else without_opener.get(title, title)] = item
    scores = {"related": _count(wanted, found)}
    for part in ("section", "teaser"):
        parted = {title: folded(words) for title, item in wanted.items() if (words := getattr(item, part)) is not None}
        right = [folded(found[title].get(part)) == words for title, words in parted.items() if title in found]
        if right:
            scores[part] = Counts(sum(right), len(right), len(right))
        if parted:
            scores[f"{part}s"] = Counts(sum(right), len(parted), len(parted))
    return scores


def _score_lines(labels: Labels, prediction: Prediction) -> Counts:
    """Lines of the article that stand in lead or body, and others that do."""
    article = plain(f"{prediction.get('lead') or ''}\n{prediction.get('body') or ''}").casefold()
    lines = [
        (label, plain(text).lstrip(_BULLETS).casefold())
        for label, text in labels.lines
        if len(text.split()) >= _LINE_WORDS
    ]
    wanted = Counter(text for label, text in lines if label in "PSL")
    taken = Counter(text for _, text in lines if text in article)
    return Counts((wanted & taken).total(), taken.total(), wanted.total())


def plain(text: str | None) -> str:
    """Without differences of quotes, dashes, white space and compatible characters."""
    return " ".join(unicodedata.normalize("NFKC", text or "").translate(_SIGNS).split())


def folded(text: str | None) -> str:
    """`plain`, in lower case and without bullets and closing stops."""
    return plain(text).lstrip(_BULLETS).casefold().rstrip(" .:")


def _page(value: float) -> Counts:
    return Counts(float(value), 1, 1)


def _count(wanted: Iterable[str], said: Iterable[str]) -> Counts:
    wanted, said = set(wanted), set(said)
    return Counts(len(wanted & said), len(said), len(wanted))


def _names(names: Iterable[str]) -> set[str]:
    return {_NAME_OPENERS.sub("", plain(name).casefold()) for name in names if name}


def _codes(credited: Iterable[tuple[str, str]], scopes: frozenset[str]) -> set[str]:
    codes = {code.lower() for code, scope in credited if scope in scopes}
    return {_CODES["same"].get(code, code) for code in codes}.difference(_CODES["ignored"])
