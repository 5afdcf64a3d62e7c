"""Parquet: a record a row; only the columns that matter are read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from etl.extract.readers.json import record_member
from etl.extract.streams import said, seekable
from etl.extract.walk import Break, Context, Member
from etl.transform.record import Refusal

_ROWS = 64
_BUFFER = 1024 * 1024


def read_parquet(stream: io.BufferedReader, context: Context) -> Iterator[Member | Break]:
    """The rows of a Parquet file; offset is the row's number, length that of its text in bytes."""
    number = 0
    try:
        with pq.ParquetFile(seekable(stream, context.spent), buffer_size=_BUFFER) as file:
            columns = _columns(file.schema_arrow, context)
            if columns is None:
                yield Member("", 0, 0, _no_text(file.schema_arrow))
                return
            for batch in file.iter_batches(batch_size=_ROWS, columns=columns, use_threads=False):
                for row in batch.to_pylist():
                    yield _row(row, number, context)
                    number += 1
    except (pa.ArrowException, OSError, ValueError) as error:
        yield Break(number, Refusal("truncated_container", f"Parquet file is damaged: {said(error)}"))


def _columns(schema: pa.Schema, context: Context) -> list[str] | None:
    """The columns to read; None where none of them holds text."""
    tops = {
        role: {name if name in schema.names else name.partition(".")[0] for name in names}
        for role, names in context.columns.items()
    }
    if not any(name in tops["text"] | tops["html"] for name in schema.names):
        return None
    return [name for name in schema.names if any(name in names for names in tops.values())]


def _no_text(schema: pa.Schema) -> Refusal:
    names = ", ".join(f"`{name}`" for name in schema.names[:8])
    message = f"no column holds a text or a page ({names[:200]}); name the column in the setting `columns`"
    return Refusal("unsupported_format", message)


def _row(row: dict[str, Any], number: int, context: Context) -> Member:
    member = record_member(row, str(number), number, 0, context)
    length = len(member.content) if isinstance(member.content, bytes) else 0
    return Member(member.name, number, length, member.content, member.facts, member.media_type)
