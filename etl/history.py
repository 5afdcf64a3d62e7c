"""What became of the runs: outcomes kept under `_runs/`, and the state of each day that follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from etl.contract import Run
from etl.errors import SnapshotMissing
from etl.load.publish import CONCLUDED, FAILED_CODES
from etl.load.snapshots import PublishedDay
from etl.tables import REJECTS, staged_schema
from etl.warehouse import open_warehouse
from etl.workspace import Workspace, parse_run_id, read_json, runs_of, write_json

_ABANDONED_AFTER = timedelta(days=1)

OUTCOME_FILE = "outcome.json"
REJECTS_FILE = "rejects.parquet"


def record_failure(run: Run, stage: str, outcome: str, reason: str, error: str) -> None:
    """Keep why a run did not publish, and all its rejects so far, beyond the life of its work folder."""
    space = Workspace.of(run)
    parts = [part for s in ("extract", "transform", "validate") for part in space.parts(s, REJECTS.name)]
    space.history.mkdir(parents=True, exist_ok=True)
    temporary = space.history / f".{REJECTS_FILE}.{uuid4().hex}.tmp"  # batches may fail at the same time
    with pq.ParquetWriter(temporary, staged_schema(REJECTS), compression="zstd") as file:
        for part in parts:
            file.write_table(pq.read_table(part, partitioning=None))
    temporary.rename(space.history / REJECTS_FILE)
    write_json(space.history / OUTCOME_FILE, {"outcome": outcome, "stage": stage, "error": error, "message": reason})


def rejects_of_run(warehouse: Path, run_id: str) -> pa.Table | None:
    """The rejects that a blocked or failed run left; None where it left none."""
    file = Workspace(warehouse, run_id).history / REJECTS_FILE
    return pq.read_table(file, partitioning=None) if file.is_file() else None


def failed_documents(warehouse: Path, run_id: str) -> int:
    """How many documents of a blocked or failed run came to nothing by no fault of theirs."""
    rejects = rejects_of_run(warehouse, run_id)
    return 0 if rejects is None else sum(code in FAILED_CODES for code in rejects["code"].to_pylist())


def outdated_runs(run: Run) -> list[str]:
    """Older runs of the day whose staged files nobody needs any more, once `run` has published or found its match.

    Those that have ended, and those of which nothing was heard for a day: a killed process leaves no outcome, and the
    failure of a task may be followed by its next try, which needs them and ends as superseded.
    """
    warehouse, mine = Workspace.of(run).warehouse, parse_run_id(run["run_id"])
    found = []
    for run_id in runs_of(warehouse, run["day"]):
        parsed, history = parse_run_id(run_id), Workspace(warehouse, run_id).history
        if parsed and mine and parsed < mine:
            outcome = read_json(history / OUTCOME_FILE)
            ended = outcome is not None and outcome["outcome"] != "failed"
            if ended or is_abandoned(warehouse, run_id):
                found.append(run_id)
    return found


def is_abandoned(warehouse: Path, run_id: str) -> bool:
    """Whether a run that has not ended was not heard of for so long that nothing can be working on it."""
    return datetime.now(UTC) - _heard_of(Workspace(warehouse, run_id).history) > _ABANDONED_AFTER


def _heard_of(history: Path) -> datetime:
    """When the run last left a file in its history."""
    return datetime.fromtimestamp(history.stat().st_mtime, UTC)


@dataclass(frozen=True, slots=True)
class DayState:
    """Where a landing day stands."""

    day: str
    state: str
    """`published`, `empty`, `blocked`, `failed`, or `running` (planned, and no outcome yet)."""
    run_id: str
    """The run that the state comes from."""
    reason: str | None
    """Why the day is blocked or failed; since when it is running."""
    published_run: str | None
    """The run whose rows are in the tables; None where the day was never published."""
    rows: dict[str, int]
    """Published rows by table."""


def day_states(warehouse: Path) -> list[DayState]:
    """The state of every day that the warehouse has heard of, in order.

    A day's state is that of its newest run that was not superseded. A day that is blocked or failed keeps the
    tables of the last run that published it.
    """
    published = published_days(warehouse)
    newest: dict[str, tuple[str, dict[str, Any] | None]] = {}
    for run_id in runs_of(warehouse):
        day, _ = parse_run_id(run_id) or ("", 0)
        outcome = read_json(Workspace(warehouse, run_id).history / OUTCOME_FILE)
        if outcome is None or outcome["outcome"] != "superseded":
            newest[day] = (run_id, outcome)
    states = []
    for day in sorted(newest.keys() | published.keys()):
        facts = published.get(day)
        run_id, outcome = newest.get(day) or (facts.run_id if facts else "", {"outcome": "published"})
        if outcome is None and facts and facts.run_id == run_id:  # killed just after it had published
            outcome = {"outcome": "published"}
        state = outcome["outcome"] if outcome else "running"
        if state in CONCLUDED:
            state = "empty" if facts and facts.empty else "published"
        reason = outcome["message"] if outcome and state in ("blocked", "failed") else None
        if state == "running":
            heard_of = _heard_of(Workspace(warehouse, run_id).history)
            reason = f"no outcome since {heard_of:%Y-%m-%d %H:%M} UTC; if nothing works on it, run the day again"
        rows = {name: file.rows for name, file in facts.tables.items()} if facts else {}
        states.append(DayState(day, state, run_id, reason, facts.run_id if facts else None, rows))
    return states


def published_days(warehouse: Path) -> Mapping[str, PublishedDay]:
    """What the current snapshot knows of each day; nothing before the first publish."""
    try:
        return open_warehouse(warehouse).facts
    except SnapshotMissing:
        return {}
