"""What is kept of every judgement, blocked runs included: results as JSON and Parquet, Data Docs with retention."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pyarrow as pa

from etl.validate.judge import Judgement, Outcome
from etl.workspace import Workspace, parse_run_id, write_json, write_part

RESULTS = pa.schema(
    [
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("ingest_date", pa.date32(), nullable=False),
        pa.field("table", pa.string(), nullable=False),
        pa.field("rule", pa.string(), nullable=False),
        pa.field("severity", pa.string(), nullable=False),
        pa.field("policy", pa.string(), nullable=False),
        pa.field("evaluated", pa.int64(), nullable=False),
        pa.field("unexpected", pa.int64(), nullable=False),
        pa.field("success", pa.bool_(), nullable=False),
        pa.field("observed", pa.string(), nullable=False),
    ]
)
"""Columns of `_validation/<run>.parquet`: one row per rule, for all runs that came to a judgement."""


def docs_folder(warehouse: Path, run_id: str) -> Path:
    """Where the Data Docs of a run stand; start at `index.html`."""
    return warehouse / "_docs" / run_id


def results_file(warehouse: Path, run_id: str) -> Path:
    """The results of a run; the folder of all runs' files reads as one table."""
    return warehouse / "_validation" / f"{run_id}.parquet"


def keep_results(workspace: Workspace, day: date, judgements: Iterable[Judgement]) -> None:
    """Write what the rules found; a retry of the same run replaces its own file and no other."""
    rows = []
    for judgement in judgements:
        write_json(workspace.history / "validation" / f"{judgement.table}.json", judgement.document)
        rows += [_result(workspace.run_id, day, outcome) for outcome in judgement.outcomes]
    write_part(results_file(workspace.warehouse, workspace.run_id), pa.Table.from_pylist(rows, schema=RESULTS))


def _result(run_id: str, day: date, outcome: Outcome) -> dict[str, object]:
    return {
        "run_id": run_id,
        "ingest_date": day,
        "table": outcome.rule.table,
        "rule": outcome.rule.name,
        "severity": outcome.rule.severity,
        "policy": outcome.rule.policy,
        "evaluated": outcome.evaluated,
        "unexpected": outcome.unexpected,
        "success": outcome.success,
        "observed": outcome.observed if outcome.crash is None else f"crashed: {outcome.crash}",
    }


def forget_old_docs(warehouse: Path, keep: int) -> None:
    """Remove the Data Docs of all but the `keep` runs that were judged last."""
    found = [folder for folder in (warehouse / "_docs").iterdir() if parse_run_id(folder.name)]
    by_age = sorted(found, key=_judged_at, reverse=True)
    for folder in by_age[keep:]:
        # Another run may be removing the same folder; what is left behind goes with the next run.
        shutil.rmtree(folder, ignore_errors=True)


def _judged_at(folder: Path) -> tuple[int, str]:
    try:
        return (folder / "index.html").stat().st_mtime_ns, folder.name
    except FileNotFoundError:
        return 0, folder.name
