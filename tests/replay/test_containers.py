"""Containers in a replay: damaged ones that were fetched again, and limits that depend on each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl import open_warehouse
from etl.settings import Settings
from tests.conftest import PAGE, write_pages
from tests.extract.test_containers import tar, zipped
from tests.replay.inline import DAY, codes_of, replayed, run_days

pytestmark = pytest.mark.usefixtures("few_rules")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    write_pages(tmp_path / "landing" / DAY, 2)
    return Settings(landing=tmp_path / "landing", warehouse=tmp_path / "warehouse")


def pages(*towns: str) -> dict[str, bytes]:
    return {f"{town}.txt": PAGE.replace("\n ", " ").format(town=town).encode() for town in towns}


def towns_of(settings: Settings) -> list[str]:
    """Towns of the published headlines."""
    found = open_warehouse(settings.warehouse).read("articles", ["headline"])["headline"].to_pylist()
    return sorted(headline.split()[2] for headline in found)


@pytest.mark.parametrize(
    ("code", "action", "reason"),
    [
        ("truncated_container", "documents", None),
        ("empty", "whole_day", f"since it was built, 1 file changed ({DAY}/cut.tar)"),
    ],
    ids=["asked for", "not asked for"],
)
def test_a_truncated_container_that_came_whole(
    settings: Settings, tmp_path: Path, code: str, action: str, reason: str | None
) -> None:
    file = tmp_path / "landing" / DAY / "cut.tar"
    whole = tar(pages("Anfang", "Mitte", "Ende"))
    file.write_bytes(whole[:2400])
    file.with_name("empty.txt").touch()
    run_days(settings, DAY)
    assert codes_of(settings) == {"empty": 1, "truncated_container": 1}
    assert towns_of(settings) == ["Anfang", "Ort0", "Ort1"]
    file.write_bytes(whole)
    report = replayed(settings, code)
    assert (report.action, report.reason, report.outcome) == (action, reason, "published")
    assert (report.replayed, report.moved) == (1, int(code == "truncated_container"))
    assert towns_of(settings) == ["Anfang", "Ende", "Mitte", "Ort0", "Ort1"]
    assert codes_of(settings) == {"empty": 1}


def test_one_raised_limit_that_has_another_take_published_documents(settings: Settings, tmp_path: Path) -> None:
    inner = zipped(pages("Innen", "Drinnen"))
    packed = tar({"eins.txt": pages("Eins")["Eins.txt"], "inner.zip": inner, "zwei.txt": pages("Zwei")["Zwei.txt"]})
    (tmp_path / "landing" / DAY / "all.tar").write_bytes(packed)
    few = settings.model_copy(update={"max_container_members": 4})
    run_days(few.model_copy(update={"max_nesting": 1}), DAY)
    assert codes_of(settings) == {"nested_too_deep": 1}
    assert towns_of(settings) == ["Eins", "Ort0", "Ort1", "Zwei"]
    # The members of the zip file are now counted before the last of the tar file, which is one too many.
    report = replayed(few, "nested_too_deep")
    assert (report.action, report.outcome, report.newly_rejected) == ("whole_day", "published", 1)
    assert (report.reason or "").startswith(f"`{DAY}/all.tar!zwei.txt` at offset ")
    assert towns_of(settings) == ["Drinnen", "Eins", "Innen", "Ort0", "Ort1"]
    assert codes_of(settings) == {"too_large": 1}
