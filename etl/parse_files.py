"""One file through extract and transform, without a landing zone or a warehouse: what `news-etl parse` prints."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from etl.extract.locations import uri_of
from etl.extract.read import RefusedFile, read_document
from etl.settings import Settings
from etl.staging import parse_safely
from etl.tables import AGENCIES, INGEST_DATE, RELATED_ITEMS, Table
from etl.transform.record import Refusal
from etl.transform.rows import agency_rows, article_row, related_rows
from etl.transform.version import parser_version


def parse_file(
    file: Path, settings: Settings, *, url: str | None = None, collected_at: datetime | None = None
) -> dict[str, Any]:
    """Parse a file.

    Returns:
        `{"source_uri", "article": {…}, "related_items": […], "agencies": […]}` with the published columns but
        `ingest_date`, or `{"source_uri", "reject": {"code", "message"}}`.
    """
    uri = uri_of(str(file))
    found = read_document(file, uri, source=None, charset=None, max_bytes=settings.max_document_bytes)
    if isinstance(found, RefusedFile):
        return _reject(uri, found.refusal)
    document = replace(found, url=url, collected_at=collected_at)
    record = parse_safely(document, settings.languages)
    if isinstance(record, Refusal):
        return _reject(uri, record)
    return {
        "source_uri": uri,
        "article": article_row(document, record, parser_version()),
        "related_items": [_published(RELATED_ITEMS, row) for row in related_rows(document, record)],
        "agencies": [_published(AGENCIES, row) for row in agency_rows(document, record)],
    }


def _reject(uri: str, refusal: Refusal) -> dict[str, Any]:
    return {"source_uri": uri, "reject": {"code": refusal.code, "message": refusal.message}}


def _published(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in table.column_names if name != INGEST_DATE.name}
