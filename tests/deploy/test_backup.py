"""Backup and restore of the warehouse, by the very commands of `docs/operations.md`."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from etl import open_warehouse
from etl.due import day_conditions
from etl.engines.local import LocalEngine
from etl.settings import Settings
from etl.tables import TABLES
from tests.conftest import PROJECT, landing_of, write_pages

pytestmark = pytest.mark.usefixtures("few_rules")

DAY, NEXT_DAY = "2026-05-04", "2026-05-05"
_BLOCK = re.compile(r"<!-- run by tests/deploy/test_backup.py -->\n```sh\n(.*?)```", re.DOTALL)
_BACKUP, _RESTORE = _BLOCK.findall((PROJECT / "docs" / "operations.md").read_text(encoding="utf-8"))

Engine = Callable[..., list[str]]


@pytest.fixture
def settings(landing: Path, tmp_path: Path) -> Settings:
    """A warehouse that keeps no snapshot but the current one."""
    (tmp_path / "backup").mkdir()
    return Settings(landing=landing, warehouse=tmp_path / "warehouse", workers=1, keep_snapshots=1, keep_hours=0)


@pytest.fixture
def run_days(settings: Settings) -> Iterator[Engine]:
    """Run days in processes of this machine; gives the outcome of each."""
    with LocalEngine(settings) as engine:
        yield lambda *days: [engine.run_day(day).published["outcome"] for day in days]


def shell(script: str, warehouse: Path, backup: Path) -> str:
    """Run commands of the page, which end at the first that fails; returns what they print."""
    scripts = Path(sys.executable).parent
    done = subprocess.run(
        ["bash", "-euc", script],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ
        | {
            "WAREHOUSE": str(warehouse),
            "BACKUP": str(backup),
            "PATH": f"{scripts}:{os.environ['PATH']}",
            "COLUMNS": "120",
        },
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def content(warehouse: Path) -> dict[str, list[dict[str, object]]]:
    """All rows of all tables."""
    opened = open_warehouse(warehouse)
    return {name: opened.read(name).to_pylist() for name in TABLES}


def test_a_restored_snapshot_is_read_and_published_on(settings: Settings, tmp_path: Path, run_days: Engine) -> None:
    warehouse, backup = settings.warehouse, tmp_path / "backup"
    assert run_days(DAY) == ["published"]
    shell(_BACKUP, warehouse, backup)
    saved = content(warehouse)

    # What comes after the backup is lost with the disk.
    assert run_days(NEXT_DAY) == ["published"]
    shutil.rmtree(warehouse)
    assert DAY in shell(_RESTORE, warehouse, backup)
    assert content(warehouse) == saved
    opened = open_warehouse(warehouse)
    for table, file in opened.facts[DAY].tables.items():
        path = opened.path / file.path(table)
        assert hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256
        assert path.stat().st_nlink == 2  # one copy on the disk, not one more in `_data`

    # What was saved needs no work; what was lost is due again, and publishing goes on from there.
    assert {c.day: c.due and c.due.kind for c in day_conditions(settings)} == {DAY: None, NEXT_DAY: "new"}
    write_pages(landing_of(settings) / DAY / "bote", 9)
    assert run_days(DAY, NEXT_DAY) == ["published", "published"]
    assert open_warehouse(warehouse).days() == [DAY, NEXT_DAY]
    assert len(content(warehouse)["articles"]) == 14


def test_days_published_while_the_backup_is_made_do_no_harm(
    settings: Settings, tmp_path: Path, run_days: Engine
) -> None:
    warehouse, backup = settings.warehouse, tmp_path / "backup"
    day = landing_of(settings) / DAY / "bote"
    run_days(DAY)
    histories, _, tables = _BACKUP.partition("\n")
    shell(histories, warehouse, backup)
    for count in (9, 10):
        write_pages(day, count)
        run_days(DAY)
    shell(tables, warehouse, backup)
    shutil.rmtree(warehouse)
    shell(_RESTORE, warehouse, backup)
    assert len(open_warehouse(warehouse).read("articles", day=DAY)) == 10

    # The histories know of the first run, the tables are of the third: the next must not take itself for older.
    write_pages(day, 11)
    assert run_days(DAY) == ["published"]
    assert len(open_warehouse(warehouse).read("articles", day=DAY)) == 11
    assert open_warehouse(warehouse).facts[DAY].run_id == f"{DAY}.0004"
