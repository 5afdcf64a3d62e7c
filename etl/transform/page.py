"""Read a document into a page: its blocks, and what it says of itself for machines. The formats meet here."""

from __future__ import annotations

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


class Page(NamedTuple):
    """A document as the labeller takes it."""

    blocks: list[Block]
    metadata: Metadata


def read_page(document: Document) -> Page:
    """The page that a document holds; pure."""
    if document.media_type != HTML:
        return Page(read_blocks(document.text), Metadata())
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


def _shown(blocks: list[Block]) -> int:
    """Characters of the paragraphs that the page shows."""
    return sum(
        len(block.text)
        for block in blocks
        if len(block.text) >= _PARAGRAPH_MIN and block.markup and block.markup.link_share < 0.5
    )
