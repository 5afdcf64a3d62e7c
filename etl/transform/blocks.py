"""Cut a page text into blocks: one block per line or per re-joined hard-wrapped paragraph, with its layout."""

from __future__ import annotations

import re
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

_MARKER = re.compile(r"(?:[•●▪■◦‣⁃∙·*]\s+|[-–—]\s+|\d{1,3}[.)]\s+)")
_BULLETS = "•●▪■◦‣⁃∙·*-–—"
_WRAP_MIN, _WRAP_MAX = 50, 100
"""Widths, in characters, between which a text is believed to have been wrapped by hand or by a mail program."""


class Label(StrEnum):
    """What a block is to the article."""

    HEADLINE = "headline"
    KICKER = "kicker"
    LEAD = "lead"
    BODY = "body"
    SUBHEADING = "subheading"
    BYLINE = "byline"
    DATE = "date"
    CAPTION = "caption"
    IMAGE_CREDIT = "image_credit"
    SOURCE_CREDIT = "source_credit"
    RELATED_HEADING = "related_heading"
    RELATED_SECTION = "related_section"
    RELATED_TITLE = "related_title"
    RELATED_TEASER = "related_teaser"
    RELATED_CAPTION = "related_caption"
    TOPIC_HEADING = "topic_heading"
    TOPIC = "topic"
    NOISE = "noise"


class Span(NamedTuple):
    """A stretch of a block's text inside one link, or between links."""

    text: str
    """With the blanks at its ends, where it has any."""
    href: str | None
    """Where the link leads; None between links."""
    link: int
    """Number of the link among those of the page; 0 between links."""


class Markup(NamedTuple):
    """What the HTML around a block says."""

    tag: str
    """The block element that holds the text: `p`, `h2`, `li`, `div`, ..."""
    link_share: float
    strong_share: float
    """Shares of the characters inside links and inside bold text or headings."""
    near: int
    """Kinds of `data/markup.toml` that the element, the one around it and inline ones inside it speak of, as bits."""
    chain: int
    """Those of all elements around, but for the body."""
    tags: int
    """Elements of `dom.TAG_BITS` around, as bits."""
    container: int
    """Number of the element that holds the text and its siblings."""
    depth: int
    hidden: bool
    href: str | None
    """Where the first link leads."""
    spans: tuple[Span, ...] = ()
    """The texts of a block that is mostly links; empty for others."""


class Block(NamedTuple):
    """One line of a page, or one paragraph whose wrapped lines were joined; what is known of it without reading it."""

    text: str
    """Stripped, otherwise as it stands in the document; a bullet in front is cut off, a list number is kept."""
    gap: bool
    """An empty line stands before it (true for the first block)."""
    indent: int
    """Leading blanks."""
    listed: bool
    """A bullet or list number stood in front."""
    markup: Markup | None = None
    """None where the page came as text."""


def read_blocks(text: str) -> list[Block]:
    """The non-empty lines of `text` as blocks; lines of a hard-wrapped text are joined to paragraphs by one blank."""
    lines = [line.rstrip() for line in text.split("\n")]
    width = _wrap_width(lines)
    blocks: list[Block] = []
    gap, previous = True, ""
    for line in lines:
        content = line.lstrip()
        if not content:
            gap = True
            continue
        if width and not gap and blocks and _was_wrapped(previous, content, width):
            last = blocks[-1]
            blocks[-1] = Block(f"{last.text} {content}", last.gap, last.indent, last.listed)
        else:
            blocks.append(_block(content, gap=gap, indent=len(line) - len(content)))
        previous = content
        gap = False
    return blocks


def _block(content: str, *, gap: bool, indent: int) -> Block:
    marker = _MARKER.match(content)
    if marker and content[0] in _BULLETS:
        content = content[marker.end() :]
    return Block(content, gap, indent, marker is not None)


def _wrap_width(lines: list[str]) -> int:
    """The column at which the text was wrapped, 0 where it was not.

    A text counts as wrapped where no line is longer than `_WRAP_MAX` and most lines that another line follows
    directly are longer than two thirds of the longest.
    """
    longest = max(map(len, lines))
    if not _WRAP_MIN <= longest <= _WRAP_MAX:
        return 0
    followed = [len(line) for line, following in pairwise(lines) if line and following]
    full = sum(length * 3 > longest * 2 for length in followed)
    return longest if full >= 4 and full * 5 >= len(followed) * 3 else 0


def _was_wrapped(line: str, following: str, width: int) -> bool:
    """Whether the line break after `line` was forced: the next word had no room left."""
    return len(line) + 1 + len(following.split(None, 1)[0]) > width and _MARKER.match(following) is None
