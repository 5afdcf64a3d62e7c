"""A whole Airflow, started and stopped as users do it, and driven over REST."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import psutil
import pytest

from etl.warehouse import open_warehouse
from tests.conftest import PROJECT, write_pages

pytestmark = pytest.mark.e2e

PAGES = {"2026-05-04": 4, "2026-05-05": 5, "2026-05-06": 6}
T = TypeVar("T")


@dataclass(frozen=True)
class Airflow:
    """A running Airflow and how to reach it."""

    root: Path
    port: int
    environment: dict[str, str]
    token: str = ""

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

    def runs(self) -> list[dict[str, Any]]:
        return list(self.rest("GET", "/api/v2/dags/news_corpus/dagRuns")["dag_runs"])

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        """Wait until as many runs have ended."""

        def ended() -> list[dict[str, Any]] | None:
            # The schedule may add the day that closed last: it takes up where a backfill has ended.
            asked_for = [run for run in self.runs() if run["run_type"] != "scheduled"]
            found = [run for run in asked_for if run["state"] in ("success", "failed")]
            return found if len(found) == count else None

        return until(ended)

    def processes(self) -> list[psutil.Process]:
        """The process that `up` has started and all that stem from it."""
        state = json.loads((self.root / "local" / "airflow" / "standalone" / "running.json").read_text())
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


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Airflow]:
    root = tmp_path_factory.mktemp("standalone")
    for day, count in PAGES.items():
        write_pages(root / "landing" / day / "bote", count)
    (root / "home").mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NEWS_ETL_", "AIRFLOW"))}
    port = free_port()
    own = {
        "LOCAL_DIR": str(root / "local"),
        "UP_PORT": str(port),
        "HOME": str(root / "home"),
        "PATH": "/usr/bin:/bin",  # no activated environment
        "NEWS_ETL_LANDING": str(root / "landing"),
    }
    stopped = Airflow(root, port, kept | own)
    try:
        up = stopped.tool("up")
        assert up.returncode == 0, up.stdout + up.stderr
        password = up.stdout.split("password ")[1].split()[0]
        token = stopped.rest("POST", "/auth/token", {"username": "admin", "password": password})["access_token"]
        yield Airflow(root, port, stopped.environment, token)
    finally:
        stopped.tool("down")


def test_backfill_trigger_and_stop(airflow: Airflow, record_property: Callable[[str, object], None]) -> None:
    # Switched on, and nothing has started by itself.
    assert airflow.rest("GET", "/api/v2/dags/news_corpus")["is_paused"] is False
    assert airflow.runs() == []

    # Three days by their midnights, as the date picker of the user interface sends them.
    started = time.monotonic()
    days = {"from_date": "2026-05-04T00:00:00Z", "to_date": "2026-05-06T00:00:00Z", "max_active_runs": 3}
    airflow.rest("POST", "/api/v2/backfills", {"dag_id": "news_corpus", **days})
    runs = airflow.wait_for(3)
    record_property("seconds from backfill to green", round(time.monotonic() - started, 1))
    assert {run["partition_key"]: run["state"] for run in runs} == dict.fromkeys(PAGES, "success")
    warehouse = open_warehouse(airflow.root / "local" / "warehouse")
    assert {day: warehouse.read("articles", day=day).num_rows for day in PAGES} == PAGES

    # One day again, by its key.
    body = {"logical_date": None, "partition_key": "2026-05-05"}
    run_id = airflow.rest("POST", "/api/v2/dags/news_corpus/dagRuns", body)["dag_run_id"]
    assert {run["dag_run_id"]: run["state"] for run in airflow.wait_for(4)}[run_id] == "success"
    again = quote(run_id, safe="")
    events = airflow.rest("GET", f"/api/v2/assets/events?source_run_id={again}")["asset_events"]
    assert [(e["extra"]["day"], e["extra"]["outcome"], e["extra"]["rows"]["articles"]) for e in events] == [
        ("2026-05-05", "unchanged", 5)
    ]
    # Task logs can be read although no log server runs.
    log = airflow.rest("GET", f"/api/v2/dags/news_corpus/dagRuns/{again}/taskInstances/load/logs/1")
    assert "unchanged, snapshot" in json.dumps(log)

    # A second `up` does not start a second Airflow.
    processes = airflow.processes()
    assert airflow.tool("up").returncode == 0
    assert airflow.processes()[0] == processes[0]

    sockets = [socket for process in processes for socket in process.net_connections("inet")]
    assert {s.laddr for s in sockets if s.status == psutil.CONN_LISTEN} == {("127.0.0.1", airflow.port)}

    processes = airflow.processes()
    assert len(processes) > 5  # itself, four components, workers
    down = airflow.tool("down")
    assert (down.returncode, down.stdout) == (0, "Airflow is stopped\n")
    assert [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []
    assert airflow.tool("status").returncode == 1
    assert list((airflow.root / "home").iterdir()) == []
