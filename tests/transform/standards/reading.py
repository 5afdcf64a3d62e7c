"""What the tests of the agency formats share: a file on its way through extract and transform."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from etl.extract.agency_files import Item, agency_format, split_items
from etl.extract.charset import Decoded, decode
from etl.extract.html_charset import stated_charset
from etl.transform.parse import parse
from etl.transform.record import Document, Record, Refusal

FOLDER = Path(__file__).parent


def document_of(data: bytes, media_type: str, charset: str | None = None) -> Document:
    decoded = decode(data, charset, html=charset is None)
    assert isinstance(decoded, Decoded), decoded
    return Document(decoded.text, "0" * 32, "2026-03-04/item", 0, len(data), media_type, decoded.charset)


def read_items(data: bytes) -> list[Record | Refusal]:
    """The records of a file in an agency format, found and cut as its bytes say."""
    media_type = agency_format(data)
    assert media_type is not None
    items = split_items(data, media_type)
    assert not isinstance(items, Refusal), items
    charset = stated_charset(data) if len(items) > 1 else None
    return [parse(document_of(slice_of(data, item), media_type, charset)) for item in items]


def read_one(data: bytes) -> Record:
    (record,) = read_items(data)
    assert isinstance(record, Record), record
    return record


def slice_of(data: bytes, item: Item) -> bytes:
    return data[item.offset : item.offset + item.length]


def as_json(record: Record | Refusal) -> Any:
    return json.loads(json.dumps(dataclasses.asdict(record), default=str))
