"""Days that are done again, days that are left as they are, and what is said of either."""

import ctypes
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from etl import due, open_warehouse, pipeline, staging
from etl.contract import Published
from etl.due import closed_before, day_conditions
from etl.engines.local import LocalEngine
from etl.errors import DayShrunk, LandingUnavailable, RuleBlocked, SuiteInvalid
from etl.history import day_states
from etl.load.lock import publishing_lock
from etl.settings import Settings
from etl.transform.version import parser_version
from etl.validate.suites import suites_folder
from etl.workspace import Workspace
from tests.conftest import NewsEtl, landing_of, write_pages

pytestmark = pytest.mark.usefixtures("few_rules")

DAY, OTHER = "2026-05-04", "2026-05-05"


@pytest.fixture
def settings(landing: Path, tmp_path: Path) -> Settings:
    return Settings(landing=landing, warehouse=tmp_path / "warehouse")


def run_day(settings: Settings, day: str = DAY, *, force: bool = False) -> Published:
    run, batches = pipeline.plan(settings, day, force=force)
    for batch in batches:
        pipeline.extract(run, batch)
        pipeline.transform(run, batch)
    pipeline.validate(run)
    published = pipeline.load(run)
    pipeline.clean_up(run)
    return published


def works(settings: Settings, day: str = DAY) -> bool:
    """Whether a run of the day has anything to do."""
    run, _ = pipeline.plan(settings, day)
    return "kept" not in run


def kinds(settings: Settings) -> dict[str, str | None]:
    return {found.day: found.due.kind if found.due else None for found in day_conditions(settings)}


def why(settings: Settings, day: str = DAY) -> str:
    (found,) = day_conditions(settings, [day])
    return found.due.why if found.due else ""


def page(settings: Settings, number: int = 0) -> Path:
    return landing_of(settings) / DAY / "bote" / f"Ort-{number:03}.txt"


def test_an_unchanged_day_does_no_work_and_says_so(settings: Settings) -> None:
    first = run_day(settings)
    run, batches = pipeline.plan(settings, DAY)
    assert batches == []
    assert not Workspace.of(run).work.exists()
    again = run_day(settings)
    assert again["outcome"] == "unchanged"
    assert again["message"] == f"unchanged, snapshot 1 kept: same files, code and settings as in run {DAY}.0001"
    assert (again["rows"], again["reject_counts"]) == (first["rows"], first["reject_counts"])
    assert kinds(settings) == {DAY: None, OTHER: "new"}
    [state] = day_states(settings.warehouse)
    assert (state.state, state.run_id) == ("published", f"{DAY}.0003")


def test_force_does_all_the_work(settings: Settings) -> None:
    run_day(settings)
    run, batches = pipeline.plan(settings, DAY, force=True)
    assert batches
    assert "kept" not in run


def test_an_empty_day_is_left_alone_until_files_come(settings: Settings) -> None:
    assert run_day(settings, "2026-06-01")["outcome"] == "empty"
    assert run_day(settings, "2026-06-01")["outcome"] == "unchanged"
    write_pages(landing_of(settings) / "2026-06-01", 2)
    assert kinds(settings)["2026-06-01"] == "stale"
    assert "2 files came (2026-06-01/Ort-000.txt, 2026-06-01/Ort-001.txt)" in why(settings, "2026-06-01")
    assert run_day(settings, "2026-06-01")["rows"]["articles"] == 2


def test_another_time_of_the_same_bytes_is_looked_at_once(settings: Settings) -> None:
    run_day(settings)
    os.utime(page(settings), (1_700_000_000, 1_700_000_000))
    assert f"1 file changed ({DAY}/bote/Ort-000.txt)" in why(settings)
    assert run_day(settings)["message"] == "unchanged, snapshot 1 kept"
    assert kinds(settings)[DAY] is None
    assert run_day(settings)["message"].endswith(f"as in run {DAY}.0002")


def test_files_that_come_vanish_and_change_are_counted_with_examples(settings: Settings) -> None:
    run_day(settings)
    write_pages(landing_of(settings) / DAY / "bote", 5, "Spaet")
    page(settings).unlink()
    page(settings, 1).write_text("Etwas ganz anderes.\n")
    found = why(settings)
    assert f"5 files came ({DAY}/bote/Spaet-000.txt, " in found
    assert f"1 file vanished ({DAY}/bote/Ort-000.txt)" in found
    assert f"1 file changed ({DAY}/bote/Ort-001.txt)" in found
    assert kinds(settings)[DAY] == "stale"
    assert run_day(settings)["outcome"] == "published"
    assert kinds(settings)[DAY] is None


def test_another_parser_makes_a_day_outdated(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    run_day(settings)
    for module in (due, staging):
        monkeypatch.setattr(module, "parser_version", lambda: "9.9.9+new")
    assert kinds(settings)[DAY] == "outdated"
    assert why(settings) == f"made with parser {parser_version()} -> 9.9.9+new"
    assert run_day(settings)["outcome"] == "published"
    assert kinds(settings)[DAY] is None


def test_another_setting_of_the_data_makes_a_day_outdated_one_of_speed_does_not(settings: Settings) -> None:
    run_day(settings)
    assert not works(settings.model_copy(update={"batch_documents": 2, "workers": 3, "keep_hours": 1.0}))
    other = settings.model_copy(update={"languages": ("en",)})
    assert why(other) == "made with setting `languages` [] -> ['en']"
    assert works(other)


def test_other_suites_make_a_day_outdated(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "suites"
    shutil.copytree(suites_folder(None), folder)
    settings = settings.model_copy(update={"suites": folder})
    run_day(settings)
    assert not works(settings)
    file = folder / "articles.json"
    suite = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(suite | {"notes": "other words"}), encoding="utf-8")
    assert "made with suites " in why(settings)
    assert works(settings)
    file.write_text("{")
    with pytest.raises(SuiteInvalid):
        works(settings)
    [state] = day_states(settings.warehouse)
    assert state.state == "failed"


def test_another_schema_makes_a_day_outdated(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    run_day(settings)
    monkeypatch.setattr(due, "SCHEMA_VERSION", 99)
    assert why(settings).endswith("-> 99")


@pytest.mark.parametrize("name", ["run.json", "manifest.parquet", "outcome.json"])
def test_without_the_history_of_the_publishing_run_all_is_done_again(settings: Settings, name: str) -> None:
    run_day(settings)
    (Workspace(settings.warehouse, f"{DAY}.0001").history / name).unlink()
    assert works(settings)


def test_a_day_with_unreadable_files_is_always_done_again(settings: Settings) -> None:
    link = landing_of(settings) / DAY / "later.txt"
    link.symlink_to("nowhere")
    assert run_day(settings)["reject_counts"]["unreadable"] == 1
    assert "1 documents could not be read or parsed" in why(settings)
    assert works(settings)


@contextmanager
def unprivileged() -> Iterator[None]:
    """Let permissions of files hold in this thread, for root too."""
    libc = ctypes.CDLL(None)
    if os.geteuid() == 0:
        libc.setfsuid(65534)
    try:
        yield
    finally:
        if os.geteuid() == 0:
            libc.setfsuid(0)


def test_a_file_made_readable_again_is_read_though_its_times_are_the_same() -> None:
    with tempfile.TemporaryDirectory(prefix="news-etl-") as folder:  # pytest's own is closed to all but its user
        root = Path(folder)
        settings = Settings(landing=root / "landing", warehouse=root / "w")
        write_pages(root / "landing" / DAY / "bote", 3)
        closed = root / "landing" / DAY / "bote" / "Ort-000.txt"
        run, [batch] = pipeline.plan(settings, DAY)
        for path in (root, *root.rglob("*")):
            path.chmod(0o777)
        closed.chmod(0)
        with unprivileged():
            assert pipeline.extract(run, batch)["rejects"] == 1
        pipeline.transform(run, batch)
        pipeline.validate(run)
        assert pipeline.load(run)["reject_counts"] == {"unreadable": 1}
        closed.chmod(0o644)
        assert kinds(settings) == {DAY: "stale"}
        assert run_day(settings)["rows"]["articles"] == 3
        assert kinds(settings) == {DAY: None}


def block(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_run: object) -> None:
        message = "rule `x` fails"
        raise RuleBlocked(message)

    monkeypatch.setattr("etl.validate.day.validate_day", refuse)


def test_a_blocked_day_is_tried_again_only_when_something_has_changed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    block(monkeypatch)
    with pytest.raises(RuleBlocked):
        run_day(settings)
    assert kinds(settings)[DAY] is None
    write_pages(landing_of(settings) / DAY / "bote", 9)
    assert kinds(settings)[DAY] == "stale"


def test_a_day_that_failed_for_want_of_its_files_is_due(settings: Settings) -> None:
    run_day(settings)
    moved = landing_of(settings).rename(landing_of(settings).with_name("moved"))
    with pytest.raises(LandingUnavailable):
        run_day(settings)
    moved.rename(landing_of(settings))
    assert kinds(settings)[DAY] == "stale"
    assert run_day(settings)["outcome"] == "unchanged"
    assert kinds(settings)[DAY] is None


def test_a_day_blocked_because_its_files_could_not_be_read_is_due(settings: Settings) -> None:
    run_day(settings)
    for number in range(8):
        page(settings, number).unlink()
        page(settings, number).symlink_to("nowhere")
    with pytest.raises(DayShrunk):
        run_day(settings)
    assert kinds(settings)[DAY] == "stale"


def test_a_run_at_work_is_left_alone_and_a_killed_one_is_not_waited_for_for_ever(settings: Settings) -> None:
    run, _ = pipeline.plan(settings, DAY)  # and nothing more: killed before it published
    assert kinds(settings)[DAY] is None
    os.utime(Workspace.of(run).history, (0, 0))
    assert kinds(settings)[DAY] == "new"
    assert run_day(settings)["outcome"] == "published"


def test_a_killed_run_over_a_published_day_hides_no_change(settings: Settings) -> None:
    run_day(settings)
    write_pages(landing_of(settings) / DAY / "bote", 9)
    run, _ = pipeline.plan(settings, DAY)
    os.utime(Workspace.of(run).history, (0, 0))
    assert "1 file came" in why(settings)
    assert run_day(settings)["rows"]["articles"] == 9


def test_a_run_that_publishes_meanwhile_keeps_the_other_from_calling_the_day_unchanged(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_day(settings)
    busy: list[str] = []

    def lock(*arguments: Any) -> Any:
        if not busy:
            busy.append("once")
            write_pages(landing_of(settings) / DAY / "bote", 9)
            run_day(settings)
        return publishing_lock(*arguments)

    monkeypatch.setattr(due, "publishing_lock", lock)
    run, batches = pipeline.plan(settings, DAY)
    assert "kept" not in run
    assert batches


def test_an_older_run_does_not_replace_what_a_newer_one_found_unchanged(settings: Settings) -> None:
    run_day(settings)
    extra = landing_of(settings) / DAY / "bote" / "Spaet-000.txt"
    write_pages(landing_of(settings) / DAY / "bote", 1, "Spaet")
    older, batches = pipeline.plan(settings, DAY)
    extra.unlink()
    assert run_day(settings)["outcome"] == "unchanged"
    for batch in batches:
        pipeline.extract(older, batch)
        pipeline.transform(older, batch)
    pipeline.validate(older)
    assert pipeline.load(older)["outcome"] == "superseded"
    assert open_warehouse(settings.warehouse).read("articles", day=DAY).num_rows == 8


def test_a_day_built_from_another_folder_is_not_stale_here(settings: Settings, tmp_path: Path) -> None:
    write_pages(tmp_path / "clippings", 2)
    run_day(settings.model_copy(update={"landing": tmp_path / "clippings", "day_folder": ""}), "2026-01-01")
    assert kinds(settings)["2026-01-01"] is None


def test_the_local_engine_does_nothing_either(settings: Settings) -> None:
    with LocalEngine(settings.model_copy(update={"workers": 1})) as engine:
        assert engine.run_day(DAY).published["outcome"] == "published"
        seen: list[str] = []
        again = engine.run_day(DAY, progress=lambda stage, *_: seen.append(stage))
    assert again.published["outcome"] == "unchanged"
    assert seen == []
    assert again.seconds.keys() == {"plan"}


@pytest.mark.parametrize(
    ("now", "newest"),
    [("2026-03-03T03:29", "2026-03-01"), ("2026-03-03T03:31", "2026-03-02"), ("2026-03-03T23:00", "2026-03-02")],
)
def test_the_newest_closed_day(now: str, newest: str) -> None:
    assert closed_before(Settings(), datetime.fromisoformat(now).replace(tzinfo=UTC)) == newest


def test_the_newest_closed_day_is_left_to_the_schedule(settings: Settings) -> None:
    found = pipeline.due_days(settings, datetime(2026, 5, 6, 4, tzinfo=UTC))
    assert [(day["day"], day["kind"], day["newest_run"]) for day in found] == [(DAY, "new", "")]


def states(news_etl: NewsEtl, *arguments: str | Path) -> dict[str, tuple[str, str | None]]:
    shown = news_etl("status", *arguments, "--json")
    assert shown.returncode == 0, shown.stderr
    return {state["day"]: (state["state"], state["due"]) for state in json.loads(shown.stdout)}


def test_stale_days_are_shown_and_brought_up_to_date(landing: Path, tmp_path: Path, news_etl: NewsEtl) -> None:
    place = ("--landing", landing, "--warehouse", tmp_path / "w")
    assert news_etl("run", *place, "--date", DAY).returncode == 0
    write_pages(landing / DAY / "bote", 9)
    assert states(news_etl, *place) == {DAY: ("published", "stale"), OTHER: ("new", "new")}
    assert states(news_etl, *place, "--date", OTHER) == {OTHER: ("new", "new")}
    assert states(news_etl, *place, "--warehouse-only") == {DAY: ("published", "unknown")}
    shown = news_etl("status", *place).stdout
    assert f"{DAY} stale: since it was built, 1 file came ({DAY}/bote/Ort-008.txt)" in shown
    assert f"{OTHER} new: 5 files in the landing zone, never run" in shown
    ran = news_etl("run", "--stale", *place)
    assert ran.returncode == 0, ran.stderr
    assert f"{DAY} stale: since it was built, 1 file came" in ran.stderr
    assert [line.split()[:2] for line in ran.stdout.splitlines()] == [[DAY, "published"], [OTHER, "published"]]
    again = news_etl("run", "--stale", *place)
    assert (again.returncode, again.stdout) == (0, "nothing to do: 2 days are up to date\n")
    assert news_etl("run", "--stale", "--json", *place).stdout == ""
    for path in list((landing / DAY / "bote").iterdir())[1:]:
        path.unlink()
    refused = news_etl("run", "--stale", *place)
    assert refused.returncode == 1
    assert "DayShrunk" in refused.stderr
    left = news_etl("run", "--stale", *place)
    assert left.returncode == 0
    assert f"left alone, would end as before; see `news-etl status`: {DAY}" in left.stderr


def test_only_the_days_asked_for_are_brought_up_to_date(landing: Path, tmp_path: Path, news_etl: NewsEtl) -> None:
    ran = news_etl("run", "--stale", "--landing", landing, "--warehouse", tmp_path / "w", "--date", OTHER, "--json")
    (line,) = [json.loads(line) for line in ran.stdout.splitlines()]
    assert (line["day"], line["due"], line["outcome"]) == (OTHER, "new", "published")
    assert "never run" in line["why"]


def test_status_works_without_the_landing_zone(landing: Path, tmp_path: Path, news_etl: NewsEtl) -> None:
    place = ("--landing", landing, "--warehouse", tmp_path / "w")
    assert news_etl("run", *place).returncode == 0
    landing.rename(tmp_path / "moved")
    shown = news_etl("status", *place)
    assert shown.returncode == 0
    assert "not compared with the landing zone" in shown.stderr
    assert "published" in shown.stdout
    assert states(news_etl, *place)[DAY] == ("published", "unknown")
    assert news_etl("run", "--stale", *place).returncode == 1
