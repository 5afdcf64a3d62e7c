"""Which rows of a day are judged: those of surviving documents, each with its article and its place on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.errors import RuleBlocked, StagedFileMissing, ValidationCrashed
from etl.tables import ARTICLES, RECORD_TABLES, Table, staged_schema
from etl.validate.duplicates import ADDRESS, as_text, resolve
from etl.workspace import Workspace, batch_of, part_number

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Parts = dict[str, list[Path]]
"""The part files of each record table; the index in the list is the batch."""

SCHEMA_RULE = "schema"
"""The rule that no suite has: a part file must be of the registry's schema."""
CHILD_TABLES = tuple(table for table in RECORD_TABLES if table is not ARTICLES)


@dataclass(frozen=True, slots=True)
class Rows:
    """The judged rows of one table, in staged order; an index is a row's place among them."""

    table: Table
    files: list[Path]
    starts: Ints
    """Where each part file starts when the rows of all parts are counted through; last, their number."""
    staged: Ints
    """Number of each judged row in that count."""
    owner: Ints
    """Which of `owners` each judged row belongs to."""
    owners: pa.Table
    """Address and `source_length` of every judged article in order, then (length null) of child rows without one."""
    articles: int
    """How many of the owners are articles."""
    position: npt.NDArray[np.int32] | None
    """Position of each judged child row; None for articles."""

    @property
    def survives(self) -> Flags:
        """For every staged row, whether it is judged."""
        flags = np.zeros(int(self.starts[-1]), np.bool_)
        flags[self.staged] = True
        return flags

    def places(self, staged: Ints) -> tuple[Ints, Ints]:
        """Which of `files`, and physical row in it, of rows given by their number in the count through all parts."""
        part = np.searchsorted(self.starts, staged, side="right") - 1
        return part, staged - self.starts[part]

    def keys(self, indexes: Ints) -> pa.Table:
        """Address, `source_length` and `row_key` (the key as `rejects` writes it) of judged rows."""
        keys = self.owners.take(pa.array(self.owner[indexes]))
        if self.position is None:
            return keys.append_column("row_key", keys["article_id"])
        position = pc.cast(pa.array(self.position[indexes]), pa.string())
        return keys.append_column("row_key", pc.binary_join_element_wise(keys["article_id"], position, "/"))


@dataclass(frozen=True, slots=True)
class Day:
    """The judged rows of all tables, and the documents set aside before."""

    rows: dict[str, Rows]
    duplicates: pa.Table
    """See `etl.validate.duplicates.Copies.duplicates`."""


def staged_parts(workspace: Workspace) -> Parts:
    """Find the part files and check that they are complete.

    Raises:
        StagedFileMissing: a batch lacks a part file.
    """
    batches = {batch_of(file) for file in workspace.parts("extract", "documents")}
    parts: Parts = {}
    numbers = {*batches, *map(part_number, workspace.parts("transform", ARTICLES.name))}
    for table in RECORD_TABLES:
        expected = {workspace.part("transform", table.name, number) for number in numbers}
        found = workspace.parts("transform", table.name)
        strange = {file for file in found if batch_of(file) not in batches}
        for file in sorted(expected - {*found} | strange):
            fault = "belongs to no extracted batch" if file in strange else "is missing"
            message = f"staged file `{file}` {fault}; run stage `transform` of this run again"
            raise StagedFileMissing(message)
        parts[table.name] = found
    return parts


def check_schema(file: Path, table: Table) -> None:
    """Check that a part file is of the registry's schema.

    Raises:
        RuleBlocked: it has another one (rule `schema`).
        ValidationCrashed: it is no Parquet file.
    """
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
        f"rule `{SCHEMA_RULE}` of `{table.name}`: staged file `{file.name}` differs from the registry: {differing[0]}; "
        "it was written by another version, run stage `transform` of this run again"
    )
    raise RuleBlocked(message)


def _described(schema: pa.Schema, name: str) -> str:
    if name not in schema.names:
        return "missing"
    field = schema.field(name)
    return f"{field.type}{'' if field.nullable else ' not null'}"


def expected_rows(rows: Rows) -> int:
    """How many rows must be judged: what the part files' footers say, less the rows of copies set aside."""
    footers: int = sum(pq.read_metadata(file).num_rows for file in rows.files)
    return footers - int((~rows.survives).sum())


def read_day(parts: Parts) -> Day:
    """Resolve duplicates, and find the article of every child row."""
    columns = [*ADDRESS, "source_length"]
    files = parts[ARTICLES.name]
    keys = [_read(file, ARTICLES, columns) for file in files]
    starts = np.cumsum([0, *(table.num_rows for table in keys)])
    copies = resolve(pa.concat_tables([_empty(ARTICLES, columns), *keys]))
    kept = np.flatnonzero(copies.survives)
    articles = Rows(ARTICLES, files, starts, kept, np.arange(len(kept)), copies.articles, len(kept), None)
    del keys
    rows = {table.name: _child_rows(table, parts, articles) for table in CHILD_TABLES}
    return Day({ARTICLES.name: articles} | rows, copies.duplicates)


def _child_rows(table: Table, parts: Parts, articles: Rows) -> Rows:
    """The child rows of surviving documents, and those without any article.

    A document is parsed in one batch, so the article of a row is looked for in the part of the same number.
    """
    rank = np.full(int(articles.starts[-1]), -1, np.int32)
    rank[articles.staged] = np.arange(articles.articles)
    owners, number = [articles.owners], articles.articles
    starts = [0]
    staged, owner, position = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0, np.int32)]
    for part, file in enumerate(parts[table.name]):
        keys = _read(file, table, [*ADDRESS, "position"])
        of_part = _read(articles.files[part], ARTICLES, list(ADDRESS))
        found = pc.index_in(as_text(keys), value_set=as_text(of_part)).to_numpy(zero_copy_only=False)
        stray = np.isnan(found)
        mine = np.full(keys.num_rows, -1)
        mine[~stray] = rank[articles.starts[part] + found[~stray].astype(np.int64)]
        mine[stray] = number + np.arange(stray.sum())
        number += int(stray.sum())
        strays = keys.select(ADDRESS).filter(pa.array(stray))
        owners.append(strays.append_column("source_length", pa.nulls(strays.num_rows, pa.int64())))
        judged = np.flatnonzero(mine >= 0)  # the others belong to a copy set aside
        staged.append(starts[-1] + judged)
        owner.append(mine[judged])
        position.append(keys["position"].to_numpy()[judged])
        starts.append(starts[-1] + keys.num_rows)
    return Rows(
        table,
        parts[table.name],
        np.array(starts),
        np.concatenate(staged),
        np.concatenate(owner),
        pa.concat_tables(owners, promote_options="permissive"),
        articles.articles,
        np.concatenate(position),
    )


def _read(file: Path, table: Table, columns: list[str]) -> pa.Table:
    keys = pq.read_table(file, columns=columns, partitioning=None, use_threads=False)
    return keys.select(columns).cast(_empty(table, columns).schema)


def _empty(table: Table, columns: list[str]) -> pa.Table:
    return pa.schema([staged_schema(table).field(name) for name in columns]).empty_table()
