"""Whole pages and the whole records they give. After a wanted change: `python tests/transform/golden/update.py`."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from etl.transform.record import Record

GOLDEN = Path(__file__).parent / "golden"
Read = Callable[[str], Record]


def as_json(record: Record) -> object:
    return json.loads(json.dumps(dataclasses.asdict(record), default=str))


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.txt")), ids=lambda path: path.stem)
def test_page_gives_its_golden_record(path: Path, read: Read) -> None:
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert as_json(read(path.read_text(encoding="utf-8"))) == expected


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.txt")), ids=lambda path: path.stem)
@pytest.mark.parametrize("blanks", ["  ", "\u00a0", "\t"])
def test_trailing_blanks_change_nothing(path: Path, blanks: str, read: Read) -> None:
    text = path.read_text(encoding="utf-8")
    assert read(text.replace("\n", f"{blanks}\n")) == read(text)


def test_the_seed_shape_leaks_no_tool_or_notice(read: Read) -> None:
    dump = json.dumps(as_json(read((GOLDEN / "seed_shape.txt").read_text(encoding="utf-8"))), ensure_ascii=False)
    for word in ("Drucken", "Lesen Sie mehr", "Mehr erfahren", "Browser", "Leonore Pichler\\n"):
        assert word not in dump
