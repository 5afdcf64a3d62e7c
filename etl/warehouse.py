"""Read a warehouse: one snapshot, resolved once, so that all tables and all reads agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds

from etl.errors import SnapshotMissing
from etl.load.retention import snapshots_kept
from etl.load.snapshots import PublishedDay, Snapshot, current_number, read_snapshot, snapshot_folder
from etl.tables import TABLES, Table, arrow_schema
from etl.validate.history import RESULTS

VALIDATION_RESULTS = "validation_results"
"""The results of every run that came to a judgement, blocked ones too; no part of a snapshot, it only grows."""


@dataclass(frozen=True, slots=True)
class Warehouse:
    """One snapshot of a warehouse; publishes that happen meanwhile do not change what it shows."""

    path: Path
    """Folder of the snapshot, resolved: `<warehouse>/_snapshots/000042`."""
    _manifest: Snapshot

    @property
    def snapshot(self) -> int:
        """Number of the snapshot."""
        return self._manifest.number

    @property
    def facts(self) -> Mapping[str, PublishedDay]:
        """What is known of each day without opening a file: run, documents, and rows, bytes, hash of each table."""
        return self._manifest.days

    def days(self) -> list[str]:
        """Published days as YYYY-MM-DD, oldest first; empty ones included."""
        return list(self._manifest.days)

    def table_path(self, name: str) -> Path:
        """Folder of a table, for pandas and pyarrow: `pandas.read_parquet(warehouse.table_path("articles"))`.

        `validation_results` may be named as well, here and in `glob` and `read`: what the rules found in every run,
        whichever snapshot this is.
        """
        if name == VALIDATION_RESULTS:
            return self.path.parents[1] / "_validation"
        return self.path / self._table(name).name

    def glob(self, name: str) -> str:
        """Files of a table as a pattern, for DuckDB, Polars and Spark: `.../articles/**/*.parquet`."""
        return str(self.table_path(name) / "**" / "*.parquet")

    def read(self, name: str, columns: Sequence[str] | None = None, day: str | None = None) -> pa.Table:
        """Read a table in the order of days and keys, in the registry's schema (`validation_results`: of runs).

        Args:
            name: The table.
            columns: Only these columns, in this order; default: all.
            day: Only this landing day, YYYY-MM-DD.

        Raises:
            SnapshotMissing: the snapshot has no such table or day, or retention has removed it.
        """
        if name == VALIDATION_RESULTS:
            return self._validation_results(columns, day)
        table = self._table(name)
        if day is not None and day not in self._manifest.days:
            held = f"{min(self.facts)} to {max(self.facts)}" if self.facts else "no day"
            message = f"snapshot {self.snapshot} has no day `{day}` (it has {held}); run `news-etl run --date {day}`"
            raise SnapshotMissing(message)
        days = self.days() if day is None else [day]
        files = [str(self.path / self.facts[d].tables[table.name].path(table.name)) for d in days]
        try:
            return ds.dataset(files, schema=arrow_schema(table), format="parquet").to_table(
                columns=list(columns or table.column_names)
            )
        except FileNotFoundError as error:
            message = f"snapshot {self.snapshot} lacks a file ({error}): retention has removed it; open the current one"
            raise SnapshotMissing(message) from error

    def _validation_results(self, columns: Sequence[str] | None, day: str | None) -> pa.Table:
        files = sorted(self.table_path(VALIDATION_RESULTS).glob(f"{day or ''}*.parquet"))
        results = ds.dataset([str(file) for file in files], schema=RESULTS, format="parquet")
        return results.to_table(columns=list(columns or RESULTS.names))

    def _table(self, name: str) -> Table:
        if name not in TABLES:
            message = f"there is no table `{name}`; tables: {', '.join((*TABLES, VALIDATION_RESULTS))}"
            raise SnapshotMissing(message)
        return TABLES[name]


def open_warehouse(path: Path | str, snapshot: int | None = None) -> Warehouse:
    """Open the current snapshot of a warehouse, or an earlier one that retention has kept.

    Raises:
        SnapshotMissing: nothing was published yet, or there is no such snapshot (any more).
    """
    warehouse = Path(path).resolve()
    number = current_number(warehouse)
    if number is None:
        message = f"`{warehouse}` has no published snapshot; publish a day with `news-etl run` first"
        raise SnapshotMissing(message)
    if snapshot is not None and snapshot not in (kept := snapshots_kept(warehouse)):
        message = f"`{warehouse}` has no snapshot {snapshot}; it has {', '.join(map(str, kept))}"
        raise SnapshotMissing(message)
    number = number if snapshot is None else snapshot
    return Warehouse(snapshot_folder(warehouse, number), read_snapshot(warehouse, number))
