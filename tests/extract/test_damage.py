"""A landing day of every kind of damage: nothing crashes, nothing hangs, all is accounted for, the good pages stand."""

import json
import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from etl import open_warehouse, pipeline
from etl.settings import Settings
from tests.conftest import write_pages
from tests.extract.damage import KINDS, Damage, page, sparse_line

pytestmark = pytest.mark.usefixtures("few_rules")

DAY = "2026-05-04"
GOOD = 30
SECONDS = 60
"""Far above what the day takes (some 10 seconds); a hang is longer."""

OF_FILES: dict[str, Damage] = {
    "line of a gigabyte": Damage("a.jsonl", bytes, 2, {"too_large": 1}),
    "link to itself": Damage("a.txt", bytes, 0, {"unreadable": 1}),
    "links in a circle": Damage("a.txt", bytes, 0, {"unreadable": 2}),
    "link to nowhere": Damage("a.txt", bytes, 0, {"unreadable": 1}),
    "link to the folder above": Damage("a.txt", bytes, 0, {"unreadable": 1}),
    "pipe": Damage("a.txt", bytes, 0, {"unreadable": 1}),
    "vanished": Damage("a.txt", lambda: page("Verschwunden"), 0, {"unreadable": 1}),
    "folder in its place": Damage("a.txt", lambda: page("Ordner"), 0, {"unreadable": 1}),
    "growing": Damage("a.txt", lambda: page("Wachsend"), 0, {"changed_file": 1}),
    "shrunk": Damage("a.txt", lambda: page("Schrumpfend"), 0, {"changed_file": 1}),
    "line ends in a name": Damage("a\nb\r.txt", lambda: page("Zeilenende"), 1),
    "name that is not utf-8": Damage("a\udce4!.txt", lambda: page("Fremdname"), 1),
}
"""Damage of files, not of their bytes."""
ALL = KINDS | OF_FILES


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A warehouse into which the day of all damage has been published."""
    root = tmp_path_factory.mktemp("damage")
    landing = root / "landing"
    write_pages(landing / DAY / "good", GOOD)
    for kind, damage in ALL.items():
        (landing / DAY / kind).mkdir()
        (landing / DAY / kind / damage.name).write_bytes(damage.make())
    _strange_files(landing / DAY)
    settings = Settings(landing=landing, warehouse=root / "warehouse")
    begin = time.monotonic()
    run, batches = pipeline.plan(settings, DAY, parallel=2)
    _change_while_running(landing / DAY)
    for batch in batches:
        pipeline.extract(run, batch)
        pipeline.transform(run, batch)
    pipeline.validate(run)
    pipeline.load(run)  # which counts and compares all outcomes
    assert time.monotonic() - begin < SECONDS
    return settings


def _strange_files(day: Path) -> None:
    sparse_line(day / "line of a gigabyte" / "a.jsonl")
    for kind, target in (
        ("link to itself", "a.txt"),
        ("links in a circle", "b.txt"),
        ("link to nowhere", "none"),
        ("link to the folder above", ".."),
    ):
        (day / kind / "a.txt").unlink()
        (day / kind / "a.txt").symlink_to(target)
    (day / "links in a circle" / "b.txt").symlink_to("a.txt")
    (day / "pipe" / "a.txt").unlink()
    os.mkfifo(day / "pipe" / "a.txt")


def _change_while_running(day: Path) -> None:
    (day / "vanished" / "a.txt").unlink()
    (day / "folder in its place" / "a.txt").unlink()
    (day / "folder in its place" / "a.txt").mkdir()
    for kind, data in (("growing", page("Wachsend") + b"und mehr"), ("shrunk", b"kurz")):
        (day / kind / "a.txt").write_bytes(data)


@pytest.fixture(scope="module")
def rejects(settings: Settings) -> list[dict[str, Any]]:
    return list(open_warehouse(settings.warehouse).read("rejects").to_pylist())


@pytest.fixture(scope="module")
def articles(settings: Settings) -> list[dict[str, Any]]:
    return list(open_warehouse(settings.warehouse).read("articles").to_pylist())


def _kind(row: dict[str, Any]) -> str:
    return str(row["source_uri"]).split("/")[1]


def test_every_kind_of_damage_has_its_codes_and_what_is_whole_stands(
    rejects: list[dict[str, Any]], articles: list[dict[str, Any]]
) -> None:
    found: dict[str, Counter[str]] = {kind: Counter() for kind in ALL}
    for row in rejects:
        found[_kind(row)][row["code"]] += 1
    saved = Counter(map(_kind, articles))
    assert {kind: (saved[kind], dict(codes)) for kind, codes in found.items()} == {
        kind: (damage.articles, damage.rejects) for kind, damage in ALL.items()
    }
    assert saved["good"] == GOOD


def test_the_counts_of_the_day_are_those_of_the_table(settings: Settings, rejects: list[dict[str, Any]]) -> None:
    [counts] = open_warehouse(settings.warehouse).read("runs").to_pylist()
    good = GOOD + sum(damage.articles for damage in ALL.values())
    refused = sum((Counter(damage.rejects) for damage in ALL.values()), Counter[str]())
    assert counts["articles"] == good
    assert json.loads(counts["reject_counts"]) == refused
    assert counts["rejected_documents"] == len(rejects) == refused.total()
    assert counts["documents"] == good + refused.total()


def test_what_broke_says_where(rejects: list[dict[str, Any]]) -> None:
    for row in rejects:
        assert row["message"], row
        assert row["source_uri"].startswith(f"{DAY}/"), row
        assert row["stage"] != "extract" or row["document_id"] is None or row["source_length"] is not None, row


def test_names_lead_back_to_their_files(articles: list[dict[str, Any]]) -> None:
    names = {_kind(row): row["source_uri"].rpartition("/")[2] for row in articles}
    assert names["line ends in a name"] == "a\\x0ab\\x0d.txt"
    assert names["name that is not utf-8"] == "a\\xe4\\x21.txt"
