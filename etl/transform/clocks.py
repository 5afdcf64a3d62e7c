"""Read times of day and their zones: `14:30`, `14.30 Uhr`, `2:30 p.m. ET`, `14h30`, `오후 2시 30분`, `10:00 GMT+2`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

_DATES = Path(__file__).parent / "data" / "dates.toml"
_SUMMER_RULE_SINCE = 2007
"""Year from which North America has had summer time from the second Sunday of March to the first of November."""
_OFFSET_HOURS_MAX = 14

_FOREIGN_DIGITS = {
    ord(digit): str(value)
    for digits in ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९", "০১২৩৪৫৬৭৮৯", "๐๑๒๓๔๕๖๗๘๙", "０１２３４５６７８９")
    for value, digit in enumerate(digits)
}
_PLAIN = str.maketrans(
    _FOREIGN_DIGITS
    | dict.fromkeys(map(ord, "\u00a0\u202f\u2009\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069"), " ")
    | {ord("−"): "-", ord("’"): "'", ord("："): ":", ord("．"): ".", ord("／"): "/"}
)


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day at `text[start:end]`, its zone included."""

    start: int
    end: int
    hour: int
    minute: int
    second: int
    loose: bool
    """Could be something else: an hour alone (`14h`) or one written with a stop (`14.30`); a date must stand by."""
    zone: str | None
    """The name of a zone that changes its offset with the season."""
    offset_minutes: int | None

    def on(self, day: date) -> tuple[datetime, int | None]:
        """The moment in UTC and the offset; a time without a zone is taken as UTC."""
        offset = self.offset_minutes if self.zone is None else _seasonal_offset(self.zone, day)
        moment = datetime.combine(day, time(self.hour, self.minute, self.second), UTC)
        return moment - timedelta(minutes=offset or 0), offset


@cache
def date_data() -> dict[str, Any]:
    """What `data/dates.toml` holds."""
    return tomllib.loads(_DATES.read_text(encoding="utf-8"))


def plain(text: str) -> str:
    """`text` with digits, blanks, minus and colon of all scripts as in ASCII; every character keeps its place."""
    return text if text.isascii() else text.translate(_PLAIN)


def alternatives(words: Iterable[str]) -> str:
    """The words as a regex alternation, longest first; a blank stands for any number of blanks."""
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(set(words), key=lambda w: (-len(w), w)))


@dataclass(frozen=True, slots=True)
class _Patterns:
    clock: re.Pattern[str]
    zone: re.Pattern[str]
    before: re.Pattern[str]
    """What makes a time of `14.30`, at the end of the text before it."""
    half_before: re.Pattern[str]
    is_pm: frozenset[str]


@cache
def _patterns() -> _Patterns:
    data = date_data()
    words = data["clock"]
    halves = alternatives(words["am"] + words["pm"])
    units = alternatives(words["units"])
    # The hour comes first and plain, so that the search can skip to digits; what stands before it is checked after.
    clock = re.compile(
        rf"(?P<h>[0-9][0-9]?)(?:\s?[:h]\s?(?P<m>[0-5][0-9])(?::(?P<s>[0-5][0-9])(?:[.,][0-9]+)?)?"
        rf"|\.(?P<dot>[0-5][0-9])(?![.,]?[0-9%])"
        rf"|\s?[時시点點时]\s?(?:(?P<cjk>[0-5]?[0-9])\s?[分분])?"
        rf"|(?P<alone>\s?h)(?!\w)"
        rf"|(?=\s?(?:uhr|{halves})(?!\w)))"
        rf"(?![0-9])(?:\s?(?P<half>{halves})(?!\w))?(?P<unit>\s?(?:{units})(?!\w))?",
        re.IGNORECASE,
    )
    names = alternatives([*data["zones"], *data["seasonal"]])
    zone = re.compile(
        rf"\s*[(\[]?\s*(?:(?P<name>{names})(?!\w)|(?P<title>Gmt|Utc|gmt|utc)(?!\w))?"
        r"(?:(?P<sign>\s?[+–-]\s?)(?P<hours>[0-9]{1,2})(?::?(?P<minutes>[0-5][0-9]))?(?![0-9:]))?"
    )
    before = re.compile(rf"(?<!\w)(?:{alternatives(words['before'])})\s?$", re.IGNORECASE)
    half_before = re.compile(rf"(?:{halves})\s?$", re.IGNORECASE)
    return _Patterns(clock, zone, before, half_before, frozenset(_bare(word) for word in words["pm"]))


def _bare(half: str) -> str:
    return half.casefold().replace(".", "").replace(" ", "")


def read_clock(text: str, start: int, end: int) -> Clock | None:
    """The first time of day in `text[start:end]`; `text` must be `plain`."""
    return next(_clocks(text, start, end), None)


def read_last_clock(text: str, start: int, end: int) -> Clock | None:
    """The last time of day in `text[start:end]`; `text` must be `plain`."""
    last = None
    for clock in _clocks(text, start, end):
        last = clock
    return last


def _clocks(text: str, start: int, end: int) -> Iterator[Clock]:
    patterns = _patterns()
    for match in patterns.clock.finditer(text, start, end):
        clock = _read(match, text, start, patterns)
        if clock:
            yield clock


def _read(match: re.Match[str], text: str, start: int, patterns: _Patterns) -> Clock | None:
    begin = match.start()
    if begin and (text[begin - 1].isdigit() or text[begin - 1] in ".:/,-") and not _joins(text, start, begin):
        return None
    hour = int(match["h"])
    minute = int(match["m"] or match["dot"] or match["cjk"] or 0)
    second = int(match["s"] or 0)
    half = match["half"]
    before = text[max(0, begin - 12) : begin]
    if half is None and before and (leading := patterns.half_before.search(before)):
        half = leading.group()
    if half is not None:
        if hour > 12:
            half = "" if hour < 24 else half
        elif _bare(half.strip()) in patterns.is_pm:
            hour += 12 if hour < 12 else 0
        elif hour == 12:
            hour = 0
    if hour > 23:
        return None
    loose = bool(
        (match["dot"] and not match["unit"] and half is None and not patterns.before.search(before)) or match["alone"]
    )
    zone = patterns.zone.match(text, match.end())
    name, offset, stop = (
        _zone(zone, whole=match["s"] is not None or text[begin - 1 : begin] == "T")
        if zone
        else (None, None, match.end())
    )
    if name is None and offset is None:
        stop = match.end()
    else:
        loose = False
    return Clock(begin, stop, hour, minute, second, loose, name, offset)


def _joins(text: str, start: int, begin: int) -> bool:
    """A hyphen or comma that joins the time to the date before it: `4.3.2026-10:05`."""
    return begin - 1 == start and text[start] in "-,"


def _zone(match: re.Match[str], *, whole: bool) -> tuple[str | None, int | None, int]:
    """The seasonal zone or the offset that follows a time, and where it ends."""
    data = date_data()
    name = match["name"] or ("UTC" if match["title"] else None)
    sign, hours, minutes = match["sign"], match["hours"], match["minutes"]
    end = match.end("hours") if hours and not minutes else match.end()
    named_end = match.end("name") if match["name"] else match.end("title")
    if name in data["seasonal"]:
        return name, None, named_end
    offset: int | None = data["zones"][name] if name else None
    if hours is None or offset:
        return None, offset, named_end
    if name is None and not _is_offset(sign, hours, minutes, match.group(), whole=whole):
        return None, None, end
    if int(hours) > _OFFSET_HOURS_MAX:
        return None, offset, named_end
    east = int(hours) * 60 + int(minutes or 0)
    return None, east if sign.strip() == "+" else -east, end


def _is_offset(sign: str, hours: str, minutes: str | None, written: str, *, whole: bool) -> bool:
    """Whether a number after a time is an offset, and not the end of a span of time: `10:00-11:30`.

    `whole`: the time is written with seconds or after a `T`, as machines do.
    """
    if minutes is None or len(hours) != 2 or sign.endswith(" ") or int(minutes) % 15:
        return False
    return sign.strip() == "+" or (sign.strip() == "-" and (whole or ":" not in written))


def _seasonal_offset(zone: str, day: date) -> int | None:
    """Minutes east of UTC on a day, None before the present rule."""
    if day.year < _SUMMER_RULE_SINCE:
        return None
    march, november = date(day.year, 3, 8), date(day.year, 11, 1)
    begin = march + timedelta(days=6 - march.weekday())
    end = november + timedelta(days=6 - november.weekday())
    winter: int = date_data()["seasonal"][zone]
    return winter + (60 if begin <= day < end else 0)
