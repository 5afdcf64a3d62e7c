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
    removed = expired_snapshots(settings, now=now)
    for expired in removed:
        folder = snapshot_folder(warehouse, expired)
        # Renamed first: a reader then finds no folder, and never some of its files.
        folder.rename(folder.with_name(_REMOVED + folder.name))
    for folder in (warehouse / SNAPSHOTS).glob(f"{_REMOVED}*"):
        shutil.rmtree(folder)
    # The next publish links these again, also where links were lost: a restored copy may have none.
    days = read_snapshot(warehouse, number).days.values()
    held = {f"{warehouse}/{DATA}/{file.path(table)}" for day in days for table, file in day.tables.items()}
    for file in (warehouse / DATA).glob("*/*/*"):
        if file.stat().st_nlink == 1 and str(file) not in held:
            file.unlink()
    return removed


def expired_snapshots(settings: Settings, *, now: datetime | None = None) -> list[int]:
    """Numbers of the snapshots that `remove_expired` would remove."""
    warehouse = settings.warehouse
    number = current_number(warehouse)
    if number is None:
        return []
    oldest = (now or datetime.now(UTC)) - timedelta(hours=settings.keep_hours)
    kept = _kept(read_snapshot(warehouse, number), settings.keep_snapshots, oldest)
    folders = (folder.name for folder in (warehouse / SNAPSHOTS).iterdir())
    return sorted(int(name) for name in folders if name.isdecimal() and int(name) not in kept)


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
