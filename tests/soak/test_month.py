"""A month of days through a whole Airflow: one backfill, again in each of its modes, two runs of a day, one mended."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from etl.history import OUTCOME_FILE, day_states
from etl.warehouse import open_warehouse
from etl.workspace import Workspace, read_json, runs_of
from tests.conftest import write_pages
from tests.e2e.airflows import Airflow, started, until

pytestmark = pytest.mark.soak

DAYS = [f"2026-03-{day:02}" for day in range(1, 32)]
WITHOUT_FILES = "2026-03-15"
SEVERAL_BATCHES = "2026-03-16"
ALL_WITHIN = 3_600


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("landing")
    for day in DAYS:
        if day != WITHOUT_FILES:
            write_pages(root / day / "bote", 9 if day == SEVERAL_BATCHES else 3)
    return root


@pytest.fixture(scope="module")
def airflow(landing: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Airflow]:
    with started(tmp_path_factory.mktemp("month"), landing, NEWS_ETL_BATCH_DOCUMENTS="3") as running:
        yield running


def wait_for_all(airflow: Airflow, ended: int) -> list[dict[str, Any]]:
    """Wait until no backfill and none of the runs that were asked for is at work, and there are as many as expected."""

    def look() -> list[dict[str, Any]] | None:
        found = [run for run in airflow.runs() if run["run_type"] != "scheduled"]
        working = [run for run in found if run["state"] not in ("success", "failed")]
        backfills = airflow.rest("GET", "/api/v2/backfills?dag_id=news_corpus")["backfills"]
        working += [backfill for backfill in backfills if backfill["completed_at"] is None]
        return found if len(found) >= ended and not working else None

    return until(look, ALL_WITHIN)


def newest(airflow: Airflow, day: str) -> dict[str, Any]:
    """The newest run of a day."""
    found: list[dict[str, Any]] = [run for run in airflow.runs() if run["partition_key"] == day]
    return max(found, key=lambda run: str(run["queued_at"]))


def test_a_month_in_one_backfill_and_again(
    airflow: Airflow, landing: Path, record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]
) -> None:
    asked = time.monotonic()
    airflow.backfill(DAYS[0], DAYS[-1], max_active_runs=4)
    runs = wait_for_all(airflow, 31)
    seconds = round(time.monotonic() - asked, 1)
    record_property("seconds for a backfill of 31 days", seconds)
    with capsys.disabled():
        print(f"\n31 days, 4 at a time: {seconds} s from backfill to green")  # noqa: T201 - what the campaign is for
    assert {run["partition_key"]: run["state"] for run in runs} == dict.fromkeys(DAYS, "success")
    facts = open_warehouse(airflow.warehouse).facts
    assert set(DAYS) <= set(facts)  # the schedule may add the day that closed last
    assert {facts[day].documents for day in DAYS} == {0, 3, 9}

    # A day without files is green and quick, and says what it is.
    empty = newest(airflow, WITHOUT_FILES)
    assert Counter(task["state"] for task in airflow.task_instances(empty["dag_run_id"])) == {
        "success": 5,
        "skipped": 2,
    }
    assert {state.day: state.state for state in day_states(airflow.warehouse)}[WITHOUT_FILES] == "empty"
    batches = airflow.task_instances(newest(airflow, SEVERAL_BATCHES)["dag_run_id"])
    assert Counter(task["task_id"] for task in batches)["each_batch.transform"] == 3

    # Again, only what is missing: nothing is.
    airflow.backfill(DAYS[0], DAYS[2], reprocess="none")
    assert len(wait_for_all(airflow, 31)) == 31
    # What has failed: the second day, whose files were gone for a while.
    away = landing / "away"
    (landing / DAYS[1]).rename(away)
    airflow.rest("POST", "/api/v2/dags/news_corpus/dagRuns", {"logical_date": None, "partition_key": DAYS[1]})
    wait_for_all(airflow, 32)
    assert newest(airflow, DAYS[1])["state"] == "failed"
    away.rename(landing / DAYS[1])
    airflow.backfill(DAYS[0], DAYS[2], reprocess="failed")
    wait_for_all(airflow, 33)
    assert newest(airflow, DAYS[1])["state"] == "success"
    # All of them: nothing has changed, and nothing is published.
    snapshot = open_warehouse(airflow.warehouse).snapshot
    airflow.backfill(DAYS[0], DAYS[2], reprocess="completed")
    runs = wait_for_all(airflow, 36)
    assert Counter(run["state"] for run in runs) == {"success": 35, "failed": 1}
    assert len([run for run in runs if run["partition_key"] in DAYS[:3]]) == 8
    assert open_warehouse(airflow.warehouse).snapshot == snapshot

    # Two runs of one day at once, with more files: one of them publishes, both are green.
    write_pages(landing / DAYS[3] / "bote", 6)
    before = runs_of(airflow.warehouse, DAYS[3])
    for _ in range(2):
        airflow.rest("POST", "/api/v2/dags/news_corpus/dagRuns", {"logical_date": None, "partition_key": DAYS[3]})
    runs = wait_for_all(airflow, 38)
    assert Counter(run["state"] for run in runs) == {"success": 37, "failed": 1}
    after = open_warehouse(airflow.warehouse)
    assert (after.snapshot, after.facts[DAYS[3]].documents) == (snapshot + 1, 6)
    both = runs_of(airflow.warehouse, DAYS[3])[len(before) :]
    outcomes = [read_json(Workspace(airflow.warehouse, run_id).history / OUTCOME_FILE) for run_id in both]
    [published] = [outcome for outcome in outcomes if outcome["outcome"] == "published"]
    [other] = [outcome for outcome in outcomes if outcome["outcome"] != "published"]
    assert (published["snapshot"], published["documents"]) == (snapshot + 1, 6)
    assert other["outcome"] in ("superseded", "unchanged")


def test_clearing_one_failed_task_takes_up_the_day_from_its_staged_files(airflow: Airflow, landing: Path) -> None:
    day = "2026-04-01"
    write_pages(landing / day / "bote", 9)
    run_id = airflow.trigger(day)
    [planned] = until(lambda: runs_of(airflow.warehouse, day))
    # Whatever it tries, the second batch cannot write its articles.
    in_its_way = Workspace(airflow.warehouse, planned).part("transform", "articles", 1)
    in_its_way.mkdir(parents=True)
    assert airflow.end_of(run_id) == "failed"
    assert tries(airflow, run_id) == {
        "extract": [1, 1, 1],
        "transform": [1, 3, 1],
    }

    in_its_way.rmdir()
    one = {
        "task_ids": [["each_batch.transform", 1]],
        "include_downstream": True,
        "dag_run_id": run_id,
        "dry_run": False,
    }
    airflow.rest("POST", "/api/v2/dags/news_corpus/clearTaskInstances", one)
    assert airflow.end_of(run_id) == "success"
    assert tries(airflow, run_id) == {"extract": [1, 1, 1], "transform": [1, 4, 1]}
    assert runs_of(airflow.warehouse, day) == [planned]
    assert open_warehouse(airflow.warehouse).facts[day].documents == 9


def tries(airflow: Airflow, run_id: str) -> dict[str, list[int]]:
    """How often each batch was extracted and transformed."""
    tasks = sorted(airflow.task_instances(run_id), key=lambda task: int(task["map_index"]))
    return {
        name: [task["try_number"] for task in tasks if task["task_id"] == f"each_batch.{name}"]
        for name in ("extract", "transform")
    }
