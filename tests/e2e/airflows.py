"""Airflows that tests start as users do, by `tools/standalone.py`, and drive over REST."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import psutil
import pytest

from tests.conftest import PROJECT

T = TypeVar("T")


@dataclass(frozen=True)
class Airflow:
    """A running Airflow and how to reach it."""

    root: Path
    port: int
    environment: dict[str, str]
    password: str = ""
    token: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def home(self) -> Path:
        return self.root / "local" / "airflow" / "standalone"

    @property
    def warehouse(self) -> Path:
        return self.root / "local" / "warehouse"

    def tool(self, command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, PROJECT / "tools" / "standalone.py", command],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def rest(self, method: str, path: str, body: Any = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        headers |= {"Authorization": f"Bearer {self.token}"} if self.token else {}
        with closing(connection):
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            content = response.read()
        assert response.status < 300, (path, response.status, content)
        return json.loads(content)

    def backfill(self, first: str, last: str, *, max_active_runs: int = 3, reprocess: str = "none") -> None:
        """Start it by the midnights of its days, as the date picker of the user interface sends them."""
        days = {"from_date": f"{first}T00:00:00Z", "to_date": f"{last}T00:00:00Z"}
        asked = {**days, "max_active_runs": max_active_runs, "reprocess_behavior": reprocess}
        self.rest("POST", "/api/v2/backfills", {"dag_id": "news_corpus", **asked})

    def trigger(self, day: str) -> str:
        """Start one day by its partition key; the id of the run."""
        body = {"logical_date": None, "partition_key": day}
        return str(self.rest("POST", "/api/v2/dags/news_corpus/dagRuns", body)["dag_run_id"])

    def trigger_without_a_day(self) -> str:
        """Start a run that cannot know which day it is for, and so fails; its id."""
        return str(self.rest("POST", "/api/v2/dags/news_corpus/dagRuns", {"logical_date": None})["dag_run_id"])

    def runs(self) -> list[dict[str, Any]]:
        return list(self.rest("GET", "/api/v2/dags/news_corpus/dagRuns?limit=100")["dag_runs"])

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        """Wait until as many runs have ended."""

        def ended() -> list[dict[str, Any]] | None:
            # The schedule may add the day that closed last: it takes up where a backfill has ended.
            asked_for = [run for run in self.runs() if run["run_type"] != "scheduled"]
            found = [run for run in asked_for if run["state"] in ("success", "failed")]
            return found if len(found) == count else None

        return until(ended)

    def end_of(self, run_id: str) -> str:
        """Wait until a run has ended; gives its state."""

        def ended() -> str | None:
            state = str(self.rest("GET", f"/api/v2/dags/news_corpus/dagRuns/{quote(run_id, safe='')}")["state"])
            return state if state in ("success", "failed") else None

        return until(ended)

    def status(self, path: str, token: str) -> int:
        """Status of a request for exactly this path."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with closing(connection):
            connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
            return connection.getresponse().status

    def task_instances(self, run_id: str) -> list[dict[str, Any]]:
        path = f"/api/v2/dags/news_corpus/dagRuns/{quote(run_id, safe='')}/taskInstances?limit=100"
        return list(self.rest("GET", path)["task_instances"])

    def processes(self) -> list[psutil.Process]:
        """The process that `up` has started and all that stem from it."""
        state = json.loads((self.home / "running.json").read_text())
        first = psutil.Process(state["session"])
        return [first, *first.children(recursive=True)]


def until(look: Callable[[], T | None], seconds: float = 600) -> T:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.5)
    pytest.fail(f"not seen within {seconds} s")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(root: Path, landing: Path, **settings: str) -> Iterator[Airflow]:
    """An Airflow that keeps everything below `root`, signed in; `settings` are environment variables."""
    home = root / "home"
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NEWS_ETL_", "AIRFLOW", "UP_"))}
    port = free_port()
    # Whatever time it is: the schedules start nothing of themselves while tests look.
    far_away = f"{datetime.now(UTC) + timedelta(hours=12):%H:%M}"
    own = {
        "LOCAL_DIR": str(root / "local"),
        "UP_PORT": str(port),
        "HOME": str(home),
        "PATH": "/usr/bin:/bin",  # no activated environment
        "NEWS_ETL_LANDING": str(landing),
        "NEWS_ETL_CLOSING_TIME": far_away,
        "NEWS_ETL_MAINTENANCE_TIME": far_away,
    }
    stopped = Airflow(root, port, kept | own | settings)
    try:
        up = stopped.tool("up")
        assert up.returncode == 0, up.stdout + up.stderr
        password = up.stdout.split("password ")[1].split()[0]
        token = stopped.rest("POST", "/auth/token", {"username": "admin", "password": password})["access_token"]
        yield Airflow(root, port, stopped.environment, password, token)
    finally:
        stopped.tool("down")
