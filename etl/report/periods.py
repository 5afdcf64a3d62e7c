"""Time on a page: as many days, weeks, months or years as can still be told apart in a plot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

Grain = Literal["day", "week", "month", "year"]

_MOST = 66
"""Periods that a plot of a phone's width still shows apart."""
_MONTHS_LABELLED = 24
"""Up to so many months have labels of their own; beyond, years have."""
_DAYS_IN: dict[Grain, float] = {"day": 1, "week": 7, "month": 30.4, "year": 365.25}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Timeline:
    """The periods from the first to the last day, without gaps."""

    grain: Grain
    starts: tuple[date, ...]

    def start_of(self, day: date) -> date:
        """The first day of the period that a day belongs to."""
        if self.grain == "week":
            return day - timedelta(days=day.weekday())
        if self.grain == "month":
            return day.replace(day=1)
        return day.replace(month=1, day=1) if self.grain == "year" else day

    def name(self, start: date) -> str:
        """A period in words: `4 May 2026`, `week of 4 May 2026`, `May 2026`, `2026`."""
        if self.grain == "day":
            return in_words(start)
        if self.grain == "week":
            return f"week of {in_words(start)}"
        return f"{_MONTHS[start.month - 1]} {start.year}" if self.grain == "month" else str(start.year)

    def ticks(self, most: int) -> dict[date, str]:
        """At most so many periods to be labelled on an axis, with short labels; the year stands where it is new."""
        if self.grain == "month" and len(self.starts) > _MONTHS_LABELLED:
            years = [start for start in self.starts if start.month == 1]
            return {start: str(start.year) for start in years[:: max(-(-len(years) // most), 1)]}
        chosen = self.starts[:: max(-(-len(self.starts) // most), 1)]
        before = [None, *chosen]
        return {start: self._tick(start, last) for start, last in zip(chosen, before, strict=False)}

    def _tick(self, start: date, last: date | None) -> str:
        if self.grain == "year":
            return str(start.year)
        short = _MONTHS[start.month - 1] if self.grain == "month" else f"{start.day} {_MONTHS[start.month - 1]}"
        new_year = last is None or last.year != start.year
        return f"{short} {start.year}" if new_year and (self.grain == "month" or last is not None) else short


def timeline(days: Iterable[date]) -> Timeline:
    """Cut the time that some days span into periods: single days where few, up to years where very many."""
    found = sorted(set(days))
    if not found:
        return Timeline("day", ())
    first, last = found[0], found[-1]
    span = (last - first).days + 1
    grain: Grain = next((grain for grain, length in _DAYS_IN.items() if span / length <= _MOST), "year")
    # Months of eight years fit as well as weeks of one.
    if grain == "year" and span / _DAYS_IN["month"] <= 2 * _MOST:
        grain = "month"
    empty = Timeline(grain, ())
    days_between = (first + timedelta(days=offset) for offset in range(span))
    return Timeline(grain, tuple(dict.fromkeys(empty.start_of(day) for day in days_between)))


def in_words(day: date) -> str:
    """`4 May 2026`, whatever the locale."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def ranges(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days as ranges without gaps, in order."""
    ordered = sorted(set(days))
    if not ordered:
        return []
    breaks = [i for i, (a, b) in enumerate(pairwise(ordered), start=1) if (b - a).days > 1]
    return [(ordered[i], ordered[j - 1]) for i, j in zip([0, *breaks], [*breaks, len(ordered)], strict=True)]
