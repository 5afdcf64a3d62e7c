"""Where the rows of a staged day stand: part files, and the key columns of the rows that go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.errors import AccountingFailed
from etl.tables import ARTICLES, RECORD_TABLES, REJECTS, Table
from etl.workspace import Workspace, part_number, read_part

DOCUMENT = ("source_uri", "source_offset")
"""What tells one document of a day from another."""

COUNTED = ("source_uri", "documents", "rejects")
_REJECT_FACTS = ("document_id", "stage")


@dataclass(frozen=True, slots=True)
class StagedRows:
    """The rows of one table that go on.

    `keys` has the key columns (and a few more that accounting needs) and two columns that say where a row's other
    columns are: `part` (int32, index into `parts`) and `row` (int64, physical row of that file).
    """

    parts: tuple[Path, ...]
    keys: pa.Table


@dataclass(frozen=True, slots=True)
class StagedDay:
    """What the stages before `load` have left: everything about the day but its text."""

    files: pa.ChunkedArray
    """`source_uri` of the manifest's files."""
    documents: pa.Table
    """`source_uri`, `source_offset`, `document_id` of what `extract` handed on."""
    counted: pa.Table
    """What the readers have counted in each file: `source_uri`, `documents`, `rejects`."""
    rows: Mapping[str, StagedRows]
    """By name of the record tables and of `rejects`."""


def read_staged_day(workspace: Workspace) -> StagedDay:
    """Read the slim columns of all part files of a run.

    Raises:
        StagedFileMissing: `plan` or `validate` has not run.
        AccountingFailed: `validate` left out a row that does not exist.
    """
    manifest = read_part(workspace.work / "plan" / "manifest.parquet")
    dropped = read_part(workspace.work / "validate" / "dropped.parquet")
    columns = (*DOCUMENT, "document_id")
    documents = _concat([_read(path, columns) for path in workspace.parts("extract", "documents")], columns)
    rows = {table.name: _record_rows(workspace, table, dropped) for table in RECORD_TABLES}
    stages = ("extract", "transform", "validate")
    rejects = [path for stage in stages for path in workspace.parts(stage, REJECTS.name)]
    rows[REJECTS.name] = read_rows(rejects, (*REJECTS.key, *_REJECT_FACTS))
    counted = _concat([_read(path, COUNTED) for path in workspace.parts("extract", "files")], COUNTED)
    return StagedDay(manifest["source_uri"], documents, counted, rows)


def files_of(uris: pa.ChunkedArray) -> pa.ChunkedArray:
    """The landing file that each document lies in: its `source_uri` up to `!`, which no file's name holds."""
    return pc.replace_substring_regex(uris, r"(?s)!.*", "")


def read_rows(
    parts: Sequence[Path], columns: Sequence[str], dropped: Mapping[int, npt.NDArray[np.int64]] | None = None
) -> StagedRows:
    """Locate the rows of part files; `dropped` has the physical rows to leave out, by index into `parts`."""
    located = []
    for index, path in enumerate(parts):
        keys = _read(path, columns)
        keys = keys.append_column("part", pa.repeat(pa.scalar(index, pa.int32()), keys.num_rows))
        keys = keys.append_column("row", pa.array(np.arange(keys.num_rows, dtype=np.int64)))
        gone = (dropped or {}).get(index)
        if gone is not None:
            keys = keys.filter(_kept(path, keys.num_rows, gone))
        located.append(keys)
    return StagedRows(tuple(parts), _concat(located, (*columns, "part", "row")))


def _record_rows(workspace: Workspace, table: Table, dropped: pa.Table) -> StagedRows:
    parts = workspace.parts("transform", table.name)
    mine = dropped.filter(pc.equal(dropped["table"], table.name))
    batches = mine["part"].to_numpy()
    known = {part_number(path): index for index, path in enumerate(parts)}
    unknown = sorted(set(batches.tolist()) - known.keys())
    if unknown:
        message = f"`validate` left out rows of `{table.name}` in parts {unknown[:5]} that do not exist; run it again"
        raise AccountingFailed(message)
    rows = mine["row"].to_numpy()
    columns = (*table.key, *DOCUMENT)
    return read_rows(parts, columns, {index: rows[batches == batch] for batch, index in known.items()})


def _kept(path: Path, total: int, gone: npt.NDArray[np.int64]) -> pa.Array:
    if gone.size and (gone.min() < 0 or gone.max() >= total):
        message = f"`validate` left out row {gone.max()} of `{path}`, which has {total} rows; run `validate` again"
        raise AccountingFailed(message)
    kept = np.ones(total, dtype=np.bool_)
    kept[gone] = False
    return pa.array(kept)


def _read(path: Path, columns: Sequence[str]) -> pa.Table:
    return pq.read_table(path, columns=list(columns), partitioning=None)


_TYPES = {
    **{name: REJECTS.column(name).arrow_type for name in (*REJECTS.key, *_REJECT_FACTS)},
    "article_id": ARTICLES.column("article_id").arrow_type,
    "position": pa.int32(),
    "documents": pa.int64(),
    "rejects": pa.int64(),
    "part": pa.int32(),
    "row": pa.int64(),
}


def _concat(tables: Sequence[pa.Table], columns: Sequence[str]) -> pa.Table:
    """Concatenate, also where there is nothing to concatenate (a day without files has no parts)."""
    schema = pa.schema([pa.field(name, _TYPES[name]) for name in columns])
    return pa.concat_tables([schema.empty_table(), *(table.cast(schema) for table in tables)])
