"""Retention: what is new, or was current lately, stays; leftovers of crashes go; nothing else is touched."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from etl import open_warehouse
from etl.errors import WarehouseLocked
from etl.load.day import load_day
from etl.load.lock import publishing_lock
from etl.load.probe import prepare_warehouse
from etl.load.retention import apply_retention, snapshots_kept
from etl.settings import Settings
from tests.load.staging import DAY, make_run, stage_day

LATER = datetime.now(UTC) + timedelta(hours=100)


def build(folder: Path, publishes: int, **settings: Any) -> Settings:
    """A warehouse in which one day was published again and again."""
    warehouse = folder / "warehouse"
    prepare_warehouse(warehouse)
    for number in range(1, publishes + 1):
        run = make_run(warehouse, number, **settings)
        stage_day(12, text=f"Text {number}").write(run)
        assert load_day(run)["outcome"] == "published"
    return Settings.from_json(make_run(warehouse, **settings)["settings"])


def data_files(settings: Settings) -> int:
    """Files of articles in `_data`."""
    return len(list((settings.warehouse / "_data" / "articles").rglob("*.parquet")))


def test_snapshots_go_only_when_both_many_and_old(tmp_path: Path) -> None:
    settings = build(tmp_path, 4, keep_snapshots=2, keep_hours=72)
    assert apply_retention(settings) == []
    assert snapshots_kept(settings.warehouse) == [1, 2, 3, 4]
    assert apply_retention(settings.model_copy(update={"keep_snapshots": 4}), now=LATER) == []
    assert apply_retention(settings, now=LATER) == [1, 2]
    assert snapshots_kept(settings.warehouse) == [3, 4]
    assert data_files(settings) == 2
    assert open_warehouse(settings.warehouse, 3).read("articles").num_rows == 10


def test_publishing_applies_retention_and_never_removes_the_current(tmp_path: Path) -> None:
    settings = build(tmp_path, 3, keep_snapshots=1, keep_hours=0)
    assert snapshots_kept(settings.warehouse) == [3]
    assert data_files(settings) == 1
    assert apply_retention(settings, now=LATER) == []
    assert open_warehouse(settings.warehouse).read("articles").num_rows == 10


def test_age_counts_from_when_a_snapshot_was_replaced(tmp_path: Path) -> None:
    settings = build(tmp_path, 2, keep_snapshots=1, keep_hours=72)
    manifest = settings.warehouse / "current" / "_snapshot.json"
    replaced = open_warehouse(settings.warehouse)._manifest.replaced[1]
    # Made long ago, but current until just now: a reader may have opened it a moment before.
    (settings.warehouse / "_snapshots" / "000001").touch()
    assert apply_retention(settings, now=datetime.fromisoformat(replaced) + timedelta(hours=71)) == []
    assert "replaced" in manifest.read_text()
    assert apply_retention(settings, now=datetime.fromisoformat(replaced) + timedelta(hours=73)) == [1]


def test_leftovers_of_crashes_go_whatever_their_age(tmp_path: Path) -> None:
    settings = build(tmp_path, 1)
    half_built = settings.warehouse / "_snapshots" / "000002" / "articles"
    half_built.mkdir(parents=True)
    removing = settings.warehouse / "_snapshots" / "removed-000000" / "articles"
    removing.mkdir(parents=True)
    orphan = settings.warehouse / "_data" / "articles" / "ingest_month=2015-10" / f"{DAY}-0123456789abcdef.parquet"
    orphan.write_bytes(b"moved here, and then the power went")
    assert apply_retention(settings) == [2]
    assert [p.name for p in (settings.warehouse / "_snapshots").iterdir()] == ["000001"]
    assert not orphan.exists()
    assert open_warehouse(settings.warehouse).read("articles").num_rows == 10


def test_an_empty_warehouse_has_nothing_to_remove(tmp_path: Path) -> None:
    assert apply_retention(build(tmp_path, 0)) == []


def test_retention_waits_for_publishers(tmp_path: Path) -> None:
    settings = build(tmp_path, 1, lock_timeout=0.1)
    with (
        publishing_lock(settings.warehouse, "2015-10-21.0009", 1),
        pytest.raises(WarehouseLocked, match=r"2015-10-21\.0009"),
    ):
        apply_retention(settings)
