"""What the maintenance DAG hands out, without running it."""

import logging
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag

from etl import pipeline
from tests.conftest import PROJECT
from tests.dags.conftest import MAINTENANCE


def find_due_days() -> list[dict[str, Any]]:
    task: Any = DagBag(str(PROJECT / "dags")).dags[MAINTENANCE].get_task("find_due_days")
    return list(task.python_callable())


@pytest.fixture
def due(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The days that are due: all of an old corpus, as after another parser came."""
    monkeypatch.setenv("NEWS_ETL_LANDING", str(tmp_path / "landing"))
    monkeypatch.setenv("NEWS_ETL_WAREHOUSE", str(tmp_path / "warehouse"))
    days = [str(date(2018, 1, 1) + timedelta(days=n)) for n in range(3000)]
    found = [{"day": day, "kind": "outdated", "why": "another parser", "newest_run": f"{day}.0001"} for day in days]
    monkeypatch.setattr(pipeline, "due_days", lambda *_: found)
    return days


def test_no_more_days_are_handed_out_than_airflow_takes_the_newest_first(
    due: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        found = find_due_days()
    assert [run["conf"]["day"] for run in found] == due[:-1025:-1]
    assert "3000 days are due, 1976 of them are left to the next night" in caplog.text


def test_how_many_that_are_is_set_in_airflow(due: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__MAX_MAP_LENGTH", "2")
    assert [run["conf"]["day"] for run in find_due_days()] == [due[-1], due[-2]]
