"""Same input, same bytes: whatever the machine, the folders, the order and the slicing."""

import io
import json
import shutil
import tarfile
from pathlib import Path

import pytest

from etl import pipeline
from etl.settings import Settings
from etl.workspace import Workspace
from tests.conftest import PAGE, SAMPLES, NewsEtl

DAYS = sorted(folder.name for folder in SAMPLES.iterdir())


def hashes(warehouse: Path) -> dict[str, str]:
    """Hash of every published file, by table and day."""
    manifest = json.loads((warehouse / "current" / "_snapshot.json").read_text())
    return {
        f"{table} {day}": file["sha256"]
        for day, facts in manifest["days"].items()
        for table, file in facts["tables"].items()
    }


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample days under another path, copied in another order and with other times."""
    root = tmp_path_factory.mktemp("a folder with spaces") / "über" / "landing"
    for file in sorted(SAMPLES.rglob("*"), reverse=True):
        if file.is_file():
            target = root / file.relative_to(SAMPLES)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    return root


def test_a_large_container_is_taken_in_pieces_and_gives_the_same_bytes(tmp_path: Path) -> None:
    pages = {
        f"{number % 7}/{number}.txt": PAGE.replace("{town}", f"Ort {number % 700}").encode() for number in range(900)
    }
    day = tmp_path / "landing" / "2026-05-04"
    day.mkdir(parents=True)
    with tarfile.open(day / "box.tar", "w") as archive:
        for name, data in pages.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    found = []
    for batch_bytes in (20_000, 64_000_000):
        settings = Settings(
            landing=tmp_path / "landing", warehouse=tmp_path / str(batch_bytes), workers=1, batch_bytes=batch_bytes
        )
        run, batches = pipeline.plan(settings, "2026-05-04")
        assert len(batches) == 1
        pipeline.extract(run, batches[0])
        pipeline.transform(run, batches[0])
        pipeline.transform(run, batches[0])  # an attempt more leaves nothing behind
        parts = Workspace.of(run).parts("transform", "articles")
        assert (len(parts) > 1) is (batch_bytes == 20_000)
        pipeline.validate(run)
        rows = pipeline.load(run)
        assert (rows["rows"]["articles"], rows["reject_counts"]) == (700, {"duplicate_document": 200})
        found.append(hashes(settings.warehouse))
    assert found[0] == found[1]


def test_equal_bytes_under_other_circumstances(tmp_path: Path, news_etl_process: NewsEtl, elsewhere: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "deeper" / "other"
    plain = news_etl_process(
        "run", "--landing", SAMPLES, "--warehouse", one, "--workers", "1", TZ="UTC", LC_ALL="C.UTF-8"
    )
    assert plain.returncode == 0, plain.stderr

    reverse = [argument for day in reversed(DAYS) for argument in ("--date", day)]
    varied = news_etl_process(
        *("run", "--landing", elsewhere, "--warehouse", other, "--workers", "2", "--batch-bytes", "3000", *reverse),
        cwd=elsewhere,
        TZ="Asia/Kathmandu",
        LC_ALL="C",
        PYTHONHASHSEED="4711",
    )
    assert varied.returncode == 0, varied.stderr
    assert hashes(one) == hashes(other)
    assert len(hashes(one)) == 5 * len(DAYS)

    again = news_etl_process("run", "--landing", SAMPLES, "--warehouse", one, "--force", "--json", PYTHONHASHSEED="7")
    assert again.returncode == 0, again.stderr
    assert [json.loads(line)["outcome"] for line in again.stdout.splitlines()] == ["unchanged"] * len(DAYS)
    assert hashes(one) == hashes(other)
