"""Read a document into a page: its blocks, and what it says of itself for machines. The formats meet here."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser

from etl.transform.blocks import Block, Label, read_blocks
from etl.transform.dom import read_dom
from etl.transform.headlines import key_of
from etl.transform.metadata import Attribution, Evidence, Metadata, read_metadata
from etl.transform.nesting import between_tags, nests_too_deep
from etl.transform.record import Document, Refusal, RelatedItem, Stated
from etl.transform.scopes import StatedCredit
from etl.transform.scripted import scripted_blocks
from etl.transform.standards import MEDIA_TYPES
from etl.transform.standards.reading import read_story
from etl.transform.standards.story import arranged, credits_of, metadata_of, related_of

HTML = "text/html"
_STATED_MIN = 300
"""A stated text that is shorter is a summary."""
_SHOWN_SHARE = 0.3
"""Pages that show less than that share of the text they state are filled in by scripts."""
_PARAGRAPH_MIN = 60
_TOP = 1000
"""Characters in which a text that has its headline has it."""


class Page(NamedTuple):
    """A document as the labeller takes it."""

    blocks: list[Block]
    metadata: Metadata
    labels: list[Label] | None = None
    """One for each block, where the format says what each is; None leaves it to the labeller."""
    credits: tuple[StatedCredit, ...] = ()
    """Suppliers that fields of the format name, most telling first."""
    related: tuple[RelatedItem, ...] = ()
    is_partial: bool = False
    """The format says that it holds but a part of the article."""


def read_page(document: Document) -> Page | Refusal:
    """The page that a document holds, or why there is none; pure, never raises."""
    if document.media_type in MEDIA_TYPES:
        return _page_of_item(document)
    page = read_web_page(document)
    return page._replace(metadata=_with_stated(page.metadata, document.stated)) if document.stated else page


def read_web_page(document: Document) -> Page:
    """The page in HTML or plain text; pure."""
    if document.media_type != HTML:
        return Page(read_blocks(_headed(document)), Metadata())
    if nests_too_deep(document.text):
        return Page(read_blocks(between_tags(document.text)), Metadata())
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


def _headed(document: Document) -> str:
    """The text, with the headline that the record around it keeps apart from it."""
    headline = document.stated.headline if document.stated else None
    if not headline or key_of(headline) in map(key_of, document.text[:_TOP].split("\n")):
        return document.text
    return f"{headline}\n\n{document.text}"


def _with_stated(metadata: Metadata, stated: Stated) -> Metadata:
    """The page's metadata, and what the record around it says of author and day, which counts more."""
    return replace(
        metadata,
        authors=(Attribution(stated.authors, "record"), *metadata.authors) if stated.authors else metadata.authors,
        published=(*([Evidence(stated.published, "record")] if stated.published else []), *metadata.published),
    )


def _page_of_item(document: Document) -> Page | Refusal:
    story = read_story(document)
    if isinstance(story, Refusal):
        return story
    blocks, labels = arranged(story)
    return Page(blocks, metadata_of(story), labels, credits_of(story), related_of(story), story.is_partial)


def _shown(blocks: list[Block]) -> int:
    """Characters of the paragraphs that the page shows."""
    return sum(
        len(block.text)
        for block in blocks
        if len(block.text) >= _PARAGRAPH_MIN and block.markup and block.markup.link_share < 0.5
    )
