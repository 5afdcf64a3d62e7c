"""Rows of the record tables from a document and its record: exactly the columns of `etl.tables.staged_schema`."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from etl.transform.evidence import Source
from etl.transform.measure import char_count, content_hash, paragraph_count, text_of, word_count
from etl.transform.record import Document, Record


def article_row(document: Document, record: Record, parser_version: str) -> dict[str, Any]:
    """The row of `articles`; times are aware datetimes in UTC, days are dates."""
    article = record.article
    text = text_of(article.lead, article.body)
    url = article.url or document.url
    return {
        "article_id": document.document_id,
        "source": document.source or _domain(url),
        "url": url,
        "kicker": article.kicker,
        "headline": article.headline,
        "lead": article.lead,
        "body": article.body,
        "authors": list(article.authors),
        "published_date": article.published_date,
        "published_at": article.published_at,
        "published_offset_minutes": article.published_offset_minutes,
        "published_evidence": article.published_evidence,
        "modified_at": article.modified_at,
        "language": article.language,
        "language_score": article.language_score,
        "image_credits": list(article.image_credits),
        "image_captions": list(article.image_captions),
        "topics": list(article.topics),
        "paragraph_count": paragraph_count(article.body),
        "word_count": word_count(text),
        "char_count": char_count(text),
        "content_hash": content_hash(text),
        "is_truncated": article.is_truncated,
        "media_type": document.media_type,
        "charset": document.charset,
        "source_uri": document.source_uri,
        "source_offset": document.source_offset,
        "source_length": document.source_length,
        "parser_version": parser_version,
        "date_evidence_found": Source(document).holds_evidence(article.published_evidence),
    }


def related_rows(document: Document, record: Record) -> list[dict[str, Any]]:
    """The rows of `related_items`, positions from 1."""
    return [
        {
            "article_id": document.document_id,
            "position": position,
            "section": item.section,
            "title": item.title,
            "teaser": item.teaser,
            "image_caption": item.image_caption,
            "url": item.url,
            "source_uri": document.source_uri,
            "source_offset": document.source_offset,
        }
        for position, item in enumerate(record.related_items, start=1)
    ]


def agency_rows(document: Document, record: Record) -> list[dict[str, Any]]:
    """The rows of `agencies`, positions from 1."""
    source = Source(document)
    return [
        {
            "article_id": document.document_id,
            "position": position,
            "agency_code": agency.agency_code,
            "agency_name": agency.agency_name,
            "country": agency.country,
            "kind": agency.kind,
            "scope": agency.scope,
            "evidence": agency.evidence,
            "source_uri": document.source_uri,
            "source_offset": document.source_offset,
            "evidence_found": source.holds(agency.evidence),
        }
        for position, agency in enumerate(record.agencies, start=1)
    ]


def _domain(url: str | None) -> str | None:
    """The host of an address without `www.`, or None."""
    try:
        host = urlsplit(url or "").hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None
