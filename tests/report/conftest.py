"""A corpus of three days for the pages, with hostile names, a blocked day, a stale one and one without files."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from etl.due import day_conditions
from etl.engines.local import LocalEngine
from etl.errors import DayShrunk
from etl.report.standing import keep_due
from etl.report.write import write_corpus, write_days
from etl.settings import Settings
from tests.conftest import write_pages

HOSTILE = "<script>alert(1)&'\""
"""Name of a source and of a file: markup, an entity, quotes that end an attribute."""
PUBLISHED, BLOCKED, EMPTY, NEW = "2026-05-04", "2026-05-05", "2026-05-06", "2026-05-07"


@dataclass(frozen=True)
class Written:
    """A warehouse with its pages."""

    settings: Settings

    @property
    def folder(self) -> Path:
        return self.settings.warehouse / "_reports"

    def corpus(self) -> str:
        return (self.folder / "index.html").read_text(encoding="utf-8")

    def day(self, day: str) -> str:
        return (self.folder / "days" / f"{day}.html").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """The pages of a small corpus; tests leave them as they are."""
    root = tmp_path_factory.mktemp("report")
    landing = root / "landing"
    write_pages(landing / PUBLISHED / "bote", 6)
    write_pages(landing / PUBLISHED / HOSTILE, 2, "<script>alert(2)")
    (landing / PUBLISHED / "bote" / f"{HOSTILE}.txt").write_bytes(b"")
    (landing / PUBLISHED / "picture.txt").write_bytes(bytes(range(256)) * 8)
    write_pages(landing / BLOCKED / "bote", 5, "Dorf")
    settings = Settings(landing=landing, warehouse=root / "warehouse", workers=1)
    with LocalEngine(settings) as engine:
        for day in (PUBLISHED, BLOCKED, EMPTY):
            engine.run_day(day)
        for page in sorted((landing / BLOCKED / "bote").iterdir())[1:]:
            page.unlink()
        (landing / BLOCKED / "kurier.txt").write_bytes(b"")
        with pytest.raises(DayShrunk):
            engine.run_day(BLOCKED)
    write_pages(landing / PUBLISHED / "bote", 1, "Nachtrag")
    write_pages(landing / NEW / "bote", 2)
    keep_due(settings.warehouse, day_conditions(settings))
    assert len(list(write_days(settings))) == 3
    write_corpus(settings)
    return Written(settings)
