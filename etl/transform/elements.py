"""The elements of an HTML page that carry metadata, collected in one walk of its tree."""

from __future__ import annotations

import html
import re
import tomllib
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode

from etl.transform.main_headings import MainHeading, read_main_heading

_NAMES = Path(__file__).parent / "data" / "metadata.toml"
_QUERY = (
    'meta, title, h1, time, script[type*="ld+json" i], link[rel~="canonical" i], a[rel~="author" i], [itemprop], '
    "[property][content], abbr[title], .author.vcard, .author .fn"
)
_CARD = frozenset({"vcard", "fn"})
_TEXT_MAX = 2000
"""Characters of a single value."""
_ELEMENTS_MAX = 5000
"""Elements that are read; a page needs some dozen."""
_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,2000}>")
_UNWANTED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff\ud800-\udfff]")


@cache
def metadata_names() -> dict[str, tuple[str, ...]]:
    """The lists of `data/metadata.toml`."""
    lists = tomllib.loads(_NAMES.read_text(encoding="utf-8"))
    return {key: tuple(values) for key, values in lists.items()}


@dataclass(slots=True)
class Elements:
    """What the elements say, in document order and as written."""

    metas: dict[str, list[str]] = field(default_factory=dict)
    """Contents of `meta` by `property` or `name` in lower case; RDFa has them on other elements too."""
    scripts: list[str] = field(default_factory=list)
    """JSON-LD."""
    properties: list[LexborNode] = field(default_factory=list)
    """Elements with `itemprop`."""
    title: str = ""
    headings: list[MainHeading] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    """Dates for machines in the text."""
    author_links: list[str] = field(default_factory=list)
    author_cards: list[str] = field(default_factory=list)
    """Names in the mark-up of business cards (hCard), which blogs sign their entries with."""
    canonical: str | None = None
    language: str | None = None

    def named(self, kind: str) -> list[tuple[str, list[str]]]:
        """The names of a list of `data/metadata.toml` that the page has, in the order of the list, with contents."""
        metas = self.metas
        return [(name, metas[name]) for name in metadata_names()[kind] if name in metas]

    def like(self, pattern: re.Pattern[str]) -> list[tuple[str, list[str]]]:
        """The names of `meta` in which `pattern` is found, with contents."""
        return [(name, values) for name, values in self.metas.items() if pattern.search(name)]

    def first(self, *names: str) -> str | None:
        """The first content of the first of these names that says anything."""
        return next((text for name in names for value in self.metas.get(name, ()) if (text := clean(value))), None)


def clean(value: str, limit: int = _TEXT_MAX) -> str:
    """A value on one line, without the entities and tags that are left in it, NFC-normalised."""
    text = value[:limit]
    if "&" in text:
        text = html.unescape(html.unescape(text))  # some systems escape twice
    if "<" in text:
        text = _TAG.sub(" ", text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if not text.isprintable():
        text = _UNWANTED.sub("", text)
    return " ".join(text.split())


def collect(tree: LexborHTMLParser) -> Elements:
    """The elements of a page."""
    found = Elements()
    if tree.root is not None:
        attributes = tree.root.attributes
        found.language = attributes.get("lang") or attributes.get("xml:lang")
    for element in tree.css(_QUERY)[:_ELEMENTS_MAX]:
        tag = element.tag
        if tag == "script":
            found.scripts.append(element.text())
        elif tag == "title":
            found.title = found.title or element.text()[:_TEXT_MAX]  # pictures have titles too, further down
        else:
            attributes = element.attributes
            if "content" in attributes:
                _take_meta(attributes, found)
            else:
                _take_other(element, attributes, found)
            if "itemprop" in attributes:
                found.properties.append(element)
    return found


def _take_meta(attributes: dict[str, str | None], found: Elements) -> None:
    name = attributes.get("property") or attributes.get("name")
    content = attributes.get("content")
    if name and content:
        found.metas.setdefault(name.strip().lower(), []).append(content)


def _take_other(element: LexborNode, attributes: dict[str, str | None], found: Elements) -> None:
    tag = element.tag
    if tag == "h1":
        found.headings.append(read_main_heading(element))
    elif tag == "time":
        found.times.append(attributes.get("datetime") or "")
    elif tag == "abbr" and "published" in (attributes.get("class") or ""):
        found.times.append(attributes.get("title") or "")  # as blogs did before there was `time`
    elif tag == "link" and "canonical" in (attributes.get("rel") or "").lower():
        found.canonical = found.canonical or attributes.get("href")
    elif tag == "a" and "author" in (attributes.get("rel") or "").lower():
        found.author_links.append(element.text()[:_TEXT_MAX])
    elif not _CARD.isdisjoint((attributes.get("class") or "").split()):
        found.author_cards.append(element.text()[:_TEXT_MAX])
