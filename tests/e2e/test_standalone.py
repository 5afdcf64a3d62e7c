"""A whole Airflow, started and stopped as users do it, and driven over REST."""

import json
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote

import psutil
import pytest

from etl.warehouse import open_warehouse
from tests.conftest import write_pages
from tests.e2e.airflows import Airflow, started

pytestmark = pytest.mark.e2e

PAGES = {"2026-05-04": 4, "2026-05-05": 5, "2026-05-06": 6}


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Airflow]:
    root = tmp_path_factory.mktemp("standalone")
    for day, count in PAGES.items():
        write_pages(root / "landing" / day / "bote", count)
    with started(root, root / "landing") as running:
        yield running


def test_backfill_trigger_and_stop(airflow: Airflow, record_property: Callable[[str, object], None]) -> None:
    # Switched on, and nothing has started by itself.
    assert airflow.rest("GET", "/api/v2/dags/news_corpus")["is_paused"] is False
    assert airflow.runs() == []

    clicked = time.monotonic()
    airflow.backfill("2026-05-04", "2026-05-06")
    runs = airflow.wait_for(3)
    record_property("seconds from backfill to green", round(time.monotonic() - clicked, 1))
    assert {run["partition_key"]: run["state"] for run in runs} == dict.fromkeys(PAGES, "success")
    warehouse = open_warehouse(airflow.warehouse)
    assert {day: warehouse.read("articles", day=day).num_rows for day in PAGES} == PAGES

    # One day again, by its key.
    run_id = airflow.trigger("2026-05-05")
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
