"""The maintenance DAG, run as Airflow runs it: which days it has built again."""

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
    assert sorted(dag_runs.tasks("afterwards")) == ["build_day[0]", "find_due_days"]  # only the new day is left
