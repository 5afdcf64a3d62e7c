"""From a row of the tables back to the bytes that it was made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pyarrow.compute as pc

from etl.errors import DocumentMissing
from etl.extract.landing import open_landing
from etl.extract.read import Reading, document_id, walk_file
from etl.extract.walk import RawDocument
from etl.settings import Settings
from etl.tables import ARTICLES, REJECTS
from etl.warehouse import Warehouse, open_warehouse

_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document lies in the landing zone."""

    source_uri: str
    source_offset: int | None
    document_id: str | None


def find_document(warehouse: Path, name: str, day: str | None = None) -> Place:
    """Where the document lies that a published row comes from.

    Args:
        warehouse: The warehouse folder.
        name: An `article_id` or `document_id`, or a `source_uri`.
        day: Only this landing day; where an id is in several days, the oldest is taken.

    Raises:
        DocumentMissing: no published row has it.
        SnapshotMissing: nothing is published, or not that day.
    """
    if _ID.fullmatch(name) is None:
        return Place(name, None, None)
    opened = open_warehouse(warehouse)
    for table, column in ((ARTICLES.name, "article_id"), (REJECTS.name, "document_id")):
        found = _first(opened, table, column, name, day)
        if found is not None:
            return found
    where = f"day {day}" if day else "any published day"
    message = f"no article and no reject of {where} has the id `{name}`; `news-etl status` shows the days"
    raise DocumentMissing(message)


def _first(opened: Warehouse, table: str, column: str, wanted: str, day: str | None) -> Place | None:
    """The first row of a table that has the id."""
    columns = [column, "source_uri", "source_offset"]
    for each in [day] if day else opened.days():
        rows = opened.read(table, columns, each)
        rows = rows.filter(pc.equal(rows[column], wanted))
        if rows.num_rows:
            row = rows.slice(0, 1).to_pylist()[0]
            return Place(row["source_uri"], row["source_offset"], wanted)
    return None


def read_raw(settings: Settings, place: Place) -> bytes:
    """The bytes of a document, as it stands in the landing zone now; a file that is no document is given whole.

    Raises:
        DocumentMissing: the file is gone, has no such document any more, or other bytes stand there.
    """
    file_uri = place.source_uri.partition("!")[0]
    try:
        with open_landing(settings).open(file_uri) as file:
            for found in walk_file(file, file_uri, Reading.of(settings)):
                if isinstance(found, RawDocument) and _is_at(found, place):
                    return _checked(found.data, place, file_uri)
            if place.source_uri == file_uri and place.document_id is None:
                file.seek(0)
                return file.read()
    except OSError as error:
        message = f"`{file_uri}` in `{settings.landing}` cannot be read: {error.strerror or error}"
        raise DocumentMissing(message) from error
    message = f"`{file_uri}` has no document at `{place.source_uri}` (any more); run the day again"
    raise DocumentMissing(message)


def _is_at(found: RawDocument, place: Place) -> bool:
    address = found.address
    return address.uri == place.source_uri and place.source_offset in (None, address.offset)


def _checked(data: bytes, place: Place, file_uri: str) -> bytes:
    if place.document_id is not None and document_id(data) != place.document_id:
        message = f"`{file_uri}` holds other bytes than when its day was built; run the day again"
        raise DocumentMissing(message)
    return data
