"""Whether a published file still is what was published: there, of its size, with its bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from etl.load.snapshots import DATA, DataFile, PublishedDay, snapshot_folder

_SHOWN = 16
"""Digits of a hash in a message, as many as names of files have."""


def fault_of(file: Path, recorded: DataFile, *, hashed: bool = True) -> str | None:
    """What is wrong with a file, in words; None where nothing is.

    Args:
        file: Where it should lie.
        recorded: Size and hash that its manifest tells.
        hashed: Read the whole file too; else only its size is looked at.
    """
    try:
        size = file.stat().st_size
        if size != recorded.bytes:
            return f"has {size:,} bytes instead of {recorded.bytes:,}"
        if not hashed:
            return None
        with file.open("rb") as content:
            found = hashlib.file_digest(content, "sha256").hexdigest()
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror or error})"
    if found != recorded.sha256:
        return f"has other bytes than were published (sha256 {found[:_SHOWN]} instead of {recorded.sha256[:_SHOWN]})"
    return None


def fault_in_snapshot(
    warehouse: Path, number: int, table: str, recorded: DataFile, *, hashed: bool = True
) -> str | None:
    """What is wrong with a table's file in a snapshot, or with what the next snapshot will link; None: nothing.

    Both are one file, unless somebody has copied the warehouse without its hard links.
    """
    path = recorded.path(table)
    shown, kept = snapshot_folder(warehouse, number) / path, warehouse / DATA / path
    fault = fault_of(shown, recorded, hashed=hashed)
    if fault is not None:
        return fault
    fault = None if _is_one(shown, kept) else fault_of(kept, recorded, hashed=hashed)
    return None if fault is None else f"{fault} in `{DATA}`"


def is_damaged(warehouse: Path, number: int, day: PublishedDay) -> bool:
    """Whether any file of a day is not what was published."""
    return any(fault_in_snapshot(warehouse, number, table, file) for table, file in day.tables.items())


def _is_one(file: Path, other: Path) -> bool:
    try:
        return file.samefile(other)
    except OSError:
        return False
