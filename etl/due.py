"""Which days are due, and the day that is not: reads histories and the landing zone for `etl.freshness` to compare."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from etl.contract import Published, Run
from etl.extract.landing import open_landing
from etl.extract.plan import LandingFile, day_folder
from etl.freshness import STALE, Basis, Due, changed_basis, changed_files, new_files
from etl.history import OUTCOME_FILE, DayState, day_states, failed_documents, is_abandoned, published_days
from etl.load.lock import publishing_lock
from etl.load.publish import CONCLUDED
from etl.load.snapshots import PublishedDay, current_number, read_snapshot
from etl.settings import Settings
from etl.tables import SCHEMA_VERSION
from etl.transform.version import parser_version
from etl.validate.suites import suites_version
from etl.workspace import Workspace, parse_run_id, read_json, runs_of, write_json

RUN_FILE = "run.json"
MANIFEST_FILE = "manifest.parquet"

_PASSING_ERRORS = ("LandingUnavailable", "WarehouseLocked", "KeyboardInterrupt")
"""Failures that tell of the machine at that time, not of the day."""

ListingProgress = Callable[[int, int], None]
"""Called with the days listed and the days there are."""


def basis_now(settings: Settings) -> Basis:
    """What a run started now would be made from, besides its files."""
    versions = {
        "parser_version": parser_version(),
        "schema_version": SCHEMA_VERSION,
        "suites_version": suites_version(settings.suites),
    }
    basis = Basis.from_json({**versions, "settings": settings.to_json()})
    assert basis is not None  # noqa: S101 - all of it is there
    return basis


def record_run(run: Run, basis: Basis) -> None:
    """Keep what the run is made from in its history."""
    versions = {"schema_version": basis.schema_version, "suites_version": basis.suites_version}
    write_json(Workspace.of(run).history / RUN_FILE, {**run, **versions})


@dataclass(frozen=True, slots=True)
class Past:
    """What the history of a run tells; parts are None where they are missing."""

    run_id: str
    basis: Basis | None
    files: list[LandingFile] | None
    landing: str | None

    def due(self, files: list[LandingFile], basis: Basis) -> Due | None:
        """Why the run would do otherwise now, with these files and this basis."""
        if self.basis is None or self.files is None:
            return Due(STALE, f"the history of run {self.run_id} is missing, so nobody can tell what has changed")
        return changed_files(self.files, files) or changed_basis(self.basis, basis)


def keep_unchanged(run: Run, settings: Settings, files: list[LandingFile], basis: Basis) -> Published | None:
    """End a run whose day is published from the same files by the same code and settings; None where it must work.

    The outcome is written under the publishing lock: another run may be publishing the day at this moment.

    Raises:
        WarehouseLocked: another process held the lock for too long.
    """
    day, warehouse = run["day"], settings.warehouse
    facts = published_days(warehouse).get(day)
    if facts is None or facts.failed:
        return None
    past = concluding_run(warehouse, facts, runs_of(warehouse, day))
    outcome = read_json(Workspace(warehouse, past.run_id).history / OUTCOME_FILE)
    if outcome is None or past.due(files, basis) is not None:
        return None
    with publishing_lock(warehouse, run["run_id"], settings.lock_timeout):
        number = current_number(warehouse)
        if number is None or read_snapshot(warehouse, number).days.get(day) != facts:
            return None
        published = Published(
            outcome="unchanged",
            snapshot=number,
            rows={table: file.rows for table, file in facts.tables.items()},
            reject_counts=outcome["reject_counts"],
            message=f"unchanged, snapshot {number} kept: same files, code and settings as in run {past.run_id}",
        )
        write_json(Workspace.of(run).history / OUTCOME_FILE, {**published, "documents": facts.documents})
    return published


@dataclass(frozen=True, slots=True)
class _Runs:
    """The runs of a day, oldest first, and what the tables hold of it."""

    all: Sequence[str]
    published: PublishedDay | None


@dataclass(frozen=True, slots=True)
class DayCondition:
    """How a day stands, and whether it is due."""

    day: str
    state: DayState | None
    """None where the warehouse has never heard of the day."""
    due: Due | None
    """None where nothing is to be done: up to date, or run again it would end as before, or a run is at work."""
    newest_run: str = ""
    """Empty where the day was never run."""


def day_conditions(
    settings: Settings,
    days: Collection[str] = (),
    *,
    wanted: Callable[[str], bool] = lambda _: True,
    progress: ListingProgress = lambda *_: None,
) -> list[DayCondition]:
    """Compare each day that the landing zone or the warehouse knows, or only those of `days`, in order.

    Args:
        settings: The resolved settings.
        days: Only these days; default: all.
        wanted: Whether to look at a day, given as YYYY-MM-DD.
        progress: Called before each day is listed, and at the end.

    Raises:
        LandingUnavailable: the landing root is missing or cannot be listed.
        SuiteInvalid: a suite file is missing or no JSON.
    """
    basis = basis_now(settings)
    warehouse = settings.warehouse
    states = {state.day: state for state in day_states(warehouse)}
    published = published_days(warehouse)
    runs = _runs_by_day(warehouse)
    landing = open_landing(settings)
    listed = landing.days(settings.day_folder) if settings.day_folder else days
    chosen = sorted(day for day in {*states, *listed} if (not days or day in days) and wanted(day))
    conditions = []
    for done, day in enumerate(chosen):
        progress(done, len(chosen))
        files = landing.list_day(day_folder(settings.day_folder, day))
        state, mine = states.get(day), _Runs(runs.get(day, []), published.get(day))
        due = new_files(files) if state is None else _due(settings, state, mine, files, basis)
        conditions.append(DayCondition(day, state, due, mine.all[-1] if mine.all else ""))
    progress(len(chosen), len(chosen))
    return [found for found in conditions if found.state is not None or found.due is not None]


def closed_before(settings: Settings, now: datetime) -> str:
    """The newest landing day that is closed at `now`: the schedule builds it, days before it were built already."""
    hours, minutes = map(int, settings.closing_time.split(":"))
    opened = now.astimezone(UTC) - timedelta(hours=hours, minutes=minutes)
    return (opened.date() - timedelta(days=1)).isoformat()


def _due(settings: Settings, state: DayState, runs: _Runs, files: list[LandingFile], basis: Basis) -> Due | None:
    warehouse, facts = settings.warehouse, runs.published
    if state.state == "running" and not is_abandoned(warehouse, state.run_id):
        return None
    if state.state in ("blocked", "failed"):
        return _due_unpublished(warehouse, state, files, basis)
    if facts is None:
        return new_files(files)
    past = concluding_run(warehouse, facts, runs.all)
    if not files and past.landing not in (None, str(settings.landing)):
        return None  # built from another folder; this landing zone has nothing to say about it
    if facts.failed:
        why = f"{facts.failed:,} documents could not be read or parsed when it was built; they may be now"
        return Due(STALE, why)
    return past.due(files, basis)


def _due_unpublished(warehouse: Path, state: DayState, files: list[LandingFile], basis: Basis) -> Due | None:
    """A blocked or failed day is worth another run only where something is different now."""
    outcome = read_json(Workspace(warehouse, state.run_id).history / OUTCOME_FILE) or {}
    if outcome.get("error") in _PASSING_ERRORS:
        return Due(STALE, f"run {state.run_id} could not do its work then ({outcome['error']})")
    failed = failed_documents(warehouse, state.run_id)
    if failed:
        return Due(STALE, f"{failed:,} documents could not be read or parsed by run {state.run_id}; they may be now")
    return _past(warehouse, state.run_id).due(files, basis)


def concluding_run(warehouse: Path, facts: PublishedDay, runs: Sequence[str]) -> Past:
    """The newest run of the day that published what the tables hold, or did all the work and found the same."""
    published = parse_run_id(facts.run_id)
    for run_id in reversed(runs):
        parsed, history = parse_run_id(run_id), Workspace(warehouse, run_id).history
        if parsed is None or published is None or parsed <= published:
            break
        outcome = read_json(history / OUTCOME_FILE)
        if outcome is not None and outcome["outcome"] in CONCLUDED and (history / MANIFEST_FILE).is_file():
            return _past(warehouse, run_id)
    return _past(warehouse, facts.run_id)


def _runs_by_day(warehouse: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for run_id in runs_of(warehouse):
        found.setdefault(run_id.partition(".")[0], []).append(run_id)
    return found


def _past(warehouse: Path, run_id: str) -> Past:
    history = Workspace(warehouse, run_id).history
    run: dict[str, Any] = read_json(history / RUN_FILE) or {}
    files = _read_manifest(history / MANIFEST_FILE)
    return Past(run_id, Basis.from_json(run), files, run.get("settings", {}).get("landing"))


def _read_manifest(file: Path) -> list[LandingFile] | None:
    """The files that a run has listed; None where it left no list, or one without versions."""
    if not file.is_file():
        return None
    columns = ["source_uri", "size", "version"]
    table = pq.read_table(file, partitioning=None)
    if not set(columns) <= set(table.column_names):
        return None
    return [LandingFile(*row) for row in zip(*(table[name].to_pylist() for name in columns), strict=True)]
