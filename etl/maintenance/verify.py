"""Compare the data files of the current snapshot with their recorded hashes: all, or those checked longest ago."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from etl.errors import SnapshotMissing, WarehouseDamaged
from etl.load.integrity import fault_in_snapshot
from etl.load.snapshots import DATA, DataFile, Snapshot, current_number, read_snapshot
from etl.settings import Settings
from etl.workspace import read_json, write_json

CHECKED_FILE = "_checked.json"
"""When each file was last read and found whole, by its path in the snapshot (ISO 8601, UTC)."""

_NAMED = 20
"""Files and days that a message names."""

Progress = Callable[[int, int], None]
"""Called with the bytes read and the bytes there are to read."""


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file that the current snapshot holds."""

    day: str
    table: str
    recorded: DataFile
    checked: datetime
    """When it was last known to be whole: read by a check, else written."""

    @property
    def path(self) -> str:
        """Where it lies below the snapshot."""
        return self.recorded.path(self.table)


@dataclass(frozen=True, slots=True)
class Damage:
    """A file that is not what was published."""

    day: str
    path: str
    fault: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check has found."""

    snapshot: int | None
    """None where nothing is published."""
    files: int
    """Files of the snapshot (of the days asked for); of all of them presence and size were looked at."""
    read: int
    """Files that were read whole."""
    bytes: int
    """Size of those."""
    damaged: Sequence[Damage]

    def raise_damage(self) -> None:
        """Raise where anything is damaged.

        Raises:
            WarehouseDamaged: naming files, days and the remedy.
        """
        if not self.damaged:
            return
        days = sorted({damage.day for damage in self.damaged})
        told = [f"`{damage.path}` of day {damage.day} {damage.fault}" for damage in self.damaged[:_NAMED]]
        more = len(self.damaged) - len(told)
        again = " ".join(f"--date {day}" for day in days[:_NAMED]) + (" ..." if len(days) > _NAMED else "")
        message = (
            f"{len(self.damaged):,} of {self.files:,} files of snapshot {self.snapshot} are not what was published: "
            f"{'; '.join(told)}{f'; and {more:,} more' if more else ''}. See to the disk, then build the day again "
            f"from its landing files: `news-etl run --force {again}` (Airflow: `news_corpus` with `day` and `force`); "
            f"where those are gone, put the file back from a backup, in `current/` and in `{DATA}/`"
        )
        raise WarehouseDamaged(message)


def verify_files(
    settings: Settings,
    now: datetime,
    *,
    everything: bool = False,
    days: Collection[str] = (),
    progress: Progress = lambda *_: None,
) -> Verification:
    """Look at presence and size of every file of the current snapshot, and read some of them whole.

    Read are those whose last check lies back longest, as many as it takes for daily calls to come round to each file
    within `verify_days`. Damaged files count as unchecked, so that each call tells of them until they are mended.

    Args:
        settings: The resolved settings.
        now: The time to record.
        everything: Read all files.
        days: Look only at these days, and read all of their files; default: every day.
        progress: Called before each file is read, and at the end.

    Raises:
        SnapshotMissing: the snapshot lacks one of `days`.
    """
    warehouse = settings.warehouse
    number = current_number(warehouse)
    if number is None:
        return Verification(None, 0, 0, 0, [])
    snapshot = read_snapshot(warehouse, number)
    held = held_files(warehouse, snapshot, days)
    chosen = held if everything or days else longest_ago(held, settings.verify_days)
    damaged = _faults(warehouse, number, held, hashed=False)
    whole, total, done = [], sum(file.recorded.bytes for file in chosen), 0
    for file in chosen:
        progress(done, total)
        done += file.recorded.bytes
        if file.path not in damaged:
            damaged |= _faults(warehouse, number, [file], hashed=True)
    damaged = _still_damaged(warehouse, number, damaged)
    whole = [file.path for file in chosen if file.path not in damaged]
    progress(total, total)
    _keep_checked(warehouse, snapshot, whole, now)
    found = [Damage(day, path, fault) for path, (day, fault) in sorted(damaged.items())]
    return Verification(number, len(held), len(chosen), total, found)


def longest_ago(files: Iterable[HeldFile], within_days: int) -> list[HeldFile]:
    """The files to read today: in the order of their last checks, until they make up their share of all bytes."""
    waiting = sorted(files, key=lambda file: (file.checked, file.day, file.table))
    share = sum(file.recorded.bytes for file in waiting) / within_days
    chosen: list[HeldFile] = []
    read = 0
    for file in waiting:
        if read >= share:
            break
        chosen.append(file)
        read += file.recorded.bytes
    return chosen


def held_files(warehouse: Path, snapshot: Snapshot, days: Collection[str] = ()) -> list[HeldFile]:
    """The files of a snapshot, or those of some of its days.

    Raises:
        SnapshotMissing: it lacks one of `days`.
    """
    missing = sorted(set(days) - snapshot.days.keys())
    if missing:
        message = f"snapshot {snapshot.number} has no day {missing[0]}; run `news-etl run --date {missing[0]}`"
        raise SnapshotMissing(message)
    checked = _read_checked(warehouse)
    found = []
    for day in days or snapshot.days:
        for table, file in snapshot.days[day].tables.items():
            when = checked.get(file.path(table)) or _written(warehouse / DATA / file.path(table))
            found.append(HeldFile(day, table, file, when))
    return found


def _faults(warehouse: Path, number: int, files: Iterable[HeldFile], *, hashed: bool) -> dict[str, tuple[str, str]]:
    """Day and fault of those that have one, by path."""
    found = {}
    for file in files:
        fault = fault_in_snapshot(warehouse, number, file.table, file.recorded, hashed=hashed)
        if fault is not None:
            found[file.path] = (file.day, fault)
    return found


def _still_damaged(warehouse: Path, number: int, damaged: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Without those that only went because the snapshot was replaced, and then removed, while it was read."""
    now = current_number(warehouse)
    if not damaged or now is None or now == number:
        return dict(damaged)
    files = [file for file in held_files(warehouse, read_snapshot(warehouse, now)) if file.path in damaged]
    return _faults(warehouse, now, files, hashed=True)


def _written(file: Path) -> datetime:
    """When a file was written, with its hash; one that is gone waits since ever."""
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError:
        return datetime.fromtimestamp(0, UTC)


def _read_checked(warehouse: Path) -> dict[str, datetime]:
    kept: dict[str, str] = read_json(warehouse / CHECKED_FILE) or {}
    return {path: datetime.fromisoformat(when) for path, when in kept.items()}


def _keep_checked(warehouse: Path, snapshot: Snapshot, whole: Iterable[str], now: datetime) -> None:
    """Add what was found whole; forget files that the snapshot no longer holds."""
    held = {file.path(table) for facts in snapshot.days.values() for table, file in facts.tables.items()}
    known = {path: when for path, when in _read_checked(warehouse).items() if path in held}
    known |= dict.fromkeys(whole, now)
    told = {path: when.astimezone(UTC).isoformat(timespec="seconds") for path, when in known.items()}
    write_json(warehouse / CHECKED_FILE, told)
