"""Slim frames: the columns that a suite names, as numbers, flags and short texts, for Great Expectations to judge.

Text is read in slices of some megabytes, measured and let go, so that none of it is ever in pandas.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from etl.tables import Table, staged_schema
from etl.validate.across import compute_across
from etl.validate.measures import ACROSS
from etl.validate.rows import Day, Flags, Rows
from etl.validate.suites import Rule, Suite

if TYPE_CHECKING:
    import pandas as pd

_SLICE_BYTES = 16 * 1024 * 1024
"""Text that is in memory at a time, by the mean row of its file."""

_SLICE_ROWS = 16 * 1024


class MeasureFailed(Exception):
    """A measure could not be computed; becomes the outcome of `rule`, which defines it."""

    def __init__(self, rule: Rule, reason: str) -> None:
        super().__init__(reason)
        self.rule = rule


def slim_columns(day: Day, suite: Suite, landing_day: date) -> pa.Table:
    """All columns that the suite judges, one row per judged row of its table, whose index is its index in `day.rows`.

    Args:
        day: The judged rows.
        suite: Says which columns.
        landing_day: The landing day.

    Raises:
        MeasureFailed: a measure could not be computed.
    """
    rows = day.rows[suite.table.name]
    slim = pa.concat_tables(_measured(rows, suite, rows.survives, landing_day))
    for name, measure in suite.measures.items():
        if measure.function in ACROSS:
            slim = slim.append_column(name, _compact(pa.array(compute_across(measure, rows, day))))
            give_back_memory()
    return slim.combine_chunks()  # of small pieces the allocator gives little back when a column goes


def as_frame(slim: pa.Table, columns: Sequence[str]) -> pd.DataFrame:
    """Some of the slim columns in pandas; the first where none is asked for, because rows are counted too."""
    import pandas as pd  # noqa: PLC0415 (a second; loading this module shall not cost it)

    names = columns or slim.column_names[:1]
    return pd.DataFrame({name: _as_judged(slim[name]).to_pandas() for name in names}, copy=False)


def give_back_memory() -> None:
    """Return to the system what was freed; Arrow and the C library keep hundreds of megabytes for the next time."""
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it, musl has not
        if trim is not None:
            trim(0)


def _measured(rows: Rows, suite: Suite, survives: Flags, day: date) -> Iterator[pa.Table]:
    """The suite's columns and measures of judged rows, computed slice by slice."""
    measures = {name: m for name, m in suite.measures.items() if m.function not in ACROSS}
    plain = [name for name in suite.columns if name not in suite.measures] or list(suite.table.key[:1])
    read = list(dict.fromkeys([*plain, *(name for m in measures.values() for name in m.columns)]))
    start = 0
    for piece in _slices(suite.table, rows.files, read):
        keep = survives[start : start + piece.num_rows]
        start += piece.num_rows
        judged = piece if keep.all() else piece.filter(pa.array(keep))
        columns = {name: judged.column(name) for name in plain}
        for name, measure in measures.items():
            try:
                columns[name] = _compact(measure.compute(judged, day))
            except pa.ArrowException as error:
                rule = next(rule for rule in suite.rules if name in rule.measures)
                raise MeasureFailed(rule, f"measure `{name}` could not be computed: {error}") from error
        yield pa.table(columns)


def _slices(table: Table, files: list[Path], columns: list[str]) -> Iterator[pa.RecordBatch]:
    """The parts' rows, many row groups at a time: every measure has a cost per slice (compiling its pattern).

    First comes an empty slice, so that a day without files has its columns too.
    """
    fields = [staged_schema(table).field(name) for name in columns]
    yield pa.RecordBatch.from_arrays([pa.array([], field.type) for field in fields], schema=pa.schema(fields))
    for path in files:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            groups = [file.metadata.row_group(index) for index in range(file.num_row_groups)]
            mean = sum(group.total_byte_size for group in groups) // max(file.metadata.num_rows, 1) + 1
            size = min(_SLICE_BYTES // mean + 1, _SLICE_ROWS)
            yield from file.iter_batches(size, columns=columns, use_threads=False)


def _compact(column: pa.Array) -> pa.Array:
    """Counts as 32 bits: they are of characters, words and rows."""
    return column.cast(pa.int32()) if column.type == pa.int64() else column


def _as_judged(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Numbers as 64 bits: Great Expectations compares all others one by one in Python."""
    if pa.types.is_integer(column.type):
        return column.cast(pa.int64())
    return column.cast(pa.float64()) if pa.types.is_floating(column.type) else column
