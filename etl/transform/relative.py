"""Read dates that count from the time of reading: `vor 3 Stunden`, `yesterday, 14:30`, `3 May` without a year.

They mean something only where it is known when the page was collected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from etl.transform.clocks import alternatives, date_data, plain, read_clock
from etl.transform.dates import Stamp, count_unknown, month_of, says_updated

_LINE_MAX = 90
"""Longer lines are sentences, in which such words count from something else."""
_OTHERS_MAX = 4
"""Unknown words (a name, mostly) that may stand beside `3 hours ago`; beside `yesterday` none may."""
_DAYS_MAX = 31
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LATE = timedelta(days=1)
"""A day without a year may lie so far after the collection: zones differ."""

_SPANS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class _Patterns:
    ago: re.Pattern[str]
    units: dict[str, timedelta]
    day: re.Pattern[str]
    days: dict[str, int]
    yearless: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    data = date_data()["relative"]
    units = {unit.casefold(): span for name, span in _SPANS.items() for unit in data[name]}
    days = {word.casefold(): int(back) for back, words in data["days"].items() for word in words}
    unit = alternatives(units)
    ago = re.compile(
        rf"(?<![^\W_])(?:(?P<before>{alternatives(data['before'])})\s*)?"
        rf"(?:(?P<count>[0-9]{{1,3}})|(?P<one>{alternatives(data['one'])})(?!\w))\s*(?P<unit>{unit})"
        rf"(?:\.?\s+(?P<more>[0-9]{{1,2}})\s*(?P<part>{unit}))?(?:\.?\s*(?P<after>{alternatives(data['after'])}))?(?!\w)",
        re.IGNORECASE,
    )
    spaced = [word for word in days if not _UNSPACED.search(word)]
    unspaced = [word for word in days if _UNSPACED.search(word)]
    day = re.compile(rf"(?<![\w'])(?:{alternatives(spaced)})(?!\w)|{alternatives(unspaced)}", re.IGNORECASE)
    yearless = re.compile(
        r"(?<![\w.])(?P<d>[0-9]{1,2})(?:\.|st|nd|rd|th|er|º)?\s{0,2}(?:de\s|of\s)?(?P<word>[^\W\d_][^\s\d.,:;()|/]{1,15})"
        r"|(?<!\w)(?P<first>[^\W\d_][^\s\d.,:;()|/]{1,15})\.?\s{1,2}(?P<e>[0-9]{1,2})(?:st|nd|rd|th)?(?![\w:.])"
        r"|(?P<m>[0-9]{1,2})(?:月|월\s?)(?P<f>[0-9]{1,2})(?:日|일)",
        re.IGNORECASE,
    )
    return _Patterns(ago, units, day, days, yearless)


def read_relative(text: str, collected_at: datetime) -> Stamp | None:
    """The day that a short line names by counting from the time of collection, or None.

    Hours and minutes give the day only: no time is written. What `at` holds is a time beside `today` and the like.

    Args:
        text: A line that is a date line, or may be one.
        collected_at: When the page was collected, aware.
    """
    if len(text) > _LINE_MAX:
        return None
    line = plain(text)
    return _ago(line, collected_at) or _named_day(line, collected_at) or _without_year(line, collected_at)


def _ago(line: str, collected_at: datetime) -> Stamp | None:
    patterns = _patterns()
    for match in patterns.ago.finditer(line):
        if not (match["before"] or match["after"]):
            continue
        span = patterns.units[_key(match["unit"])] * int(match["count"] or 1)
        if match["more"]:
            span += patterns.units[_key(match["part"])] * int(match["more"])
        start, end = match.span()
        if span > timedelta(days=_DAYS_MAX) or count_unknown(f"{line[:start]} {line[end:]}") > _OTHERS_MAX:
            return None
        return _stamp((collected_at - span).date(), line, start, end)
    return None


def _named_day(line: str, collected_at: datetime) -> Stamp | None:
    patterns = _patterns()
    match = patterns.day.search(line)
    if match is None:
        return None
    day = collected_at.date() - timedelta(days=patterns.days[_key(match.group())])
    return _timed(day, line, match.start(), match.end())


def _without_year(line: str, collected_at: datetime) -> Stamp | None:
    """The last such day that is not after the collection."""
    for match in _patterns().yearless.finditer(line):
        word = match["word"] or match["first"]
        month = month_of(word) if word else int(match["m"])
        number = int(match["d"] or match["e"] or match["f"])
        for year in (collected_at.year, collected_at.year - 1) if month else ():
            try:
                day = date(year, month, number)
            except ValueError:
                continue
            if day <= (collected_at + _LATE).date():
                return _timed(day, line, match.start(), match.end())
    return None


def _timed(day: date, line: str, start: int, end: int) -> Stamp | None:
    """The stamp of a day and the time beside it, where the line says nothing else."""
    clock = read_clock(line, end, len(line)) or read_clock(line, 0, start)
    rest = f"{line[:start]} {line[end:]}"
    if clock:
        first, last = sorted([(start, end), (clock.start, clock.end)])
        rest = f"{line[: first[0]]} {line[first[1] : last[0]]} {line[last[1] :]}"
    if count_unknown(rest) or any(character.isdigit() for character in rest):
        return None
    stamp = _stamp(day, line, min(start, clock.start) if clock else start, max(end, clock.end) if clock else end)
    if clock is None:
        return stamp
    at, offset = clock.on(day)
    return Stamp(day, at, offset, stamp.updated, stamp.start, stamp.end)


def _stamp(day: date, line: str, start: int, end: int) -> Stamp:
    return Stamp(day, None, None, says_updated(line[:start]) or False, start, end)


def _key(word: str) -> str:
    return " ".join(word.casefold().split())
