"""What `make up` and `make down` say without an Airflow; with one see `tests/e2e`."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.conftest import PROJECT
from tools import standalone as tool


def standalone(command: str, local: Path, port: int = 8080) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, PROJECT / "tools" / "standalone.py", command],
        env=os.environ | {"LOCAL_DIR": str(local), "UP_PORT": str(port)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_status_without_airflow(tmp_path: Path) -> None:
    done = standalone("status", tmp_path)
    assert (done.returncode, done.stdout) == (1, "Airflow is not running; start it: make up\n")


def test_stopping_what_does_not_run_is_no_failure(tmp_path: Path) -> None:
    done = standalone("down", tmp_path)
    assert (done.returncode, done.stdout) == (0, "Airflow is not running\n")


def test_a_taken_port_is_named_with_the_remedy(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = standalone("up", tmp_path, port)
    assert done.returncode == 1
    assert f"port {port} on 127.0.0.1 cannot be used" in done.stderr
    assert "make up UP_PORT=" in done.stderr


def test_a_process_that_took_over_the_number_is_left_alone(tmp_path: Path) -> None:
    state = tmp_path / "airflow" / "standalone" / "running.json"
    state.parent.mkdir(parents=True)
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as other:
        state.write_text(json.dumps({"session": other.pid, "started": 1.0, "port": 8080}))
        done = standalone("down", tmp_path)
        assert (done.returncode, done.stdout) == (0, "Airflow is not running\n")
        assert other.poll() is None
        other.kill()
    assert not state.exists()


def test_an_airflow_that_stops_answering_has_not_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tool, "PASSWORDS", tmp_path / "passwords.json")
    monkeypatch.setattr(tool, "LOG", tmp_path / "standalone.log")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(tool, "PORT", silent.getsockname()[1])
        monkeypatch.setattr(tool, "ANSWER_WITHIN", 0.2)
        tool.make_password()
        tool.LOG.write_text("out of breath\n")
        with pytest.raises(tool.NotStarted, match=r"(?s)did not answer .* Start it again: make up.*out of breath"):
            tool.make_pool()


def test_components_that_do_not_end_when_asked_are_killed_with_their_children(monkeypatch: pytest.MonkeyPatch) -> None:
    code = """
import signal, subprocess, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(subprocess.Popen(["sleep", "60"]).pid, flush=True)
time.sleep(60)
"""
    monkeypatch.setattr(tool, "END_WITHIN", 0.3)
    with (
        subprocess.Popen(["sleep", "60"]) as willing,
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as stubborn,
    ):
        assert stubborn.stdout is not None
        child = psutil.Process(int(stubborn.stdout.readline()))
        tool.end([willing, stubborn])
        assert (willing.returncode, stubborn.returncode) == (-signal.SIGTERM, -signal.SIGKILL)
        psutil.wait_procs([child], timeout=5)
        assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
