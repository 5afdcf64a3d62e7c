"""The publishing lock: one process at a time changes what a warehouse shows."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from etl.errors import WarehouseLocked

LOCK = "_lock"

_POLL_SECONDS = 0.05


@contextmanager
def publishing_lock(warehouse: Path, run_id: str, timeout: float) -> Iterator[None]:
    """Hold the lock of a warehouse; the system releases it when the process ends, however it ends.

    Args:
        warehouse: The warehouse folder.
        run_id: Written into the lock file, for the message of those who wait in vain.
        timeout: Seconds to wait for the lock.

    Raises:
        WarehouseLocked: naming the holder.
    """
    file = os.open(warehouse / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        _wait(file, warehouse, timeout)
        _write_holder(file, {"host": socket.gethostname(), "pid": os.getpid(), "run": run_id})
        try:
            yield
        finally:
            _write_holder(file, {})
    finally:
        os.close(file)


def _wait(file: int, warehouse: Path, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < deadline:
                time.sleep(_POLL_SECONDS)
                continue
            holder = _read_holder(file)
            message = (
                f"warehouse `{warehouse}` is locked by {holder} and was for {timeout:g} s; "
                "wait for it to end, or raise the setting `lock_timeout`"
            )
            raise WarehouseLocked(message) from None
        return


def _write_holder(file: int, holder: dict[str, str | int]) -> None:
    os.ftruncate(file, 0)
    os.pwrite(file, json.dumps(holder).encode(), 0)


def _read_holder(file: int) -> str:
    """Who holds the lock, in words; the file may be read while it is being written."""
    try:
        holder = json.loads(os.pread(file, 4096, 0))
        return f"run {holder['run']} (process {holder['pid']} on {holder['host']})"
    except (ValueError, KeyError):
        return "a process that has not written its name yet"
