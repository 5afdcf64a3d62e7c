"""Days and their folders, and cutting batches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.errors import DayUnresolved
from etl.extract.plan import LandingFile, cut_batches, day_folder, day_of_folder, parse_day
from etl.settings import Settings


@pytest.mark.parametrize("day", ["2026-3-2", "20260302", "2026-02-30", "yesterday", "", "2026-03-02T00:00"])
def test_what_is_no_day_is_refused(day: str) -> None:
    with pytest.raises(DayUnresolved, match="YYYY-MM-DD"):
        parse_day(day)


def test_day_folders_follow_the_pattern() -> None:
    assert day_folder("%Y/%m/%d", "2026-03-02") == "2026/03/02"
    assert day_folder("", "2026-03-02") == ""
    assert day_of_folder("2026/03/02", "/%Y/%m/%d/") == "2026-03-02"
    assert day_of_folder("2026/other/02", "%Y/%m/%d") is None


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


def test_a_day_of_a_million_documents_gives_tens_of_batches() -> None:
    def batches(files: list[LandingFile]) -> int:
        settings = Settings()
        return len(cut_batches(files, batch_bytes=settings.batch_bytes, batch_documents=settings.batch_documents))

    assert batches([LandingFile(f"d/{n:07}.txt", 2_000, "") for n in range(1_000_000)]) == 50
    assert batches([LandingFile(f"d/{n:07}.txt", 4_000, "") for n in range(1_000_000)]) == 60
    assert batches([LandingFile("d/all.warc.gz", 20 << 30, "")]) == 1
    assert batches([LandingFile(f"d/{n}.warc.gz", 1 << 30, "") for n in range(20)]) == 20
