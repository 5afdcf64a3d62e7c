"""Read dates and times as publishers write them, numeric and worded, and tell date lines from other lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache, lru_cache

from etl.transform.clocks import Clock, date_data, plain, read_clock, read_last_clock
from etl.transform.lexicon import lexicon

_LOOK = 200
"""A date line is short; only its first characters are read."""
_REMEMBERED = 128
"""Lines whose dates are remembered: those of a page, which several readers ask for."""
_CLOCK_LINE_MAX = 40
"""A line that gives a time but no day is no longer."""
_FIRST_YEAR, _LAST_YEAR = 1600, 2100
_BUDDHIST = 543
"""The Thai calendar counts so many years more."""
_CLOCK_AFTER, _CLOCK_BEFORE = 30, 26
"""How far from a date its time may stand."""
_BEHIND_MAX = 40
"""Longer words behind the last date are a sentence."""

_FOREIGN = "\u0600"
"""Scripts with digits of their own begin here."""
_DIGIT = re.compile(r"[0-9]")
_PERHAPS_DAY = re.compile(
    r"[0-9](?:[0-9]{3}|[0-9]?-[A-Za-z]{3}-[0-9]{2}|(?:\.\s?|[/-])[0-9]{1,2}(?:\.\s?|[/-])[0-9]{2})"
)
"""What every written day holds: a year of four digits, or three numbers; few lines do, so it is looked for first."""
_NUMBER = re.compile(r"[0-9]+")
_SEPARATOR = r"(?:\s?[年년月월]\s?|\.\s?|\s?/\s?|-)"
_NUMERIC = re.compile(
    rf"(?P<a>[0-9]{{1,4}})(?P<s>{_SEPARATOR})(?P<b>[0-9]{{1,2}})(?P<t>{_SEPARATOR})(?P<c>[0-9]{{4}}|[0-9]{{1,2}})(?![0-9])"
)
_YEAR_SIGNS = frozenset({("-", "-"), ("/", "/"), (".", "."), ("年", "月"), ("년", "월")})
_NOT_AFTER = re.compile(r"/|\.[0-9]")
_WORD = r"[^\W\d_](?:[^\s\d.,:;!?()\[\]/|\"'’–—·•-]){1,15}"
"""The name of a month, or a word that is none; combining marks belong to it."""
_DAY_WORD = re.compile(
    rf"[0-9]{{1,2}}(?:\.|st|nd|rd|th|er|:e|º|ª|°|-?го|-е|-an|-én)?[\s-]{{0,2}}(?:(?:de|of|di|ta)\s{{1,2}}|d')?"
    rf"(?P<word>{_WORD})\.?(?:[\s/](?P<more>{_WORD}))?[.,،]?[\s-]{{0,2}}(?:(?:de|del|of)\s{{1,2}})?"
    rf"(?P<y>[0-9]{{4}}|(?<=-)[0-9]{{2}})(?![0-9])",
    re.IGNORECASE,
)
_WORD_DAY = re.compile(rf"(?<!\w)(?P<word>{_WORD})\.?\s{{0,2}}(?:the\s)?$", re.IGNORECASE)
_DAY_YEAR = re.compile(r"[0-9]{1,2}(?:st|nd|rd|th|日)?,?\s{1,2}(?:of\s|de\s)?(?P<y>[0-9]{4})(?![0-9])", re.IGNORECASE)
_YEAR_WORD = re.compile(
    rf"[0-9]{{4}}\.?(?:\s(?:m|g|gada)\.?)?[\s-]{{1,2}}(?P<word>{_WORD})\.?[\s-]{{1,2}}(?P<d>[0-9]{{1,2}})(?:\.(?![0-9]))?(?![0-9:])"
)
_NUMBERED_MONTH = re.compile(
    r"[0-9]{1,2}\s{1,2}tháng\s{1,2}(?P<m>[0-9]{1,2})(?:\snăm\s|,?\s|/|-)(?P<y>[0-9]{4})(?![0-9])", re.IGNORECASE
)
"""Vietnamese counts its months."""
_GLUED = re.compile(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])")
_LETTERS = re.compile(r"[\u0900-\u0e7f]+|[^\W\d_]+(?:[.'-][^\W\d_]+)*")
"""Words; those of India and Thailand with their combining marks."""
_WORD_EDGE = ".:,;()-–—·•"
_SENTENCE_END = re.compile(r"[!?…;]|[^\W\d_]{4,}\.\s")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A date read from a line."""

    day: date
    """As the publisher wrote it."""
    at: datetime | None
    """Aware, UTC; a time without a zone is taken as UTC (`offset_minutes` is None then)."""
    offset_minutes: int | None
    updated: bool
    """The words beside it say that it is the time of a change."""
    start: int
    end: int
    """Where date, time and zone stand in the line."""


@dataclass(frozen=True, slots=True)
class _Day:
    day: date
    start: int
    end: int


def read_stamps(text: str, *, month_first: bool | None = False, latest: date | None = None) -> tuple[Stamp, ...]:
    """The dates in the first characters of a line, in order.

    Args:
        text: The line.
        month_first: Read `3/4/2021` as 4 March instead of 3 April; None leaves such a date unread (English: American
            or British?). A number above 12 decides by itself, for the other dates of the line too.
        latest: Later days are left out.
    """
    head = _readable(text)
    return () if head is None else _stamps(head, month_first=month_first, latest=latest)


@lru_cache(maxsize=_REMEMBERED)
def _stamps(head: str, *, month_first: bool | None, latest: date | None) -> tuple[Stamp, ...]:
    """The dates in the beginning of a line, which is `plain`."""
    days = _days(head, month_first=month_first)
    stamps: list[Stamp] = []
    taken = 0
    for index, found in enumerate(days):
        following = days[index + 1].start if index + 1 < len(days) else len(head)
        clock = _clock_of(head, found, taken, following)
        start, end = found.start, found.end
        at = offset = None
        if clock:
            at, offset = clock.on(found.day)
            start, end = min(start, clock.start), max(end, clock.end)
        stamps.append(Stamp(found.day, at, offset, says_updated(head[taken:start]) or False, start, end))
        taken = end
    stamps = _with_words_behind(head, stamps)
    return tuple(stamp for stamp in stamps if latest is None or stamp.day <= latest)


def without_stamps(text: str) -> str:
    """What a line says beside its dates, in parts between bars; the words that go with dates are left out as well."""
    for stamp in reversed(read_stamps(text)):
        text = f"{text[: stamp.start]} | {text[stamp.end :]}"
    parts = [_without_date_words(part.split()) for part in text.split("|")]
    return " | ".join(part for part in parts if part)


def _without_date_words(words: list[str]) -> str:
    """The words without those at either end that stand beside dates; inside, they are part of something else."""
    known = lexicon().date_words
    first, last = 0, len(words)
    while first < last and words[first].casefold().strip(_WORD_EDGE) in known:
        first += 1
    while last > first and words[last - 1].casefold().strip(_WORD_EDGE) in known:
        last -= 1
    return " ".join(words[first:last])


def is_date_line(text: str, *, others: int = 0) -> bool:
    """Whether a line says a date or time and nothing else; `others` unknown words may stand beside it."""
    if len(text) > _LOOK or not (_DIGIT.search(text) or (not text.isascii() and _is_foreign(text))):
        return False
    known = _known_words()
    unknown = 0
    for match in _LETTERS.finditer(text):
        word = match.group()
        if (
            len(word) > 3
            and word < _FOREIGN
            and word.casefold() not in known
            and word not in known
            and not _GLUED.search(word)
        ):
            unknown += 1
            if unknown > others:
                return False
    beside = _count_beside(text)
    if beside is None or beside > others:
        return False
    return not (beside and text.rstrip()[-1:] in ".!?")


@lru_cache(maxsize=_REMEMBERED)
def _count_beside(text: str) -> int | None:
    """How many unknown words stand beside the dates and times of a line; None where it has none."""
    stamps = read_stamps(text)
    if not stamps and len(text) > _CLOCK_LINE_MAX:
        return None
    rest = plain(text)
    for stamp in reversed(stamps):
        rest = f"{rest[: stamp.start]} {rest[stamp.end :]}"
    clock = read_clock(rest, 0, len(rest))
    if not stamps and (clock is None or clock.loose):
        return None
    while clock:
        rest = f"{rest[: clock.start]} {rest[clock.end :]}"
        clock = read_clock(rest, clock.start, len(rest))
    return count_unknown(rest)


def count_unknown(text: str) -> int:
    """How many words of `text` are none that stand beside dates."""
    known = _known_words()
    return sum(word.casefold() not in known and word not in known for word in _LETTERS.findall(_GLUED.sub(" ", text)))


def month_first_in(domain: str) -> bool | None:
    """Whether publishers of a domain's country write the month before the day; None where its ending does not tell."""
    country = date_data()["country"]
    ending = domain.rstrip(".").rpartition(".")[2].casefold()
    if len(ending) != 2 and ending not in country["month_first"]:
        return None
    return None if ending in country["unknown"] else ending in country["month_first"]


@cache
def _known_words() -> frozenset[str]:
    """Words that may stand in a date line: case-folded, the names of zones as written."""
    lexical = lexicon()
    data = date_data()
    clock = data["clock"]
    words = " ".join([*lexical.date_words, *lexical.months, *clock["am"], *clock["pm"], *clock["units"]]).split()
    return frozenset(word.casefold() for word in words) | frozenset([*data["zones"], *data["seasonal"]])


def _is_foreign(text: str) -> bool:
    """Whether a line may be written with other digits than 0-9; a look at its ends is enough and cheap."""
    return text[:1] >= _FOREIGN or text[-1:] >= _FOREIGN


def _readable(text: str) -> str | None:
    """The beginning of a line, made plain, if it may hold a day."""
    head = text[:_LOOK]
    if _PERHAPS_DAY.search(head):
        return plain(head)
    if _is_foreign(head):
        head = plain(head)
        return head if _PERHAPS_DAY.search(head) else None
    return None


def _days(head: str, *, month_first: bool | None) -> list[_Day]:
    """Every day in a line. Each number is tried once, so the work is linear."""
    days: list[_Day] = []
    position = 0
    for number in _NUMBER.finditer(head):
        if number.start() < position or len(number.group()) > 4:
            continue
        numeric = _NUMERIC.match(head, number.start())
        if numeric and (order := _slashed_order(numeric)) is not None:
            month_first = order
        found = _numeric_day(head, numeric, month_first=month_first) if numeric else None
        found = found or _worded_day(head, number, position)
        if found:
            days.append(found)
            position = found.end
    return days


def _slashed_order(match: re.Match[str]) -> bool | None:
    """Whether the month comes first, where the numbers of `3/25/2021` say it."""
    if match["s"].strip() not in ("/", "-") or len(match["a"]) == 4:
        return None
    first, second = int(match["a"]), int(match["b"])
    return first <= 12 < second <= 31 if (first > 12) != (second > 12) else None


def _numeric_day(head: str, match: re.Match[str], *, month_first: bool | None) -> _Day | None:
    sign, again = match["s"].strip(), match["t"].strip()
    if len(match["a"]) == 4:
        return _year_first_day(head, match) if (sign, again) in _YEAR_SIGNS and len(match["c"]) <= 2 else None
    if sign != again or sign not in "./-" or len(match["a"]) > 2 or len(match["c"]) not in (2, 4):
        return None
    start, end = match.span()
    if (start and head[start - 1] in ".,/") or _NOT_AFTER.match(head, end):
        return None
    day, month = int(match["a"]), int(match["b"])
    if sign != "." and day <= 12:
        if month_first is None and sign == "/" and month <= 12 and day != month:
            return None
        if month_first:
            day, month = month, day
    return _valid(_year(match["c"]), month, day, start, end)


def _year_first_day(head: str, match: re.Match[str]) -> _Day | None:
    """The day of `2026-03-04` or `2026年3月4日`, with the sign that ends it."""
    start, end = match.span()
    rest = head[end : end + 2].lstrip()
    if rest[:1] in ("日", "일") or (rest[:1] == "." and match["s"].strip() == "."):
        end = head.index(rest[0], end) + 1
    return _valid(int(match["a"]), int(match["b"]), int(match["c"]), start, end)


def _worded_day(head: str, number: re.Match[str], position: int) -> _Day | None:
    """The day with a month's name that begins at a number, or at the word before it."""
    start, end = number.span()
    value = int(number.group())
    months = lexicon().months
    if end - start == 4:
        match = _YEAR_WORD.match(head, start)
        month = month_of(match["word"]) if match else 0
        return _valid(value, month, int(match["d"]), start, match.end()) if match and month else None
    if end - start > 2:
        return None
    match = _DAY_WORD.match(head, start)
    if match:
        month = month_of(match["word"])
        more = match["more"]
        if more:
            both = months.get(f"{match['word']}-{more}".casefold(), 0)
            if not both and more.casefold() not in lexicon().date_words and not month_of(more):
                month = 0
            month = both or month
        if month:
            return _valid(_year(match["y"], match["word"]), month, value, start, match.end())
    match = _DAY_YEAR.match(head, start)
    if match:
        word = _WORD_DAY.search(head, max(position, start - 24), start)
        month = month_of(word["word"]) if word else 0
        if word and month:
            return _valid(int(match["y"]), month, value, word.start(), match.end())
    match = _NUMBERED_MONTH.match(head, start)
    return _valid(int(match["y"]), int(match["m"]), value, start, match.end()) if match else None


def month_of(word: str) -> int:
    """1..12 for the name of a month, in capitals too (a Turkish dotted capital folds to two characters), else 0."""
    return lexicon().months.get(word.casefold().replace("i\u0307", "i"), 0)


def _year(digits: str, month: str = "") -> int:
    year = int(digits)
    if len(digits) == 2:
        return year + (2000 if year < 70 else 1900)
    return year - _BUDDHIST if year > _LAST_YEAR and not month.isascii() else year


def _valid(year: int, month: int, day: int, start: int, end: int) -> _Day | None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    try:
        return _Day(date(year, month, day), start, end)
    except ValueError:
        return None


def _clock_of(head: str, found: _Day, taken: int, following: int) -> Clock | None:
    """The time that follows a date, or stands right before it."""
    clock = read_clock(head, found.end, min(following, found.end + _CLOCK_AFTER))
    if clock and not _parted(head[found.end : clock.start]):
        return clock
    clock = read_last_clock(head, max(taken, found.start - _CLOCK_BEFORE), found.start)
    return clock if clock and not _parted(head[clock.end : found.start]) else None


def _parted(between: str) -> bool:
    """Whether the words between date and time say that the time is of something else."""
    return bool(between) and (_SENTENCE_END.search(between) is not None or says_updated(between) is True)


@lru_cache(maxsize=4096)
def says_updated(words: str) -> bool | None:
    """Whether the last word of its kind speaks of a change (True) or of publication (False)."""
    if not words or words.isspace():
        return None
    lexical = lexicon()
    folded = _GLUED.sub(" ", words).casefold()
    updated = max((match.end() for match in lexical.updated.finditer(folded)), default=-1)
    published = max((match.end() for match in lexical.published.finditer(folded)), default=-1)
    return None if updated == published else updated > published


def _with_words_behind(head: str, stamps: list[Stamp]) -> list[Stamp]:
    """Where a line begins with a date and ends with such a word, each word belongs to the date before it."""
    if not stamps or stamps[-1].end >= len(head) or says_updated(head[: stamps[0].start]) is not None:
        return stamps
    behind = head[stamps[-1].end :]
    if len(behind) > _BEHIND_MAX or _DIGIT.search(behind) or says_updated(behind) is None:
        return stamps
    ends = [stamp.start for stamp in stamps[1:]] + [len(head)]
    return [
        replace(stamp, updated=says_updated(head[stamp.end : end]) or False)
        for stamp, end in zip(stamps, ends, strict=True)
    ]
