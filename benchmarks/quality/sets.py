"""The pages that quality is measured on: the project's own, and those of a corpus folder where there is one."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etl.extract.formats import HTML
from tests.quality.corpus import Page, load_pages, stored_texts
from tests.quality.predictions import TEXT
from tests.quality.rouge import Block
from tests.quality.scoring import Gold, Labels, RelatedGold, labels_of

INPUTS = {"text": TEXT, "html": HTML}
LABELLED = "labelled"
"""The group of measures that labels of lines give, where they exist for a part of the pages only."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A page in both forms, with what is right for each."""

    text: bytes
    html: bytes
    text_gold: Gold
    html_gold: Gold

    @property
    def id(self) -> str:
        """What the page is called in both forms."""
        return self.text_gold.id

    def data(self, form: str) -> bytes:
        """The page as `text` or `html`."""
        return self.text if form == "text" else self.html

    def gold(self, form: str) -> Gold:
        """What is right for the page as `text` or `html`."""
        return self.text_gold if form == "text" else self.html_gold


def own_set() -> list[Sample]:
    """The pages in tests/quality."""
    texts = stored_texts()
    return [_own(page, texts[page.id]) for page in load_pages()]


def _own(page: Page, text: str) -> Sample:
    row = page.gold()
    labels = page.label_row(text)
    authors = row["gold"]["authors"]
    common: dict[str, Any] = {"id": page.id, "group": "own", "lang": page.lang, "site": page.site}
    common["blocks"] = _blocks(row)
    day = row["gold"]["published_at"]
    return Sample(
        text.encode(),
        page.html.encode(),
        # A text is asked only for what stands in it.
        Gold(
            **common,
            day=day if "D" in labels["labels"] else None,
            authors=tuple(authors) if all(name in text for name in authors) else (),
            labels=labels_of(labels, labels["lines"]),
        ),
        Gold(**common, title=row["gold"]["title"], day=day, authors=tuple(authors), labels=_page_labels(page)),
    )


def _page_labels(page: Page) -> Labels:
    """The marks of the HTML page; its headline is its title."""
    return Labels(
        lines=tuple((segment.label[0], segment.text) for segment in page.reading.segments if segment.label != "H"),
        agencies=frozenset((credit.code, credit.scope) for credit in page.credits),
        related=tuple(RelatedGold(item.title, item.section, item.teaser) for item in page.related),
    )


def shared_set(folder: Path) -> list[Sample]:
    """The pages of a corpus folder: pages.jsonl, html/ and, for some of them, labels.jsonl."""
    labels = {row["id"]: row for row in _rows(folder / "labels.jsonl")}
    return [_shared(folder, row, labels.get(row["id"])) for row in _rows(folder / "pages.jsonl")]


def _shared(folder: Path, row: Mapping[str, Any], labels: Mapping[str, Any] | None) -> Sample:
    right = row["gold"]
    lines = [line.strip() for line in row["page_text"].splitlines() if line.strip()]
    gold = Gold(
        id=row["id"],
        group=row["source_set"],
        lang=row["lang"] or "unknown",
        site=row["domain"],
        blocks=_blocks(row),
        title=right["title"],
        day=right["published_at"],
        authors=tuple(right["authors"] or ()),
        kept=tuple(right.get("with") or ()),
        noise=tuple(right.get("without") or ()),
        labels=labels_of(labels, labels.get("lines") or lines) if labels else None,
    )
    return Sample(row["page_text"].encode(), gzip.decompress((folder / row["html"]).read_bytes()), gold, gold)


def fingerprint(samples: list[Sample]) -> str:
    """Tells one set of HTML pages from another."""
    digest = hashlib.sha256()
    for sample in samples:
        digest.update(sample.id.encode() + hashlib.sha256(sample.html).digest())
    return digest.hexdigest()[:12]


def _blocks(row: Mapping[str, Any]) -> tuple[Block, ...]:
    return tuple((kind, text) for kind, text in row["gold"]["blocks"])


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
