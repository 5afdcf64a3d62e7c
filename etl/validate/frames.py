"""Slim frames: per table the columns that its suite judges, beside the place of every row in the staged files.

Text is read in slices of a row group, measured and let go; what stays in memory is a few numbers, flags and short
texts per row. Copies of a document are resolved before (see `etl.validate.duplicates`), so a frame holds the rows of
surviving documents only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.errors import RuleBlocked, StagedFileMissing, ValidationCrashed
from etl.tables import ARTICLES, RECORD_TABLES, Table, staged_schema
from etl.validate.duplicates import ADDRESS, resolve
from etl.validate.measures import CROSS_TABLE
from etl.validate.suites import Suite
from etl.workspace import Workspace, iterate_part

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Parts = dict[str, list[Path]]
"""The part files of each record table; the index in the list is the batch."""

CHILD_TABLES = tuple(table for table in RECORD_TABLES if table is not ARTICLES)


@dataclass(frozen=True, slots=True)
class Frame:
    """The rows of one table that belong to surviving documents, in staged order."""

    table: Table
    files: list[Path]
    slim: pa.Table
    """The columns that the suite names."""
    keys: pa.Table
    """`article_id`, `source_uri`, `source_offset`; `source_length` of articles, `position` of child rows."""
    place: Ints
    """Part file and physical row in it: two columns."""
    article: Ints
    """For child rows the index of their article in its frame, -1 where there is none; for articles their own."""


@dataclass(frozen=True, slots=True)
class Day:
    """All that validate judges."""

    frames: dict[str, Frame]
    duplicates: pa.Table
    """One row per document set aside: its address, `source_length`, `kept_uri` and `kept_offset`."""
    dropped: dict[str, Ints]
    """Per table the places of the rows that belong to those documents."""


def staged_parts(workspace: Workspace) -> Parts:
    """Find the part files and check that they are complete and of the registry's schema.

    Raises:
        StagedFileMissing: a batch lacks a part file.
        RuleBlocked: a part file has another schema (rule `schema`).
        ValidationCrashed: a part file is no Parquet file.
    """
    batches = len(workspace.parts("extract", "documents"))
    parts: Parts = {}
    for table in RECORD_TABLES:
        expected = [workspace.part("transform", table.name, index) for index in range(batches)]
        found = workspace.parts("transform", table.name)
        for file in sorted({*expected} ^ {*found}):
            fault = "is missing" if file in expected else "belongs to no extracted batch"
            message = f"staged file `{file}` {fault}; run stage `transform` of this run again"
            raise StagedFileMissing(message)
        for file in expected:
            _check_schema(file, table)
        parts[table.name] = expected
    return parts


def _check_schema(file: Path, table: Table) -> None:
    wanted = staged_schema(table)
    try:
        found = pq.read_schema(file).remove_metadata()
    except pa.ArrowInvalid as error:
        message = f"staged file `{file}` cannot be read: {error}; run stage `transform` of this run again"
        raise ValidationCrashed(message) from error
    found = pa.schema([f.remove_metadata() for f in found])
    if found.equals(wanted):
        return
    differing = [
        f"`{name}` is {_described(found, name)} instead of {_described(wanted, name)}"
        for name in dict.fromkeys([*wanted.names, *found.names])
        if _described(found, name) != _described(wanted, name)
    ] or ["its columns are in another order"]
    message = (
        f"rule `schema` of `{table.name}`: staged file `{file.name}` differs from the registry: {differing[0]}; "
        "it was written by another version, run stage `transform` of this run again"
    )
    raise RuleBlocked(message)


def _described(schema: pa.Schema, name: str) -> str:
    if name not in schema.names:
        return "missing"
    field = schema.field(name)
    return f"{field.type}{'' if field.nullable else ' not null'}"


def expected_rows(parts: list[Path]) -> int:
    """How many rows the part files say they hold."""
    return sum(pq.read_metadata(file).num_rows for file in parts)


def build(parts: Parts, suites: dict[str, Suite], day: date) -> Day:
    """Resolve duplicates, then compute the slim frame of every table.

    Raises:
        ValidationCrashed: a measure could not be computed.
    """
    articles, place = _read_keys(ARTICLES, parts[ARTICLES.name], (*ADDRESS, "source_length"))
    copies = resolve(articles)
    slim = _slim(parts[ARTICLES.name], suites[ARTICLES.name], day, copies.survives)
    own = np.arange(slim.num_rows)
    frames = {ARTICLES.name: Frame(ARTICLES, parts[ARTICLES.name], slim, copies.articles, place[copies.survives], own)}
    dropped = {ARTICLES.name: place[~copies.survives]}
    for table in CHILD_TABLES:
        rows, place = _read_keys(table, parts[table.name], (*ADDRESS, "position"))
        article = _article_of(rows, copies.articles)
        survives = ~((article < 0) & copies.set_aside(rows))
        rows, article = rows.filter(pa.array(survives)), article[survives]
        slim = _slim(parts[table.name], suites[table.name], day, survives)
        for name, measure in suites[table.name].measures.items():
            if measure.function in CROSS_TABLE:
                slim = slim.append_column(name, _cross_table(measure.function, parts, rows, article, survives))
        frames[table.name] = Frame(table, parts[table.name], slim, rows, place[survives], article)
        dropped[table.name] = place[~survives]
    return Day(frames, copies.duplicates, dropped)


def _article_of(keys: pa.Table, articles: pa.Table) -> Ints:
    """Index of the surviving article that each child row belongs to: same id, same copy; -1 where there is none."""
    found = pc.index_in(keys["article_id"], value_set=articles["article_id"])
    there = articles.take(found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found)
    same = pc.and_(
        pc.equal(keys["source_uri"], there["source_uri"]), pc.equal(keys["source_offset"], there["source_offset"])
    )
    index: Ints = pc.if_else(pc.fill_null(same, fill_value=False), found, -1).to_numpy().astype(np.int64)
    return index


def _cross_table(function: str, parts: Parts, keys: pa.Table, article: Ints, survives: Flags) -> pa.Array:
    if function == "has_article":
        return pa.array(article >= 0)
    if function == "continues_positions":
        return pa.array(continues_positions(article, keys["position"].to_numpy()))
    return _repeats_headline(parts, survives)


def continues_positions(article: Ints, position: npt.NDArray[np.int32]) -> Flags:
    """Whether each row's position is the first of its value and within 1 to the article's number of rows.

    Where that holds for all rows of an article, its positions are 1 to n without a gap. Rows without an article
    (-1) are another rule's concern and pass.
    """
    known = np.flatnonzero(article >= 0)
    counts = np.bincount(article[known])
    within = (position[known] >= 1) & (position[known] <= counts[article[known]])
    slots = (np.cumsum(counts) - counts)[article[known]] + position[known] - 1
    _, first = np.unique(slots[within], return_index=True)
    good = np.ones(len(article), np.bool_)
    good[known] = False
    good[known[np.flatnonzero(within)[first]]] = True
    return good


def _repeats_headline(parts: Parts, survives: Flags) -> pa.Array:
    """Whether a related item's title is the headline of its own article, which stands in the part of the same batch."""
    flags = []
    for child_file, article_file in zip(parts["related_items"], parts[ARTICLES.name], strict=True):
        articles = pq.read_table(article_file, columns=["article_id", "headline"], partitioning=None)
        children = pq.read_table(child_file, columns=["article_id", "title"], partitioning=None)
        there = pc.index_in(children["article_id"], value_set=articles["article_id"])
        headline = articles["headline"].take(there)
        flags.append(pc.fill_null(pc.equal(children["title"], headline), fill_value=False).to_numpy())
    return pa.array(np.concatenate([np.zeros(0, np.bool_), *flags])[survives])


def _read_keys(table: Table, files: list[Path], columns: tuple[str, ...]) -> tuple[pa.Table, Ints]:
    """The key columns of all parts one below the other, with the place of each row."""
    empty = pa.schema([staged_schema(table).field(name) for name in columns]).empty_table()
    tables = [pq.read_table(file, columns=list(columns), partitioning=None).select(columns) for file in files]
    sizes = [table.num_rows for table in tables]
    part = np.repeat(np.arange(len(files), dtype=np.int64), sizes)
    row = np.concatenate([np.zeros(0, np.int64), *(np.arange(size) for size in sizes)])
    return pa.concat_tables([empty, *(t.replace_schema_metadata() for t in tables)]), np.column_stack([part, row])


def _slim(files: list[Path], suite: Suite, day: date, survives: Flags) -> pa.Table:
    """The suite's own columns and measures of the surviving rows, computed slice by slice."""
    measures = {name: m for name, m in suite.measures.items() if m.function not in CROSS_TABLE}
    plain = [name for name in suite.columns if name not in suite.measures] or list(suite.table.key[:1])
    read = list(dict.fromkeys([*plain, *(name for m in measures.values() for name in m.columns)]))
    slices = []
    start = 0
    for rows in _slices(suite.table, files, read):
        keep = survives[start : start + rows.num_rows]
        start += rows.num_rows
        kept = rows if keep.all() else rows.filter(pa.array(keep))
        columns = {name: kept.column(name) for name in plain}
        for name, measure in measures.items():
            try:
                columns[name] = measure.compute(kept, day)
            except pa.ArrowException as error:
                message = (
                    f"measure `{name}` of suite `{suite.file}` could not be computed: {error}; mend its definition"
                )
                raise ValidationCrashed(message) from error
        slices.append(pa.table(columns))
    return pa.concat_tables(slices)


def _slices(table: Table, files: list[Path], columns: list[str]) -> Iterator[pa.RecordBatch]:
    """The parts' rows; first an empty slice, so that a day without files has its columns too."""
    fields = [staged_schema(table).field(name) for name in columns]
    yield pa.RecordBatch.from_arrays([pa.array([], field.type) for field in fields], schema=pa.schema(fields))
    for file in files:
        yield from iterate_part(file, columns)
