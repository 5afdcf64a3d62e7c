"""Warnings against the past: rows by weekday, silent sources, fill rates; and where `news-etl` shows them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from etl.report.drift import history_warnings
from etl.report.statistics import DAYS, LANGUAGES, REASONS, SOURCES, SUPPLIERS, Statistics
from etl.settings import Settings

FIRST = dt.date(2026, 1, 5)
"""A Monday."""


def day(number: int) -> dt.date:
    return FIRST + dt.timedelta(days=number)


def statistics_of(sources: Mapping[str, Sequence[int]], leads: Mapping[int, float] | None = None) -> Statistics:
    """Articles of each source by day; half of them have a lead, or the share that `leads` gives for a day."""
    rows, totals = [], [0] * max(map(len, sources.values()))
    for source, counts in sources.items():
        for number, articles in enumerate(counts):
            totals[number] += articles
            if articles:
                filled = {"with_headline": articles, "with_lead": round(articles * (leads or {}).get(number, 0.5))}
                key = {"ingest_date": day(number), "source": source, "articles": articles}
                rows.append(dict.fromkeys(SOURCES.names, 0) | key | filled)
    days = [
        {"ingest_date": day(number), "articles": total, "documents": total, "empty": not total}
        for number, total in enumerate(totals)
    ]
    nothing = (schema.empty_table() for schema in (LANGUAGES, SUPPLIERS, REASONS))
    tables = pa.Table.from_pylist(days, schema=DAYS), pa.Table.from_pylist(rows, schema=SOURCES)
    return Statistics(*tables, *nothing)


def told(statistics: Statistics, settings: Settings | None = None) -> list[tuple[str, dt.date, str]]:
    found = history_warnings(statistics, settings or Settings())
    return [(warning.source, warning.ingest_date, warning.note) for warning in found]


def test_a_day_is_held_against_the_days_of_its_weekday() -> None:
    week = [500, 520, 510, 490, 500, 120, 100]
    steady = {"bote": week * 5}
    assert told(statistics_of(steady)) == []
    thin = week * 4 + [500, 120, 510, 490, 500, 500, 100]
    assert told(statistics_of({"bote": thin})) == [
        ("", day(29), "120 articles, usually 520 on the Tuesdays before"),
        ("bote", day(29), "120 articles, usually 520 on the Tuesdays before"),
        ("", day(33), "500 articles, usually 120 on the Saturdays before"),
        ("bote", day(33), "500 articles, usually 120 on the Saturdays before"),
    ]


def test_where_the_weekday_is_new_all_days_count_and_two_weeks_are_needed() -> None:
    months = [100 if day(number).weekday() != 4 else 0 for number in range(40)]
    without_fridays = statistics_of({"bote": [*months[:35], 100, 100, 100, 100, 30]})
    kept = [row for row in without_fridays.days.to_pylist() if row["articles"]]
    assert told(replace(without_fridays, days=pa.Table.from_pylist(kept, schema=DAYS))) == [
        ("", day(39), "30 articles, usually 100 on the days before"),
        ("bote", day(39), "30 articles, usually 100 on the days before"),
    ]
    assert told(statistics_of({"bote": [100] * 13 + [10]})) == []


def test_a_source_that_falls_silent_warns_though_others_make_up_for_it() -> None:
    found = told(statistics_of({"bote": [300] * 28 + [360], "kurier": [60] * 28 + [0]}))
    assert found == [("kurier", day(28), "0 articles, usually 60 on the Mondays before")]


def test_a_source_that_is_new_or_small_does_not() -> None:
    assert told(statistics_of({"bote": [300] * 30, "kurier": [0] * 20 + [80] * 10, "blatt": [4, 1, 9] * 10})) == []


def test_days_without_files_do_not_warn_where_they_are_usual() -> None:
    assert told(statistics_of({"bote": [100, 100, 100, 100, 100, 100, 0] * 5})) == []


def test_a_fill_rate_is_held_against_the_past_of_its_source() -> None:
    found = told(statistics_of({"bote": [100] * 22, "blatt": [10] * 22}, leads={20: 0.1, 21: 0.7}))
    assert found == [("bote", day(20), "10% articles with a lead, 50% in the days before")]


def test_small_days_may_swing_by_chance() -> None:
    assert told(statistics_of({"bote": [25] * 22}, leads={21: 0.12})) == []
    assert len(told(statistics_of({"bote": [80] * 22}, leads={21: 0.12}))) == 1


def test_thresholds_decide(tmp_path: Path) -> None:
    watch = tmp_path / "watch.toml"
    watch.write_text("[history]\nfill_rate_change = 0.1\nfill_rate_chance = 1\nfewest_rows = 0.05\n", encoding="utf-8")
    planted = statistics_of({"bote": [100] * 21 + [20]}, leads={21: 0.7})
    assert [w.measure for w in history_warnings(planted, Settings())] == ["articles", "articles"]
    assert [w.measure for w in history_warnings(planted, Settings(watch=watch))] == ["lead"]


def test_nothing_is_nothing() -> None:
    nothing = (each.empty_table() for each in (DAYS, SOURCES, LANGUAGES, SUPPLIERS, REASONS))
    assert history_warnings(Statistics(*nothing), Settings()) == []
