"""The publishing lock: one holder, named to those who wait in vain, freed however the holder ends."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from etl.errors import WarehouseLocked
from etl.load.lock import publishing_lock

HOLD = """
import sys, time
from pathlib import Path
from etl.load.lock import publishing_lock
with publishing_lock(Path(sys.argv[1]), "2015-10-21.0007", 5):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_holder_is_named_and_its_death_frees_the_lock(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        named = rf"run 2015-10-21\.0007 \(process {holder.pid} on {socket.gethostname()}\).*0\.2 s.*`lock_timeout`"
        with pytest.raises(WarehouseLocked, match=named), publishing_lock(tmp_path, "2015-10-21.0008", 0.2):
            pytest.fail("two holders")
    finally:
        os.kill(holder.pid, signal.SIGKILL)
        holder.communicate()
    with publishing_lock(tmp_path, "2015-10-21.0008", 5):
        pass


def test_who_waits_gets_the_lock_when_it_is_free(tmp_path: Path) -> None:
    order = []

    def wait() -> None:
        with publishing_lock(tmp_path, "second", 10):
            order.append("second")

    with publishing_lock(tmp_path, "first", 1):
        thread = threading.Thread(target=wait)
        thread.start()
        time.sleep(0.2)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


def test_an_error_frees_the_lock(tmp_path: Path) -> None:
    with pytest.raises(KeyError), publishing_lock(tmp_path, "first", 1):
        raise KeyError
    with publishing_lock(tmp_path, "second", 0):
        pass
