"""A run by its partition key over REST; then Airflow is looked at from outside, and stopped as users do it."""

import json
from urllib.parse import quote

import psutil
import pytest

from tests.e2e.airflows import Airflow

pytestmark = pytest.mark.e2e


def test_a_run_by_its_key_and_the_stop(airflow: Airflow) -> None:
    run_id = airflow.trigger("2026-05-05")
    assert airflow.end_of(run_id) == "success"
    again = quote(run_id, safe="")
    (event,) = airflow.rest("GET", f"/api/v2/assets/events?source_run_id={again}")["asset_events"]
    assert (event["extra"]["day"], event["extra"]["rows"]["articles"]) == ("2026-05-05", 5)
    assert event["extra"]["outcome"] in ("published", "unchanged")
    # Task logs can be read although no log server runs.
    log = airflow.rest("GET", f"/api/v2/dags/news_corpus/dagRuns/{again}/taskInstances/load/logs/1")
    assert f"{event['extra']['message']}; rows: " in json.dumps(log)

    # A second `up` does not start a second Airflow.
    processes = airflow.processes()
    second = airflow.tool("up")
    assert second.returncode == 0
    assert airflow.processes()[0] == processes[0]
    # The password was shown once, and stands in a file that nobody else can read.
    assert airflow.password not in second.stdout + second.stderr
    assert airflow.password not in (airflow.home / "standalone.log").read_text()
    assert (airflow.home / "passwords.json").stat().st_mode & 0o077 == 0

    listening = {address for process in processes for address in addresses(process)}
    assert listening == {("127.0.0.1", airflow.port)}

    processes = airflow.processes()
    assert len(processes) > 5  # itself, four components, workers
    down = airflow.tool("down")
    assert (down.returncode, down.stdout) == (0, "Airflow is stopped\n")
    assert [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []
    assert airflow.tool("status").returncode == 1
    assert list((airflow.root / "home").iterdir()) == []


def addresses(process: psutil.Process) -> set[tuple[str, int]]:
    """Where a process listens; a task may have ended by now."""
    try:
        return {s.laddr for s in process.net_connections("inet") if s.status == psutil.CONN_LISTEN}
    except psutil.NoSuchProcess:
        return set()
