"""Merge sorted part files into one file of a table and day, in slices: never a table's text whole in memory.

The order of the whole day is computed from key columns alone. Then the rows are fetched in that order, some
megabytes at a time, from cursors that hold one small row group of each part file. Row groups are cut by a rule on
the rows themselves, so that the bytes written do not depend on how the rows were spread over parts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.load.staged import StagedRows
from etl.tables import INGEST_DATE, Table, arrow_schema

ROW_GROUP_ROWS = 5_000
ROW_GROUP_BYTES = 64 * 1024 * 1024
"""Text of a row group at most (one longer row stands alone); Arrow's string columns end at 2 GiB."""

_SLICE_BYTES = 8 * 1024 * 1024
_PAGE_CHECK_ROWS = 64
"""The writer looks after so many rows whether a page (1 MiB) is full; its default, 1,024, makes pages of long texts."""

Int64s = npt.NDArray[np.int64]


def merge_parts(table: Table, rows: StagedRows, day: dt.date, target: Path) -> None:
    """Write the rows of all parts, sorted by the table's key, as one Parquet file of the published schema.

    Part files that are sorted by the key are read once; a row group of others again and again, slowly but rightly.
    """
    write_file(table, _merged(table, rows, day), target)


def write_file(table: Table, slices: Iterable[pa.Table], target: Path) -> None:
    """Write slices of the published schema, already in the order of the key, as one Parquet file.

    The bytes depend on the rows alone, not on how they were cut into slices.
    """
    schema = arrow_schema(table)
    order = pq.SortingColumn.from_ordering(schema, [(name, "ascending") for name in table.key]) if table.key else None
    target.parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(
        target,
        schema,
        compression="zstd",
        compression_level=3,
        write_batch_size=_PAGE_CHECK_ROWS,
        write_page_index=True,
        sorting_columns=order,
    ) as writer:
        for group in _row_groups(slices):
            writer.write_table(group, row_group_size=group.num_rows)


def _merged(table: Table, rows: StagedRows, day: dt.date) -> Iterator[pa.Table]:
    """The day's rows in the order of the key, in the published schema, a few megabytes at a time."""
    schema = arrow_schema(table)
    columns = [name for name in table.column_names if name != INGEST_DATE.name]
    order = pc.sort_indices(rows.keys, sort_keys=[(name, "ascending") for name in table.key])
    part = rows.keys["part"].take(order).to_numpy().astype(np.int64)
    row = rows.keys["row"].take(order).to_numpy()
    cursors = [_Cursor(path, columns) for path in rows.parts]
    for start, stop in _slices(cursors, part, row):
        piece = _fetch(cursors, part[start:stop], row[start:stop])
        dates = pa.repeat(pa.scalar(day, INGEST_DATE.arrow_type), piece.num_rows)
        yield piece.add_column(0, INGEST_DATE.name, dates).cast(schema)


def _slices(cursors: list[_Cursor], part: Int64s, row: Int64s) -> Iterator[tuple[int, int]]:
    """Cut the output into slices of about `_SLICE_BYTES`, by the mean row of each row group (from the footers)."""
    sizes = np.zeros(len(row), dtype=np.int64)
    for index, cursor in enumerate(cursors):
        mine = part == index
        sizes[mine] = cursor.estimated_bytes[row[mine]]
    slice_of = np.cumsum(sizes) // _SLICE_BYTES
    edges = [*np.flatnonzero(np.diff(slice_of, prepend=-1)).tolist(), len(row)]
    yield from pairwise(edges)


def _fetch(cursors: list[_Cursor], part: Int64s, row: Int64s) -> pa.Table:
    """The rows `row[i]` of the files `part[i]`, in that order."""
    by_file = np.lexsort((row, part))
    pieces = [piece for index in np.unique(part) for piece in cursors[index].take(np.sort(row[part == index]))]
    position = np.empty_like(by_file)
    position[by_file] = np.arange(len(by_file))
    return pa.concat_tables(pieces).combine_chunks().take(pa.array(position))


class _Cursor:
    """Rows of one part file; holds one of its small row groups, and no open file (there may be many parts)."""

    def __init__(self, path: Path, columns: list[str]) -> None:
        self._path, self._columns = path, columns
        self._metadata = pq.read_metadata(path)
        groups = [self._metadata.row_group(index) for index in range(self._metadata.num_row_groups)]
        lengths = [group.num_rows for group in groups]
        means = [group.total_byte_size // max(group.num_rows, 1) + 1 for group in groups]
        self.estimated_bytes: Int64s = np.repeat(np.array(means, dtype=np.int64), lengths)
        self._ends = np.cumsum(lengths)
        self._held = -1
        self._group: pa.Table = None

    def take(self, rows: Int64s) -> Iterator[pa.Table]:
        """The physical rows `rows` (ascending), in one or more pieces."""
        group_of = np.searchsorted(self._ends, rows, side="right")
        for index in np.unique(group_of).tolist():
            if index != self._held:
                with pq.ParquetFile(self._path, metadata=self._metadata) as file:
                    self._held, self._group = index, file.read_row_group(index, self._columns, use_threads=False)
            first = self._ends[index] - self._group.num_rows
            yield self._group.take(pa.array(rows[group_of == index] - first))


def _row_groups(slices: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Regroup rows into row groups, each as full as the limits allow, each in one chunk.

    One chunk, because the writer ends a data page where a chunk ends.
    """
    pending: list[pa.Table] = []
    room_rows, room_bytes = ROW_GROUP_ROWS, ROW_GROUP_BYTES
    for piece in slices:
        sizes = _row_bytes(piece)
        start = 0
        while start < piece.num_rows:
            total = np.cumsum(sizes[start:])
            fitting = min(int(np.searchsorted(total, room_bytes, side="right")), room_rows)
            if not fitting and not pending:
                fitting = 1
            if fitting:
                pending.append(piece.slice(start, fitting))
                room_rows -= fitting
                room_bytes -= int(total[fitting - 1])
                start += fitting
            if start < piece.num_rows:
                yield pa.concat_tables(pending).combine_chunks()
                pending, room_rows, room_bytes = [], ROW_GROUP_ROWS, ROW_GROUP_BYTES
    if pending:
        yield pa.concat_tables(pending).combine_chunks()


def _row_bytes(piece: pa.Table) -> Int64s:
    """Bytes of text in each row."""
    sizes = np.zeros(piece.num_rows, dtype=np.int64)
    for column in piece.combine_chunks().itercolumns():
        for chunk in column.chunks:
            if pa.types.is_string(chunk.type):
                sizes += _lengths(chunk)
            elif pa.types.is_list(chunk.type):
                ends = np.concatenate([[0], np.cumsum(_lengths(chunk.flatten()))])
                counts = pc.fill_null(pc.list_value_length(chunk), 0).to_numpy(zero_copy_only=False)
                sizes += np.diff(ends[np.concatenate([[0], np.cumsum(counts)])])
    return sizes


def _lengths(strings: pa.Array) -> Int64s:
    lengths: Int64s = pc.fill_null(pc.binary_length(strings), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    return lengths
