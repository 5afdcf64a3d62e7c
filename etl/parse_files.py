"""One file through extract and transform, without a landing zone or a warehouse: what `news-etl parse` prints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from etl.engines.sandbox import orders_of, parse_apart
from etl.extract.locations import open_regular, uri_of
from etl.extract.read import Reading, RefusedFile, read_file
from etl.settings import Settings
from etl.tables import AGENCIES, INGEST_DATE, RELATED_ITEMS, Table
from etl.transform.record import Document, Refusal
from etl.transform.rows import agency_rows, article_row, related_rows
from etl.transform.version import parser_version


def parse_file(
    file: Path, settings: Settings, *, url: str | None = None, collected_at: datetime | None = None
) -> Iterator[dict[str, Any]]:
    """Parse every document of a file, in their order.

    Yields:
        `{"source_uri", "article": {…}, "related_items": […], "agencies": […]}` with the published columns but
        `ingest_date`, or `{"source_uri", "reject": {"code", "message"}}`.
    """
    uri = uri_of(str(file))
    try:
        opened = open_regular(file)
    except OSError as error:
        yield _reject(uri, Refusal("unreadable", error.strerror or str(error)))
        return
    with opened:
        for found in read_file(opened, uri, Reading.of(settings)):
            if isinstance(found, RefusedFile):
                yield _reject(found.source_uri, found.refusal)
            else:
                known = replace(found, url=url or found.url, collected_at=collected_at or found.collected_at)
                yield _parsed(known, settings)


def _parsed(document: Document, settings: Settings) -> dict[str, Any]:
    [(_, record)] = parse_apart([document], orders_of(settings))
    if isinstance(record, Refusal):
        return _reject(document.source_uri, record)
    return {
        "source_uri": document.source_uri,
        "article": article_row(document, record, parser_version()),
        "related_items": [_published(RELATED_ITEMS, row) for row in related_rows(document, record)],
        "agencies": [_published(AGENCIES, row) for row in agency_rows(document, record)],
    }


def _reject(uri: str, refusal: Refusal) -> dict[str, Any]:
    return {"source_uri": uri, "reject": {"code": refusal.code, "message": refusal.message}}


def _published(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in table.column_names if name != INGEST_DATE.name}
