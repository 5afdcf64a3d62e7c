"""The calendar, and folders whose names are days of another century: they take no room and hide nothing."""

from datetime import date
from pathlib import Path

import pytest

from etl.report.calendar import calendar
from etl.report.corpus_page import Corpus, corpus_page, recent_changes
from etl.report.drift import Alarm
from etl.report.standing import Standing
from etl.report.statistics import collect
from etl.validate.history import RESULTS
from tests.conftest import NewsEtl, write_pages

DAY = date(2026, 5, 4)
ODD = (date(1015, 3, 1), date(2105, 5, 4), date.max)


def standing(day: date, state: str = "new") -> Standing:
    run = f"{day}.0001" if state == "published" else ""
    return Standing(day, state, None, run, run or None, {})


def test_only_months_of_which_something_is_known_are_shown() -> None:
    made = calendar([standing(day) for day in sorted([*ODD, DAY])], pages=())
    assert [month.name for month in made.recent] == ["March 1015", "May 2026", "May 2105", "December 9999"]
    last = made.recent[-1].cells
    assert (len(last), last[-1].number, last[-1].state, last[0].state) == (31, 31, "new", "none")
    assert made.recent[1].starts_on == 5


def test_months_before_the_newest_twelve_unfold_by_year() -> None:
    every = [date(2025 + month // 12, month % 12 + 1, 1) for month in range(14)]
    made = calendar([standing(day, "published") for day in every], pages=())
    assert len(made.recent) == 12
    assert [(year, told, len(months)) for year, told, months in made.older] == [(2025, "2 published", 2)]


@pytest.mark.parametrize("odd", ODD)
def test_a_folder_of_another_century_hides_no_alarm_and_stretches_no_plot(tmp_path: Path, odd: date) -> None:
    alarm = Alarm("bote", DAY, DAY, "lead", 0.9, 0.1, "10% articles with a lead, usually 90%")
    standings = sorted([standing(DAY, "published"), standing(odd)], key=lambda found: found.day)
    corpus = Corpus(collect(tmp_path / "nothing"), standings, RESULTS.empty_table(), alarms=[alarm])
    recent, earlier = recent_changes(corpus)
    assert [change.source for change in recent] == ["bote"]
    assert earlier == []
    assert len(corpus_page(corpus)) < 60_000


def test_the_command_leaves_days_to_come_and_open_ones_alone(tmp_path: Path, news_etl: NewsEtl) -> None:
    landing, warehouse = tmp_path / "landing", tmp_path / "warehouse"
    warehouse.mkdir()
    for day in ("2026-05-04", "9999-12-31"):
        write_pages(landing / day / "bote", 1)
    answer = news_etl("report", "--landing", landing, "--warehouse", warehouse)
    assert answer.returncode == 0, answer.stderr
    page = (warehouse / "_reports" / "index.html").read_text(encoding="utf-8")
    assert "4 May 2026: new" in page
    assert "9999" not in page
