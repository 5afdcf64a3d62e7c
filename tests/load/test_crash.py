"""A publisher that ends at any step leaves the old state or the new one, and the way free for the next."""

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from etl.errors import DayShrunk
from etl.load.probe import prepare_warehouse
from etl.load.publish import MergedDay, publish_days
from etl.load.snapshots import DataFile
from etl.warehouse import open_warehouse
from tests.load.staging import DAY, make_run

STEPS = ("mkdir", "link", "rename", "symlink", "fsync", "unlink", "rmdir")
"""System calls that a publish is made of; before each of them it may end."""

TABLES = ("articles", "rejects")
"""Two tables show as well as five whether they change together."""

DAYS = (DAY, "2015-10-22", "2015-11-01")
"""A publish of one takes the first, a publish of several all; two share a month."""

Ending = Callable[[], None]


def die() -> None:
    """As `kill -9`."""
    os.kill(os.getpid(), signal.SIGKILL)


def fail() -> None:
    """As a full disk."""
    raise OSError(errno.ENOSPC, "No space left on device")


def end_at(step: int, ending: Ending) -> None:
    """Let the process end before the given system call (from 1); none of them waits for the disk."""
    count = 0

    def watched(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*arguments: Any, **options: Any) -> Any:
            nonlocal count
            # A folder that is there already is no step.
            count += not (name == "mkdir" and os.path.exists(arguments[0]))  # noqa: PTH110 - as `os.mkdir` is called
            if count == step:
                ending()
            return None if name == "fsync" else call(*arguments, **options)

        return stepped

    for name in STEPS:
        setattr(os, name, watched(name, getattr(os, name)))


def publish(warehouse: Path, number: int, days: int) -> list[str]:
    """Publish one version of the first days: every table's file of each says which."""
    pairs = []
    for day in DAYS[:days]:
        run = make_run(warehouse, number, day=day, keep_snapshots=1, keep_hours=0)
        folder = warehouse / "_work" / run["run_id"] / "load"
        folder.mkdir(parents=True, exist_ok=True)
        files = {}
        for table in TABLES:
            (folder / f"{table}.parquet").write_text(f"version {number}")
            files[table] = DataFile(f"{day}-{number:016x}.parquet", 1, 9, f"{number:064x}")
        pairs.append((run, MergedDay(folder, files, files=1, documents=1, reject_counts={})))
    results = publish_days(pairs)
    return [result["outcome"] for result in results if not isinstance(result, DayShrunk)]


def state(warehouse: Path, days: int) -> str:
    """What readers see in all tables of all days; fails where they disagree or a file is missing."""
    opened = open_warehouse(warehouse)
    paths = [opened.path / opened.facts[day].tables[table].path(table) for day in DAYS[:days] for table in TABLES]
    (version,) = {path.read_text() for path in paths}
    assert sorted(opened.path.rglob("*.parquet")) == sorted(paths)
    return version


def attempt(warehouse: Path, days: int, step: int, ending: Ending) -> bool:
    """Publish version 2 in a child process that ends at `step`; true where it came through."""
    child = os.fork()
    if child == 0:
        end_at(step, ending)
        try:
            publish(warehouse, 2, days)
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def try_all_steps(folder: Path, days: int, ending: Ending) -> list[str]:
    """End a publish at every step, look at the state, publish again; returns the states seen after the ends."""
    setattr(os, "fsync", lambda _: None)  # noqa: B010 - mypy knows the exact type
    prepare_warehouse(folder / "start")
    publish(folder / "start", 1, days)
    seen = []
    for step in range(1, 1000):
        warehouse = folder / "warehouse"
        shutil.copytree(folder / "start", warehouse, symlinks=True, copy_function=os.link)
        done = attempt(warehouse, days, step, ending)
        seen.append(state(warehouse, days))
        assert publish(warehouse, 3, days) == ["published"] * days
        assert state(warehouse, days) == "version 3"
        assert len(list((warehouse / "_snapshots").iterdir())) == 1
        shutil.rmtree(warehouse)
        if done:
            break
    return seen


@pytest.mark.parametrize("days", [1, len(DAYS)], ids=["one day", "several days"])
@pytest.mark.parametrize("ending", ["die", "fail"])
def test_old_or_new_state_at_every_step(ending: str, days: int, tmp_path: Path) -> None:
    # In a fresh process, which has one thread and may fork.
    script = (
        "import sys; from pathlib import Path; from tests.load import test_crash as t; "
        f"print(*t.try_all_steps(Path(sys.argv[1]), {days}, t.{ending}), sep=';')"
    )
    child = subprocess.run([sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr
    seen = child.stdout.strip().split(";")
    flip = seen.index("version 2")
    assert flip > 20
    assert seen[:flip] == ["version 1"] * flip
    assert set(seen[flip:]) == {"version 2"}
    assert len(seen) > flip + 1
