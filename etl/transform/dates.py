"""Read dates and times as publishers write them, numeric and worded, and tell date lines from other lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from etl.transform.lexicon import lexicon

_LOOK = 200
"""A date line is short; only its first characters are read."""
_CLOCK_LINE_MAX = 40
"""A line that gives a time but no day is no longer."""
_FIRST_YEAR, _LAST_YEAR = 1600, 2100

_ISO = re.compile(r"(?<!\d)(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)")
_DAY_FIRST = re.compile(
    r"(?<![\d.,/])(?P<d>\d{1,2})(?P<sep>\.\s?|/|-)(?P<m>\d{1,2})(?:\.\s?|/|-)(?P<y>\d{4}|\d\d)(?![\d/]|\.\d)"
)
_YEAR_FIRST = re.compile(
    r"(?<!\d)(?P<y>\d{4})\s?[年년./]\s?(?P<m>\d{1,2})\s?[月월./]\s?(?P<d>\d{1,2})(?!\d)\s?[日일.]?"
)
_WORD_DAY_FIRST = re.compile(
    r"(?<!\d)(?P<d>\d{1,2})(?:\.|st|nd|rd|th|er|º|ª)?[\s-]{0,2}(?:de\s+|of\s+)?(?P<word>[^\W\d_]{3,12})\.?,?[\s-]{0,2}(?:de\s+|del\s+)?(?P<y>\d{4})(?!\d)"
)
_WORD_MONTH_FIRST = re.compile(
    r"(?<!\w)(?P<word>[^\W\d_]{3,12})\.?\s{0,2}(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s{1,2}(?P<y>\d{4})(?!\d)"
)
_WORD_YEAR_FIRST = re.compile(r"(?<!\d)(?P<y>\d{4})\.?\s+(?P<word>[^\W\d_]{3,12})\.?\s+(?P<d>\d{1,2})\.?(?!\d)")
_TIME = re.compile(
    r"(?<![\d.:/-])(?P<h>[01]?\d|2[0-4])(?:\s?[:h]\s?(?P<m>[0-5]\d)(?::[0-5]\d(?:\.\d+)?)?|\.(?P<dot>[0-5]\d)(?=\s*(?:uhr|hs|a\.?m|p\.?m))|(?=\s*(?:uhr|a\.?m|p\.?m)(?![a-z])))"
    r"\s*(?P<half>[ap]\.?m\.?(?!\w))?(?:\s*uhr)?",
    re.IGNORECASE,
)
_ZONE = re.compile(
    r"\s*[(\[]?\s*(?:(?P<name>UTC|GMT|BST|WEST|WET|CEST|CET|MESZ|MEZ|EEST|EET|MSK|SAST|EST|EDT|CDT|MST|MDT|PST|PDT|JST|KST|HKT|SGT|AEST|AEDT|WIB|WITA|WIT)\b|Z\b)?\s*(?P<offset>[+-]\d{1,2}(?::?\d\d)?(?!\d))?",
    re.IGNORECASE,
)
_ZONES = {
    "utc": 0, "gmt": 0, "wet": 0, "bst": 60, "west": 60, "cet": 60, "mez": 60, "cest": 120, "mesz": 120, "eet": 120,
    "sast": 120, "eest": 180, "msk": 180, "est": -300, "edt": -240, "cdt": -300, "mst": -420, "mdt": -360,
    "pst": -480, "pdt": -420, "wib": 420, "wita": 480, "wit": 540, "hkt": 480, "sgt": 480, "jst": 540, "kst": 540,
    "aest": 600, "aedt": 660,
}  # fmt: skip
"""Minutes east of UTC; abbreviations that several zones share (IST, CST) are left out."""
_PERHAPS_DAY = re.compile(r"\d{4}|\d(?:\.\s?|[/-])\d{1,2}(?:\.\s?|[/-])\d\d")
"""What every written day holds: a year of four digits, or three numbers; few lines do, so it is looked for first."""
_GLUED = re.compile(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])")
_DIGIT = re.compile(r"\d")
_LETTERS = re.compile(r"[^\W\d_]+(?:[.'-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A date read from a line."""

    day: date
    """As the publisher wrote it."""
    at: datetime | None
    """Aware, UTC; a time without a zone is taken as UTC (`offset_minutes` is None then)."""
    offset_minutes: int | None
    updated: bool
    """The words before it say that it is the time of a change."""
    start: int
    end: int
    """Where date, time and zone stand in the line."""


def read_stamps(text: str, *, day_first: bool = True) -> list[Stamp]:
    """The dates in the first characters of a line, in order.

    Args:
        text: The line.
        day_first: Read `3/4/2021` as 3 April. Where false (English: American or British?) such a date is left
            unread; a number above 12 decides by itself.
    """
    head = text[:_LOOK]
    if not _PERHAPS_DAY.search(head):
        return []
    stamps: list[Stamp] = []
    position = 0
    while found := _next_day(head, position, day_first=day_first):
        start, end, day = found
        stamp = _with_time(head, start, end, day, before=head[position:start])
        stamps.append(stamp)
        position = max(stamp.end, end)
    return stamps


def without_stamps(text: str) -> str:
    """What a line says beside its dates; the words that go with dates are left out as well."""
    for stamp in reversed(read_stamps(text)):
        text = f"{text[: stamp.start]} | {text[stamp.end :]}"
    words = lexicon().date_words
    return " ".join(word for word in text.split() if word.casefold().strip(".:,") not in words)


def is_date_line(text: str, *, others: int = 0) -> bool:
    """Whether a line says a date or time and nothing else; `others` unknown words may stand beside it."""
    if len(text) > _LOOK or not _DIGIT.search(text):
        return False
    stamps = read_stamps(text)
    if not stamps and len(text) > _CLOCK_LINE_MAX:
        return False
    rest = text
    for stamp in reversed(stamps):
        rest = f"{rest[: stamp.start]} {rest[stamp.end :]}"
    timed = _TIME.search(rest)
    if not stamps and not timed:
        return False
    rest = _GLUED.sub(" ", _TIME.sub(" ", rest))
    lexical = lexicon()
    known = lexical.date_words
    unknown = [
        word
        for word in _LETTERS.findall(rest)
        if word.casefold() not in known and word.casefold() not in lexical.months and word.casefold() not in _ZONES
    ]
    return len(unknown) <= others and not (unknown and text.rstrip()[-1:] in ".!?")


def _next_day(text: str, position: int, *, day_first: bool) -> tuple[int, int, date] | None:
    """The first date at or after `position`."""
    best: tuple[int, int, date] | None = None
    for pattern in (_ISO, _YEAR_FIRST, _DAY_FIRST, _WORD_DAY_FIRST, _WORD_MONTH_FIRST, _WORD_YEAR_FIRST):
        for match in pattern.finditer(text, position):
            if best and match.start() >= best[0]:
                break
            day = _day(match.groupdict(), day_first=day_first)
            if day:
                best = (match.start(), match.end(), day)
                break
    return best


def _day(parts: dict[str, str | None], *, day_first: bool) -> date | None:
    year, day = int(parts["y"] or 0), int(parts["d"] or 0)
    if year < 100:
        year += 2000 if year < 70 else 1900
    word = parts.get("word")
    if word is not None:
        month = lexicon().months.get(word.casefold(), 0)
    else:
        month = int(parts["m"] or 0)
        if parts.get("sep") == "/":
            if day <= 12 < month:
                day, month = month, day
            elif not day_first and day <= 12 and day != month:
                return None
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _with_time(text: str, start: int, end: int, day: date, before: str) -> Stamp:
    """Add the time that follows the date (or stands right before it) and its zone."""
    updated = _says_updated(before)
    after = text[end : end + 24]
    match = _TIME.search(after)
    offset = end
    if match is None:
        earlier = text[max(0, start - 14) : start]
        match = _TIME.search(earlier)
        offset = max(0, start - 14)
    clock = _clock(match) if match else None
    if match is None or clock is None:
        return Stamp(day, None, None, updated, start, end)
    zone = _ZONE.match(text, offset + match.end())
    minutes = _offset_minutes(zone) if zone else None
    stop = zone.end() if zone and minutes is not None else offset + match.end()
    at = datetime.combine(day, clock, UTC) - timedelta(minutes=minutes or 0)
    return Stamp(day, at, minutes, updated, min(start, offset + match.start()), max(end, stop))


def _says_updated(before: str) -> bool:
    """Whether the last word of its kind before a date speaks of a change."""
    last = None
    for match in lexicon().updated.finditer(before.casefold()):
        last = match
    return last is not None


def _clock(match: re.Match[str]) -> time | None:
    hour, minute = int(match["h"]), int(match["m"] or match["dot"] or 0)
    half = (match["half"] or "").casefold()
    if half.startswith("p") and hour < 12:
        hour += 12
    elif half.startswith("a") and hour == 12:
        hour = 0
    return time(hour, minute) if hour < 24 else None


def _offset_minutes(zone: re.Match[str]) -> int | None:
    name, offset = zone["name"], zone["offset"]
    minutes = _ZONES[name.casefold()] if name else (0 if zone.group().strip().casefold() == "z" else None)
    if offset:
        digits = offset[1:].replace(":", "")
        hours, rest = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
        if hours > 14 or rest > 59:
            return minutes
        minutes = (minutes or 0) + (hours * 60 + rest) * (-1 if offset[0] == "-" else 1)
    return minutes
