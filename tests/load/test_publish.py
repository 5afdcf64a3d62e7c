"""Publishing a day: all tables at once, in order, with the refusals and outcomes that a user sees."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from etl import open_warehouse
from etl.contract import Published
from etl.errors import DayShrunk, SchemaVersionMismatch, WarehouseUnusable
from etl.load import publish
from etl.load.day import load_day, merge_day
from etl.load.probe import prepare_warehouse
from etl.load.snapshots import current_number
from etl.tables import TABLES
from etl.workspace import Workspace
from tests.load.staging import DAY, Staged, make_run, stage_day


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """An empty warehouse."""
    prepare_warehouse(tmp_path / "warehouse")
    return tmp_path / "warehouse"


def load(warehouse: Path, number: int, staged: Staged, **options: Any) -> Published:
    """Stage and load one run of the day."""
    run = make_run(warehouse, number, day=staged.day, **options)
    staged.write(run)
    return load_day(run)


def outcome_file(warehouse: Path, number: int) -> dict[str, Any]:
    """What a run has left in its history."""
    run = Workspace(warehouse, f"{DAY}.{number:04d}")
    outcome: dict[str, Any] = json.loads((run.history / "outcome.json").read_text())
    return outcome


def test_first_publish_shows_all_tables(warehouse: Path) -> None:
    result = load(warehouse, 1, stage_day(12))
    assert (result["outcome"], result["snapshot"], result["message"]) == ("published", 1, "published as snapshot 1")
    assert result["rows"]["articles"] == 10
    assert result["reject_counts"] == {"duplicate_document": 1, "empty": 1, "not_an_article": 1}
    assert outcome_file(warehouse, 1) == {**result, "documents": 13}
    assert os.readlink(warehouse / "current") == "_snapshots/000001"  # noqa: PTH115 - the text of the link
    opened = open_warehouse(warehouse)
    assert {name: opened.read(name).num_rows for name in TABLES} == result["rows"]


def test_files_are_immutable_named_by_content_and_shared_by_links(warehouse: Path) -> None:
    load(warehouse, 1, stage_day(12))
    load(warehouse, 1, stage_day(12, day="2015-11-02"))
    one = open_warehouse(warehouse, 1)
    two = open_warehouse(warehouse)
    file = one.facts[DAY].tables["articles"]
    assert file == two.facts[DAY].tables["articles"]
    assert file.name == f"{DAY}-{file.sha256[:16]}.parquet"
    paths = [
        one.path / file.path("articles"),
        two.path / file.path("articles"),
        warehouse / "_data" / file.path("articles"),
    ]
    assert paths[0].parent.name == "ingest_month=2015-10"
    assert len({path.stat().st_ino for path in paths}) == 1
    assert two.days() == [DAY, "2015-11-02"]


def test_days_published_together_make_one_snapshot_and_those_left_out_hold_nobody_up(warehouse: Path) -> None:
    days = [f"2015-10-{number}" for number in range(21, 26)]
    for day in days[1:]:
        load(warehouse, 1, stage_day(12, day=day))
    load(warehouse, 4, stage_day(12, day=days[2]))  # a newer run, unchanged
    pairs = []
    for day, documents in zip(days, [9, 14, 14, 12, 5], strict=True):
        run = make_run(warehouse, 3, day=day)
        stage_day(documents, day=day).write(run)
        pairs.append((run, merge_day(run)))
    results = publish.publish_days(pairs)
    outcomes = ["DayShrunk" if isinstance(r, DayShrunk) else (r["outcome"], r["snapshot"]) for r in results]
    assert outcomes == [("published", 5), ("published", 5), ("superseded", 4), ("unchanged", 4), "DayShrunk"]
    opened = open_warehouse(warehouse)
    assert (opened.snapshot, opened.days()) == (5, days)
    assert [opened.facts[day].documents for day in days] == [10, 15, 13, 13, 13]
    written = [Workspace.of(run).history / "outcome.json" for run, _ in pairs]
    assert [json.loads(path.read_text())["outcome"] for path in written[:4]] == [o[0] for o in outcomes[:4]]
    assert not written[4].exists()


def test_same_day_again_is_unchanged_and_makes_no_snapshot(warehouse: Path) -> None:
    first = load(warehouse, 1, stage_day(12, parts=3))
    again = load(warehouse, 2, stage_day(12, parts=2), force=True)
    assert (again["outcome"], again["snapshot"]) == ("unchanged", 1)
    assert again["message"] == "unchanged, snapshot 1 kept"
    assert again["rows"] == first["rows"]
    assert outcome_file(warehouse, 2)["outcome"] == "unchanged"
    assert [p.name for p in (warehouse / "_snapshots").iterdir()] == ["000001"]


def test_changed_day_replaces_and_the_old_snapshot_stays_readable(warehouse: Path) -> None:
    load(warehouse, 1, stage_day(12))
    load(warehouse, 2, stage_day(14))
    assert open_warehouse(warehouse).read("articles").num_rows == 12
    assert open_warehouse(warehouse, 1).read("articles").num_rows == 10


def test_a_day_back_to_its_former_content_is_published_again(warehouse: Path) -> None:
    load(warehouse, 1, stage_day(12))
    load(warehouse, 2, stage_day(14))
    back = load(warehouse, 3, stage_day(12))
    assert (back["outcome"], back["snapshot"]) == ("published", 3)
    assert open_warehouse(warehouse).facts[DAY].tables == open_warehouse(warehouse, 1).facts[DAY].tables


def test_an_older_plan_is_superseded_by_a_newer_that_published(warehouse: Path) -> None:
    load(warehouse, 2, stage_day(12))
    late = load(warehouse, 1, stage_day(14))
    assert (late["outcome"], late["snapshot"]) == ("superseded", 1)
    assert late["message"] == f"superseded by run {DAY}.0002, nothing published"
    assert set(late["rows"].values()) == {0}
    assert outcome_file(warehouse, 1)["outcome"] == "superseded"
    assert open_warehouse(warehouse).facts[DAY].run_id == f"{DAY}.0002"


def test_an_older_plan_is_superseded_by_a_newer_that_was_unchanged(warehouse: Path) -> None:
    load(warehouse, 1, stage_day(12))
    load(warehouse, 3, stage_day(12))
    assert load(warehouse, 2, stage_day(14))["outcome"] == "superseded"


def test_run_numbers_are_compared_as_numbers(warehouse: Path) -> None:
    load(warehouse, 10000, stage_day(12))
    assert load(warehouse, 9999, stage_day(14))["outcome"] == "superseded"
    assert load(warehouse, 10001, stage_day(14))["outcome"] == "published"


def test_a_newer_run_that_is_blocked_or_still_at_work_supersedes_nothing(warehouse: Path) -> None:
    (warehouse / "_runs" / f"{DAY}.0002").mkdir()
    blocked = warehouse / "_runs" / f"{DAY}.0003" / "outcome.json"
    blocked.parent.mkdir()
    blocked.write_text('{"outcome": "blocked"}')
    assert load(warehouse, 1, stage_day(12))["outcome"] == "published"


def test_an_empty_day_has_files_of_all_tables(warehouse: Path) -> None:
    result = load(warehouse, 1, stage_day(0))
    assert (result["outcome"], result["snapshot"]) == ("empty", 1)
    opened = open_warehouse(warehouse)
    assert opened.facts[DAY].empty
    for name in TABLES:
        assert opened.read(name, day=DAY).num_rows == (1 if name == "runs" else 0)
    assert load(warehouse, 2, stage_day(0))["outcome"] == "unchanged"


@pytest.mark.parametrize("documents", [0, 5])
def test_a_day_that_shrinks_needs_force(warehouse: Path, documents: int) -> None:
    load(warehouse, 1, stage_day(12))
    with pytest.raises(DayShrunk, match=r"published are 13; .*`--force`"):
        load(warehouse, 2, stage_day(documents))
    assert current_number(warehouse) == 1
    assert load(warehouse, 3, stage_day(documents), force=True)["snapshot"] == 2


def test_a_day_may_lose_up_to_half(warehouse: Path) -> None:
    load(warehouse, 1, stage_day(11))
    assert load(warehouse, 2, stage_day(5))["outcome"] == "published"


def test_another_schema_version_is_refused(warehouse: Path) -> None:
    load(warehouse, 1, stage_day(12))
    manifest = warehouse / "current" / "_snapshot.json"
    manifest.write_text(manifest.read_text().replace('"schema_version": 1', '"schema_version": 7'))
    with pytest.raises(SchemaVersionMismatch, match="schema version 7"):
        load(warehouse, 2, stage_day(14))
    with pytest.raises(SchemaVersionMismatch, match="schema version 7"):
        prepare_warehouse(warehouse)
    assert current_number(warehouse) == 1


def test_a_publish_past_a_lock_that_does_not_hold_is_noticed(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(warehouse, 1, stage_day(12))
    build: Callable[..., Any] = publish._build_snapshot

    def interrupted(*arguments: Any) -> Any:
        monkeypatch.setattr(publish, "_build_snapshot", build)
        monkeypatch.setattr("fcntl.flock", lambda *_: None)
        built = build(*arguments)
        load(warehouse, 2, stage_day(12, day="2015-10-22"))
        return built

    monkeypatch.setattr(publish, "_build_snapshot", interrupted)
    with pytest.raises(WarehouseUnusable, match="does not honour flock"):
        load(warehouse, 3, stage_day(14))
    assert open_warehouse(warehouse).days() == [DAY, "2015-10-22"]


def test_current_that_is_no_link_is_refused(warehouse: Path) -> None:
    (warehouse / "current").mkdir()
    with pytest.raises(WarehouseUnusable, match="not a link to a snapshot"):
        load(warehouse, 1, stage_day(12))


def test_a_day_is_published_even_if_old_snapshots_cannot_be_removed(
    warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_settings: object) -> None:
        message = "stale file handle"
        raise OSError(message)

    monkeypatch.setattr(publish, "remove_expired", fail)
    assert load(warehouse, 1, stage_day(12))["outcome"] == "published"
    assert outcome_file(warehouse, 1)["outcome"] == "published"
