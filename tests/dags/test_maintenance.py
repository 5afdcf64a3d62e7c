"""The maintenance DAG, run as Airflow runs it: which days it has built again."""

import re

from etl.warehouse import open_warehouse
from tests.dags.conftest import DAY, NEW_DAY, DagRuns


def triggered(dag_runs: DagRuns, name: str) -> set[str]:
    """The days that runs of `news_corpus` were made for, up to and by a run of the maintenance DAG."""
    return {conf["day"] for conf in dag_runs.results[name]["triggered"].values()}


def test_nothing_due_is_green(dag_runs: DagRuns) -> None:
    result = dag_runs.results["blocked day"]
    assert result["state"] == "success"
    assert dag_runs.tasks("blocked day")["find_due_days"] == "success"
    assert triggered(dag_runs, "blocked day") == set()


def test_new_and_stale_days_are_triggered_days_still_open_are_not(dag_runs: DagRuns) -> None:
    result = dag_runs.results["late files"]
    assert result["state"] == "success"
    assert triggered(dag_runs, "late files") == {DAY, NEW_DAY}
    assert result["labels"] == [NEW_DAY, DAY]
    assert f"maintenance__{DAY}__after_{dag_runs.run_of('no files')}" in result["triggered"]
    assert f"maintenance__{NEW_DAY}__after_none" in result["triggered"]
    assert f"{NEW_DAY} new: 1 file in the landing zone, never run" in dag_runs.log


def test_a_day_that_waits_for_its_run_is_not_triggered_twice(dag_runs: DagRuns) -> None:
    assert dag_runs.results["still waiting"]["state"] == "success"
    assert dag_runs.results["still waiting"]["triggered"] == dag_runs.results["late files"]["triggered"]
    assert dag_runs.tasks("still waiting")["build_day[0]"] == "skipped"


def test_what_is_triggered_brings_the_day_up_to_date(dag_runs: DagRuns) -> None:
    (event,) = dag_runs.results["built"]["events"]
    assert (event["extra"]["outcome"], event["extra"]["rows"]["articles"]) == ("published", 10)
    assert open_warehouse(dag_runs.warehouse.with_name("maintained")).facts[DAY].documents == 10
    assert [t for t in dag_runs.tasks("afterwards") if t.startswith("build_day")] == ["build_day[0]"]  # the new day


def test_files_are_checked_and_what_nobody_needs_is_removed(dag_runs: DagRuns) -> None:
    assert dag_runs.tasks("afterwards") | {"verify_files": "success", "clean": "success"} == dag_runs.tasks(
        "afterwards"
    )
    assert re.search(r"Read [1-9]\d* of 5 files, \d+ bytes: all as they were published", dag_runs.log)
    assert "Removed 0 snapshots, the histories of 0 runs, the staged files of 0, 0 scratch files" in dag_runs.log
