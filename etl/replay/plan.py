"""The plan of a replay: an ordinary run of the day, some of whose parts are there before its batches begin."""

from __future__ import annotations

from etl.contract import Batch, Run
from etl.due import basis_now, record_run
from etl.history import record_failure
from etl.replay.kept import write_kept
from etl.replay.select import Assessment
from etl.settings import Settings
from etl.staging import open_run, write_plan


def plan_replayed(settings: Settings, found: Assessment, *, parallel: int) -> tuple[Run, list[Batch]]:
    """See `etl.pipeline.plan_replay`."""
    basis = basis_now(settings)
    run = open_run(settings, found.day, force=False, files=len(found.files))
    try:
        record_run(run, basis)
        if found.selection is None:
            return run, write_plan(run, found.files, parallel=parallel)
        batches = write_plan(run, found.selection.read, unread=found.selection.unread, parallel=parallel)
        write_kept(run, found.opened, found.selection, first=len(batches))
    except Exception as error:
        record_failure(run, "plan", "failed", str(error), type(error).__name__)
        raise
    return run, batches
