"""The DAGs, run task by task as Airflow runs them, over a small landing zone; in one file, as the runs take long."""

import json
import re
from pathlib import Path

from etl.engines.local import LocalEngine
from etl.history import day_states
from etl.settings import Settings
from etl.warehouse import open_warehouse
from tests.conftest import NewsEtl
from tests.dags.conftest import DAY, EMPTY_DAY, NEW_DAY, DagRuns

STAGES_OF_DAY = ["plan", "validate", "load", "clean_up", "report"]


def test_a_day_is_published(dag_runs: DagRuns) -> None:
    result = dag_runs.results["first"]
    assert result["state"] == "success"
    assert set(dag_runs.tasks("first").values()) == {"success"}
    assert sorted(dag_runs.tasks("first")) == sorted(
        STAGES_OF_DAY + [f"each_batch.{stage}[{batch}]" for stage in ("extract", "transform") for batch in range(3)]
    )


def test_tasks_of_batches_are_labelled(dag_runs: DagRuns) -> None:
    assert sorted(set(dag_runs.results["first"]["labels"])) == [f"batch {n} (3 files)" for n in range(3)]


def test_the_asset_event_tells_day_outcome_and_rows(dag_runs: DagRuns) -> None:
    (event,) = dag_runs.results["first"]["events"]
    assert event["extra"]["report"].endswith(f"/news-corpus/_reports/days/{DAY}.html")
    assert event["partition_key"] == DAY
    assert event["extra"]["day"] == DAY
    assert event["extra"]["outcome"] == "published"
    assert event["extra"]["rows"]["articles"] == 9
    assert event["extra"]["rows"]["agencies"] == 18


def test_a_second_run_publishes_nothing(dag_runs: DagRuns) -> None:
    (event,) = dag_runs.results["again"]["events"]
    assert dag_runs.results["again"]["state"] == "success"
    assert event["extra"]["message"].startswith("unchanged, snapshot 1 kept: ")
    assert event["extra"]["rows"]["articles"] == 9
    states = dag_runs.tasks("again")
    assert {states.pop(name) for name in STAGES_OF_DAY} == {"success"}
    assert set(states.values()) == {"skipped"}  # no batches, no groups


def test_staged_files_stay_after_failure_and_go_after_success(dag_runs: DagRuns) -> None:
    # Those of the broken batch too, though a newer run has succeeded: for a day it may be tried again.
    left = sorted(folder.name for folder in (dag_runs.warehouse / "_work").iterdir())
    assert left == [dag_runs.run_of("broken batch"), dag_runs.run_of("blocked")]


def test_the_command_line_makes_the_same_files(dag_runs: DagRuns, tmp_path: Path) -> None:
    landing = dag_runs.warehouse.with_name("shrunk")
    with LocalEngine(Settings(landing=landing, warehouse=tmp_path / "w", workers=1, batch_documents=1)) as engine:
        for day in (EMPTY_DAY, DAY):
            engine.run_day(day)
    by_airflow, by_command = open_warehouse(dag_runs.warehouse).facts, open_warehouse(tmp_path / "w").facts
    assert {day: facts.tables for day, facts in by_airflow.items()} == {d: f.tables for d, f in by_command.items()}


def test_a_day_without_files_is_judged_and_recorded(dag_runs: DagRuns) -> None:
    assert dag_runs.results["empty"]["state"] == "success"
    states = dag_runs.tasks("empty")
    assert {name: state for name, state in states.items() if name in STAGES_OF_DAY} == dict.fromkeys(
        STAGES_OF_DAY, "success"
    )
    assert {state for name, state in states.items() if name not in STAGES_OF_DAY} == {"skipped"}
    assert {state.day: state.state for state in day_states(dag_runs.warehouse)}[EMPTY_DAY] == "empty"
    (event,) = dag_runs.results["empty"]["events"]
    assert event["extra"]["outcome"] == "empty"


def test_a_vanished_landing_zone_fails_the_run(dag_runs: DagRuns) -> None:
    assert dag_runs.results["no landing"]["state"] == "failed"
    assert dag_runs.tasks("no landing")["plan"] == "failed"
    assert dag_runs.tasks("no landing")["load"] == "upstream_failed"
    assert "LandingUnavailable" in dag_runs.log


def test_a_run_without_a_day_fails_at_once_with_the_remedy(dag_runs: DagRuns) -> None:
    assert dag_runs.results["no day"]["tasks"]["plan"] == ["failed", 1]
    assert "trigger it again with parameter `day`" in dag_runs.log


def test_a_broken_batch_keeps_the_day_from_being_validated(dag_runs: DagRuns) -> None:
    states = dag_runs.tasks("broken batch")
    assert states["each_batch.transform[1]"] == "failed"
    assert [states[f"each_batch.transform[{n}]"] for n in (0, 2)] == ["success", "success"]
    assert [states[name] for name in ("validate", "load", "clean_up")] == ["upstream_failed"] * 3
    assert dag_runs.results["broken batch"]["events"] == []


def test_clearing_a_failed_batch_goes_on_from_staged_files(dag_runs: DagRuns) -> None:
    result = dag_runs.results["cleared"]
    assert result["state"] == "success"
    assert (sorted(result["transformed"][:2]), result["transformed"][2:]) == ([0, 2], [1])
    tries = {task: tries for task, (_state, tries) in result["tasks"].items()}
    assert [tries[f"each_batch.extract[{n}]"] for n in range(3)] == [1, 1, 1]
    assert [tries[f"each_batch.transform[{n}]"] for n in range(3)] == [1, 2, 1]
    (event,) = result["events"]
    assert (event["extra"]["outcome"], event["extra"]["rows"]["articles"]) == ("published", 9)
    assert result["staged"] is False


def test_another_landing_zone_is_taken_for_one_run_and_told(dag_runs: DagRuns) -> None:
    (event,) = dag_runs.results["elsewhere"]["events"]
    late = str(dag_runs.warehouse.with_name("late"))
    assert (event["extra"]["outcome"], event["extra"]["landing"]) == ("published", late)
    history = dag_runs.warehouse.with_name("others") / "_runs" / dag_runs.run_of("elsewhere")
    run = json.loads((history / "run.json").read_text())
    assert run["settings"]["landing"] == late
    (event,) = dag_runs.results["first"]["events"]
    assert "landing" not in event["extra"]


def test_drift_is_looked_for(dag_runs: DagRuns) -> None:
    assert dag_runs.tasks("report") == {"tell_of_drift": "success"}
    assert "Told of 0 new alarms" in dag_runs.log


def test_force_publishes_a_day_that_has_shrunk(dag_runs: DagRuns) -> None:
    (event,) = dag_runs.results["forced"]["events"]
    assert event["extra"]["outcome"] == "published"
    assert event["extra"]["rows"]["articles"] == 2


def test_a_blocked_day_is_not_retried_and_publishes_nothing(dag_runs: DagRuns) -> None:
    assert dag_runs.results["blocked"]["state"] == "failed"
    assert dag_runs.results["blocked"]["tasks"]["load"] == ["failed", 1]
    assert dag_runs.tasks("blocked")["clean_up"] == "upstream_failed"
    assert dag_runs.results["blocked"]["events"] == []
    assert open_warehouse(dag_runs.warehouse).facts[DAY].documents == 2


def test_days_are_counted_by_outcome_those_that_failed_too(dag_runs: DagRuns) -> None:
    names = {"first": "published", "again": "unchanged", "empty": "empty", "blocked": "blocked"}
    names |= {"no day": "failed", "no landing": "failed", "broken batch": "failed", "undrawn": "published"}
    assert {name: dag_runs.results[name]["counted"] for name in names} == {n: {o: 1} for n, o in names.items()}


def test_each_run_leaves_the_page_of_its_day_and_that_of_the_corpus(dag_runs: DagRuns) -> None:
    pages = dag_runs.warehouse / "_reports"
    assert sorted(page.name for page in (pages / "days").iterdir()) == sorted(f"{day}.html" for day in (DAY, EMPTY_DAY))
    assert f'href="days/{DAY}.html"' in (pages / "index.html").read_text(encoding="utf-8")


def test_a_report_that_fails_is_seen_and_leaves_the_day_published(dag_runs: DagRuns) -> None:
    assert dag_runs.tasks("undrawn")["report"] == "failed"
    assert dag_runs.results["undrawn"]["state"] == "success"
    (event,) = dag_runs.results["undrawn"]["events"]
    assert event["extra"]["outcome"] == "published"
    assert f"the pages of day {DAY} and of the corpus could not be written" in dag_runs.log
    assert "IsADirectoryError" in dag_runs.log


def test_a_blocked_day_gets_its_page_and_its_run_stays_failed(dag_runs: DagRuns) -> None:
    assert dag_runs.tasks("blocked")["report"] == "success"
    assert dag_runs.results["blocked"]["state"] == "failed"
    page = (dag_runs.warehouse / "_reports" / "days" / f"{DAY}.html").read_text(encoding="utf-8")
    assert "The newest run was blocked" in page


def test_status_says_why_a_day_is_blocked(dag_runs: DagRuns, news_etl: NewsEtl) -> None:
    answer = news_etl("status", "--warehouse", dag_runs.warehouse, "--json")
    (state,) = (state for state in json.loads(answer.stdout) if state["day"] == DAY)
    assert state["state"] == "blocked"
    assert "force" in state["reason"]
    assert state["rows"]["articles"] == 2


def test_each_task_says_in_a_line_or_two_what_it_did(dag_runs: DagRuns) -> None:
    sections = re.findall(r"starting task_id=(\S+) (.+?)end task task_id=", dag_runs.log, re.DOTALL)
    first = sections[: len(dag_runs.tasks("first"))]
    assert [task for task, _ in first][-4:] == ["validate", "load", "clean_up", "report"]
    for task, lines in first:
        said = [line for line in lines.splitlines() if re.search(r"\[(etl\.\S+|\S+_news_corpus)\]", line)]
        assert 1 <= len(said) <= 2, (task, said)
        assert all(re.search(r"\d+ (files|documents|articles|rejects|duplicates|runs|pages)\b", line) for line in said)
    assert "9 articles, 0 related_items, 18 agencies, 0 rejects" in dag_runs.log
    # Neither libraries nor values that tasks return fill pages.
    assert "great_expectations." not in dag_runs.log
    assert "Returned value was" not in dag_runs.log


def triggered(dag_runs: DagRuns, name: str) -> set[str]:
    """The days that runs of `news_corpus` were made for, up to and by a run of the maintenance DAG."""
    return {conf["day"] for conf in dag_runs.results[name]["triggered"].values()}


def test_maintenance_with_nothing_due_is_green(dag_runs: DagRuns) -> None:
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


def test_maintenance_checks_files_and_removes_what_nobody_needs(dag_runs: DagRuns) -> None:
    assert dag_runs.tasks("afterwards") | {"verify_files": "success", "clean": "success"} == dag_runs.tasks(
        "afterwards"
    )
    assert re.search(r"Read [1-9]\d* of 5 files, \d+ bytes: all as they were published", dag_runs.log)
    assert "Removed 0 snapshots, the histories of 0 runs, the staged files of 0, 0 scratch files" in dag_runs.log
