"""Remove what nothing needs any more: old snapshots, old histories of runs, staged files and scratch of dead runs."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from etl.due import MANIFEST_FILE
from etl.history import OUTCOME_FILE, published_days
from etl.load.publish import CONCLUDED
from etl.load.retention import apply_retention, expired_snapshots
from etl.settings import Settings
from etl.workspace import Workspace, parse_run_id, read_json, runs_of

_IN_USE = timedelta(days=1)
"""Whatever was touched within it may be in use."""
_SCRATCH = (
    *("_runs/*/.*.tmp", "_validation/.*.tmp", "_reports/.*.tmp", "_reports/*/.*.tmp"),
    *("_data/.probe-*", "_snapshots/.probe-*", "_work/.probe-*", "_runs/.probe-*"),
)
"""Names that writers take before a file is complete, and what a first look at a warehouse tries out."""


@dataclass(frozen=True, slots=True)
class KnownRun:
    """What is known of a run."""

    run_id: str
    outcome: str | None
    """As in its `outcome.json`; None where it left none."""
    heard_of: datetime
    """When it last left a file."""
    has_manifest: bool = True
    """It has kept which files it was made from."""

    @property
    def day(self) -> str:
        """Its landing day."""
        return self.run_id.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Cleaning:
    """What was removed, or would be."""

    snapshots: Sequence[int]
    runs: Sequence[str]
    """Runs whose history went."""
    staged: Sequence[str]
    """Runs whose staged files went."""
    scratch: int
    """Unfinished files of killed processes."""
    bytes: int
    """Size of histories, staged files and scratch; data files that no snapshot holds come on top."""


def clean_warehouse(settings: Settings, now: datetime, *, dry_run: bool = False) -> Cleaning:
    """Remove what may go from a warehouse; see the functions below for what that is.

    The results of every validation stay (`_validation/`), and so do the Data Docs of the last runs (`keep_docs`).

    Args:
        settings: The resolved settings: `keep_snapshots`, `keep_hours`, `keep_run_days`, `keep_staged_days`.
        now: What ages count to.
        dry_run: Remove nothing, only tell.

    Raises:
        WarehouseLocked: another process is publishing.
    """
    warehouse = settings.warehouse
    if dry_run:
        snapshots = expired_snapshots(settings, now=now)
    else:
        snapshots = apply_retention(settings, now=now) if warehouse.is_dir() else []
    known = [_known(warehouse, run_id) for run_id in runs_of(warehouse)]
    published = {day: facts.run_id for day, facts in published_days(warehouse).items()}
    runs = needless_histories(known, published, now, timedelta(days=settings.keep_run_days))
    work = {run.run_id: run for run in _staged(warehouse, known)}
    staged = needless_staged(list(work.values()), known, now, timedelta(days=settings.keep_staged_days))
    scratch = [path for pattern in _SCRATCH for path in warehouse.glob(pattern) if now - _touched(path) > _IN_USE]
    going = [
        *(Workspace(warehouse, run_id).history for run_id in runs),
        *(Workspace(warehouse, run_id).work for run_id in staged),
        *scratch,
    ]
    size = sum(_size(path) for path in going)
    if not dry_run:
        for path in going:
            _remove(path)
    return Cleaning(snapshots, runs, staged, len(scratch), size)


def needless_histories(
    runs: Sequence[KnownRun], published: Mapping[str, str], now: datetime, keep: timedelta
) -> list[str]:
    """The runs whose history (`_runs/<run>`) may go: not heard of for `keep`, and of their day none of these.

    - the newest: its number goes on counting, and it tells that the day is blocked, failed or running; with its rejects
    - the newest that was not superseded, which the state of the day comes from
    - the one that the tables come from, and the newest that found them to be right: `plan` compares with its files

    Args:
        runs: All runs that the warehouse remembers, oldest first.
        published: The run that the tables come from, by day.
        now: What ages count to.
        keep: How long any history is kept.
    """
    needed = set(published.values())
    tests: tuple[Callable[[KnownRun], bool], ...] = (
        lambda _: True,
        lambda run: run.outcome != "superseded",
        lambda run: run.outcome in CONCLUDED and run.has_manifest,
    )
    for test in tests:
        needed.update({run.day: run.run_id for run in runs if test(run)}.values())  # the last of a day stays
    return [
        run.run_id
        for run in runs
        if run.run_id not in needed and now - run.heard_of > (keep if run.outcome else max(keep, _IN_USE))
    ]


def needless_staged(staged: Sequence[KnownRun], runs: Iterable[KnownRun], now: datetime, keep: timedelta) -> list[str]:
    """The runs whose staged files (`_work/<run>`) may go, once untouched for a day.

    After a day those of runs that have ended well, or whose day a newer run has concluded: only a `clean_up` that never
    ran has left them. After `keep` those of all others: until then a failed task can be cleared, and goes on from them.
    """
    concluded = {run.day: run.run_id for run in runs if run.outcome in CONCLUDED}
    found = []
    for run in staged:
        newer = concluded.get(run.day)
        over = run.outcome in (*CONCLUDED, "superseded") or (newer is not None and _is_newer(newer, run.run_id))
        if now - run.heard_of > (_IN_USE if over else max(keep, _IN_USE)):
            found.append(run.run_id)
    return found


def _is_newer(run_id: str, other: str) -> bool:
    newer, older = parse_run_id(run_id), parse_run_id(other)
    return newer is not None and older is not None and newer > older


def _known(warehouse: Path, run_id: str) -> KnownRun:
    history = Workspace(warehouse, run_id).history
    outcome = read_json(history / OUTCOME_FILE)
    manifest = (history / MANIFEST_FILE).is_file()
    return KnownRun(run_id, outcome["outcome"] if outcome else None, _touched(history), manifest)


def _staged(warehouse: Path, known: Sequence[KnownRun]) -> list[KnownRun]:
    """The runs that have staged files; heard of when any of their stages last wrote one."""
    outcomes = {run.run_id: run.outcome for run in known}
    found = []
    for folder in sorted((warehouse / "_work").glob("*.*")):
        if parse_run_id(folder.name):
            touched = max(_touched(path) for path in (folder, *folder.glob("*"), *folder.glob("*/*")))
            found.append(KnownRun(folder.name, outcomes.get(folder.name), touched))
    return found


def _touched(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:  # renamed meanwhile: somebody works on it
        return datetime.now(UTC)


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
