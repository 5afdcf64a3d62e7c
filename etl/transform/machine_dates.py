"""Read the dates that pages state for machines, in JSON-LD, `meta` and `time`: ISO 8601, RFC 2822, Unix, epoch."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from etl.transform.dates import Stamp, is_date_line, read_stamps

_VALUE_MAX = 120
_OTHERS_MAX = 4
"""Unknown words beside a worded date: the name of the weekday or zone in a language that is not known."""
_OFFSET_MAX = 14 * 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAYS = (date(1970, 1, 1), date(1969, 12, 31))
"""What an empty field becomes; nothing on the web is so old."""
_EPOCH_FIRST, _EPOCH_LAST = 10**8, 4 * 10**9
"""Seconds: 1973 to 2096."""

_ISO = re.compile(
    r"(?P<y>\d{4})(?P<s>[-/.]?)(?P<mo>\d{1,2})(?P=s)(?P<d>\d{1,2})"
    r"(?:(?:[Tt]|\s*[Tt,|-]\s+|\s+|-(?=\d\d:))(?P<h>\d{1,2})(?::?(?P<mi>\d\d)(?::?(?P<se>\d\d)(?:[.,:]\d+)?)?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*"
    r"(?:(?P<z>[Zz]|UTC|GMT)|(?:UTC|GMT)?(?P<sign>[+\u2212-])\s?(?P<oh>\d{1,2})(?::?(?P<om>\d\d)(?::?00)?)?)?)?"
    r"\s*(?:\[[\w/+-]+\]|\([\w/ ]+\))?[.;,]?",
    re.ASCII,
)
_DIGITS = re.compile(r"\d{10}(?:\d{3})?", re.ASCII)
"""Seconds or milliseconds since 1970."""
_RUN = re.compile(r"\d{12}(?:\d\d)?", re.ASCII)
"""Day and time without a sign between them."""
_UNIX = re.compile(
    r"[A-Z][a-z]{2},? (?P<month>[A-Z][a-z]{2}) (?P<d>\d{1,2}) (?P<time>\d\d:\d\d:\d\d) "
    r"(?P<zone>[A-Z]{1,4} )?(?P<y>\d{4})"
)
"""`Wed Mar  4 10:05:00 CET 2026`."""


def read_metadata_stamp(value: str, *, month_first: bool | None = None) -> Stamp | None:
    """The date in a value written for machines, with its time and offset; None for nonsense.

    The day is the one written, not that of the moment in UTC. `start` and `end` are those of the whole value.

    Args:
        value: The content of the field.
        month_first: How to read `3/4/2021`, see `dates.read_stamps`; with `AM` or `PM` the month is first.
    """
    text = " ".join(value.split())
    if not text or len(text) > _VALUE_MAX:
        return None
    if _DIGITS.fullmatch(text):
        return _from_epoch(text, len(value))
    if _RUN.fullmatch(text):
        text = f"{text[:8]}T{text[8:]}"
    match = _ISO.fullmatch(text)
    if match:
        return _from_iso(match, len(value))
    match = _UNIX.match(text)
    if match:
        text = f"{match['d']} {match['month']} {match['y']} {match['time']} {match['zone'] or ''}"
    return _from_words(text, len(value), month_first=month_first)


def _from_epoch(digits: str, length: int) -> Stamp | None:
    seconds = int(digits[:10])
    if not _EPOCH_FIRST <= seconds <= _EPOCH_LAST:
        return None
    at = _EPOCH + timedelta(seconds=seconds)
    return Stamp(at.date(), at, 0, updated=False, start=0, end=length)


def _from_iso(match: re.Match[str], length: int) -> Stamp | None:
    """Day, time and offset; a day with a broken time keeps the day."""
    try:
        day = date(int(match["y"]), int(match["mo"]), int(match["d"]))
    except ValueError:
        return None
    if not _is_sensible(day):
        return None
    alone = Stamp(day, None, None, updated=False, start=0, end=length)
    if match["h"] is None or match["mi"] is None:
        return alone
    hour = int(match["h"])
    if match["half"] and hour <= 12:
        hour = hour % 12 + (12 if match["half"][0] in "Pp" else 0)
    try:
        at = datetime(day.year, day.month, day.day, hour, int(match["mi"]), min(int(match["se"] or 0), 59), tzinfo=UTC)
    except ValueError:
        return alone
    offset = 0 if match["z"] else None
    if match["oh"]:
        digits = match["oh"]
        offset = int(digits) * 60 + int(match["om"] or 0)
        offset = offset if match["sign"] == "+" else -offset
        if abs(offset) > _OFFSET_MAX:
            return alone
    return Stamp(day, at - timedelta(minutes=offset or 0), offset, updated=False, start=0, end=length)


def _from_words(text: str, length: int, *, month_first: bool | None) -> Stamp | None:
    """RFC 2822 and other spellings, where the value is a date and little else."""
    if month_first is None and text[-2:].upper() in ("AM", "PM"):
        month_first = True
    stamps = read_stamps(text, month_first=month_first)
    if not stamps or not _is_sensible(stamps[0].day) or not is_date_line(text, others=_OTHERS_MAX):
        return None
    first = stamps[0]
    return Stamp(first.day, first.at, first.offset_minutes, first.updated, 0, length)


def _is_sensible(day: date) -> bool:
    return 1600 <= day.year <= 2100 and day not in _EPOCH_DAYS
