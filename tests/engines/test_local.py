"""Runs that are stopped from outside: no process is left behind, and the history tells."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from etl.history import DayState, day_states
from tests.conftest import write_pages

DAY = "2026-05-04"


def until(look: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 60
    while not look():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


@pytest.fixture
def at_work(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], list[psutil.Process]]]:
    """A `news-etl run` whose workers have begun with their batches, in a session of its own, and its descendants."""
    write_pages(tmp_path / "landing" / DAY, 3000)
    command: list[str | Path] = [Path(sys.executable).parent / "news-etl", "run", "--landing", tmp_path / "landing"]
    command += ["--warehouse", tmp_path / "w", "--workers", "2"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NEWS_ETL_")}
    with subprocess.Popen(
        [*command, "--batch-bytes", "300000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        start_new_session=True,
        # A shell may have started us with the signal ignored, which is inherited.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here
    ) as process:
        staged = tmp_path / "w" / "_work" / f"{DAY}.0001" / "transform"
        until(lambda: any(staged.glob("articles-*.parquet")), "no batch was transformed")
        descendants = psutil.Process(process.pid).children(recursive=True)
        yield process, descendants
        for left in descendants:
            if left.is_running():
                left.kill()


def ended(descendants: list[psutil.Process]) -> bool:
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in descendants)


def state(tmp_path: Path) -> DayState:
    (found,) = day_states(tmp_path / "w")
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_ends_at_once_and_says_so(
    tmp_path: Path, at_work: tuple[subprocess.Popen[str], list[psutil.Process]], number: signal.Signals
) -> None:
    process, descendants = at_work
    os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert f"{DAY} interrupted" in output
    assert "Traceback" not in output
    until(lambda: ended(descendants), "workers are left")
    assert (state(tmp_path).state, state(tmp_path).reason) == ("failed", "interrupted; run the day again")


def test_workers_of_a_killed_run_end(
    tmp_path: Path, at_work: tuple[subprocess.Popen[str], list[psutil.Process]]
) -> None:
    process, descendants = at_work
    assert len(descendants) >= 3
    process.kill()
    process.wait()
    until(lambda: ended(descendants), "workers are left")
    assert state(tmp_path).state == "running"
    assert "no outcome since" in str(state(tmp_path).reason)
