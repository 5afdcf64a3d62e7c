"""Remove snapshots that nobody can be expected to read any more, and data files that no snapshot holds."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from etl.load.lock import publishing_lock
from etl.load.snapshots import DATA, SNAPSHOTS, Snapshot, current_number, read_snapshot, snapshot_folder
from etl.settings import Settings

_REMOVED = "removed-"


def apply_retention(settings: Settings, *, now: datetime | None = None) -> list[int]:
    """Take the publishing lock and remove what may go; see `remove_expired`.

    Raises:
        WarehouseLocked: another process is publishing.
    """
    with publishing_lock(settings.warehouse, "retention", settings.lock_timeout):
        return remove_expired(settings, now=now)


def remove_expired(settings: Settings, *, now: datetime | None = None) -> list[int]:
    """Remove expired snapshots, leftovers of crashed publishes, and data files that no snapshot links any more.

    A snapshot goes if it is neither among the newest `keep_snapshots` nor was current in the last `keep_hours`; the
    current one never goes. The publishing lock must be held.

    Returns:
        The numbers of the snapshots removed, leftovers of crashed publishes included.
    """
    warehouse = settings.warehouse
    number = current_number(warehouse)
    if number is None:
        return []
    current = read_snapshot(warehouse, number)
    kept = _kept(current, settings.keep_snapshots, (now or datetime.now(UTC)) - timedelta(hours=settings.keep_hours))
    removed = []
    for folder in sorted((warehouse / SNAPSHOTS).iterdir()):
        if folder.name.isdecimal() and int(folder.name) not in kept:
            removed.append(int(folder.name))
            # Renamed first: a reader then finds no folder, and never some of its files.
            folder.rename(folder.with_name(_REMOVED + folder.name))
    for folder in (warehouse / SNAPSHOTS).glob(f"{_REMOVED}*"):
        shutil.rmtree(folder)
    for file in (warehouse / DATA).glob("*/*/*"):
        if file.stat().st_nlink == 1:
            file.unlink()
    return removed


def snapshots_kept(warehouse: Path) -> list[int]:
    """Numbers of the published snapshots that can still be opened, newest last."""
    number = current_number(warehouse)
    if number is None:
        return []
    earlier = [n for n in read_snapshot(warehouse, number).replaced if snapshot_folder(warehouse, n).exists()]
    return [*sorted(earlier), number]


def _kept(current: Snapshot, keep_snapshots: int, oldest: datetime) -> set[int]:
    """The published snapshots to keep; a folder that is none of `current` and its forerunners was never published."""
    newest_first = sorted(current.replaced, reverse=True)
    by_number = newest_first[: keep_snapshots - 1]
    by_age = [number for number, when in current.replaced.items() if datetime.fromisoformat(when) > oldest]
    return {current.number, *by_number, *by_age}
