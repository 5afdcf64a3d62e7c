"""What `make run` shows: counts the first time, `unchanged` the second, the reason where a day fails."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import write_pages

CODE = """
import os, sys
from pathlib import Path
from etl import pipeline
from tools import run_samples

def broken(run, batch):
    raise OSError("no space left, on purpose")

run_samples.SAMPLES = Path(sys.argv[1])
codes = [run_samples.main()]
print("=====", flush=True)
codes.append(run_samples.main())
print("=====", flush=True)
for page in Path(sys.argv[1]).rglob("*.txt"):
    os.utime(page, (1_700_000_000, 1_700_000_000))  # else nothing would be done
pipeline.transform = broken
codes.append(run_samples.main())
print("=====", *codes)
"""


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """What three runs have printed, the third with a broken transform, and their exit codes."""
    root = tmp_path_factory.mktemp("run_samples")
    write_pages(root / "landing" / "2026-03-02" / "bote", 4)
    write_pages(root / "landing" / "2026-03-03" / "bote", 3)
    (root / "landing" / "2026-03-03" / "empty.txt").write_bytes(b"")
    (root / "home").mkdir()
    environment = os.environ | {
        "LOCAL_DIR": str(root / "local"),
        "HOME": str(root / "home"),
        "NEWS_ETL_NO_SUCH_SETTING": "does not matter here",
    }
    done = subprocess.run(
        [sys.executable, "-c", CODE, root / "landing"],
        env=environment,
        cwd=root,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert done.stderr == ""
    return root, done.stdout.split("=====")


def test_counts_by_table_and_by_code(shown: tuple[Path, list[str]]) -> None:
    root, (first, *_) = shown
    words = [line.split() for line in first.splitlines()]
    assert ["2026-03-02", "4", "0", "8", "0"] in words
    assert ["2026-03-03", "3", "0", "6", "1"] in words
    assert ["all", "days", "7", "0", "14", "1"] in words
    assert ["empty", "1"] in words
    assert f"{root}/local/warehouse/current/articles" in first


def test_nothing_of_airflow_is_shown(shown: tuple[Path, list[str]]) -> None:
    _, (first, *_) = shown
    assert "[info" not in first
    assert len(first.splitlines()) < 25


def test_the_data_docs_are_where_it_says(shown: tuple[Path, list[str]]) -> None:
    _, (first, *_) = shown
    (line,) = (line for line in first.splitlines() if line.startswith("Data Docs"))
    assert Path(line.split()[2]).is_file()


def test_the_page_of_the_corpus_is_where_it_says(shown: tuple[Path, list[str]]) -> None:
    _, (first, *_) = shown
    (line,) = (line for line in first.splitlines() if line.startswith("Report"))
    assert "7 articles from 1 source" in Path(line.split()[1]).read_text(encoding="utf-8")


def test_a_second_run_changes_nothing(shown: tuple[Path, list[str]]) -> None:
    _, (first, second, *_) = shown
    assert second.count("unchanged, snapshot 2 kept") == 2
    assert [line for line in second.splitlines() if line.startswith("all days")] == [
        line for line in first.splitlines() if line.startswith("all days")
    ]


def test_a_failure_is_shown_with_task_and_reason(shown: tuple[Path, list[str]]) -> None:
    _, (*_, third, codes) = shown
    assert "2026-03-02  failed in each_batch.transform" in third
    assert "OSError: no space left, on purpose" in third
    assert "2 of 2 days did not publish" in third
    assert codes.split() == ["0", "0", "1"]


def test_nothing_is_left_in_the_home_folder(shown: tuple[Path, list[str]]) -> None:
    root, _ = shown
    assert list((root / "home").iterdir()) == []
    assert sorted(path.name for path in root.iterdir()) == ["home", "landing", "local"]
