"""The project's own labelled pages: site shells and marked articles become HTML, gold rows and label rows.

`python -m tests.quality.corpus --check [SITE ...]` looks for mistakes in them, `--write-text [SITE ...]` makes their
page texts anew (needs resiliparse), `--export DIR [SITE ...]` writes pages.jsonl, labels.jsonl and html/. README.md
explains the marks.
"""

from __future__ import annotations

import argparse
import gzip
import html as html_escapes
import json
import re
import sys
import tomllib
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from functools import cached_property
from importlib import import_module
from itertools import groupby
from pathlib import Path
from string import Template
from typing import Any

from tests.quality.marks import Credit, Reader, Reading, Segment, compact, without_marks

HERE = Path(__file__).resolve().parent
PAGE_TEXT = HERE / "page_text"
REGISTRY = HERE.parents[1] / "etl" / "transform" / "data" / "agencies"

KINDS = {"L": "summary", "S": "headline", "P": "p", "P?": "optional"}
KEYS = frozenset(["lang", "title", "published", "modified", "authors", "section", "description", "truncated", "topics"])
_BULLET = re.compile(r"^(?:[•*-]|\d{1,3}\.)\s+")
_LOST_LINE = 60.0
"""A line without a place costs as much as skipping the square of so many characters."""
_LOOK_BACK = 4
_GAP = ".{0,200}?"
_SHORT = 12
"""Lines of so few characters are looked for at word boundaries only."""


@dataclass(frozen=True)
class RelatedItem:
    """A related item of the page; offsets are those of its parts in the page's stream."""

    title: str
    section: str | None
    teaser: str | None
    at: tuple[int, int | None, int | None] = field(repr=False)


@dataclass
class Page:
    """One page of the set; what is derived from it is computed once, when asked for."""

    site: str
    slug: str
    facts: dict[str, str]
    marked: str
    """The page with its gold marks."""

    @property
    def id(self) -> str:
        return f"own/{self.site}/{self.slug}"

    @property
    def lang(self) -> str:
        return self.facts["lang"]

    @property
    def url(self) -> str:
        return page_url(self.site, self.slug, self.facts)

    @cached_property
    def html(self) -> str:
        """The page as a crawler would see it."""
        return without_marks(self.marked)

    @cached_property
    def reading(self) -> Reading:
        return Reader().read(self.marked)

    @property
    def credits(self) -> list[Credit]:
        return [credit for credit, _ in self.reading.credits]

    @cached_property
    def related(self) -> list[RelatedItem]:
        """The related items; a title the page doubles is one item."""
        items: list[RelatedItem] = []
        section: Segment | None = None
        open_item = False
        for segment in self.reading.segments:
            if segment.label == "Q":
                section, open_item = segment, False
            elif segment.label == "R":
                section, open_item = None, False
            elif segment.label == "T":
                if not (open_item and items and items[-1].title == segment.text):
                    at = (segment.start, section.start if section else None, None)
                    items.append(RelatedItem(segment.text, section.text if section else None, None, at))
                section, open_item = None, True
            elif segment.label == "U" and open_item and items[-1].teaser is None:
                last = items[-1]
                items[-1] = RelatedItem(last.title, last.section, segment.text, (*last.at[:2], segment.start))
        return items

    def gold(self) -> dict[str, Any]:
        """The row of the scorers: what the article is."""
        listed = self.facts.get("authors", ""), self.facts.get("topics", "")
        authors, topics = ([name.strip() for name in value.split(";") if name.strip()] for value in listed)
        blocks = [[KINDS[s.label], s.text] for s in self.reading.segments if s.label in KINDS]
        gold = {"title": self.facts["title"], "authors": authors, "published_at": self.facts.get("published") or None}
        return {
            "id": self.id,
            "lang": self.lang,
            "url": self.url,
            "source_set": "own",
            "domain": f"{self.site}.example",
            "gold": {**gold, "topics": topics, "blocks": blocks},
            "is_truncated": self.facts.get("truncated") == "true",
            "agencies": [asdict(credit) for credit in self.credits],
            "related": [{"title": i.title, "section": i.section, "teaser": i.teaser} for i in self.related],
        }

    def label_row(self, text: str) -> dict[str, Any]:
        """The row of the label scorer: what each line of the page text is."""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        spans = place_lines(lines, self.reading)
        labels = [self._label(span) for span in spans]

        def line_of(at: int | None) -> int | None:
            return next((n for n, s in enumerate(spans) if at is not None and s and s[0] <= at < s[1]), None)

        agencies = [{"line": line_of(at), **asdict(credit)} for credit, at in self.reading.credits]
        names = ("title_line", "section_line", "teaser_line")
        related = [dict(zip(names, map(line_of, item.at), strict=True)) for item in self.related]
        return {
            "id": self.id,
            "lang": self.lang,
            "lines": lines,
            "labels": labels,
            "agencies": [row for row in agencies if row["line"] is not None],
            "related": [row for row in related if row["title_line"] is not None],
            "lost_lines": [line for line, span in zip(lines, spans, strict=True) if span is None],
        }

    def _label(self, span: tuple[int, int] | None) -> str:
        if span is None:
            return "N"
        start, end = span
        share: Counter[str] = Counter()
        pieces = self.reading.pieces
        for n in range(bisect_right(pieces, (start, "\uffff")) - 1, len(pieces)):
            at, label = pieces[n]
            if at >= end:
                break
            until = pieces[n + 1][0] if n + 1 < len(pieces) else len(self.reading.stream)
            share[label[0]] += min(until, end) - max(at, start)
        return max(share, key=lambda label: share[label])


def place_lines(lines: list[str], reading: Reading) -> list[tuple[int, int] | None]:
    """Where each line stands in the stream: the chain of places, in order, that skips least and loses fewest lines."""
    found = [_places(line, reading) for line in lines]
    best: list[list[tuple[float, tuple[int, int] | None]]] = []
    for n, places in enumerate(found):
        row: list[tuple[float, tuple[int, int] | None]] = []
        for start, _ in places:
            cost, back = _LOST_LINE * n + start**0.5, None
            for m in range(max(0, n - _LOOK_BACK), n):
                for k, (_, before) in enumerate(found[m]):
                    if before <= start:
                        total = best[m][k][0] + _LOST_LINE * (n - m - 1) + (start - before) ** 0.5
                        if total < cost:
                            cost, back = total, (m, k)
            row.append((cost, back))
        best.append(row)
    out: list[tuple[int, int] | None] = [None] * len(lines)
    final = [
        (best[n][k][0] + _LOST_LINE * (len(lines) - n - 1), (n, k))
        for n in range(len(lines))
        for k in range(len(found[n]))
    ]
    at = min(final)[1] if final else None
    while at is not None:
        n, k = at
        out[n] = found[n][k]
        at = best[n][k][1]
    return out


def _places(line: str, reading: Reading) -> list[tuple[int, int]]:
    for text in dict.fromkeys([line, _BULLET.sub("", line)]):
        wanted, places, at = compact(text), [], -1
        while (at := reading.stream.find(wanted, at + 1)) != -1:
            end = at + len(wanted)
            whole = at in reading.word_starts and (end in reading.word_starts or end == len(reading.stream))
            if whole or len(wanted) > _SHORT:
                places.append((at, end))
        if places:
            return places
    # The text extractor drops some elements (links, times) out of the middle of a line.
    gapped = _GAP.join(re.escape(compact(word)) for word in line.split())
    return [found.span() for found in re.finditer(gapped, reading.stream) if found.start() in reading.word_starts]


def page_url(site: str, slug: str, facts: dict[str, str]) -> str:
    ascii_section = unicodedata.normalize("NFKD", facts.get("section", "")).encode("ascii", "ignore").decode()
    section = re.sub(r"[^a-z0-9]+", "-", ascii_section.lower()).strip("-") or "news"
    return f"https://www.{site}.example/{section}/{slug}"


def read_page(path: Path) -> Page:
    """Put one article into its site's shell."""
    site, slug = path.parent.name, path.stem
    _, front, article = path.read_text(encoding="utf-8").split("---\n", 2)
    facts = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in front.splitlines())}
    names = [name.strip() for name in facts.get("authors", "").split(";") if name.strip()]
    body = [segment.text for segment in Reader().read(article).segments if segment.label == "P"]
    url, title, description = page_url(site, slug, facts), facts["title"], facts.get("description", "")
    people = [{"@type": "Person", "name": name} for name in names]
    values = {"title": title, "headline": title, "description": description, "author": ", ".join(names), "url": url}
    values |= {key: facts.get(key, "") for key in ("published", "modified", "section", "lang")}
    values["modified"] = values["modified"] or values["published"]
    filled = {key: html_escapes.escape(value) for key, value in values.items()}
    as_json = {
        "authors_json": people,
        "title_json": title,
        "description_json": description,
        "body_json": "\n\n".join(body),
    }
    filled |= {key: json.dumps(value, ensure_ascii=False).replace("</", "<\\/") for key, value in as_json.items()}
    shell = (HERE / "sites" / f"{site}.html").read_text(encoding="utf-8")
    return Page(site, slug, facts, Template(shell).substitute(filled, article=article.strip()))


def load_pages(sites: list[str] | None = None) -> Iterator[Page]:
    """All pages, or those of some sites, sorted by site and slug."""
    for path in sorted((HERE / "pages").glob("*/*.html")):
        if not sites or path.parent.name in sites:
            yield read_page(path)


def stored_texts() -> dict[str, str]:
    """Page texts by page id."""
    lines = (line for path in sorted(PAGE_TEXT.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines())
    return {row["id"]: row["text"] for row in map(json.loads, lines)}


def check(sites: list[str]) -> int:
    """Print what is wrong with the pages, and how much of each is in its page text; the number of mistakes."""
    codes = agency_codes()
    texts = stored_texts()
    total = 0
    for page in load_pages(sites):
        text = texts.get(page.id)
        found = [*mistakes(page, codes), *([] if text else ["no page text yet: --write-text"])]
        row = page.label_row(text or "")
        if text and row["lost_lines"]:
            found.append(f"page text is stale (or the line is glued together): {row['lost_lines'][:3]}")
        gold = sum(len(s.text.split()) for s in page.reading.segments if s.label in KINDS)
        kept = sum(len(line.split()) for line, k in zip(row["lines"], row["labels"], strict=True) if k in "LSP")
        labels = "".join(row["labels"])
        say(f"{page.id:60} {gold:5} words, {kept / max(gold, 1):4.0%} in the text  {labels}")
        for mistake in found:
            say(f"    {mistake}")
        total += len(found)
    return total


def say(line: str) -> None:
    """One line for the person at the terminal."""
    sys.stdout.write(line + "\n")


def agency_codes() -> set[str]:
    """The codes that may be credited: those of the registry and the two of suppliers without a name."""
    files = [tomllib.loads(path.read_text(encoding="utf-8")) for path in REGISTRY.glob("*.toml")]
    return {"agencies", "editorial", *(row["code"] for file in files for row in file["agency"])}


def mistakes(page: Page, codes: Iterable[str]) -> Iterator[str]:
    """What is wrong with a page; `codes` are the agencies that may be credited."""
    facts, reading = page.facts, page.reading
    yield from reading.errors
    yield from (f"unknown key {key!r}" for key in facts.keys() - KEYS)
    yield from (f"unknown agency {credit.code!r}" for credit in page.credits if credit.code not in codes)
    if reading.texts("H") and compact(facts["title"]) not in map(compact, reading.texts("H")):
        yield f"title and headline differ: {reading.texts('H')}"
    if not reading.texts("H") and facts["title"] not in page.html:
        yield "no headline on the page"
    if not (reading.texts("P") or reading.texts("L")):
        yield "no article"
    yield from (
        f"author {name!r} is not on the page" for name in page.gold()["gold"]["authors"] if name not in page.html
    )
    if facts.get("published", "")[:10] not in page.html and not reading.texts("D"):
        yield "the date of publication is not on the page"
    if "data-gold" in page.html or "data-agency" in page.html:
        yield "a mark was left in the HTML (attributes need double quotes)"
    if Reader().read(page.html).stream != reading.stream:
        yield "taking the marks out changed the text"


def write_text(sites: list[str]) -> None:
    """Make the page texts: the main-content dump of each page by resiliparse, one file a site."""
    extract = import_module("resiliparse.extract.html2text").extract_plain_text
    PAGE_TEXT.mkdir(exist_ok=True)
    for site, pages in groupby(load_pages(sites), key=lambda page: page.site):
        rows = ({"id": page.id, "text": extract(page.html, main_content=True)} for page in pages)
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (PAGE_TEXT / f"{site}.jsonl").write_text(text, encoding="utf-8")


def export(folder: Path, sites: list[str]) -> None:
    """Write the set as files: pages.jsonl, labels.jsonl, html/*.html.gz."""
    (folder / "html").mkdir(parents=True, exist_ok=True)
    texts = stored_texts()
    with (folder / "pages.jsonl").open("w") as pages, (folder / "labels.jsonl").open("w") as labels:
        for page in load_pages(sites):
            name = f"html/{page.id.replace('/', '__')}.html.gz"
            (folder / name).write_bytes(gzip.compress(page.html.encode(), mtime=0))
            row = {**page.gold(), "html": name, "page_text": texts[page.id]}
            pages.write(json.dumps(row, ensure_ascii=False) + "\n")
            labels.write(json.dumps(page.label_row(texts[page.id]), ensure_ascii=False) + "\n")


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", nargs="*", metavar="SITE")
    parser.add_argument("--write-text", nargs="*", metavar="SITE")
    parser.add_argument("--export", nargs="+", metavar=("DIR", "SITE"))
    options = parser.parse_args()
    if options.write_text is not None:
        write_text(options.write_text)
    if options.export:
        export(Path(options.export[0]), options.export[1:])
    return int(options.check is not None and check(options.check) > 0)


if __name__ == "__main__":
    sys.exit(main())
