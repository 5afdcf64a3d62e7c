"""Drift: a source that is read otherwise than before raises an alarm; a day unlike its past, a warning.

Computed from the statistics of the published days alone, each day held against the days before it, so that the order
in which days were loaded does not matter, and no table depends on it. Alarms are for changes that are hardly chance and
last (`etl.report.shifts` has the statistics); warnings are plain rules on one day. `watch.toml` has the thresholds.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa

from etl.report.shifts import Floats, Ints, Limits, Shift, level_of, mean_shifts, share_shifts
from etl.report.statistics import Statistics, collect
from etl.report.watch import DriftThresholds, HistoryThresholds, read_watch
from etl.report.wording import source_name
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


ARTICLES = "articles"
"""The measure of warnings about how many articles a day has."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something about a source, or a day as a whole, is not as it was."""

    source: str
    """"" for the day as a whole."""
    ingest_date: dt.date
    """First day of the change."""
    seen: dt.date
    """The day on which it could be told; later than `ingest_date` where one day was too little to go by."""
    measure: str
    usual: float
    found: float
    note: str
    """What has changed, in plain words."""


def watched(settings: Settings) -> tuple[list[Alarm], list[Alarm]]:
    """Alarms and warnings of the published days, see `alarms` and `history_warnings`.

    Raises:
        SettingsInvalid: the file of thresholds cannot be used.
    """
    statistics = collect(settings.warehouse)
    return alarms(statistics, settings), history_warnings(statistics, settings)


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
    return sorted(found, key=lambda alarm: (alarm.seen, alarm.source, alarm.measure))


def by_source(sources: pa.Table) -> Iterator[tuple[str, dict[str, Ints]]]:
    """The columns of `SOURCES` for each source, as arrays in the order of days."""
    rows = sources.sort_by([("source", "ascending"), ("ingest_date", "ascending")])
    names = rows["source"].to_numpy()
    columns = {name: rows[name].to_numpy() for name in rows.column_names if name != "source"}
    edges = [*np.flatnonzero(np.append(True, names[1:] != names[:-1])), len(names)] if len(names) else []
    for begin, end in pairwise(edges):
        yield source_name(names[begin]), {name: column[begin:end] for name, column in columns.items()}


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


def history_warnings(statistics: Statistics, settings: Settings) -> list[Alarm]:
    """Days with far fewer or more articles than the days before, and sources whose filled fields are not as before.

    Rows: all articles of a day, and those of each source, against the median of the days before, of the same weekday
    where there are enough; a source counts as having none on days on which it is missing. Fill rates: the share of a
    source's articles that has a headline, a lead, ... against that of the days before together.

    Returns:
        The warnings, sorted by day, source and measure.

    Raises:
        SettingsInvalid: the file of thresholds cannot be used.
    """
    watch = read_watch(settings).history
    dates = statistics.days["ingest_date"].to_numpy()
    found = _row_warnings("", dates, statistics.days["articles"].to_numpy(), watch)
    for source, days in by_source(statistics.sources):
        held = dates[dates >= days["ingest_date"][0]]
        articles = np.zeros(len(held), dtype=np.int64)
        articles[np.searchsorted(held, days["ingest_date"])] = days["articles"]
        found += _row_warnings(source, held, articles, watch)
        for measure in SHARES:
            found += _fill_warnings(source, days, measure, watch)
    return sorted(found, key=lambda alarm: (alarm.ingest_date, alarm.source, alarm.measure))


def _row_warnings(source: str, dates: Ints, rows: Ints, watch: HistoryThresholds) -> list[Alarm]:
    usual = _trailing_median(rows, watch.days, watch.least_days)
    days = dates.astype("datetime64[D]")
    weekdays = (days.astype(np.int64) + 3) % 7  # the first day of the epoch was a Thursday
    alike = np.full(len(rows), np.nan)
    for weekday in range(7):
        same = np.flatnonzero(weekdays == weekday)
        alike[same] = _trailing_median(rows[same], max(watch.days // 7, 1), watch.least_same_weekdays)
    by_weekday = ~np.isnan(alike)
    usual = np.where(by_weekday, alike, usual)
    unlike = (rows < watch.fewest_rows * usual) | (rows > watch.most_rows * usual)
    found = []
    for at in np.flatnonzero(unlike & (usual >= watch.least_rows)).tolist():
        day = days[at].item()
        before = f"on the {day:%A}s before" if by_weekday[at] else "on the days before"
        note = f"{rows[at]:,} articles, usually {usual[at]:,.0f} {before}"
        found.append(Alarm(source, day, day, ARTICLES, float(usual[at]), float(rows[at]), note))
    return found


def _trailing_median(values: Ints, count: int, least: int) -> Floats:
    """Median of the up to `count` values before each; NaN where there are fewer than `least`."""
    medians = np.full(len(values), np.nan)
    if len(values) > least:
        padded = np.concatenate([np.full(count, np.nan), values])
        windows = np.lib.stride_tricks.sliding_window_view(padded, count)
        medians[least:] = np.nanmedian(windows[least : len(values)], axis=1)
    return medians


def _fill_warnings(source: str, days: dict[str, Ints], measure: str, watch: HistoryThresholds) -> list[Alarm]:
    counts, totals = share_of(measure, days)
    at = np.arange(len(counts))
    first = np.maximum(at - watch.days, 0)
    count, total = (np.concatenate([[0], np.cumsum(values)]) for values in (counts, totals))
    before = total[at] - total[first]
    usual = (count[at] - count[first]) / np.maximum(before, 1)
    found = counts / np.maximum(totals, 1)
    known = (at >= watch.least_days) & (before >= watch.least_articles) & (totals >= watch.least_articles)
    # Of twenty articles, chance alone moves a share by a tenth and more.
    chance = np.sqrt(usual * (1 - usual) / np.maximum(totals, 1))
    change = np.maximum(watch.fill_rate_change, watch.fill_rate_chance * chance)
    dates = days["ingest_date"].astype("datetime64[D]").tolist()
    return [
        Alarm(
            source,
            dates[n],
            dates[n],
            measure,
            round(float(usual[n]), 4),
            round(float(found[n]), 4),
            f"{found[n]:.0%} {SHARES[measure]}, {usual[n]:.0%} in the days before",
        )
        for n in np.flatnonzero(known & (np.abs(found - usual) >= change)).tolist()
    ]
