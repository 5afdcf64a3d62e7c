"""Slim frames: the columns that a suite names, as numbers, flags and short texts, for Great Expectations to judge.

Text is read in slices of some megabytes, measured and let go, so that none of it is ever in pandas.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.errors import ValidationCrashed
from etl.tables import Table, staged_schema
from etl.validate.measures import CROSS_TABLE
from etl.validate.rows import Flags, Rows
from etl.validate.suites import Suite

if TYPE_CHECKING:
    import pandas as pd

_SLICE_BYTES = 16 * 1024 * 1024
"""Text that is in memory at a time, by the mean row of its file."""

_SLICE_ROWS = 16 * 1024


def slim_frame(rows: Rows, articles: Rows, suite: Suite, day: date) -> pd.DataFrame:
    """One row per judged row of a table; the index is its index in `rows`.

    Args:
        rows: The judged rows of the suite's table.
        articles: Those of `articles`.
        suite: Says which columns the frame has.
        day: The landing day.

    Raises:
        ValidationCrashed: a measure could not be computed.
    """
    survives = rows.survives
    slim = pa.concat_tables(_measured(rows, suite, survives, day))
    for name, measure in suite.measures.items():
        if measure.function in CROSS_TABLE:
            slim = slim.append_column(name, pa.array(_cross_table(measure.function, rows, articles, survives)))
    frame: pd.DataFrame = slim.to_pandas(split_blocks=True, self_destruct=True)
    return frame


def _measured(rows: Rows, suite: Suite, survives: Flags, day: date) -> Iterator[pa.Table]:
    """The suite's columns and measures of judged rows, computed slice by slice."""
    measures = {name: m for name, m in suite.measures.items() if m.function not in CROSS_TABLE}
    plain = [name for name in suite.columns if name not in suite.measures] or list(suite.table.key[:1])
    read = list(dict.fromkeys([*plain, *(name for m in measures.values() for name in m.columns)]))
    start = 0
    for piece in _slices(suite.table, rows.files, read):
        keep = survives[start : start + piece.num_rows]
        start += piece.num_rows
        judged = piece if keep.all() else piece.filter(pa.array(keep))
        columns = {name: _as_judged(judged.column(name)) for name in plain}
        for name, measure in measures.items():
            try:
                columns[name] = measure.compute(judged, day)
            except pa.ArrowException as error:
                message = (
                    f"validation_crashed: measure `{name}` of suite `{suite.file}` could not be computed: {error}; "
                    "mend its definition"
                )
                raise ValidationCrashed(message) from error
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


def _as_judged(column: pa.Array) -> pa.Array:
    """Numbers as 64 bits: Great Expectations compares all others one by one in Python."""
    if pa.types.is_integer(column.type):
        return column.cast(pa.int64())
    return column.cast(pa.float64()) if pa.types.is_floating(column.type) else column


def _cross_table(function: str, rows: Rows, articles: Rows, survives: Flags) -> Flags:
    match function:
        case "has_article":
            return rows.owner < rows.articles
        case "continues_positions":
            return _continues_positions(rows)
        case _:
            return _repeats_headline(rows, articles)[survives]


def _continues_positions(rows: Rows) -> Flags:
    """Whether each row's position is the first of its value and within 1 to the number of its owner's rows.

    Where that holds for all rows of an article, their positions are 1 to n, each once. Rows without an article are
    another rule's concern and pass.
    """
    assert rows.position is not None  # noqa: S101 (child tables have positions; suites are checked for it)
    counts = np.bincount(rows.owner)
    within = np.flatnonzero((rows.position >= 1) & (rows.position <= counts[rows.owner]))
    slots = (np.cumsum(counts) - counts)[rows.owner[within]] + rows.position[within]
    _, first = np.unique(slots, return_index=True)
    good = rows.owner >= rows.articles
    good[within[first]] = True
    return good


def _repeats_headline(rows: Rows, articles: Rows) -> Flags:
    """For every staged related item, whether its title is the headline of its own article."""
    flags = [np.zeros(0, np.bool_)]
    for file, article_file in zip(rows.files, articles.files, strict=True):
        owners = pq.read_table(article_file, columns=["article_id", "headline"], partitioning=None, use_threads=False)
        items = pq.read_table(file, columns=["article_id", "title"], partitioning=None, use_threads=False)
        own = pc.index_in(items["article_id"], value_set=owners["article_id"])
        same = pc.equal(items["title"], owners["headline"].take(own))
        flags.append(pc.fill_null(same, fill_value=False).to_numpy())
    return np.concatenate(flags)
