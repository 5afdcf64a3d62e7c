"""Load a day: account for every document, merge its part files, publish all tables in one step."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from etl.contract import Published, Run
from etl.load.accounting import DayCounts, check_accounting, count_day
from etl.load.merge import merge_parts, write_file
from etl.load.publish import MergedDay, publish_day
from etl.load.snapshots import DataFile
from etl.load.staged import read_staged_day
from etl.settings import Settings
from etl.tables import RECORD_TABLES, REJECTS, RUNS, SCHEMA_VERSION, TABLES, arrow_schema
from etl.validate.suites import suites_version
from etl.workspace import Workspace


def load_day(run: Run) -> Published:
    """Publish what the stages of a run have left in its work folder.

    Raises:
        AccountingFailed: a document has no outcome, or more than one.
        StagedFileMissing: a stage before has not run.
        DayShrunk, SchemaVersionMismatch, WarehouseLocked, WarehouseUnusable: see `publish_day`.
    """
    return publish_day(run, merge_day(run))


def merge_day(run: Run) -> MergedDay:
    """Check that every document is accounted for and merge the part files of a run, ready to publish.

    Raises:
        AccountingFailed: a document has no outcome, or more than one.
        StagedFileMissing: a stage before has not run.
    """
    settings = Settings.from_json(run["settings"])
    workspace = Workspace.of(run)
    day = dt.date.fromisoformat(run["day"])
    staged = read_staged_day(workspace)
    check_accounting(staged)
    counts = count_day(staged)
    folder = workspace.work / "load"
    for table in (*RECORD_TABLES, REJECTS):
        merge_parts(table, staged.rows[table.name], day, folder / f"{table.name}.parquet")
    write_file(RUNS, [_runs_row(run, counts, settings)], folder / f"{RUNS.name}.parquet")
    tables = {name: _data_file(folder / f"{name}.parquet", run["day"]) for name in TABLES}
    return MergedDay(folder, tables, counts.files, counts.documents, counts.reject_counts)


def _runs_row(run: Run, counts: DayCounts, settings: Settings) -> pa.Table:
    row = {
        "ingest_date": dt.date.fromisoformat(run["day"]),
        "files": counts.files,
        "documents": counts.documents,
        **{table.name: counts.rows[table.name] for table in RECORD_TABLES},
        "rejected_documents": counts.rejected_documents,
        "rejected_rows": counts.rejected_rows,
        "reject_counts": json.dumps(counts.reject_counts, sort_keys=True),
        "input_fingerprint": counts.input_fingerprint,
        "parser_version": run["parser_version"],
        "schema_version": SCHEMA_VERSION,
        "suites_version": suites_version(settings.suites),
        "settings_fingerprint": settings.fingerprint(),
    }
    return pa.Table.from_pylist([row], schema=arrow_schema(RUNS))


def _data_file(path: Path, day: str) -> DataFile:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    rows = pq.read_metadata(path).num_rows
    return DataFile(f"{day}-{sha256[:16]}.parquet", rows, path.stat().st_size, sha256)
