"""The stages of a day as plain functions: Airflow's tasks, the command line and other engines call these and no others.

Each reads files, writes files into the run's work folder and returns a small JSON-able value. Heavy libraries are
imported inside, so that naming a stage (as DAG files do) costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from etl.contract import Batch, Published, Run, StageCounts, Verdict
    from etl.settings import Settings


def plan(settings: Settings, day: str, *, force: bool = False) -> tuple[Run, list[Batch]]:
    """List the day's files into a manifest, cut batches, open the run's folders.

    Args:
        settings: The resolved settings; they travel on in `Run.settings`.
        day: Landing day as YYYY-MM-DD.
        force: Publish even where the new day is empty or under half of the published one.

    Raises:
        DayUnresolved: `day` is not a date.
        LandingUnavailable: the landing root is missing or cannot be listed.
        WarehouseUnusable: the warehouse folder cannot be used for publishing.
    """
    raise NotImplementedError


def extract(run: Run, batch: Batch) -> StageCounts:
    """Decode a batch's files into raw documents (`extract/documents-*`) and rejects (`extract/rejects-*`)."""
    raise NotImplementedError


def transform(run: Run, batch: Batch) -> StageCounts:
    """Parse a batch's raw documents into part files of the record tables and rejects."""
    raise NotImplementedError


def validate(run: Run) -> Verdict:
    """Resolve duplicates, judge the day's rows, and set aside those that must go.

    Raises:
        RuleBlocked: the day may not be published.
        ValidationCrashed: a check could not be evaluated.
        SuiteInvalid: a suite file cannot be used.
    """
    raise NotImplementedError


def load(run: Run) -> Published:
    """Check that every document is accounted for, merge the day's files, publish them as one snapshot.

    Raises:
        AccountingFailed: the outcomes do not add up.
        DayShrunk: `force` is needed.
        WarehouseLocked: another process held the lock for too long.
        SchemaVersionMismatch: the warehouse must be migrated first.
    """
    raise NotImplementedError


def clean_up(run: Run) -> None:
    """Remove the run's staged files; its history stays."""
    raise NotImplementedError
