"""What is removed from a warehouse and, more important, what stays."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from etl.due import day_conditions
from etl.engines.local import LocalEngine
from etl.errors import DayShrunk
from etl.history import day_states, rejects_of_run
from etl.maintenance.clean import KnownRun, clean_warehouse, needless_histories, needless_staged
from etl.settings import Settings
from etl.workspace import runs_of
from tests.conftest import NewsEtl, landing_of, write_pages

pytestmark = pytest.mark.usefixtures("few_rules")

NOW = datetime(2026, 6, 1, tzinfo=UTC)
KEEP = timedelta(days=90)
LATER = datetime.now(UTC) + timedelta(days=365)
DAY = "2026-05-04"


def run(number: int, outcome: str | None = "published", *, days: float = 100, day: str = DAY) -> KnownRun:
    return KnownRun(f"{day}.{number:04}", outcome, NOW - timedelta(days=days))


def numbers(found: list[str]) -> list[int]:
    return [int(run_id[-4:]) for run_id in found]


@pytest.mark.parametrize(
    ("outcomes", "gone"),
    [
        (["published"], []),
        (["published", "published", "published"], [1, 2]),
        # 1 made the tables, 4 has found them right, 5 tells the state of the day.
        (["published", "failed", "unchanged", "unchanged", "blocked"], [2, 3]),
        (["published", "blocked", "superseded"], []),
        (["published", "superseded", "superseded"], [2]),
        (["blocked", "failed", None], [1, 2]),
        ([None, "published"], [1]),
    ],
)
def test_histories_that_a_day_no_longer_needs(outcomes: list[str | None], gone: list[int]) -> None:
    runs = [run(number, outcome) for number, outcome in enumerate(outcomes, start=1)]
    made = [r.run_id for r in runs if r.outcome == "published"]
    published = {DAY: made[-1]} if made else {}
    assert numbers(needless_histories(runs, published, NOW, KEEP)) == gone


def test_young_histories_and_runs_at_work_stay() -> None:
    runs = [run(1, days=100), run(2, None, days=0.5), run(3, "failed", days=0.5), run(4, days=10)]
    assert numbers(needless_histories(runs, {DAY: runs[-1].run_id}, NOW, KEEP)) == [1]
    assert numbers(needless_histories(runs, {DAY: runs[-1].run_id}, NOW, timedelta(0))) == [1, 3]


def test_staged_files_stay_while_a_cleared_task_may_go_on_from_them() -> None:
    week = timedelta(days=7)
    failed = [
        run(1, "failed", days=6),
        run(1, None, days=6, day="2026-05-05"),
        run(1, "blocked", days=8, day="2026-05-06"),
    ]
    assert needless_staged(failed, failed, NOW, week) == ["2026-05-06.0001"]
    ended = [run(1, "failed", days=2), run(2, "published", days=2), run(3, "failed", days=2), run(4, None, days=0.5)]
    assert numbers(needless_staged(ended, ended, NOW, week)) == [1, 2]
    assert needless_staged([run(1, None, days=0.5)], [], NOW, timedelta(0)) == []


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """One day: published, twice made again, found unchanged; another published, then blocked."""
    settings = Settings(landing=tmp_path / "landing", warehouse=tmp_path / "w", workers=1, keep_snapshots=1)
    write_pages(landing_of(settings) / DAY / "bote", 3)
    write_pages(landing_of(settings) / "2026-05-05" / "bote", 5)
    with LocalEngine(settings) as engine:
        for force in (False, True, True, False):
            engine.run_day(DAY, force=force)
        engine.run_day("2026-05-05")
        first, *others = (landing_of(settings) / "2026-05-05" / "bote").iterdir()
        first.write_bytes(bytes(range(256)))
        for page in others:
            page.unlink()
        with pytest.raises(DayShrunk):
            engine.run_day("2026-05-05")
    return settings


def test_the_days_stand_as_before(settings: Settings) -> None:
    warehouse = settings.warehouse
    states, due = day_states(warehouse), day_conditions(settings)
    left = warehouse / "_runs" / f"{DAY}.0001" / ".rejects.parquet.0.tmp"
    left.touch()
    os.utime(left, (0, 0))
    results = sorted((warehouse / "_validation").iterdir())
    before = sorted(warehouse.rglob("*"))

    would = clean_warehouse(settings, LATER, dry_run=True)
    assert sorted(warehouse.rglob("*")) == before
    found = clean_warehouse(settings, LATER)
    assert found == would
    assert (found.runs, found.staged, found.scratch) == ([f"{DAY}.0002"], ["2026-05-05.0002"], 1)
    assert found.bytes > 0

    assert runs_of(warehouse) == [f"{DAY}.0001", f"{DAY}.0003", f"{DAY}.0004", "2026-05-05.0001", "2026-05-05.0002"]
    assert day_states(warehouse) == states
    assert day_conditions(settings) == due
    assert sorted((warehouse / "_validation").iterdir()) == results
    rejects = rejects_of_run(warehouse, "2026-05-05.0002")
    assert rejects is not None
    assert rejects.num_rows == 1
    assert clean_warehouse(settings, LATER).runs == []
    # Numbers go on, and what has not changed is not done again.
    with LocalEngine(settings) as engine:
        engine.run_day(DAY)
    assert runs_of(warehouse, DAY)[-1] == f"{DAY}.0005"
    assert json.loads((warehouse / "_runs" / f"{DAY}.0005" / "outcome.json").read_text())["outcome"] == "unchanged"


def test_the_command_tells_what_went(settings: Settings, news_etl: NewsEtl) -> None:
    keep = settings.warehouse.parent / "news-etl.toml"
    keep.write_text("keep_run_days = 0\nkeep_snapshots = 1\nkeep_hours = 0\n", encoding="utf-8")
    for dry in (["--dry-run"], []):
        answer = news_etl("clean", "--warehouse", settings.warehouse, "--config", keep, *dry)
        assert answer.returncode == 0
        assert ("would be removed" in answer.stdout) is bool(dry)
        assert f"histories of runs 1 {DAY}.0002" in " ".join(answer.stdout.split())
    told = json.loads(news_etl("clean", "--warehouse", settings.warehouse, "--config", keep, "--json").stdout)
    assert (told["runs"], told["snapshots"]) == ([], [])


def test_no_warehouse_is_nothing_to_clean(tmp_path: Path) -> None:
    found = clean_warehouse(Settings(landing=tmp_path, warehouse=tmp_path / "none"), NOW)
    assert (found.runs, found.staged, found.scratch) == ([], [], 0)
    assert not (tmp_path / "none").exists()
