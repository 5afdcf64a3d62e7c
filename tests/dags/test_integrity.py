"""What every DAG file of this project must hold to."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG, CronTriggerTimetable, PartitionedAssetTimetable

from etl.airflow import WAREHOUSE
from etl.notices import tell_of_failure
from tests.conftest import PROJECT

HEAVY = {
    *("pyarrow", "pandas", "numpy", "great_expectations", "lxml", "selectolax", "py3langid", "fastwarc", "brotli"),
    *("altair", "vl_convert", "fsspec", "s3fs", "duckdb", "polars", "openlineage"),
}


@pytest.fixture(scope="session")
def bag() -> DagBag:
    return DagBag(str(PROJECT / "dags"))


@pytest.fixture(scope="session")
def dags(bag: DagBag) -> list[DAG]:
    return list(bag.dags.values())


@pytest.fixture(scope="session")
def news_corpus(bag: DagBag) -> DAG:
    return bag.dags["news_corpus"]


def test_all_files_parse(bag: DagBag) -> None:
    assert bag.import_errors == {}
    assert sorted(bag.dag_ids) == ["news_corpus", "news_corpus_maintenance", "news_corpus_report"]


def test_each_dag_says_whose_it_is_and_how_it_is_used(dags: list[DAG]) -> None:
    for dag in dags:
        assert dag.owner == "news-corpus-etl"
        assert "news-corpus" in dag.tags
        assert dag.description
        assert dag.doc_md is not None
        assert len(dag.doc_md) > 300
        assert all(task.doc_md for task in dag.tasks)


def test_each_dag_starts_nothing_by_surprise(dags: list[DAG]) -> None:
    for dag in dags:
        assert not dag.catchup
        assert dag.max_active_runs <= 4


def test_each_task_has_retries_and_knows_which_failures_are_final(dags: list[DAG]) -> None:
    for task in (task for dag in dags for task in dag.tasks):
        assert task.retries == 2
        assert task.retry_policy is not None
        assert 0 < task.retry_delay.total_seconds() <= 60
        assert task.retry_exponential_backoff == 2.0  # the second wait is twice as long


def test_wiring(news_corpus: DAG) -> None:
    assert {task.task_id: (sorted(task.upstream_task_ids), task.trigger_rule.value) for task in news_corpus.tasks} == {
        "plan": ([], "all_success"),
        "each_batch.extract": (["plan"], "all_success"),
        "each_batch.transform": (["each_batch.extract", "plan"], "all_success"),
        "validate": (["each_batch.transform", "plan"], "none_failed"),
        "load": (["plan", "validate"], "all_success"),
        "clean_up": (["load", "plan"], "all_success"),
        "report": (["clean_up"], "all_done_setup_success"),
    }
    # Whatever became of the day it is reported, and the report decides nothing about the run.
    assert [task.task_id for task in news_corpus.tasks if task.is_teardown] == ["report"]
    assert not any(task.on_failure_fail_dagrun for task in news_corpus.tasks)


def test_parameters(news_corpus: DAG) -> None:
    assert news_corpus.params.dump() == {"day": None, "landing": None, "force": False}
    assert news_corpus.params.get_param("day").schema["format"] == "date"


def test_maintenance_runs_daily_at_the_time_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWS_ETL_MAINTENANCE_TIME", "21:07")
    dag = DagBag(str(PROJECT / "dags")).dags["news_corpus_maintenance"]
    assert isinstance(dag.schedule, CronTriggerTimetable)
    assert dag.schedule.expression == "7 21 * * *"
    assert {task.task_id: sorted(task.upstream_task_ids) for task in dag.tasks} == {
        "find_due_days": [],
        "build_day": ["find_due_days"],
        "verify_files": [],
        "clean": [],
    }


def test_load_updates_the_asset(news_corpus: DAG) -> None:
    assert [asset.name for asset in news_corpus.get_task("load").outlets] == ["news_corpus"]


def test_a_dag_file_costs_little_and_imports_nothing_heavy(record_property: Callable[[str, object], None]) -> None:
    code = """
import json, sys, time
from airflow.sdk import DAG
import airflow.sdk.definitions.decorators
import airflow.models.dagrun  # the processor has it when it forks to parse a file
known = set(sys.modules)
started = time.process_time()
import runpy
runpy.run_path(sys.argv[1])
print(json.dumps([time.process_time() - started, sorted(set(sys.modules) - known)]))
"""
    for file in sorted((PROJECT / "dags").glob("*.py")):
        done = subprocess.run([sys.executable, "-c", code, file], capture_output=True, text=True, check=True)
        seconds, modules = json.loads(done.stdout.splitlines()[-1])
        record_property(f"CPU seconds to parse {file.name}", round(seconds, 3))
        assert HEAVY.isdisjoint(modules)
        assert seconds < 0.5


def test_a_bad_setting_shows_as_an_import_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWS_ETL_CLOSING_TIME", "25:00")
    messages = DagBag(str(PROJECT / "dags")).import_errors.values()
    assert len(messages) == 2  # those that have a schedule from the settings
    assert all("bad value `25:00` for setting `closing_time` in the environment" in message for message in messages)


def test_failures_are_told_once_a_run(dags: list[DAG]) -> None:
    assert all(dag.on_failure_callback is tell_of_failure for dag in dags)


def test_publishing_queues_in_the_pool_that_is_set(news_corpus: DAG, monkeypatch: pytest.MonkeyPatch) -> None:
    assert {task.pool for task in news_corpus.tasks} == {"default_pool"}
    monkeypatch.setenv("NEWS_ETL_PUBLISH_POOL", "publishing")
    dag = DagBag(str(PROJECT / "dags")).dags["news_corpus"]
    assert [task.task_id for task in dag.tasks if task.pool == "publishing"] == ["load"]


def test_a_deadline_is_set_where_asked_for(news_corpus: DAG, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not news_corpus.deadline
    monkeypatch.setenv("NEWS_ETL_DEADLINE_HOURS", "1.5")
    set_to = DagBag(str(PROJECT / "dags")).dags["news_corpus"].deadline
    assert isinstance(set_to, list)
    (alert,) = set_to
    assert (alert.interval, alert.callback.path) == (timedelta(hours=1.5), "etl.notices.tell_of_deadline")


def test_drift_is_looked_for_after_each_published_day(bag: DagBag) -> None:
    schedule = bag.dags["news_corpus_report"].schedule
    assert isinstance(schedule, PartitionedAssetTimetable)
    assert schedule.asset_condition == WAREHOUSE
