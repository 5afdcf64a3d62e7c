"""Drift alarms: what raises one, when, in which words; and that what is only restless raises none."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.drift import SIZES, judge, make_corpus
from etl.errors import SettingsInvalid
from etl.report.drift import Alarm, alarms
from etl.report.shifts import beta_binomial_tail, student_tail
from etl.report.statistics import DAYS, LANGUAGES, REASONS, SOURCES, SUPPLIERS, Statistics
from etl.report.wording import NO_SOURCE
from etl.settings import Settings

FIRST = dt.date(2026, 1, 5)
"""A Monday."""


def day(number: int) -> dt.date:
    return FIRST + dt.timedelta(days=number)


def statistics_of(
    headlines: Sequence[float], articles: int = 40, words: Sequence[int] | int = 300, source: str = "bote"
) -> Statistics:
    """A source whose share of articles with a headline is given day by day; all else stays."""
    count = len(headlines)
    rows = {name: [0] * count for name in SOURCES.names[2:]} | {
        "ingest_date": [day(number) for number in range(count)],
        "source": [source] * count,
        "articles": [articles] * count,
        "words": (np.array(words) * articles * np.ones(count, int)).tolist(),
        "with_headline": [round(share * articles) for share in headlines],
    }
    return as_statistics(pa.table(rows, schema=SOURCES))


def as_statistics(sources: pa.Table) -> Statistics:
    nothing = (schema.empty_table() for schema in (LANGUAGES, SUPPLIERS, REASONS))
    return Statistics(DAYS.empty_table(), sources, *nothing)


def restless(count: int, share: float = 0.9, spread: float = 0.03) -> list[float]:
    """A share that varies a little from day to day, the same way each time."""
    noise = np.random.default_rng(3).normal(0, spread, count)
    return [min(max(share + float(value), 0.0), 1.0) for value in noise]


def test_headlines_that_are_lost_raise_an_alarm_on_the_day() -> None:
    [alarm] = alarms(statistics_of([*restless(30), *[0.05] * 3]), Settings())
    assert alarm.source == "bote"
    assert (alarm.ingest_date, alarm.seen) == (day(30), day(30))
    assert alarm.measure == "headline"
    assert alarm.usual == pytest.approx(0.9, abs=0.02)
    assert alarm.found == 0.05
    assert alarm.note == "5% articles with a headline, usually 90%"


def test_a_lesser_change_is_told_on_the_second_day_and_dated_to_the_first() -> None:
    [alarm] = alarms(statistics_of([*restless(30), *[0.45] * 5]), Settings())
    assert (alarm.ingest_date, alarm.seen) == (day(30), day(31))


def test_one_odd_day_is_no_alarm() -> None:
    assert alarms(statistics_of([*restless(30), 0.45, *restless(10)]), Settings()) == []


def test_a_weekly_rhythm_is_no_alarm() -> None:
    week = [0.8, 0.82, 0.79, 0.8, 0.81, 0.4, 0.3]
    assert alarms(statistics_of(week * 20, articles=200), Settings()) == []


def test_a_slow_trend_is_no_alarm() -> None:
    noise = np.random.default_rng(5).normal(0, 0.02, 365)
    trend = (np.linspace(0.9, 0.2, 365) + noise).tolist()
    assert alarms(statistics_of(trend, articles=300), Settings()) == []


def test_what_came_to_stay_is_told_once_and_the_next_change_again() -> None:
    found = alarms(statistics_of([*restless(30), *restless(40, 0.1), *restless(30)]), Settings())
    assert [(alarm.ingest_date, alarm.usual > alarm.found) for alarm in found] == [(day(30), True), (day(70), False)]


def test_after_an_episode_the_old_past_counts_and_its_end_is_no_alarm() -> None:
    found = alarms(statistics_of([*restless(30), *[0.1] * 3, *restless(10), *[0.1] * 3]), Settings())
    assert [alarm.ingest_date for alarm in found] == [day(30), day(43)]


def test_a_small_source_takes_some_days() -> None:
    [alarm] = alarms(statistics_of([*[0.5, 0.75] * 15, *[0.0] * 10], articles=4), Settings())
    assert alarm.ingest_date == day(30)
    assert dt.timedelta(1) <= alarm.seen - alarm.ingest_date <= dt.timedelta(6)


def test_bodies_that_come_out_cut_raise_an_alarm() -> None:
    words = [*np.random.default_rng(4).normal(400, 20, 30).astype(int).tolist(), 130, 128]
    [alarm] = alarms(statistics_of(restless(32), words=words), Settings())
    assert (alarm.measure, alarm.ingest_date) == ("words", day(30))
    assert alarm.note == "130 words per article, usually 396"


def test_documents_that_are_rejected_raise_an_alarm_though_no_article_is_left() -> None:
    table = statistics_of(restless(32)).sources.to_pandas()
    table.loc[30:, "rejects"] = 40
    table.loc[30:, table.columns.difference(["ingest_date", "source", "rejects"])] = 0
    [alarm] = alarms(as_statistics(pa.Table.from_pandas(table, schema=SOURCES, preserve_index=False)), Settings())
    assert (alarm.measure, alarm.ingest_date, alarm.found) == ("rejects", day(30), 1.0)


def test_a_short_past_raises_nothing() -> None:
    assert alarms(statistics_of([*restless(10), *[0.0] * 3]), Settings()) == []


def test_sources_do_not_mix_and_the_order_of_rows_does_not_matter() -> None:
    tables = [
        statistics_of([*restless(30), 0.0, 0.0], source="bote").sources,
        statistics_of(restless(32), source="kurier").sources,
        statistics_of([*restless(20), *[0.0] * 12], source="").sources,
    ]
    rows = pa.concat_tables(tables)
    found = alarms(as_statistics(rows), Settings())
    assert [(alarm.source, alarm.ingest_date) for alarm in found] == [(NO_SOURCE, day(20)), ("bote", day(30))]
    shuffled = rows.take(np.random.default_rng(1).permutation(rows.num_rows))
    assert alarms(as_statistics(shuffled), Settings()) == found


def test_days_that_come_later_do_not_change_what_was_told() -> None:
    shares = [*restless(30), *restless(40, 0.1), *restless(30)]
    whole = alarms(statistics_of(shares), Settings())
    told: list[Alarm] = []
    for count in range(28, 100):
        told += [a for a in alarms(statistics_of(shares[:count]), Settings()) if a not in told]
    assert told == whole


def test_nothing_is_nothing() -> None:
    assert alarms(as_statistics(SOURCES.empty_table()), Settings()) == []


def test_synthetic_sources_in_short() -> None:
    """The whole is `make bench-drift`: sources of 12 documents a day and more, within two days."""
    corpus = make_corpus(sources=120, days=300, seed=11)
    tallies = judge(corpus, alarms(corpus.statistics, Settings()))
    assert 1000 * sum(t.false for t in tallies.values()) / sum(t.source_days for t in tallies.values()) <= 1
    assert all(tally.per_thousand() <= 2 for tally in tallies.values())
    larger = [tallies[size] for size in SIZES if size >= 12]
    assert sum(t.within(2) * t.changes for t in larger) / sum(t.changes for t in larger) >= 0.9
    assert tallies[600].within(2) == 1


def test_the_tail_of_a_beta_binomial() -> None:
    # Uniform share: a beta of 1 and 1, under which each count is as likely as any other.
    assert beta_binomial_tail(2, 9, 0.5, 1 / 3, upper=False) == pytest.approx(0.3)
    assert beta_binomial_tail(8, 9, 0.5, 1 / 3, upper=True) == pytest.approx(0.2)
    # Hardly any spread: a binomial.
    assert beta_binomial_tail(0, 10, 0.3, 1e-7, upper=False) == pytest.approx(0.7**10, rel=1e-4)
    assert beta_binomial_tail(10, 10, 0.3, 1e-7, upper=True) == pytest.approx(0.3**10, rel=1e-4)
    assert beta_binomial_tail(9, 9, 0.5, 0.1, upper=False) == pytest.approx(1)


@pytest.mark.parametrize(("value", "degrees", "tail"), [(1.7, 29, 0.05), (3.659, 29, 0.0005), (6.0, 13, 2.2e-5)])
def test_the_tail_of_student(value: float, degrees: float, tail: float) -> None:
    assert student_tail(value, degrees) == pytest.approx(tail, rel=0.1)


def test_thresholds_are_a_file_that_may_be_replaced_in_part(tmp_path: Path) -> None:
    lost = statistics_of([*restless(30), *[0.45] * 3])
    watch = tmp_path / "watch.toml"
    watch.write_text("[drift]\nleast_change = 0.6\n", encoding="utf-8")
    assert len(alarms(lost, Settings())) == 1
    assert alarms(lost, Settings(watch=watch)) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[drift]\nleast_chance = 0.6\n", r"`drift\.least_chance` in .*watch\.toml`: Extra inputs"),
        ("[drift]\nleast_change = 6.0\n", r"`drift\.least_change` .* less than 1"),
        ("drift = 1\n", r"`drift` in"),
        ("[drift\n", "cannot be read"),
        (None, "cannot be read"),
    ],
)
def test_a_file_of_thresholds_that_cannot_be_used_is_refused(tmp_path: Path, text: str | None, message: str) -> None:
    watch = tmp_path / "watch.toml"
    if text is not None:
        watch.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsInvalid, match=message):
        alarms(statistics_of([1.0]), Settings(watch=watch))
