"""Drift: a source that is read otherwise than before, as after a change of its layout, raises an alarm.

Computed from the statistics of the published days alone, each day held against the days before it, so that the order
in which days were loaded does not matter. `etl.report.shifts` has the statistics, `watch.toml` the thresholds.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa

from etl.report.shifts import Ints, Limits, Shift, level_of, mean_shifts, share_shifts
from etl.report.statistics import Statistics
from etl.report.watch import DriftThresholds, read_watch
from etl.settings import Settings

SHARES = {
    "headline": "articles with a headline",
    "lead": "articles with a lead",
    "authors": "articles with authors",
    "published_date": "articles with a date",
    "related": "articles with related items",
    "agency": "articles with text from an agency",
    "image_credit": "articles with a picture's credit",
    "truncated": "articles cut short (paywall, teaser)",
    "rejects": "documents that became no article",
}
"""Shares that are watched, in words: of a source's articles, `rejects` of its documents."""

WORDS = "words"
"""The measure that is a mean: words per article."""

MEASURES = (*SHARES, WORDS)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something about a source, or a day as a whole, is not as it was."""

    source: str | None
    """"" where documents have none; None: the day as a whole."""
    ingest_date: dt.date
    """First day of the change."""
    seen: dt.date
    """The day on which it could be told; later than `ingest_date` where one day was too little to go by."""
    measure: str
    usual: float
    found: float
    note: str
    """What has changed, in plain words."""


def alarms(statistics: Statistics, settings: Settings) -> list[Alarm]:
    """All changes of sources in the corpus, sorted by the day on which they could be told, source and measure.

    Raises:
        SettingsInvalid: the file of thresholds cannot be used.
    """
    watch = read_watch(settings).drift
    found = [
        alarm
        for source, days in by_source(statistics.sources)
        for measure in MEASURES
        for alarm in _alarms_of(source, days, measure, watch)
    ]
    return sorted(found, key=lambda alarm: (alarm.seen, alarm.source or "", alarm.measure))


def by_source(sources: pa.Table) -> Iterator[tuple[str, dict[str, Ints]]]:
    """The columns of `SOURCES` for each source, as arrays in the order of days."""
    rows = sources.sort_by([("source", "ascending"), ("ingest_date", "ascending")])
    names = rows["source"].to_numpy()
    columns = {name: rows[name].to_numpy() for name in rows.column_names if name != "source"}
    edges = [*np.flatnonzero(np.append(True, names[1:] != names[:-1])), len(names)] if len(names) else []
    for begin, end in pairwise(edges):
        yield names[begin], {name: column[begin:end] for name, column in columns.items()}


def share_of(measure: str, days: dict[str, Ints]) -> tuple[Ints, Ints]:
    """Counts and totals of a share by day."""
    if measure == "rejects":
        return days["rejects"], days["articles"] + days["rejects"]
    return days["truncated" if measure == "truncated" else f"with_{measure}"], days["articles"]


def _alarms_of(source: str, days: dict[str, Ints], measure: str, watch: DriftThresholds) -> list[Alarm]:
    is_mean = measure == WORDS
    limits = Limits(
        level=level_of(watch.false_alarms, len(MEASURES)),
        days=watch.days,
        least_days=watch.least_days,
        least_total=watch.least_articles,
        least_change=math.log(watch.least_ratio) if is_mean else watch.least_change,
        least_at_once=math.log(watch.least_ratio_at_once) if is_mean else watch.least_at_once,
        day_to_day=watch.day_to_day_words if is_mean else watch.day_to_day,
        settled_after=watch.settled_after,
    )
    if is_mean:
        shifts = mean_shifts(days["words"], days["articles"], limits)
    else:
        shifts = share_shifts(*share_of(measure, days), limits)
    dates = days["ingest_date"].astype("datetime64[D]").tolist()
    return [_alarm(source, measure, shift, dates) for shift in shifts]


def _alarm(source: str, measure: str, shift: Shift, dates: list[dt.date]) -> Alarm:
    if measure == WORDS:
        usual, found = round(shift.usual, 1), round(shift.found, 1)
        note = f"{found:.0f} words per article, usually {usual:.0f}"
    else:
        usual, found = round(shift.usual, 4), round(shift.found, 4)
        note = f"{found:.0%} {SHARES[measure]}, usually {usual:.0%}"
    return Alarm(source, dates[shift.first], dates[shift.seen], measure, usual, found, note)
