"""The calendar of a corpus: a cell for each day, coloured by how the day stands."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from etl.report.periods import in_words
from etl.report.standing import STATES, Standing
from etl.report.wording import count

_RECENT = 12
"""Months that are shown at once; older ones unfold year by year."""
_MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of the calendar."""

    number: int
    state: str
    """One of `STATES`, or `none` where nothing is known of the day."""
    label: str
    href: str | None


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the calendar."""

    name: str
    starts_on: int
    """Weekday of its first day: 1 for Monday to 7 for Sunday."""
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The months of which something is known; a folder of another century does not bring all that lie between."""

    recent: Sequence[Month]
    older: Sequence[tuple[int, str, Sequence[Month]]]
    """Year, what it holds in words, and its months; the newest year first."""
    legend: Sequence[tuple[str, str, int]]
    """State, meaning, and number of days, as far as they occur."""


def calendar(standings: Sequence[Standing], pages: Collection[str]) -> Calendar:
    """Lay out the days.

    Args:
        standings: In order of days.
        pages: Days (YYYY-MM-DD) that have a page of their own.
    """
    by_day = {standing.day: standing for standing in standings}
    counts = Counter(standing.state for standing in standings)
    legend = [(state, meaning, counts[state]) for state, meaning in STATES.items() if counts[state]]
    if not by_day:
        return Calendar([], [], legend)
    starts = sorted({day.replace(day=1) for day in by_day})
    months = [(start, _month(start, by_day, pages)) for start in starts]
    older: dict[int, list[Month]] = {}
    for start, month in months[:-_RECENT]:
        older.setdefault(start.year, []).append(month)
    told = [(year, _summary(months_), months_) for year, months_ in sorted(older.items(), reverse=True)]
    return Calendar([month for _, month in months[-_RECENT:]], told, legend)


def _month(start: date, by_day: dict[date, Standing], pages: Collection[str]) -> Month:
    _, last = monthrange(start.year, start.month)
    cells = [_cell(start.replace(day=number), by_day, pages) for number in range(1, last + 1)]
    return Month(f"{_MONTH_NAMES[start.month - 1]} {start.year}", start.isoweekday(), cells)


def _cell(day: date, by_day: dict[date, Standing], pages: Collection[str]) -> Cell:
    standing = by_day.get(day)
    if standing is None:
        return Cell(day.day, "none", "", None)
    told = f"{in_words(day)}: {standing.state}"
    if standing.rows.get("articles"):
        told += f", {count(standing.rows['articles'], 'article')}"
    return Cell(day.day, standing.state, told, f"days/{day}.html" if day.isoformat() in pages else None)


def _summary(months: Sequence[Month]) -> str:
    counts = Counter(cell.state for month in months for cell in month.cells if cell.state != "none")
    return ", ".join(f"{number:,} {state}" for state, number in sorted(counts.items(), key=lambda item: -item[1]))
