"""Publish days: the next snapshot is built beside the last by hard links, then `current` is flipped once."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from etl.contract import Published, Run
from etl.errors import DayShrunk, WarehouseUnusable
from etl.load.integrity import fault_of, is_damaged
from etl.load.lock import publishing_lock
from etl.load.retention import remove_expired
from etl.load.snapshots import (
    CURRENT,
    DATA,
    MANIFEST,
    SNAPSHOTS,
    DataFile,
    PublishedDay,
    Snapshot,
    check_schema_version,
    current_number,
    read_snapshot,
    snapshot_folder,
)
from etl.settings import Settings
from etl.workspace import Workspace, parse_run_id, read_json, runs_of, write_json

log = logging.getLogger(__name__)

REPLACING = ("published", "empty")
"""Outcomes that made a snapshot."""
CONCLUDED = (*REPLACING, "unchanged")
"""Outcomes after which the result of a run is what the warehouse shows."""
FAILED_CODES = ("unreadable", "changed_file", "parse_error", "parse_timeout", "parse_memory")
"""Codes of documents that came to nothing by no fault of theirs: another time they may become articles."""


@dataclass(frozen=True, slots=True)
class MergedDay:
    """A day ready to publish: its files lie in `folder`, named by table, on the warehouse's file system."""

    folder: Path
    tables: dict[str, DataFile]
    files: int
    """Files in the landing day."""
    documents: int
    reject_counts: dict[str, int]

    @property
    def failed(self) -> int:
        """Documents that came to nothing by no fault of theirs."""
        return sum(self.reject_counts.get(code, 0) for code in FAILED_CODES)


def publish_day(run: Run, day: MergedDay) -> Published:
    """Make the day part of the warehouse: all its tables at once, or not at all.

    Raises:
        DayShrunk: the published day has more than twice the documents, and the run is not forced.
        SchemaVersionMismatch, WarehouseLocked, WarehouseUnusable: see `publish_days`.
    """
    [published] = publish_days([(run, day)])
    if isinstance(published, DayShrunk):
        raise published
    return published


def publish_days(days: Sequence[tuple[Run, MergedDay]]) -> list[Published | DayShrunk]:
    """Make all these days part of the warehouse with one snapshot: all of them at once, or none.

    Under the publishing lock; writes `outcome.json` into the history of each run and applies retention. A day that
    was superseded, is unchanged or has shrunk is left out, as its result says, and does not hold up the others.

    Args:
        days: Runs of one warehouse, each of another day, with what they have merged.

    Returns:
        What became of each, in the order given; of a day that was refused, the error to raise or record.

    Raises:
        SchemaVersionMismatch: the warehouse must be migrated first.
        WarehouseLocked: another process held the lock for too long.
        WarehouseUnusable: the file system does not keep what the probe has seen of it.
    """
    if not days:
        return []
    first = days[0][0]
    settings, warehouse = Settings.from_json(first["settings"]), Workspace.of(first).warehouse
    holder = first["run_id"] if len(days) == 1 else f"{first['run_id']} and {len(days) - 1} more"
    with publishing_lock(warehouse, holder, settings.lock_timeout):
        results = _publish_locked(days, warehouse)
        for (run, day), result in zip(days, results, strict=True):
            if not isinstance(result, DayShrunk):
                write_json(Workspace.of(run).history / "outcome.json", {**result, "documents": day.documents})
        if any(not isinstance(result, DayShrunk) and result["outcome"] in REPLACING for result in results):
            try:
                remove_expired(settings)
            except OSError:
                # The days are published; what could not be removed now is tried again after the next publish.
                log.warning("%s: old snapshots could not be removed", holder, exc_info=True)
    return results


def _publish_locked(days: Sequence[tuple[Run, MergedDay]], warehouse: Path) -> list[Published | DayShrunk]:
    number = current_number(warehouse)
    before = Snapshot(0) if number is None else read_snapshot(warehouse, number)
    check_schema_version(warehouse, before)
    results = [_left_out(run, day, before.days.get(run["day"]), number, warehouse) for run, day in days]
    going = [pair for pair, result in zip(days, results, strict=True) if result is None]
    if not going:
        return [result for result in results if result is not None]
    for _, day in going:
        _move_into_data(day, warehouse)
    new = {
        run["day"]: PublishedDay(run["run_id"], day.documents, day.files == 0, day.tables, day.failed)
        for run, day in going
    }
    after = _build_snapshot(warehouse, before, new)
    _flip(warehouse, number, after.number)
    return [result or _replaced(day, after.number) for (_, day), result in zip(days, results, strict=True)]


def _left_out(
    run: Run, day: MergedDay, old: PublishedDay | None, number: int | None, warehouse: Path
) -> Published | DayShrunk | None:
    """Why the day does not go into the next snapshot; None where it does."""
    newer = _newer_run(run, old, warehouse)
    if newer is not None:
        nothing = dict.fromkeys(day.tables, 0)
        return _outcome("superseded", number, nothing, {}, f"superseded by run {newer}, nothing published")
    # A forced run also mends: what stands there may no longer be what was published.
    damaged = old is not None and number is not None and run["force"] and is_damaged(warehouse, number, old)
    if old is not None and old.tables == day.tables and not damaged:
        return _outcome("unchanged", number, _rows(day), day.reject_counts, f"unchanged, snapshot {number} kept")
    return _shrunk(run, old, day) if old is not None and not run["force"] else None


def _replaced(day: MergedDay, number: int) -> Published:
    empty = day.files == 0
    what = "day without files, published" if empty else "published"
    outcome = "empty" if empty else "published"
    return _outcome(outcome, number, _rows(day), day.reject_counts, f"{what} as snapshot {number}")


def _rows(day: MergedDay) -> dict[str, int]:
    return {table: file.rows for table, file in day.tables.items()}


def _outcome(
    outcome: str, snapshot: int | None, rows: dict[str, int], reject_counts: dict[str, int], message: str
) -> Published:
    return {
        "outcome": outcome,
        "snapshot": snapshot,
        "rows": rows,
        "reject_counts": reject_counts,
        "message": message,
    }


def _newer_run(run: Run, old: PublishedDay | None, warehouse: Path) -> str | None:
    """A run of the same day with a newer plan that has published, or found its result published already."""
    mine = parse_run_id(run["run_id"])
    if old is not None and _is_newer(old.run_id, mine):
        return old.run_id
    for other in reversed(runs_of(warehouse, run["day"])):
        if not _is_newer(other, mine):
            return None
        outcome = read_json(warehouse / "_runs" / other / "outcome.json")
        if outcome is not None and outcome["outcome"] in CONCLUDED:
            return other
    return None


def _is_newer(run_id: str, mine: tuple[str, int] | None) -> bool:
    other = parse_run_id(run_id)
    return other is not None and mine is not None and other > mine


def _shrunk(run: Run, old: PublishedDay, day: MergedDay) -> DayShrunk | None:
    # All files may still be listed with a mount or its permissions lost, and read with a parser that is broken.
    found, published = day.documents - day.failed, old.documents - old.failed
    if found * 2 >= published:
        return None
    failed = f", {day.failed} documents unreadable or failed in the parser" if day.failed else ""
    message = (
        f"day {run['day']} now has {found} documents ({day.files} files{failed}), published are {published}; "
        "see whether its files are complete; if they are, run it again with `--force` (Airflow: param `force`)"
    )
    return DayShrunk(message)


def _move_into_data(day: MergedDay, warehouse: Path) -> None:
    """Give the day's files their immutable names; a file that is there already has the same bytes, if it is whole."""
    for table, file in day.tables.items():
        target = warehouse / DATA / file.path(table)
        target.parent.mkdir(parents=True, exist_ok=True)
        if fault_of(target, file) is not None:
            staged = day.folder / f"{table}.parquet"
            _fsync(staged)
            staged.rename(target)
            for folder in (target.parent, target.parent.parent, warehouse / DATA):
                _fsync(folder)


def _build_snapshot(warehouse: Path, before: Snapshot, new: Mapping[str, PublishedDay]) -> Snapshot:
    """Link all files of the next snapshot and write its manifest; nobody sees it before the flip."""
    folder = _next_folder(warehouse, before.number)
    days = dict(sorted({**before.days, **new}.items()))
    replaced = {n: when for n, when in before.replaced.items() if snapshot_folder(warehouse, n).exists()}
    if before.number:
        replaced[before.number] = datetime.now(UTC).isoformat(timespec="seconds")
    after = replace(before, number=int(folder.name), days=days, replaced=replaced)
    folders = _link_files(warehouse, before.number, folder, days)
    write_json(folder / MANIFEST, after.to_json())
    _fsync(folder / MANIFEST)
    for path in (*folders, folder, folder.parent):
        _fsync(path)
    return after


def _link_files(warehouse: Path, before: int, folder: Path, days: Mapping[str, PublishedDay]) -> list[Path]:
    """Link the data files of all days into a snapshot's folder; returns the folders made below it, deepest first.

    A file that somebody has removed from `_data` is taken from the snapshot before. Where that lacks it too, the new
    one cannot be worse: no other day shall wait until it is mended.
    """
    data, shown = warehouse / DATA, snapshot_folder(warehouse, before)
    paths = [file.path(table) for day in days.values() for table, file in day.tables.items()]
    months = {path.rpartition("/")[0] for path in paths}
    for month in sorted(months):
        (folder / month).mkdir(parents=True)
    # Plain strings: there may be tens of thousands of files, and `Path` would take most of the time.
    for path in paths:
        try:
            os.link(f"{data}/{path}", f"{folder}/{path}")
        except FileNotFoundError:
            try:
                os.link(f"{shown}/{path}", f"{folder}/{path}")
            except FileNotFoundError:
                log.exception("`%s` is lost; build its day again: `news-etl run --force`", path)
    return [folder / name for name in [*sorted(months), *sorted({month.partition("/")[0] for month in months})]]


def _next_folder(warehouse: Path, number: int) -> Path:
    """Take the first free number after `number`; folders of crashed publishes are passed over."""
    (warehouse / SNAPSHOTS).mkdir(exist_ok=True)
    while True:
        number += 1
        folder = snapshot_folder(warehouse, number)
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder


def _flip(warehouse: Path, before: int | None, after: int) -> None:
    """Point `current` at the new snapshot, in one step."""
    if current_number(warehouse) != before:
        message = (
            f"another process published into `{warehouse}` while this one held the lock; its file system does not "
            "honour flock between these machines: mount it with locks, or publish from one machine only"
        )
        raise WarehouseUnusable(message)
    link = warehouse / f".{CURRENT}.next"
    link.unlink(missing_ok=True)
    link.symlink_to(Path(SNAPSHOTS) / snapshot_folder(warehouse, after).name)
    link.rename(warehouse / CURRENT)
    _fsync(warehouse)


def _fsync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
