"""Parquet: a record a row; only the columns that matter are read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from etl.extract.limits import RATIO_FREE_BYTES, Limits
from etl.extract.readers.json import record_member
from etl.extract.streams import said, seekable
from etl.extract.walk import Break, Context, Member
from etl.transform.record import Refusal

_DAMAGE = (pa.ArrowException, OSError, ValueError, MemoryError)
_ROWS = 64
_GROUP_MAX = 1 << 40
"""Rows that a row group is believed to have; numbers of rows must fit into a column."""
_BUFFER = 1024 * 1024
_BATCH_BYTES = 256 * 1024 * 1024
_OTHERS = 64 * 1024 * 1024
"""Bytes that the other columns of a row may have together, before the row is refused unread."""


def read_parquet(stream: io.BufferedReader, context: Context) -> Iterator[Member | Break]:
    """The rows of a Parquet file; offset is the row's number, length that of its text in bytes.

    Where a row group is damaged, one refusal stands for what is left of it.
    """
    try:
        # With a buffer ahead, all that was read would stay in memory until the file is closed.
        with (
            seekable(stream, context.spent) as source,
            pq.ParquetFile(source, buffer_size=_BUFFER, pre_buffer=False) as file,
        ):
            columns = _columns(file.schema_arrow, context)
            if columns is None:
                yield Member("", 0, 0, _no_text(file.schema_arrow))
                return
            yield from _groups(file, columns, source.seek(0, io.SEEK_END), context)
    except _DAMAGE as error:
        yield Break(0, _damaged(error))


def _groups(file: pq.ParquetFile, columns: list[str], size: int, context: Context) -> Iterator[Member | Break]:
    """The rows of all row groups of a file of `size` bytes."""
    limits, number, unfolded = context.limits, 0, 0
    allowed = max(RATIO_FREE_BYTES, limits.decompression_ratio * size)
    sizes = _sizes(file.metadata)
    if sum(sizes) > allowed:
        yield Break(0, _bomb(limits))
        return
    at_a_time = _rows(sizes)
    for group in range(file.num_row_groups):
        end = number + min(_GROUP_MAX, max(0, file.metadata.row_group(group).num_rows))
        try:
            for batch in file.iter_batches(at_a_time, [group], columns, use_threads=False):
                unfolded += batch.nbytes  # a dictionary lets few bytes stand for many
                if unfolded > allowed:
                    yield Break(number, _bomb(limits))
                    return
                for index in range(batch.num_rows):
                    yield _member(batch.slice(index, 1), number, context)
                    number += 1
        except _DAMAGE as error:
            refusal = _damaged(error)
            message = f"{refusal.message}; rows {number} to {end} were not read"
            yield Member(number, number, 0, Refusal(refusal.code, message))
            number = max(number + 1, end)


def _damaged(error: Exception) -> Refusal:
    return Refusal("truncated_container", f"Parquet file is damaged: {said(error)}")


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


def _bomb(limits: Limits) -> Refusal:
    message = f"unfolds to more than {limits.decompression_ratio} times its size (setting `max_decompression_ratio`)"
    return Refusal("decompression_bomb", message)


def _sizes(metadata: pq.FileMetaData) -> list[int]:
    """Unpacked bytes of each row group, as the file says.

    Those of single columns are not asked for: pyarrow (26) ends the process over statistics that do not fit.
    """
    return [max(0, metadata.row_group(group).total_byte_size) for group in range(metadata.num_row_groups)]


def _rows(sizes: list[int]) -> int:
    """How many rows to read at a time: each may hold all of its row group, by way of a dictionary."""
    return min(_ROWS, max(1, _BATCH_BYTES // max(1, *sizes, 1)))


def _member(row: pa.RecordBatch, number: int, context: Context) -> Member:
    limit = context.limits.document_bytes
    if row.nbytes > limit + _OTHERS:
        refusal = Refusal("too_large", f"a row of {row.nbytes} bytes, more than {limit} (setting `max_document_bytes`)")
        return Member(number, number, 0, refusal)
    return _row(row.to_pylist()[0], number, context)


def _row(row: dict[str, Any], number: int, context: Context) -> Member:
    member = record_member(row, number, number, 0, context)
    length = len(member.content) if isinstance(member.content, bytes) else 0
    return Member(member.name, number, length, member.content, member.facts, member.media_type)
