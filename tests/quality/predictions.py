"""What `parse` says of a page, as a row for scorers."""

from __future__ import annotations

from typing import Any

from etl.extract.charset import decode
from etl.extract.formats import HTML
from etl.extract.read import document_id
from etl.transform.parse import parse
from etl.transform.record import Document, Record, Refusal

TEXT = "text/plain"


def read(page_id: str, data: bytes, media_type: str) -> Document | Refusal:
    """The document of these bytes, decoded as in the pipeline."""
    decoded = decode(data, html=media_type == HTML)
    if isinstance(decoded, Refusal):
        return decoded
    return Document(
        text=decoded.text,
        document_id=document_id(data),
        source_uri=page_id,
        source_offset=0,
        source_length=len(data),
        media_type=media_type,
        charset=decoded.charset,
    )


def predict(page_id: str, data: bytes, media_type: str) -> dict[str, Any]:
    """Decode and parse; where the page is refused, the row has only its id and the code.

    A defect of the parser is raised: in a run it costs a document, here it would pass for a bad page.
    """
    document = read(page_id, data, media_type)
    record = document if isinstance(document, Refusal) else parse(document)
    if isinstance(record, Refusal):
        return {"id": page_id, "refused": record.code}
    return row_of(page_id, record)


def row_of(page_id: str, record: Record) -> dict[str, Any]:
    """The row of a record; `published_at` is the day as the publisher wrote it, as scorers want it."""
    article = record.article
    return {
        "id": page_id,
        "kicker": article.kicker,
        "headline": article.headline,
        "lead": article.lead,
        "body": article.body,
        "authors": list(article.authors),
        "published_at": article.published_date.isoformat() if article.published_date else None,
        "url": article.url,
        "language": article.language,
        "topics": list(article.topics),
        "image_credits": list(article.image_credits),
        "image_captions": list(article.image_captions),
        "is_truncated": article.is_truncated,
        "agencies": [
            {"agency_code": agency.agency_code, "scope": agency.scope, "evidence": agency.evidence}
            for agency in record.agencies
        ],
        "related_items": [
            {"title": item.title, "section": item.section, "teaser": item.teaser, "image_caption": item.image_caption}
            for item in record.related_items
        ],
    }
