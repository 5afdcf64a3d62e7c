"""Replay of days on this machine: each is assessed and made anew, then all are published as one snapshot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from etl import pipeline
from etl.engines.local import interruption_recorded, timed
from etl.errors import DayBlocked, LandingChanged, NewsEtlError
from etl.load.probe import prepare_warehouse
from etl.load.staged import files_of
from etl.replay.select import SUBJECT, Assessment, assess
from etl.tables import REJECTS
from etl.warehouse import open_warehouse
from etl.workspace import Workspace, read_part, write_json

if TYPE_CHECKING:
    from etl.contract import Published, Run
    from etl.engines.local import LocalEngine, Progress
    from etl.load.publish import MergedDay
    from etl.settings import Settings


@dataclass(slots=True)
class DayReplay:
    """What a replay did about a day, or would do."""

    day: str
    action: str
    """`nothing`, `documents` (just those were run again) or `whole_day`."""
    reason: str | None
    """Why there was nothing to do, or why the whole day was redone."""
    replayed: int
    """Rejected documents and rows that had a code asked for."""
    outcome: str | None = None
    """As of a run; `blocked` or `failed` where the day was left as it was; None where no run was made."""
    message: str | None = None
    run_id: str | None = None
    snapshot: int | None = None
    moved: int = 0
    """How many of them are in the tables now."""
    still_rejected: dict[str, int] = field(default_factory=dict)
    """How many of them are still rejected, by the code they have now."""
    vanished: int = 0
    """How many of them are gone because their file is."""
    newly_rejected: int = 0
    """Documents and rows that were in the tables, or not there, and are rejected now."""
    rejects_before: int = 0
    """Rows of `rejects`."""
    rejects_after: int | None = None
    read: int | None = None
    """Landing files read again, where not the whole day was."""
    seconds: dict[str, float] = field(default_factory=dict)
    """By stage, as of a run."""


@dataclass(frozen=True, slots=True)
class _Made:
    """A day that is merged and waits for the publish."""

    run: Run
    merged: MergedDay
    report: DayReplay


def assessed(
    settings: Settings, days: Sequence[str], codes: Collection[str]
) -> Iterator[tuple[DayReplay, Assessment | None]]:
    """What there is to do about each day; None where that could not be found out.

    Args:
        settings: The resolved settings.
        days: Landing days; none for all that are published.
        codes: Reject codes.

    Raises:
        SnapshotMissing: nothing was published yet.
    """
    for day in days or open_warehouse(settings.warehouse).days():
        try:
            # Opened again for each day: a snapshot that others have replaced since may be gone by now.
            found = assess(settings, open_warehouse(settings.warehouse), day, codes)
        except NewsEtlError as error:
            report = DayReplay(day, "nothing", None, 0)
            _failed(report, error)
            yield report, None
            continue
        report = DayReplay(day, found.action, found.reason, _subjects(found.asked).num_rows)
        report.rejects_before = found.rejects.num_rows
        report.read = len(found.selection.read) if found.selection else None
        yield report, found


def replay(
    engine: LocalEngine,
    days: Sequence[str],
    codes: Collection[str],
    progress: Callable[[str], AbstractContextManager[Progress]] = lambda _: nullcontext(lambda *_: None),
) -> list[DayReplay]:
    """Run the rejects with some codes again and publish all days where something changed as one snapshot.

    A day that fails or may not be published stays as it is and holds up no other.

    Args:
        engine: Its workers do the batches, its settings hold.
        days: Landing days; none for all that are published.
        codes: Reject codes.
        progress: Opens a display for a day.

    Raises:
        SnapshotMissing: nothing was published yet.
        WarehouseUnusable, SchemaVersionMismatch: nothing can be published there.
        WarehouseLocked: another process held the lock for too long; nothing was published.
    """
    prepare_warehouse(engine.settings.warehouse)
    reports, made = [], list[_Made]()
    with ExitStack() as interrupted:
        for report, found in assessed(engine.settings, days, codes):
            reports.append(report)
            if found is None or found.action == "nothing":
                continue
            try:
                with progress(report.day) as shown:
                    made.append(_make_surely(engine, found, report, shown, interrupted))
            except NewsEtlError as error:
                _failed(report, error)
        results = pipeline.publish([(day.run, day.merged) for day in made])
        for day, result in zip(made, results, strict=True):
            _finish(day, result)
    return reports


def _make_surely(
    engine: LocalEngine, found: Assessment, report: DayReplay, progress: Progress, interrupted: ExitStack
) -> _Made:
    """Make a day of some documents, or as a whole where a file turns out to hold others than were published."""
    try:
        return _make(engine, found, report, progress, interrupted)
    except LandingChanged as error:
        if found.selection is None:
            raise
        report.action, report.reason, report.read = "whole_day", str(error).partition(";")[0], None
    return _make(engine, replace(found, action="whole_day", selection=None), report, progress, interrupted)


def _make(
    engine: LocalEngine, found: Assessment, report: DayReplay, progress: Progress, interrupted: ExitStack
) -> _Made:
    """Run all stages of a day but for the publish; from its plan on, `interrupted` records an interruption."""
    with timed(report.seconds, "plan"):
        run, batches = pipeline.plan_replay(engine.settings, found, parallel=engine.parallel)
    interrupted.enter_context(interruption_recorded(run))
    report.run_id = run["run_id"]
    engine.run_stages(run, batches, report.seconds, progress)
    progress("load", run["files"], run["files"])
    with timed(report.seconds, "load"):
        merged = pipeline.merge(run)
    _count(report, found, merged, run)
    return _Made(run, merged, report)


def _count(report: DayReplay, found: Assessment, merged: MergedDay, run: Run) -> None:
    """Compare the rejects of before with those of now."""
    file = merged.folder / f"{REJECTS.name}.parquet"
    now = pq.read_table(file, columns=list(REJECTS.key), partitioning=None)
    asked, subjects = _subjects(found.asked), _subjects(now)
    still = now.join(asked, list(SUBJECT), join_type="left semi")
    # A row may be rejected by several codes; it counts once, under the first.
    first = still.group_by(list(SUBJECT)).aggregate([("code", "min")])
    report.still_rejected = dict(sorted(Counter(first["code_min"].to_pylist()).items()))
    resolved = asked.join(subjects, list(SUBJECT), join_type="left anti")
    files = read_part(Workspace.of(run).work / "plan" / "manifest.parquet").select(["source_uri"])
    lying = pa.table({"source_uri": files_of(resolved["source_uri"])}).join(files, "source_uri", join_type="left semi")
    report.moved, report.vanished = lying.num_rows, resolved.num_rows - lying.num_rows
    report.newly_rejected = subjects.join(_subjects(found.rejects), list(SUBJECT), join_type="left anti").num_rows
    report.rejects_after = now.num_rows


def _subjects(rejects: pa.Table) -> pa.Table:
    return rejects.select(SUBJECT).group_by(list(SUBJECT)).aggregate([])


def _finish(day: _Made, result: Published | DayBlocked) -> None:
    """Note how a day ended, and remove its staged files where they are of no use any more."""
    report = day.report
    if isinstance(result, DayBlocked):
        _failed(report, result)
        return
    report.outcome, report.message, report.snapshot = result["outcome"], result["message"], result["snapshot"]
    if report.outcome == "superseded":
        _forget_counts(report)
    with timed(report.seconds, "clean_up"):
        pipeline.clean_up(day.run)
    report.seconds = {stage: round(value, 3) for stage, value in report.seconds.items()}
    write_json(Workspace.of(day.run).history / "timings.json", report.seconds)


def _failed(report: DayReplay, error: NewsEtlError) -> None:
    report.outcome = "blocked" if isinstance(error, DayBlocked) else "failed"
    report.message = f"{type(error).__name__}: {error}"
    _forget_counts(report)


def _forget_counts(report: DayReplay) -> None:
    """What was made is not what the tables show."""
    report.moved, report.still_rejected, report.vanished, report.newly_rejected = 0, {}, 0, 0
    report.rejects_after = None
