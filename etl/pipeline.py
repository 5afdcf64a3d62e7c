"""The stages of a day as plain functions: Airflow's tasks, the command line and other engines call these and no others.

Each reads files, writes files into the run's work folder and returns a small JSON-able value. Heavy libraries are
imported inside, so that naming a stage (as DAG files do) costs nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from etl.errors import DayBlocked, DayShrunk, NewsEtlError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from etl.contract import Batch, DueDay, Published, Run, StageCounts, Verdict
    from etl.load.publish import MergedDay
    from etl.maintenance.clean import Cleaning
    from etl.maintenance.verify import Verification
    from etl.replay.select import Assessment
    from etl.report.drift import Alarm
    from etl.settings import Settings


def plan(settings: Settings, day: str, *, force: bool = False, parallel: int = 1) -> tuple[Run, list[Batch]]:
    """List the day's files into a manifest, cut batches, open the run's folders.

    Where the day is published from the same files (names, sizes, times) by the same code, suites and settings, the run
    ends here: it has no batches, and `Run.kept` tells the outcome, which `load` will give again.

    Args:
        settings: The resolved settings; they travel on in `Run.settings`.
        day: Landing day as YYYY-MM-DD.
        force: Do all work even where nothing has changed, and publish even where the new day is empty or under half
            of the published one.
        parallel: Cut at least so many batches where the day is large enough for that to pay.

    Raises:
        DayUnresolved: `day` is not a date.
        LandingUnavailable: the landing root is missing or cannot be listed.
        WarehouseUnusable: the warehouse folder cannot be used for publishing.
        SuiteInvalid: a suite file is missing or no JSON.
        WarehouseLocked: another process held the lock for too long.
    """
    from etl.staging import plan_day

    return plan_day(settings, day, force=force, parallel=parallel)


def extract(run: Run, batch: Batch) -> StageCounts:
    """Decode a batch's files into raw documents (`extract/documents-*`) and rejects (`extract/rejects-*`)."""
    from etl.staging import extract_batch

    with _failure_recorded(run, "extract"):
        return extract_batch(run, batch)


def transform(run: Run, batch: Batch) -> StageCounts:
    """Parse a batch's raw documents into part files of the record tables and rejects."""
    from etl.staging import transform_batch

    with _failure_recorded(run, "transform"):
        return transform_batch(run, batch)


def validate(run: Run) -> Verdict:
    """Resolve duplicates, judge the day's rows, and set aside those that must go.

    Raises:
        RuleBlocked: the day may not be published.
        ValidationCrashed: a check could not be evaluated.
        SuiteInvalid: a suite file cannot be used.
    """
    if "kept" in run:
        rows = run["kept"]["rows"]
        return {
            "articles": rows["articles"],
            "related_items": rows["related_items"],
            "agencies": rows["agencies"],
            "rejects": rows["rejects"],
        }
    from etl.validate.day import validate_day

    with _failure_recorded(run, "validate"):
        return validate_day(run)


def load(run: Run) -> Published:
    """Check that every document is accounted for, merge the day's files, publish them as one snapshot.

    Raises:
        AccountingFailed: the outcomes do not add up.
        DayShrunk: `force` is needed.
        WarehouseLocked: another process held the lock for too long.
        SchemaVersionMismatch: the warehouse must be migrated first.
    """
    if "kept" in run:
        return run["kept"]
    from etl.load.day import load_day

    with _failure_recorded(run, "load"):
        return load_day(run)


def plan_replay(settings: Settings, found: Assessment, *, parallel: int = 1) -> tuple[Run, list[Batch]]:
    """Open a run for what a replay has to do about a day; `extract`, `transform` and `validate` follow as ever.

    Args:
        settings: The resolved settings.
        found: What `etl.replay.select.assess` said; there must be something to do.
        parallel: As for `plan`.

    Raises:
        LandingUnavailable, WarehouseUnusable: as for `plan`.
        SnapshotMissing: retention has removed the snapshot meanwhile.
    """
    from etl.replay.plan import plan_replayed

    return plan_replayed(settings, found, parallel=parallel)


def merge(run: Run) -> MergedDay:
    """Do what `load` does but for publishing, so that several days can be published together.

    Raises:
        AccountingFailed: the outcomes do not add up.
    """
    from etl.load.day import merge_day

    with _failure_recorded(run, "load"):
        return merge_day(run)


def publish(days: Sequence[tuple[Run, MergedDay]]) -> list[Published | DayShrunk]:
    """Publish merged days as one snapshot: all that may be published, or none.

    Raises:
        WarehouseLocked: another process held the lock for too long.
        SchemaVersionMismatch: the warehouse must be migrated first.
    """
    from etl.load.publish import publish_days

    with ExitStack() as stack:
        for run, _ in days:
            stack.enter_context(_failure_recorded(run, "load"))
        results = publish_days(days)
    for (run, _), result in zip(days, results, strict=True):
        if isinstance(result, DayShrunk):
            _record(run, "load", result)
    return results


def clean_up(run: Run) -> int:
    """Remove the run's staged files, and what older runs of the day have left behind; their history stays.

    Returns how many runs had left something.
    """
    from etl.history import outdated_runs
    from etl.workspace import Workspace

    warehouse = Workspace.of(run).warehouse
    folders = [Workspace(warehouse, run_id).work for run_id in (run["run_id"], *outdated_runs(run))]
    left = [folder for folder in folders if folder.exists()]
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
    return len(left)


def report(settings: Settings, day: str) -> list[Path]:
    """Write the page of a day, as far as it was ever run, and that of the corpus; returns where they stand.

    Raises:
        WarehouseUnusable: there is no warehouse.
        SettingsInvalid: the file of thresholds cannot be used.
    """
    from etl.report.write import write_corpus, write_days

    return [*write_days(settings, [day]), write_corpus(settings)]


def tell_of_drift(settings: Settings, tell: Callable[[Sequence[Alarm]], None]) -> int:
    """Tell the command of the setting `notify`, and `tell`, of new drift alarms; returns how many there were.

    Raises:
        NotificationFailed: the command failed, or `tell` did; the alarms are told again by the next call.
        SettingsInvalid: the file of thresholds cannot be used.
    """
    from etl.report.notify import notify_new

    return len(notify_new(settings, tell))


def due_days(settings: Settings, now: datetime) -> list[DueDay]:
    """The days that are new, stale or outdated, in order; of those before the newest that is closed at `now`.

    What is found is kept for the pages that the next `report` writes.

    Raises:
        LandingUnavailable: the landing root is missing or cannot be listed.
        SuiteInvalid: a suite file is missing or no JSON.
    """
    from etl.due import closed_before, day_conditions
    from etl.report.standing import keep_due

    before = closed_before(settings, now)
    conditions = day_conditions(settings, wanted=lambda day: day < before)
    keep_due(settings.warehouse, conditions)
    return [
        {
            "day": found.day,
            "kind": found.due.kind,
            "why": found.due.why,
            "newest_run": found.newest_run,
        }
        for found in conditions
        if found.due is not None
    ]


def clean(settings: Settings, now: datetime, *, dry_run: bool = False) -> Cleaning:
    """Remove old snapshots, old histories of runs and what dead runs have left; tells what it was.

    Raises:
        WarehouseLocked: another process is publishing.
    """
    from etl.maintenance.clean import clean_warehouse

    return clean_warehouse(settings, now, dry_run=dry_run)


def verify(settings: Settings, now: datetime, *, everything: bool = False) -> Verification:
    """Compare files of the current snapshot with their recorded hashes: all, or those whose turn it is.

    Raises:
        WarehouseDamaged: a file is missing, or has other bytes than were published.
    """
    from etl.maintenance.verify import verify_files

    found = verify_files(settings, now, everything=everything)
    found.raise_damage()
    return found


@contextmanager
def _failure_recorded(run: Run, stage: str) -> Iterator[None]:
    """Leave the reason of a failure, and the rejects so far, in the run's history, where `status` finds them."""
    try:
        yield
    except Exception as error:
        _record(run, stage, error)
        raise


def _record(run: Run, stage: str, error: Exception) -> None:
    from etl.history import record_failure

    outcome = "blocked" if isinstance(error, DayBlocked) else "failed"
    known = isinstance(error, NewsEtlError)
    record_failure(
        run, stage, outcome, str(error) if known else f"{type(error).__name__}: {error}", type(error).__name__
    )
