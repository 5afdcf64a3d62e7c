"""Whole files of the agencies and the records they give. After a wanted change: `golden/update.py`."""

import json
from pathlib import Path

import pytest

from tests.transform.standards.reading import FOLDER, as_json, read_items

FILES = sorted((FOLDER / "data").iterdir())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_file_gives_its_golden_records(path: Path) -> None:
    expected = json.loads((FOLDER / "golden" / f"{path.name}.json").read_text(encoding="utf-8"))
    assert [as_json(record) for record in read_items(path.read_bytes())] == expected


def test_every_golden_record_has_its_file() -> None:
    assert sorted(path.name.removesuffix(".json") for path in (FOLDER / "golden").glob("*.json")) == [
        path.name for path in FILES
    ]
