"""Find out whether a folder can be a warehouse, before any work is put into a day."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from etl.errors import WarehouseUnusable
from etl.load.snapshots import DATA, SNAPSHOTS, check_schema_version, current_number, read_snapshot

_FOLDERS = (DATA, SNAPSHOTS, "_work", "_runs")
_URL = re.compile(r"(?:^|/)(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+):(?:/|$)")
_REMEDY = "choose a folder on a local disk or on a POSIX file system that all workers mount"


def prepare_warehouse(warehouse: Path) -> None:
    """Create the folders of a warehouse and try out, with scratch files, all that publishing needs of them.

    Raises:
        WarehouseUnusable: with the reason and the remedy.
        SchemaVersionMismatch: it holds tables of another schema version.
    """
    url = _URL.search(str(warehouse))
    if url:
        message = (
            f"warehouse `{warehouse}` is an address ({url['scheme']}), not a folder; object stores have no hard links "
            f"and no atomic rename: {_REMEDY}"
        )
        raise WarehouseUnusable(message)
    try:
        for name in _FOLDERS:
            (warehouse / name).mkdir(parents=True, exist_ok=True)
        _probe(warehouse)
    except OSError as error:
        message = f"warehouse `{warehouse}` cannot be created or written to ({error}); {_REMEDY}, mend its permissions"
        raise WarehouseUnusable(message) from error
    number = current_number(warehouse)
    if number is not None:
        check_schema_version(warehouse, read_snapshot(warehouse, number))


def _probe(warehouse: Path) -> None:
    scratch = [Path(tempfile.mkdtemp(prefix=".probe-", dir=warehouse / name)) for name in _FOLDERS]
    data, snapshots, work, _ = scratch
    steps: tuple[tuple[str, Callable[[Path, Path, Path], None]], ...] = (
        ("hard links", _try_link),
        ("renaming over a file", _try_rename),
        ("symbolic links", _try_symlink),
        ("locks (flock)", _try_lock),
    )
    try:
        for what, attempt in steps:
            try:
                attempt(work, data, snapshots)
            except OSError as error:
                message = f"warehouse `{warehouse}` does not support {what} ({error}); {_REMEDY}"
                raise WarehouseUnusable(message) from error
    finally:
        for folder in scratch:
            shutil.rmtree(folder)


def _try_link(_work: Path, data: Path, snapshots: Path) -> None:
    (data / "file").write_bytes(b"data")
    (snapshots / "file").hardlink_to(data / "file")
    if (data / "file").stat().st_nlink != 2:  # noqa: PLR2004 - the file and its link
        message = "a linked file has not two links"
        raise OSError(message)


def _try_rename(work: Path, data: Path, _snapshots: Path) -> None:
    (work / "file").write_bytes(b"newer")
    (work / "file").rename(data / "renamed")
    (data / "file").rename(data / "renamed")


def _try_symlink(_work: Path, data: Path, _snapshots: Path) -> None:
    for target in ("first", "second"):
        (data / "next").symlink_to(target)
        (data / "next").rename(data / "link")
    if (data / "link").readlink() != Path("second"):
        message = "a link that was replaced still shows the old target"
        raise OSError(message)


def _try_lock(work: Path, _data: Path, _snapshots: Path) -> None:
    flags = os.O_RDWR | os.O_CREAT
    first, second = os.open(work / "lock", flags), os.open(work / "lock", flags)
    try:
        fcntl.flock(first, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        message = "a locked file can be locked again"
        raise OSError(message)
    finally:
        os.close(first)
        os.close(second)
