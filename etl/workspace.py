"""Folders and files of a run: staged part files in `_work/<run>/`, what is kept of it in `_runs/<run>/`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from etl.contract import Run
from etl.errors import StagedFileMissing

_RUN_NAME = re.compile(r"(?P<day>\d{4}-\d{2}-\d{2})\.(?P<number>\d{4,})")

_PIECE = 100_000
"""Between the numbers of a batch's pieces; a day has fewer batches."""

STAGED_ROW_GROUP = 256
"""Rows per row group of a part file: small, so that the merge in `load` holds little of each part in memory."""

STAGED_ROW_GROUP_BYTES = 1024 * 1024
"""Size of such a row group on average at most, for the same reason: 256 long pages are tens of megabytes."""

_HELD_BYTES = 16 * 1024 * 1024
"""Bytes of rows that a writer holds before it writes a row group."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where the stages of one run leave files for one another, and what outlives it."""

    warehouse: Path
    run_id: str

    @classmethod
    def of(cls, run: Run) -> Workspace:
        """The workspace of a planned run."""
        return cls(Path(run["settings"]["warehouse"]), run["run_id"])

    @property
    def work(self) -> Path:
        """Staged files; removed when the run has published."""
        return self.warehouse / "_work" / self.run_id

    @property
    def history(self) -> Path:
        """Manifest, outcome, timings, results and the rejects of blocked runs; kept."""
        return self.warehouse / "_runs" / self.run_id

    def part(self, stage: str, table: str, index: int, piece: int = 0) -> Path:
        """Part file of a table: `_work/<run>/<stage>/<table>-<number>.parquet`.

        Piece 0 of a batch has the batch's number. `transform` cuts what one file unfolds into several pieces, and
        writes piece 0 last: where it is, all are.
        """
        return self.work / stage / f"{table}-{index + piece * _PIECE:05d}.parquet"

    def parts(self, stage: str, table: str) -> list[Path]:
        """All part files of a table that a stage has written, in the order of their numbers."""
        return sorted((self.work / stage).glob(f"{table}-*.parquet"), key=part_number)

    def pieces(self, stage: str, table: str, index: int) -> list[Path]:
        """The part files of one batch."""
        return [path for path in self.parts(stage, table) if batch_of(path) == index]


def part_number(path: Path) -> int:
    """The number in a part file's name."""
    return int(path.stem.rpartition("-")[2])


def batch_of(path: Path) -> int:
    """The batch that a part file is of."""
    return part_number(path) % _PIECE


def parse_run_id(run_id: str) -> tuple[str, int] | None:
    """Split `2015-10-21.0003` into day and number; None where the name is not a run's."""
    match = _RUN_NAME.fullmatch(run_id)
    return (match["day"], int(match["number"])) if match else None


def runs_of(warehouse: Path, day: str | None = None) -> list[str]:
    """Names of the runs that the warehouse remembers, oldest first, of one day or of all."""
    folder = warehouse / "_runs"
    found = [(parsed, p.name) for p in folder.glob("*.*") if (parsed := parse_run_id(p.name))]
    return [name for parsed, name in sorted(found) if day is None or parsed[0] == day]


class PartWriter:
    """Writes a part file piece by piece; it appears whole when the block ends without an error, else not at all.

    Use as a context manager; `write` takes rows as dicts with the schema's columns.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path, self._schema = path, schema
        self._temporary = _temporary_name(path)
        self._rows: list[dict[str, Any]] = []
        self._held = 0
        self.count = 0
        """Rows written so far."""

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = pq.ParquetWriter(self._temporary, self._schema, compression="zstd", compression_level=1)
        return self

    def write(self, row: dict[str, Any], size: int = 0) -> None:
        """Add a row of about `size` bytes; rows leave memory in groups."""
        self._rows.append(row)
        self._held += size
        self.count += 1
        if len(self._rows) >= STAGED_ROW_GROUP or self._held >= _HELD_BYTES:
            self._flush()

    def write_table(self, rows: pa.Table) -> None:
        """Add some megabytes of rows at once, in row groups as `write_part` makes them."""
        self._flush()
        self._file.write_table(rows, row_group_size=_row_group_size(rows))
        self.count += rows.num_rows

    def _flush(self) -> None:
        if self._rows:
            self._file.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
            self._rows, self._held = [], 0

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: object) -> None:
        try:
            with self._file:
                if kind is None:
                    self._flush()
            if kind is None:
                self._temporary.rename(self._path)
        finally:
            self._temporary.unlink(missing_ok=True)


def _temporary_name(path: Path) -> Path:
    """A name beside `path` that no other attempt has; process numbers repeat among workers that share the folder."""
    return path.with_name(f".{path.name}.{uuid4().hex}.tmp")


def write_part(path: Path, table: pa.Table) -> None:
    """Write a part file so that it appears whole or not at all (temporary name, then rename)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _temporary_name(path)
    size = _row_group_size(table)
    pq.write_table(table, temporary, compression="zstd", compression_level=1, row_group_size=size)
    temporary.rename(path)


def _row_group_size(table: pa.Table) -> int:
    fitting: int = STAGED_ROW_GROUP_BYTES * table.num_rows // max(table.nbytes, 1)
    return min(max(fitting, 1), STAGED_ROW_GROUP)


def read_part(path: Path) -> pa.Table:
    """Read a part file whole.

    Raises:
        StagedFileMissing: with the stage to run again.
    """
    try:
        return pq.read_table(path, partitioning=None)
    except FileNotFoundError:
        raise _missing(path) from None


def iterate_part(path: Path, columns: list[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Read a part file in slices of at most one row group.

    Raises:
        StagedFileMissing: with the stage to run again.
    """
    try:
        opened = pq.ParquetFile(path, pre_buffer=False)  # which would keep what was read until the end
    except FileNotFoundError:
        raise _missing(path) from None
    with opened as file:
        yield from file.iter_batches(batch_size=STAGED_ROW_GROUP, columns=columns)


def _missing(path: Path) -> StagedFileMissing:
    return StagedFileMissing(f"staged file `{path}` is missing; run stage `{path.parent.name}` of this run again")


def write_json(path: Path, value: Any) -> None:
    """Write JSON with sorted keys so that the file appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _temporary_name(path)
    temporary.write_text(json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    temporary.rename(path)


def read_json(path: Path) -> Any:
    """Read a JSON file; None where it does not exist."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
