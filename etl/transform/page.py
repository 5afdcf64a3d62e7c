"""Read a document into a page: its blocks, and what it says of itself for machines. The formats meet here."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser

from etl.transform.blocks import Block, read_blocks
from etl.transform.dom import read_dom
from etl.transform.metadata import Metadata, read_metadata
from etl.transform.record import Document
from etl.transform.scripted import scripted_blocks

HTML = "text/html"
_STATED_MIN = 300
"""A stated text that is shorter is a summary."""
_SHOWN_SHARE = 0.3
"""Pages that show less than that share of the text they state are filled in by scripts."""
_PARAGRAPH_MIN = 60
_TAGS_HARMLESS = 12_000
_DEPTH_MAX = 5_000
_NESTING = re.compile(r"<(/?)(?!(?:br|img|input|meta|link|li|p|td|tr|th|dd|dt|option|source|hr|wbr|path)\b)[a-zA-Z]")
"""Tags of elements that are closed; `br`, `img`, `input`, `meta`, `link`, `li`, `p` and the like may stay open."""
_TAG = re.compile(r"<[^<>]*>")


class Page(NamedTuple):
    """A document as the labeller takes it."""

    blocks: list[Block]
    metadata: Metadata


def read_page(document: Document) -> Page:
    """The page that a document holds; pure."""
    if document.media_type != HTML:
        return Page(read_blocks(document.text), Metadata())
    if _nests_too_deep(document.text):
        return Page(read_blocks(_TAG.sub("\n", document.text)), Metadata())
    tree = LexborHTMLParser(document.text)
    metadata = read_metadata(tree, document.url)
    blocks = read_dom(tree)
    shown = _shown(blocks)
    stated = metadata.article_body or ""
    if len(stated) >= _STATED_MIN and shown < _SHOWN_SHARE * len(stated):
        blocks = read_blocks("\n\n".join((*metadata.headlines[:1], *stated.split("\n"))))
    elif shown < _STATED_MIN:
        blocks = scripted_blocks(tree) or blocks
    return Page(blocks, metadata)


def _nests_too_deep(html: str) -> bool:
    """Whether elements nest so deep that building the tree, whose time grows with the square of the depth, would hang.

    No page made for readers does; such a page is read as text between its tags.
    """
    if html.count("<") < _TAGS_HARMLESS:
        return False
    steps = (-1 if closing else 1 for closing in _NESTING.findall(html))
    return max(accumulate(steps), default=0) > _DEPTH_MAX


def _shown(blocks: list[Block]) -> int:
    """Characters of the paragraphs that the page shows."""
    return sum(
        len(block.text)
        for block in blocks
        if len(block.text) >= _PARAGRAPH_MIN and block.markup and block.markup.link_share < 0.5
    )
