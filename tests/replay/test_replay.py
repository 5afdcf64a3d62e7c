"""A replay moves what now passes into the tables, and leaves what `run --force` would have made, byte for byte."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from etl import due, open_warehouse, staging
from etl.errors import WarehouseLocked
from etl.extract.local_landing import LocalLanding
from etl.extract.locations import name_of
from etl.history import day_states
from etl.load.lock import publishing_lock
from etl.replay.days import replay
from etl.replay.select import LIMIT_CODES
from etl.settings import LIMITS, Settings
from etl.validate.suites import suites_folder
from tests.conftest import landing_of, write_pages
from tests.replay.inline import DAY, InlineEngine, codes_of, replayed, run_days

pytestmark = pytest.mark.usefixtures("few_rules")

OTHER_DAY = "2026-05-05"
RUSSIAN = "Городской совет принял решение о строительстве нового моста через реку. " * 8


@pytest.fixture
def settings(landing: Path, tmp_path: Path) -> Settings:
    """Two days in small parts; the first has two files that cannot be read, besides an empty and a binary one."""
    for name in ("Ort-001b.txt", "Ort-009.txt"):
        (landing / DAY / "bote" / name).symlink_to(tmp_path / "later" / name)
    return Settings(landing=landing, warehouse=tmp_path / "warehouse", batch_documents=3)


@pytest.fixture
def mend(tmp_path: Path) -> Callable[[str, bytes], None]:
    """Let one of the links lead somewhere."""

    def write(name: str, data: bytes) -> None:
        (tmp_path / "later").mkdir(exist_ok=True)
        (tmp_path / "later" / name).write_bytes(data)

    return write


def page(settings: Settings, name: str = "Ort-003.txt") -> bytes:
    """The bytes of a page of the first day."""
    return (landing_of(settings) / DAY / "bote" / name).read_bytes()


def test_a_file_that_can_be_read_now_moves_and_no_other_is_read(
    settings: Settings, mend: Callable[[str, bytes], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_days(settings, DAY)
    assert codes_of(settings) == {"binary": 1, "empty": 1, "unreadable": 2}
    mend("Ort-009.txt", page(settings).replace(b"Ort3", b"Neustadt"))
    read: list[str] = []

    class NotedLanding(LocalLanding):
        def open(self, source_uri: str) -> BinaryIO:
            read.append(name_of(source_uri))
            return super().open(source_uri)

    monkeypatch.setattr(staging, "open_landing", lambda settings: NotedLanding(landing_of(settings)))
    with InlineEngine(settings) as engine:
        [report] = replay(engine, [DAY], ["unreadable"])
    assert read == ["Ort-001b.txt", "Ort-009.txt"]
    assert (report.action, report.outcome, report.snapshot, report.run_id) == (
        "documents",
        "published",
        2,
        f"{DAY}.0002",
    )
    assert (report.replayed, report.moved, report.still_rejected) == (2, 1, {"unreadable": 1})
    assert (report.rejects_before, report.rejects_after, report.newly_rejected, report.vanished) == (4, 3, 0, 0)
    assert codes_of(settings) == {"binary": 1, "empty": 1, "unreadable": 1}
    assert not (settings.warehouse / "_work" / f"{DAY}.0002").exists()
    # Again: nothing has changed since, for the replay has kept what it saw of the day.
    again = replayed(settings, "unreadable")
    assert (again.action, again.outcome, again.moved) == ("documents", "unchanged", 0)


def test_a_permission_is_not_seen_in_the_listing_and_still_noticed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        open_file = os.open

        def refuse(path: Any, *arguments: Any, **options: Any) -> int:
            if str(path).endswith("Ort-002.txt"):
                raise PermissionError(13, "Permission denied")
            return open_file(path, *arguments, **options)

        patched.setattr(os, "open", refuse)
        run_days(settings, DAY)
    assert codes_of(settings)["unreadable"] == 3
    report = replayed(settings, "empty")  # whichever code is asked for
    assert (report.replayed, report.moved, report.still_rejected) == (1, 0, {"empty": 1})
    assert codes_of(settings)["unreadable"] == 2


def test_a_raised_limit_lets_the_large_move(settings: Settings) -> None:
    large = landing_of(settings) / DAY / "bote" / "Ort-004.txt"
    large.write_bytes(large.read_bytes() + b"\nNoch ein Satz, der den Text verl\xc3\xa4ngert." * 60)
    small = settings.model_copy(update={"max_document_bytes": 2500})
    run_days(small, DAY)
    assert codes_of(settings)["too_large"] == 1
    report = replayed(small, "too_large")
    assert (report.outcome, report.still_rejected) == ("unchanged", {"too_large": 1})
    report = replayed(settings, "too_large")
    assert (report.action, report.moved, report.rejects_before, report.rejects_after) == ("documents", 1, 5, 4)


def test_a_raised_limit_counts_for_other_codes_too(settings: Settings) -> None:
    small = settings.model_copy(update={"max_document_bytes": 500})
    run_days(small, DAY)
    too_large = codes_of(settings)["too_large"]
    assert too_large > 2
    report = replayed(settings, "empty")
    assert (report.action, report.replayed, report.moved) == ("documents", 1, 0)
    assert codes_of(settings) == {"binary": 1, "empty": 1, "unreadable": 2}


def test_a_lowered_limit_redoes_the_whole_day(settings: Settings) -> None:
    run_days(settings, DAY)
    report = replayed(settings.model_copy(update={"max_document_bytes": 500}), "empty")
    assert (report.action, report.outcome) == ("whole_day", "published")
    assert report.reason == "made with setting `max_document_bytes` 16777216 -> 500"
    assert report.newly_rejected > 2


def test_every_limit_tells_which_code_it_gives() -> None:
    assert LIMIT_CODES.keys() == set(LIMITS)


def test_a_charset_redoes_the_whole_day(settings: Settings) -> None:
    file = landing_of(settings) / DAY / "gazeta" / "1.txt"
    file.parent.mkdir()
    file.write_bytes(f"Мост\n\n{RUSSIAN}\n\n{RUSSIAN}".encode("cp1251"))
    run_days(settings, DAY)
    assert codes_of(settings)["undecodable"] == 1
    report = replayed(settings.model_copy(update={"charsets": {"gazeta": "cp1251"}}), "undecodable")
    assert (report.action, report.moved, report.rejects_before, report.rejects_after) == ("whole_day", 1, 5, 4)
    assert report.reason == "made with setting `charsets` {} -> {'gazeta': 'cp1251'}"


def test_a_changed_suite_redoes_the_whole_day(settings: Settings, tmp_path: Path) -> None:
    shutil.copytree(suites_folder(None), tmp_path / "suites")
    file = tmp_path / "suites" / "articles.json"
    suite = json.loads(file.read_text(encoding="utf-8"))
    [rule] = [e for e in suite["expectations"] if e["meta"]["rule"] == "headline_length"]
    rule["kwargs"]["max_value"] = len("Stadtrat von Ort0 beschließt neue Brücke über den Fluss") - 1
    file.write_text(json.dumps(suite), encoding="utf-8")
    run_days(settings.model_copy(update={"suites": tmp_path / "suites"}), DAY)
    rejected = codes_of(settings)["rule:headline_length"]
    assert rejected == 8
    report = replayed(settings, "rule:headline_length")
    assert (report.action, report.moved, report.still_rejected) == ("whole_day", rejected, {})
    assert (report.reason or "").startswith("made with suites ")


def test_a_new_parser_redoes_the_whole_day(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    run_days(settings, DAY)
    for module in (due, staging):
        monkeypatch.setattr(module, "parser_version", lambda: "9.9.9+test")
    report = replayed(settings, "empty")
    assert (report.action, report.outcome, report.still_rejected) == ("whole_day", "published", {"empty": 1})
    assert (report.reason or "").endswith(" -> 9.9.9+test")


def test_files_that_came_elsewhere_redo_the_whole_day(settings: Settings, mend: Callable[[str, bytes], None]) -> None:
    run_days(settings, DAY)
    mend("Ort-009.txt", page(settings))
    write_pages(landing_of(settings) / DAY / "bote", 1, "Stadt")
    report = replayed(settings, "unreadable")
    assert report.action == "whole_day"
    assert report.reason == f"since it was built, 1 file came ({DAY}/bote/Stadt-000.txt)"


def test_files_that_changed_and_changed_nothing_are_no_reason_for_ever(settings: Settings) -> None:
    run_days(settings, DAY)
    os.utime(landing_of(settings) / DAY / "bote" / "Ort-000.txt", (1, 1))
    assert run_days(settings, DAY)[0]["outcome"] == "unchanged"
    report = replayed(settings, "empty")
    assert report.action == "documents"


def test_a_day_whose_history_is_gone_is_redone(settings: Settings) -> None:
    run_days(settings, DAY)
    shutil.rmtree(settings.warehouse / "_runs" / f"{DAY}.0001")
    report = replayed(settings, "empty")
    assert (report.action, report.reason) == ("whole_day", f"the history of run {DAY}.0001, which made it, is missing")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ort-001b.txt", ("documents", 1, {"unreadable": 1}, 1)),
        ("Ort-009.txt", ("documents", 0, {"duplicate_document": 1, "unreadable": 1}, 0)),
    ],
    ids=["before its copy", "after its copy"],
)
def test_of_a_document_and_its_published_copy_the_first_survives(
    settings: Settings, mend: Callable[[str, bytes], None], name: str, expected: tuple[Any, ...]
) -> None:
    run_days(settings, DAY)
    mend(name, page(settings))
    report = replayed(settings, "unreadable")
    assert (report.action, report.moved, report.still_rejected, report.newly_rejected) == expected
    assert open_warehouse(settings.warehouse).read("articles").num_rows == 8
    assert codes_of(settings)["duplicate_document"] == 1
    # The copy again, which stays what it is.
    report = replayed(settings, "duplicate_document")
    assert (report.outcome, report.still_rejected) == ("unchanged", {"duplicate_document": 1})


def test_a_link_that_is_gone_is_a_reject_that_vanished(settings: Settings) -> None:
    run_days(settings, DAY)
    (landing_of(settings) / DAY / "bote" / "Ort-009.txt").unlink()
    report = replayed(settings, "unreadable")
    assert (report.action, report.moved, report.vanished, report.rejects_after) == ("documents", 0, 1, 3)


def test_days_are_published_together_and_one_that_may_not_is_left_out(
    settings: Settings, mend: Callable[[str, bytes], None]
) -> None:
    days = (DAY, OTHER_DAY, "2026-05-06", "2026-05-07")
    for day in days[1:]:
        write_pages(landing_of(settings) / day, 4, f"Dorf{day[-1]}")
        (landing_of(settings) / day / "empty.txt").touch()
        (landing_of(settings) / day / "late.txt").symlink_to(landing_of(settings).parent / "later" / f"{day}.txt")
    run_days(settings, *days)
    mend("Ort-009.txt", page(settings).replace(b"Ort3", b"Neustadt"))
    mend(f"{OTHER_DAY}.txt", page(settings).replace(b"Ort3", b"Altstadt"))
    for file in (landing_of(settings) / days[2]).glob("Dorf*"):
        file.unlink()  # the day has shrunk
    with InlineEngine(settings) as engine:
        reports = replay(engine, [*days, "2026-05-08"], ["unreadable"])
    assert [(r.action, r.outcome, r.snapshot, r.moved) for r in reports] == [
        ("documents", "published", 5, 1),
        ("documents", "published", 5, 1),
        ("whole_day", "blocked", None, 0),
        ("documents", "unchanged", 4, 0),
        ("nothing", None, None, 0),
    ]
    assert "DayShrunk" in (reports[2].message or "")
    opened = open_warehouse(settings.warehouse)
    assert opened.snapshot == 5
    assert [opened.read("articles", day=day).num_rows for day in days] == [9, 10, 4, 4]
    states = {state.day: state.state for state in day_states(settings.warehouse)}
    assert states == dict.fromkeys(days, "published") | {days[2]: "blocked"}
    assert (settings.warehouse / "_work" / f"{days[2]}.0002").exists()


def test_a_parser_defect_costs_its_document_and_is_mended_by_a_replay(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(staging, "PARSER", "tests.parsers:fails_on_one")
        run_days(settings, DAY)
    report = replayed(settings, "parse_error")
    assert (report.action, report.read, report.moved) == ("documents", 3, 1)


def test_an_interruption_is_recorded_for_all_days_and_publishes_none(
    settings: Settings, mend: Callable[[str, bytes], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    (landing_of(settings) / OTHER_DAY / "empty.txt").touch()
    run_days(settings, DAY, OTHER_DAY)
    mend("Ort-009.txt", page(settings).replace(b"Ort3", b"Neustadt"))
    with InlineEngine(settings) as engine:
        stages = engine.run_stages

        def interrupted(run: Any, *rest: Any) -> None:
            if run["day"] == OTHER_DAY:
                raise KeyboardInterrupt
            stages(run, *rest)

        monkeypatch.setattr(engine, "run_stages", interrupted)
        with pytest.raises(KeyboardInterrupt):
            replay(engine, [DAY, OTHER_DAY], ["unreadable", "empty"])
    assert open_warehouse(settings.warehouse).snapshot == 2
    assert [(s.state, s.reason) for s in day_states(settings.warehouse)] == [
        ("failed", "interrupted; run the day again"),
    ] * 2


def test_a_locked_warehouse_fails_all_days(settings: Settings) -> None:
    run_days(settings, DAY)
    hurried = settings.model_copy(update={"lock_timeout": 0})
    with (
        InlineEngine(hurried) as engine,
        publishing_lock(settings.warehouse, "someone", 1),
        pytest.raises(WarehouseLocked, match="someone"),
    ):
        replay(engine, [DAY], ["empty"])
    assert day_states(settings.warehouse)[0].state == "failed"
    report = replayed(settings, "empty")
    assert report.action == "documents"
