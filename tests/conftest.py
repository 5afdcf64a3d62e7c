"""Landing zones and runs that several tests share."""

import gc
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from etl.cli import app
from etl.settings import Settings

pytest_plugins = ("tests.browsers", "tests.few_rules", "tests.stores")


def pytest_collection_finish() -> None:
    """Let Python's collector not walk through all that was imported, time and again."""
    gc.collect()
    gc.freeze()


PROJECT = Path(__file__).resolve().parents[1]
SAMPLES = PROJECT / "samples" / "landing"

PAGE = """Stadtrat von {town} beschließt neue Brücke über den Fluss

Der Bau soll im Frühjahr beginnen. Die Kosten trägt zum größten Teil das Land.

Der Stadtrat von {town} hat am Montagabend den Bau einer neuen Brücke beschlossen. Für das Vorhaben stimmten
 achtzehn der dreißig Mitglieder, zwölf waren dagegen. Die alte Brücke ist seit zwei Jahren für Lastwagen gesperrt.

Die Bürgermeisterin sagte, mit dem Bau werde im kommenden Frühjahr begonnen. Die Kosten von vierzehn Millionen Euro
 trägt zu zwei Dritteln das Land, den Rest bringt die Stadt {town} aus Rücklagen auf.

(APA/dpa)
"""


def write_pages(day: Path, count: int, prefix: str = "Ort") -> None:
    """Put `count` different pages into a day's folder."""
    day.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (day / f"{prefix}-{number:03}.txt").write_text(
            PAGE.replace("\n ", " ").format(town=f"{prefix}{number}"), encoding="utf-8"
        )


def landing_of(settings: Settings) -> Path:
    """The landing zone of settings whose landing zone is a folder."""
    assert isinstance(settings.landing, Path)
    return settings.landing


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    """A landing zone with two days: eight pages, an empty and a binary file; five pages."""
    root = tmp_path / "landing"
    write_pages(root / "2026-05-04" / "bote", 8)
    (root / "2026-05-04" / "empty.txt").write_bytes(b"")
    (root / "2026-05-04" / "picture.txt").write_bytes(bytes(range(256)) * 8)
    write_pages(root / "2026-05-05" / "bote", 5, "Dorf")
    return root


NewsEtl = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def news_etl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NewsEtl:
    """Call the command in this process, which spares it the seconds of importing Great Expectations each time."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        found = CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})
        if found.exception and not isinstance(found.exception, SystemExit):
            raise found.exception
        return subprocess.CompletedProcess(arguments, found.exit_code, found.stdout, found.stderr)

    return call


@pytest.fixture
def news_etl_process(tmp_path: Path) -> NewsEtl:
    """Run the installed command in a process of its own; keyword arguments are environment variables."""

    def call(*arguments: str | Path, cwd: Path = tmp_path, **environment: str) -> subprocess.CompletedProcess[str]:
        base = {name: value for name, value in os.environ.items() if not name.startswith("NEWS_ETL_")}
        return subprocess.run(
            [Path(sys.executable).parent / "news-etl", *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=cwd,
            env=base | environment,
            timeout=300,
            check=False,
        )

    return call
