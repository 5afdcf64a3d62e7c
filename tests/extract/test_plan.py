"""Listing a landing day and cutting batches."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.errors import DayUnresolved, LandingUnavailable
from etl.extract.plan import LandingFile, cut_batches, day_folder, landing_days, list_day, parse_day


def put(root: Path, *names: str) -> None:
    for name in names:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)


@pytest.mark.parametrize("day", ["2026-3-2", "20260302", "2026-02-30", "yesterday", "", "2026-03-02T00:00"])
def test_what_is_no_day_is_refused(day: str) -> None:
    with pytest.raises(DayUnresolved, match="YYYY-MM-DD"):
        parse_day(day)


def test_all_files_of_the_day_are_listed_in_order_and_no_others(tmp_path: Path) -> None:
    put(tmp_path, "2026-03-02/b/2.txt", "2026-03-02/a.txt", "2026-03-02/b/.hidden", "2026-03-03/c.txt")
    assert [f.source_uri for f in list_day(tmp_path, "2026-03-02")] == [
        "2026-03-02/a.txt",
        "2026-03-02/b/.hidden",
        "2026-03-02/b/2.txt",
    ]


def test_a_day_without_folder_is_empty(tmp_path: Path) -> None:
    assert list_day(tmp_path, "2026-03-02") == []


def test_a_missing_landing_root_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(LandingUnavailable, match="gone"):
        list_day(tmp_path / "gone", "2026-03-02")


def test_links_to_folders_are_listed_but_not_followed(tmp_path: Path) -> None:
    put(tmp_path, "2026-03-02/a.txt")
    (tmp_path / "2026-03-02" / "loop").symlink_to(tmp_path / "2026-03-02")
    (tmp_path / "2026-03-02" / "nowhere.txt").symlink_to(tmp_path / "none")
    found = {f.source_uri: f.size for f in list_day(tmp_path, "2026-03-02")}
    assert found == {"2026-03-02/a.txt": 16, "2026-03-02/loop": 0, "2026-03-02/nowhere.txt": 0}


def test_names_that_are_not_utf8_are_listed(tmp_path: Path) -> None:
    day = tmp_path / "2026-03-02"
    day.mkdir()
    Path(os.fsdecode(os.fsencode(day) + b"/caf\xe9.txt")).write_text("x")
    assert [f.source_uri for f in list_day(tmp_path, "2026-03-02")] == ["2026-03-02/caf\\xe9.txt"]


def test_day_folders_follow_the_pattern(tmp_path: Path) -> None:
    put(tmp_path, "2026/03/02/a.txt", "2026/03/04/a.txt", "2026/other/04/a.txt")
    assert landing_days(tmp_path, "%Y/%m/%d") == ["2026-03-02", "2026-03-04"]
    assert day_folder("%Y/%m/%d", "2026-03-02") == "2026/03/02"
    assert day_folder("", "2026-03-02") == ""


@given(
    st.lists(st.integers(0, 5_000_000), max_size=60), st.integers(1, 8_000_000), st.integers(1, 10), st.integers(1, 4)
)
def test_batches_hold_every_file_once_in_order(sizes: list[int], limit: int, most: int, parallel: int) -> None:
    files = [LandingFile(f"{i:03}.txt", size, "") for i, size in enumerate(sizes)]
    batches = cut_batches(files, batch_bytes=limit, batch_documents=most, parallel=parallel)
    assert [f for batch in batches for f in batch] == files
    for batch in batches:
        assert 1 <= len(batch) <= most
        assert len([f for f in batch if f.size]) <= 1 or sum(f.size for f in batch) <= limit


def test_a_large_day_is_shared_among_workers() -> None:
    files = [LandingFile(f"{i}.txt", 1_000_000, "") for i in range(10)]
    assert len(cut_batches(files, batch_bytes=1 << 30, batch_documents=1000, parallel=2)) == 2
