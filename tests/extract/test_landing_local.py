"""A landing zone in a folder."""

import os
from pathlib import Path

import pytest

from etl.errors import LandingUnavailable
from etl.extract.local_landing import LocalLanding
from etl.extract.plan import LandingFile


def put(root: Path, *names: str) -> None:
    for name in names:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)


def test_all_files_of_the_day_are_listed_in_order_and_no_others(tmp_path: Path) -> None:
    put(tmp_path, "2026-03-02/b/2.txt", "2026-03-02/a.txt", "2026-03-02/b/.hidden", "2026-03-03/c.txt")
    assert [f.source_uri for f in LocalLanding(tmp_path).list_day("2026-03-02")] == [
        "2026-03-02/a.txt",
        "2026-03-02/b/.hidden",
        "2026-03-02/b/2.txt",
    ]


def test_a_day_without_folder_is_empty(tmp_path: Path) -> None:
    assert LocalLanding(tmp_path).list_day("2026-03-02") == []


def test_a_missing_landing_root_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(LandingUnavailable, match="gone"):
        LocalLanding(tmp_path / "gone").list_day("2026-03-02")


def test_links_to_folders_are_listed_but_not_followed(tmp_path: Path) -> None:
    put(tmp_path, "2026-03-02/a.txt")
    (tmp_path / "2026-03-02" / "loop").symlink_to(tmp_path / "2026-03-02")
    (tmp_path / "2026-03-02" / "nowhere.txt").symlink_to(tmp_path / "none")
    found = {f.source_uri: f.size for f in LocalLanding(tmp_path).list_day("2026-03-02")}
    assert found == {"2026-03-02/a.txt": 16, "2026-03-02/loop": 0, "2026-03-02/nowhere.txt": 0}


def test_names_that_are_not_utf8_are_listed(tmp_path: Path) -> None:
    day = tmp_path / "2026-03-02"
    day.mkdir()
    Path(os.fsdecode(os.fsencode(day) + b"/caf\xe9.txt")).write_text("x")
    assert [f.source_uri for f in LocalLanding(tmp_path).list_day("2026-03-02")] == ["2026-03-02/caf\\xe9.txt"]


def test_days_are_the_folders_that_follow_the_pattern(tmp_path: Path) -> None:
    put(tmp_path, "2026/03/02/a.txt", "2026/03/04/a.txt", "2026/other/04/a.txt")
    assert LocalLanding(tmp_path).days("%Y/%m/%d") == ["2026-03-02", "2026-03-04"]
    with pytest.raises(LandingUnavailable, match="gone"):
        LocalLanding(tmp_path / "gone").days("%Y/%m/%d")


def test_files_of_any_name_are_opened_and_what_cannot_be_is_an_error_in_its_place(tmp_path: Path) -> None:
    day = tmp_path / "2026-03-02"
    put(tmp_path, "2026-03-02/a!b\n.txt", "2026-03-02/c.txt")
    Path(os.fsdecode(os.fsencode(day) + b"/caf\xe9.txt")).write_text("e")
    os.mkfifo(day / "pipe.txt")
    (day / "loop").symlink_to(day)
    landing = LocalLanding(tmp_path)
    files = landing.list_day("2026-03-02")
    (day / "c.txt").unlink()
    found = {f.source_uri[11:]: str(s) if isinstance(s, OSError) else s.read() for f, s in landing.fetched(files)}
    assert found == {
        r"a\x21b\x0a.txt": b"2026-03-02/a!b\n.txt",
        "c.txt": f"[Errno 2] No such file or directory: '{day / 'c.txt'}'",
        r"caf\xe9.txt": b"e",
        "loop": "not a regular file",
        "pipe.txt": "not a regular file",
    }
    assert landing.has_folder("2026-03-02")
    assert not landing.has_folder("2026-03-03")
    assert list(landing.fetched([LandingFile("2026-03-02/caf\\xe9.txt", 1, "")]))
