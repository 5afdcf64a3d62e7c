"""What `make up` and `make down` say without an Airflow; with one see `tests/e2e`."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

from tests.conftest import PROJECT


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
