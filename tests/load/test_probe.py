"""What a folder must offer to be a warehouse, and how its lack is told."""

import errno
from pathlib import Path
from typing import Any, NoReturn

import pytest

from etl.errors import WarehouseUnusable
from etl.load.probe import prepare_warehouse


def refuse(*_: Any, **__: Any) -> NoReturn:
    raise OSError(errno.EPERM, "Operation not permitted")


def test_a_good_folder_is_made_and_left_clean(tmp_path: Path) -> None:
    prepare_warehouse(tmp_path / "some" / "warehouse")
    prepare_warehouse(tmp_path / "some" / "warehouse")
    made = sorted(str(p.relative_to(tmp_path / "some" / "warehouse")) for p in tmp_path.rglob("*") if "_" in p.name)
    assert made == ["_data", "_runs", "_snapshots", "_work"]


@pytest.mark.parametrize(
    "address", ["s3://bucket/news", "gs://bucket", "hdfs://node:8020/news", "/srv/jobs/s3:/bucket", "file:///srv/news"]
)
def test_addresses_are_refused(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WarehouseUnusable, match=r"is an address .*choose a folder"):
        prepare_warehouse(Path(address))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("function", "missing"),
    [
        ("os.link", "hard links"),
        ("os.rename", "renaming over a file"),
        ("os.symlink", "symbolic links"),
        ("fcntl.flock", "locks"),
    ],
)
def test_what_the_file_system_lacks_is_named(
    function: str, missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(function, refuse)
    with pytest.raises(WarehouseUnusable, match=rf"does not support {missing}.*not permitted.*choose a folder"):
        prepare_warehouse(tmp_path)
    assert not list(tmp_path.rglob(".probe-*"))


def test_locks_that_do_not_exclude_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fcntl.flock", lambda *_: None)
    with pytest.raises(WarehouseUnusable, match="can be locked again"):
        prepare_warehouse(tmp_path)


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "warehouse").write_text("a file")
    with pytest.raises(WarehouseUnusable, match="cannot be created"):
        prepare_warehouse(tmp_path / "warehouse")
