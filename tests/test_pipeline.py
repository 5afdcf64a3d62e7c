"""The stages together: what goes in is accounted for, and what is broken is not published."""

import json
import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from etl import open_warehouse, pipeline, staging
from etl.contract import Published
from etl.engines.local import LocalEngine
from etl.errors import (
    AccountingFailed,
    CodeChanged,
    DayShrunk,
    LandingUnavailable,
    RuleBlocked,
    SnapshotMissing,
    WarehouseUnusable,
    WorkerDied,
)
from etl.history import day_states, record_failure, rejects_of_run
from etl.settings import Settings
from etl.transform.record import Document, Record
from etl.transform.rows import article_row
from etl.validate.suites import suites_folder
from etl.workspace import Workspace, iterate_part
from tests.conftest import landing_of, write_pages

pytestmark = pytest.mark.usefixtures("few_rules")

DAY = "2026-05-04"


@pytest.fixture
def settings(landing: Path, tmp_path: Path) -> Settings:
    return Settings(landing=landing, warehouse=tmp_path / "warehouse", batch_documents=3)


def run_day(settings: Settings, day: str = DAY, *, force: bool = False) -> Published:
    run, batches = pipeline.plan(settings, day, force=force)
    for batch in batches:
        pipeline.extract(run, batch)
        pipeline.transform(run, batch)
    pipeline.validate(run)
    published = pipeline.load(run)
    pipeline.clean_up(run)
    return published


def touch(settings: Settings) -> None:
    """Give a file of the day another time, so that the day is done again."""
    os.utime(next((landing_of(settings) / DAY / "bote").iterdir()), (1_700_000_000, 1_700_000_000))


def test_a_document_lost_in_transform_is_not_published(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "iterate_part", lambda path: (batch.slice(1) for batch in iterate_part(path)))
    with pytest.raises(AccountingFailed, match="bote/Ort-"):
        run_day(settings)
    [state] = day_states(settings.warehouse)
    assert (state.state, state.published_run) == ("blocked", None)
    assert "bote/Ort-" in (state.reason or "")
    with pytest.raises(SnapshotMissing):
        open_warehouse(settings.warehouse)


def test_a_parser_defect_costs_one_document(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "PARSER", "tests.parsers:fails_on_one")
    published = run_day(settings)
    assert published["rows"]["articles"] == 7
    assert published["reject_counts"] == {"binary": 1, "empty": 1, "parse_error": 1}
    rejects = open_warehouse(settings.warehouse).read("rejects").to_pylist()
    [defect] = [row for row in rejects if row["code"] == "parse_error"]
    assert defect["message"] == "ZeroDivisionError: no such thing"
    assert defect["source_uri"].endswith("Ort-003.txt")


PLANTED: dict[str, tuple[str, dict[str, Any]]] = {
    "Ort-000.txt": ("url_pattern", {"url": "javascript:alert(1)"}),
    "Ort-001.txt": ("language_known", {"language": "xx"}),
    "Ort-002.txt": ("published_year", {"published_date": date(1492, 10, 12)}),
    "Ort-003.txt": ("headline_length", {"headline": "Titel " * 100}),
    "Ort-004.txt": ("authors_plausible", {"authors": ["wer@ort.example"]}),
    "Ort-005.txt": ("paragraphs_agree", {"paragraph_count": 7}),
}
"""By file: the rule that must find the row, and what is planted in it."""


def plant(monkeypatch: pytest.MonkeyPatch, change: Callable[[str, dict[str, Any]], None]) -> None:
    def planted(document: Document, record: Record, version: str) -> dict[str, Any]:
        row = article_row(document, record, version)
        change(document.source_uri, row)
        return row

    monkeypatch.setattr(staging, "article_row", planted)


def plant_all(monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, lambda uri, row: row.update(PLANTED.get(Path(uri).name, ("", {}))[1]))


def test_planted_rows_are_rejects_of_the_right_rule(
    settings: Settings, suites: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant_all(monkeypatch)
    published = run_day(settings.model_copy(update={"suites": suites}))
    assert published["rows"]["articles"] == 2
    opened = open_warehouse(settings.warehouse)
    rejects = [row for row in opened.read("rejects").to_pylist() if row["row_table"] == "articles"]
    assert {Path(row["source_uri"]).name: row["code"] for row in rejects} == {
        name: f"rule:{rule}" for name, (rule, _) in PLANTED.items()
    }
    assert len(rejects) == len(PLANTED)
    for row in rejects:
        kept = json.loads(row["row_json"])
        assert kept["article"]["body"].startswith("Der Stadtrat von Ort")
        assert [agency["agency_code"] for agency in kept["agencies"]] == ["apa", "dpa"]
    assert opened.read("agencies").num_rows == 4  # children go with their article


@pytest.fixture
def suites(tmp_path: Path) -> Path:
    """A copy of the project's suites that a test may edit."""
    folder = tmp_path / "suites"
    shutil.copytree(suites_folder(None), folder)
    return folder


def edit_rule(suites: Path, table: str, rule: str, **kwargs: Any) -> None:
    file = suites / f"{table}.json"
    suite = json.loads(file.read_text(encoding="utf-8"))
    [expectation] = [e for e in suite["expectations"] if e["meta"]["rule"] == rule]
    expectation["kwargs"].update(kwargs)
    file.write_text(json.dumps(suite), encoding="utf-8")


def test_one_number_in_a_suite_changes_the_verdict(
    settings: Settings, suites: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant_all(monkeypatch)
    edited = settings.model_copy(update={"suites": suites})
    edit_rule(suites, "articles", "headline_length", max_value=10_000)
    published = run_day(edited)
    assert published["rows"]["articles"] == 3
    assert "rule:headline_length" not in published["reject_counts"]


def test_a_broken_invariant_blocks_and_status_says_why(
    settings: Settings, suites: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings.model_copy(update={"suites": suites})
    run_day(settings)
    touch(settings)
    plant(monkeypatch, lambda uri, row: row.update(content_hash="?" if uri.endswith("Ort-006.txt") else "0" * 32))
    with pytest.raises(RuleBlocked, match="content_hash_pattern"):
        run_day(settings)
    [state] = day_states(settings.warehouse)
    assert (state.state, state.run_id, state.published_run) == ("blocked", f"{DAY}.0002", f"{DAY}.0001")
    assert "content_hash_pattern" in (state.reason or "")
    left = rejects_of_run(settings.warehouse, state.run_id)
    assert left is not None
    assert set(left.column("code").to_pylist()) >= {"empty", "binary"}
    assert open_warehouse(settings.warehouse).snapshot == 1


def test_a_vanished_landing_root_is_a_failure_and_keeps_the_day(settings: Settings) -> None:
    run_day(settings)
    landing_of(settings).rename(landing_of(settings).with_name("elsewhere"))
    with pytest.raises(LandingUnavailable):
        run_day(settings)
    assert open_warehouse(settings.warehouse).read("articles").num_rows == 8
    [state] = day_states(settings.warehouse)
    assert (state.state, state.published_run) == ("failed", f"{DAY}.0001")
    assert str(landing_of(settings)) in (state.reason or "")


def test_a_mistyped_landing_zone_creates_no_warehouse(settings: Settings) -> None:
    with pytest.raises(LandingUnavailable):
        run_day(settings.model_copy(update={"landing": landing_of(settings) / "lnading"}))
    assert not settings.warehouse.exists()


def test_a_landing_zone_that_vanishes_after_planning_is_a_failure_and_keeps_the_day(settings: Settings) -> None:
    run_day(settings)
    run, [batch, *_] = pipeline.plan(settings, DAY, force=True)
    (landing_of(settings) / DAY).rename(
        landing_of(settings) / "elsewhere"
    )  # an unmounted folder may still be there, empty
    with pytest.raises(LandingUnavailable, match="gone since the day was planned"):
        pipeline.extract(run, batch)
    [state] = day_states(settings.warehouse)
    assert (state.state, state.rows["articles"]) == ("failed", 8)


def test_files_that_cannot_be_read_do_not_replace_the_day(settings: Settings) -> None:
    run_day(settings)
    readable = landing_of(settings).rename(landing_of(settings).with_name("readable"))
    for file in [path for path in readable.rglob("*") if path.is_file()]:
        link = landing_of(settings) / file.relative_to(readable)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to("nowhere")
    with pytest.raises(DayShrunk, match=r"has 0 documents \(10 files, 10 .*unreadable.*\), published are 10"):
        run_day(settings)
    assert open_warehouse(settings.warehouse).read("articles").num_rows == 8
    assert run_day(settings, force=True)["reject_counts"] == {"unreadable": 10}
    assert run_day(settings.model_copy(update={"batch_documents": 5}))["outcome"] == "unchanged"
    shutil.rmtree(landing_of(settings))
    readable.rename(landing_of(settings))
    assert run_day(settings)["rows"]["articles"] == 8


def test_a_broken_parser_does_not_replace_the_day(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    run_day(settings)
    touch(settings)
    monkeypatch.setattr(staging, "PARSER", "tests.parsers:fails")
    with pytest.raises(DayShrunk, match="has 2 documents"):  # one is empty, one binary
        run_day(settings)
    assert open_warehouse(settings.warehouse).read("articles").num_rows == 8
    rejects = rejects_of_run(settings.warehouse, f"{DAY}.0002")
    assert rejects is not None
    assert rejects["code"].to_pylist().count("parse_error") == 8


def test_a_warehouse_in_the_folder_of_the_day_is_refused(settings: Settings) -> None:
    inside = settings.model_copy(update={"warehouse": landing_of(settings) / DAY / "warehouse"})
    with pytest.raises(WarehouseUnusable, match="--warehouse"):
        run_day(inside)
    assert not inside.warehouse.exists()
    beside = settings.model_copy(update={"warehouse": landing_of(settings) / "warehouse"})
    assert run_day(beside)["outcome"] == "published"


def test_staged_files_of_older_runs_go_with_the_next_success(settings: Settings) -> None:
    killed, failed, blocked, to_be_retried, at_work = (pipeline.plan(settings, DAY)[0] for _ in range(5))
    other_day, _ = pipeline.plan(settings, "2026-05-05")
    record_failure(blocked, "load", "blocked", "half of the day is gone", "DayShrunk")
    for run in (failed, to_be_retried):
        record_failure(run, "load", "failed", "no space left", "OSError")
    for run in (killed, failed, other_day):
        os.utime(Workspace.of(run).history, (0, 0))
    run_day(settings)
    gone, kept = (killed, failed, blocked), (to_be_retried, at_work, other_day)
    assert [Workspace.of(run).work.exists() for run in (*gone, *kept)] == [False] * 3 + [True] * 3
    [state, *_] = day_states(settings.warehouse)
    assert state.state == "published"


def test_status_tells_since_when_a_day_has_no_outcome(settings: Settings) -> None:
    run, _ = pipeline.plan(settings, DAY)
    os.utime(Workspace.of(run).history, (1_700_000_000, 1_700_000_000))
    [state] = day_states(settings.warehouse)
    assert state.state == "running"
    assert state.reason == "no outcome since 2023-11-14 22:13 UTC; if nothing works on it, run the day again"


def test_a_run_killed_just_after_it_published_is_published(settings: Settings) -> None:
    run_day(settings)
    (Workspace(settings.warehouse, f"{DAY}.0001").history / "outcome.json").unlink()
    [state] = day_states(settings.warehouse)
    assert (state.state, state.reason) == ("published", None)


def test_a_file_that_vanishes_after_planning_is_a_reject(settings: Settings) -> None:
    run, batches = pipeline.plan(settings, DAY)
    (landing_of(settings) / DAY / "bote" / "Ort-000.txt").unlink()
    for batch in batches:
        pipeline.extract(run, batch)
        pipeline.transform(run, batch)
    pipeline.validate(run)
    published = pipeline.load(run)
    assert published["rows"]["articles"] == 7
    assert published["reject_counts"]["unreadable"] == 1


def test_a_batch_is_not_parsed_by_other_code_than_planned_it(settings: Settings) -> None:
    run, [batch, *_] = pipeline.plan(settings, DAY)
    pipeline.extract(run, batch)
    run["parser_version"] = "0.0.1+elsewhere"
    with pytest.raises(CodeChanged, match="same code"):
        pipeline.transform(run, batch)
    assert day_states(settings.warehouse)[0].state == "failed"


def test_stages_may_be_repeated(settings: Settings) -> None:
    run, batches = pipeline.plan(settings, DAY)
    for _ in range(2):
        for batch in batches:
            pipeline.extract(run, batch)
            pipeline.transform(run, batch)
    pipeline.validate(run)
    pipeline.validate(run)
    assert pipeline.load(run)["outcome"] == "published"
    assert pipeline.load(run)["outcome"] == "unchanged"


def test_the_newer_plan_wins(settings: Settings) -> None:
    older, batches = pipeline.plan(settings, DAY)
    write_pages(landing_of(settings) / DAY / "bote", 9)
    assert run_day(settings)["rows"]["articles"] == 9
    for batch in batches:
        pipeline.extract(older, batch)
        pipeline.transform(older, batch)
    pipeline.validate(older)
    late = pipeline.load(older)
    assert late["outcome"] == "superseded"
    assert open_warehouse(settings.warehouse).read("articles").num_rows == 9
    [state] = day_states(settings.warehouse)
    assert (state.state, state.run_id) == ("published", f"{DAY}.0002")


def test_an_older_run_whose_batch_is_tried_again_is_superseded(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    older, batches = pipeline.plan(settings, DAY)
    for batch in batches:
        pipeline.extract(older, batch)
    with monkeypatch.context() as patched:
        patched.setattr(staging, "parse_apart", Mock(side_effect=OSError("no space left")))
        with pytest.raises(OSError, match="no space"):  # which Airflow tries again
            pipeline.transform(older, batches[0])
    write_pages(landing_of(settings) / DAY / "bote", 9)
    assert run_day(settings)["outcome"] == "published"
    for batch in batches:
        pipeline.transform(older, batch)
    pipeline.validate(older)
    assert pipeline.load(older)["outcome"] == "superseded"
    pipeline.clean_up(older)
    assert not Workspace.of(older).work.exists()
    [state] = day_states(settings.warehouse)
    assert (state.state, state.run_id, state.rows["articles"]) == ("published", f"{DAY}.0002", 9)


def test_the_local_engine_says_when_a_worker_died(settings: Settings) -> None:
    with LocalEngine(settings.model_copy(update={"workers": 1})) as engine:
        [worker] = _started_workers(engine)
        worker.kill()
        with pytest.raises(WorkerDied, match="memory"):
            engine.run_day(DAY)
        [state] = day_states(settings.warehouse)
        assert (state.state, state.reason is not None) == ("failed", True)
        assert engine.run_day(DAY).published["outcome"] == "published"


def _started_workers(engine: LocalEngine) -> list[Any]:
    engine._pool.submit(int).result()
    return list(engine._pool._processes.values())
