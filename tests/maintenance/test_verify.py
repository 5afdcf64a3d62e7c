"""Files of the warehouse against their recorded hashes: what is found, whose turn it is, how it is mended."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from etl.engines.local import LocalEngine
from etl.errors import WarehouseDamaged
from etl.load.day import load_day
from etl.load.probe import prepare_warehouse
from etl.load.snapshots import DataFile
from etl.maintenance.verify import HeldFile, longest_ago, verify_files
from etl.pipeline import verify
from etl.settings import Settings
from etl.warehouse import open_warehouse
from tests.conftest import NewsEtl
from tests.load.staging import make_run, stage_day

pytestmark = pytest.mark.usefixtures("few_rules")

NOW = datetime.now(UTC) + timedelta(days=1)
DAYS = ("2026-05-04", "2026-05-05", "2026-05-06")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A warehouse of three days."""
    warehouse = tmp_path / "warehouse"
    prepare_warehouse(warehouse)
    for day in DAYS:
        build(warehouse, day)
    return Settings.from_json(make_run(warehouse)["settings"])


def build(warehouse: Path, day: str, number: int = 1, *, force: bool = False) -> str:
    run = make_run(warehouse, number, day=day, force=force)
    stage_day(6, day=day).write(run)
    return load_day(run)["outcome"]


def file_of(settings: Settings, table: str, day: str) -> Path:
    (file,) = (settings.warehouse / "current" / table).rglob(f"{day}-*.parquet")
    return file


def alter(file: Path) -> None:
    """Change one byte in place, as a disk does: all links show it."""
    with file.open("r+b") as opened:
        opened.seek(100)
        byte = opened.read(1)[0]
        opened.seek(100)
        opened.write(bytes([byte ^ 1]))


def test_a_sound_warehouse(settings: Settings) -> None:
    found = verify_files(settings, NOW, everything=True)
    assert (found.snapshot, found.files, found.read, found.damaged) == (3, 15, 15, [])
    assert found.bytes == sum(file.stat().st_size for file in (settings.warehouse / "current").rglob("*.parquet"))


def test_nothing_published_is_nothing_to_verify(tmp_path: Path) -> None:
    assert verify(Settings(landing=tmp_path, warehouse=tmp_path / "none"), NOW).files == 0


def test_one_byte_of_one_file(settings: Settings, news_etl: NewsEtl) -> None:
    alter(file_of(settings, "agencies", DAYS[1]))
    with pytest.raises(WarehouseDamaged, match="1 of 15 files of snapshot 3") as caught:
        verify(settings, NOW, everything=True)
    message = str(caught.value)
    assert f"`agencies/ingest_month=2026-05/{DAYS[1]}-" in message
    assert f"of day {DAYS[1]} has other bytes than were published" in message
    assert f"`news-etl run --force --date {DAYS[1]}`" in message
    answer = news_etl("verify", "--warehouse", settings.warehouse)
    assert answer.returncode == 1
    assert f"WarehouseDamaged: {message[:40]}" in answer.stderr
    told = json.loads(news_etl("verify", "--warehouse", settings.warehouse, "--json").stdout)
    assert [damage["day"] for damage in told["damaged"]] == [DAYS[1]]


def test_missing_and_cut_files_are_found_without_being_read(settings: Settings) -> None:
    file_of(settings, "articles", DAYS[0]).unlink()
    cut = file_of(settings, "runs", DAYS[2])
    cut.write_bytes(cut.read_bytes()[:-1])
    (settings.warehouse / "_data" / file_of(settings, "rejects", DAYS[1]).relative_to(current(settings))).unlink()
    found = verify_files(settings.model_copy(update={"verify_days": 10**9}), NOW)
    assert found.read == 1
    assert [(damage.path.split("/")[0], damage.day, damage.fault[:20]) for damage in found.damaged] == [
        ("articles", DAYS[0], "is missing"),
        ("rejects", DAYS[1], "is missing in `_data`"[:20]),
        ("runs", DAYS[2], f"has {cut.stat().st_size:,} bytes instead"[:20]),
    ]


def current(settings: Settings) -> Path:
    return settings.warehouse / "current"


def test_days_that_are_asked_for(settings: Settings, news_etl: NewsEtl) -> None:
    alter(file_of(settings, "articles", DAYS[0]))
    answer = news_etl("verify", "--warehouse", settings.warehouse, "--date", DAYS[1])
    assert answer.returncode == 0
    assert answer.stdout.startswith("read 5 of 5 files (")
    assert news_etl("verify", "--warehouse", settings.warehouse, "--date", "2026-05-09").returncode == 1


def test_each_file_has_its_turn_within_the_days_that_are_set(settings: Settings) -> None:
    settings = settings.model_copy(update={"verify_days": 4})
    alter(file_of(settings, "related_items", DAYS[1]))
    seen, read = set(), 0
    for day in range(4):
        found = verify_files(settings, NOW + timedelta(days=day))
        seen |= {damage.path for damage in found.damaged}
        assert found.read < 15
        read += found.read
    assert len(seen) == 1
    assert read >= 15
    # Once found it is told each day, until it is mended.
    assert [len(verify_files(settings, NOW + timedelta(days=day)).damaged) for day in (4, 5)] == [1, 1]


def test_the_share_of_a_day_is_that_of_the_bytes_and_the_oldest_come_first() -> None:
    def held(day: int, size: int) -> HeldFile:
        name = f"2026-05-{day:02}-{'0' * 16}.parquet"
        return HeldFile(name[:10], "articles", DataFile(name, 1, size, "0" * 64), NOW + timedelta(days=day))

    files = [held(4, 10), held(1, 50), held(3, 20), held(2, 20)]
    assert [file.day[-2:] for file in longest_ago(files, 2)] == ["01"]
    assert [file.day[-2:] for file in longest_ago(files, 1)] == ["01", "02", "03", "04"]
    assert [file.day[-2:] for file in longest_ago(files[2:], 3)] == ["02"]
    assert longest_ago([], 30) == []


def test_a_forced_run_mends_what_is_damaged_and_keeps_the_rest(settings: Settings) -> None:
    before = open_warehouse(settings.warehouse)
    for number, harm in ((2, alter), (4, Path.unlink)):
        harm(file_of(settings, "articles", DAYS[1]))
        if harm is Path.unlink:
            shutil.rmtree(settings.warehouse / "_data" / "articles")  # of the other days too
        assert build(settings.warehouse, DAYS[1], number) == "unchanged"
        assert build(settings.warehouse, DAYS[1], number + 1, force=True) == "published"
        after = open_warehouse(settings.warehouse)
        assert {day: facts.tables for day, facts in after.facts.items()} == {
            day: facts.tables for day, facts in before.facts.items()
        }
        assert after.read("articles").num_rows == 3 * before.read("articles", day=DAYS[0]).num_rows
    damaged = verify_files(settings, NOW, everything=True).damaged
    assert {(damage.day, damage.fault) for damage in damaged} == {
        (day, "is missing in `_data`") for day in (DAYS[0], DAYS[2])
    }
    # Nothing is damaged any more, nothing is published again.
    assert build(settings.warehouse, DAYS[1], 6, force=True) == "unchanged"


def test_a_copy_without_hard_links_is_whole_and_stays_so(settings: Settings, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(settings.warehouse, copy, symlinks=True)
    settings = settings.model_copy(update={"warehouse": copy})
    assert verify_files(settings, NOW, everything=True).damaged == []
    build(copy, "2026-05-07")  # which removes data files without links
    assert verify_files(settings, NOW, everything=True).damaged == []
    assert open_warehouse(copy).days() == [*DAYS, "2026-05-07"]


def test_the_remedy_that_is_told_works(landing: Path, tmp_path: Path, news_etl: NewsEtl) -> None:
    settings = Settings(landing=landing, warehouse=tmp_path / "w", workers=1)
    with LocalEngine(settings) as engine:
        engine.run_day("2026-05-05")
    alter(file_of(settings, "articles", "2026-05-05"))
    with pytest.raises(WarehouseDamaged) as caught:
        verify(settings, NOW, everything=True)
    command = str(caught.value).split("`news-etl ")[1].split("`")[0].split()
    where = ("--landing", landing, "--warehouse", settings.warehouse, "--workers", "1")
    assert news_etl(*command, *where).returncode == 0
    assert news_etl("verify", "--warehouse", settings.warehouse).returncode == 0
