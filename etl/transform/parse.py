"""Parse a document into a record: blocks, labels, and from the labelled blocks article, related items and agencies."""

from __future__ import annotations

from etl.transform.authorship import read_authors
from etl.transform.blocks import Label
from etl.transform.clues import PROSE_LENGTH, Clue, Line, read_line_clue
from etl.transform.credits import credit_of_picture
from etl.transform.labels import label_blocks
from etl.transform.language import detect, primary_language
from etl.transform.lexicon import fold, lexicon
from etl.transform.marked_heads import headline_of
from etl.transform.page import Page, read_page
from etl.transform.publication import read_publication
from etl.transform.record import Article, Document, Record, Refusal
from etl.transform.related import read_items
from etl.transform.scopes import read_suppliers, with_stated
from etl.transform.topics import split_topics
from etl.transform.truncation import is_truncated

_BODY_MIN = 40
"""Characters of running text below which a page is no article."""
_LIST_MIN = 1000
_SCRAP_MAX = 300
_NOTICE_PAGE_MAX = 600
_ARTICLE = frozenset({Label.HEADLINE, Label.LEAD, Label.BODY, Label.SUBHEADING})


def parse(document: Document, languages: tuple[str, ...] = ()) -> Record | Refusal:
    """The record of a document, or why it has none. Pure; time grows linearly with the text.

    Args:
        document: The decoded document.
        languages: ISO 639-1 codes that `language` may take; any where empty.
    """
    if not document.text.strip():
        return Refusal("empty", f"`{document.source_uri}` holds no text; nothing to mend.")
    page = read_page(document)
    if isinstance(page, Refusal):
        return page
    if not page.blocks:
        return Refusal("not_an_article", f"`{document.source_uri}` holds no text that a reader sees.")
    metadata = page.metadata
    lines, labels = _labelled(page)
    if Label.BODY not in labels:
        labels = [Label.BODY if label is Label.LEAD else label for label in labels]
    body = _body(lines, labels)
    if not _is_text(page, lines, labels, body):
        return Refusal(
            "not_an_article",
            f"`{document.source_uri}` holds no article text: none of its {len(lines)} lines is a paragraph of one.",
        )
    lead = "\n\n".join(_texts(lines, labels, Label.LEAD)) or None
    language, score = _language(page, lead, body, languages)
    url = metadata.canonical or document.url
    published, evidence, modified = read_publication(
        lines, labels, metadata, language=language, url=url, collected_at=document.collected_at
    )
    if is_scrap(lines, body, lead) and not (published or metadata.og_type == "article" or metadata.is_article):
        return Refusal(
            "not_an_article",
            f"`{document.source_uri}` holds one short paragraph that neither a date nor a type calls an article.",
        )
    article = Article(
        body="\n\n".join(body),
        kicker=next(iter(_texts(lines, labels, Label.KICKER)[-1:]), None),
        headline=headline_of(lines, labels, metadata),
        lead=lead,
        url=metadata.canonical,
        authors=read_authors(lines, labels, metadata),
        published_date=published.day if published else None,
        published_at=published.at if published else None,
        published_offset_minutes=published.offset_minutes if published else None,
        published_evidence=evidence,
        modified_at=modified.at if modified else None,
        language=language,
        language_score=score,
        image_credits=_image_credits(lines, labels),
        image_captions=_captions(lines, labels),
        topics=metadata.keywords or _topics(lines, labels),
        is_truncated=page.is_partial or is_truncated(lines, labels, metadata),
    )
    return Record(
        article,
        page.related or tuple(read_items(lines, labels, document.url or metadata.canonical)),
        tuple(with_stated(read_suppliers(lines, labels), page.credits)),
    )


def _labelled(page: Page) -> tuple[list[Line], list[Label]]:
    """The lines of a page and their labels: those that its format states, else the labeller's."""
    if page.labels is None:
        return label_blocks(page.blocks, page.metadata)
    lines = [read_line_clue(block) for block in page.blocks]
    credited = [
        line._replace(credit=credit_of_picture(line.block.text)) if label is Label.IMAGE_CREDIT else line
        for line, label in zip(lines, page.labels, strict=True)
    ]
    return credited, list(page.labels)


def _is_text(page: Page, lines: list[Line], labels: list[Label], body: list[str]) -> bool:
    """Whether the body is an article's; what a format states to be text is, however short."""
    if page.labels is not None:
        return bool(body)
    return len("".join(body)) >= _BODY_MIN and _reads(lines, labels, body) and not _is_notice_page(lines, labels, body)


def _language(
    page: Page, lead: str | None, body: list[str], languages: tuple[str, ...]
) -> tuple[str | None, float | None]:
    """The language that the format of an item states; else the one that the text is in.

    Templates of HTML pages often state a wrong one.
    """
    stated = primary_language(page.metadata.language) if page.labels is not None else None
    if stated and (stated in languages or not languages):
        return stated, 1.0
    return detect(f"{lead or ''} {body[0]} {body[-1]}" if len(body) > 1 else f"{lead or ''} {body[0]}", languages)


def _texts(lines: list[Line], labels: list[Label], wanted: Label) -> list[str]:
    return [line.block.text for line, label in zip(lines, labels, strict=True) if label is wanted]


def _unique(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _body(lines: list[Line], labels: list[Label]) -> list[str]:
    """Paragraphs and sub-headings; a source credit glued to a paragraph's end is cut off."""
    paragraphs = []
    for line, label in zip(lines, labels, strict=True):
        if label is Label.BODY and line.credit and line.credit.form == "source":
            paragraphs.append(line.block.text[: line.credit.start].rstrip())
        elif label in (Label.BODY, Label.SUBHEADING):
            paragraphs.append(line.block.text)
    return [paragraph for paragraph in paragraphs if paragraph]


def _reads(lines: list[Line], labels: list[Label], body: list[str]) -> bool:
    """Whether there is a paragraph, or a list as long as an article; a section front is a short list of headlines."""
    return sum(map(len, body)) >= _LIST_MIN or any(
        line.clue is Clue.PROSE or line.length >= PROSE_LENGTH
        for line, label in zip(lines, labels, strict=True)
        if label in (Label.BODY, Label.LEAD)
    )


def is_scrap(lines: list[Line], body: list[str], lead: str | None) -> bool:
    """Hardly any text on an HTML page: what is left of a section front, a form or a player."""
    return lines[0].block.markup is not None and len(lead or "") + sum(map(len, body)) < _SCRAP_MAX


def _is_notice_page(lines: list[Line], labels: list[Label], body: list[str]) -> bool:
    """A short page that says that something was not found or is not allowed, or asks for consent.

    On HTML only what passes for the article may say so: pages ask for consent above their articles.
    """
    if sum(map(len, body)) > _NOTICE_PAGE_MAX:
        return False
    pattern = lexicon().not_article
    said = [
        line.block.text
        for line, label in zip(lines, labels, strict=True)
        if label in _ARTICLE or line.block.markup is None
    ]
    return any(pattern.search(fold(text[:200])) for text in said[:10])


def _image_credits(lines: list[Line], labels: list[Label]) -> tuple[str, ...]:
    return _unique(
        [
            line.credit.words
            for line, label in zip(lines, labels, strict=True)
            if line.credit and line.credit.words and label in (Label.IMAGE_CREDIT, Label.CAPTION)
        ]
    )


def _captions(lines: list[Line], labels: list[Label]) -> tuple[str, ...]:
    captions = []
    for line, label in zip(lines, labels, strict=True):
        if label is Label.CAPTION:
            text = line.block.text
            captions.append(text[: line.credit.start].rstrip(" |([-–—") if line.credit else text)
    return _unique([caption for caption in captions if caption])


def _topics(lines: list[Line], labels: list[Label]) -> tuple[str, ...]:
    texts = [topic for text in _texts(lines, labels, Label.TOPIC) for topic in split_topics(text)]
    return _unique(texts)
