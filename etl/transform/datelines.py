"""Find the agency in a dateline at the beginning of a paragraph: `CITY, May 3 (AFP) - `, `МОСКВА, 5 мая - ТАСС.`."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice

from etl.transform.agencies import Mention, find_agencies
from etl.transform.lexicon import lexicon
from etl.transform.namings import Credit, all_named, are_initials, explains, only_fillers, other_words

_HEAD = 130
_BRACKETED = re.compile(r"\s?[(\[（](?P<credit>[^()\[\]（）]{2,60})[)\]）]\s*(?P<sign>[.,]?\s*[-–—―:=]+|\.|،|)")
_PLACE_MAX, _CREDIT_MAX = 70, 60
_SIGNS = tuple("-–—/.,")
_DENSE_LOOK = 40
_BARE = re.compile(
    r"(?P<credit>[A-Z]{2,6}|[A-Z][a-z]{2,12}),\s+"
    r"(?P<place>[A-ZÀ-Þ][\w'’-]+(?:[ -][A-ZÀ-Þ][\w'’-]+){0,2}(?:,|$)[^.\n]{0,20})$"
)
_BARE_MAX = 60
_AFTER = re.compile(r"\s*(?:[./:–—-]|,\s[^\W\d_][^.,\n]{3,40}\.)")
"""What follows an agency that stands without brackets after city and day."""
_PARTS = re.compile(r"[.,]\s+")
_CITY = re.compile(r"[«\"“]?[^\W\d_][\w'’-]*(?:[ -][^\W\d_][\w'’-]*){0,3}$")
_CITY_FIRST = re.compile(
    r"[«\"“]?[^\W\d_a-zß-ÿ][\w'’-]*+(?:[ -][^\W\d_][\w'’-]*+){0,3}(?:[.,]\s(?=[^\n]{0,20}?\d)|\s?/(?=\s?[^\W\d_]))"
)
_DAY_WORDS_MAX = 6
_DENSE = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_DENSE_BRACKET = re.compile(r"[【［\[(（〔]([^】］\])）〕\n]{2,40})[】］\])）〕]")
_WIRED = re.compile(r"[^。，,\n]{0,30}?[电電](?!\w{0,1}[影视視话話])")
"""What Chinese agencies put behind their name and the city: `日电`."""
_LETTERS = re.compile(r"[^\W\d_]+")
_INNER = re.compile(r"\([^()]{2,20}\)")
"""What belongs to a city's name: `Frankfurt (Oder)`."""
_DIGIT = re.compile(r"\d")
_SHORT = 3
_PLACE_WORDS_MAX = 8
_UNSIGNED_PLACE_MAX, _DATED_PLACE_MAX = 3, 6
_REMEMBERED = 128
"""Lines whose datelines are remembered: those of a page, which several readers ask for."""


@lru_cache(maxsize=_REMEMBERED)
def read_dateline(text: str) -> Credit | None:
    """The agency in the dateline that a paragraph begins with, or None."""
    head = text[:_HEAD]
    if not head.isascii() and _DENSE.search(head, 0, _DENSE_LOOK):
        return _read_dense(text, head)
    credit = None
    if "(" in head or "[" in head or "（" in head:
        for match in islice(_BRACKETED.finditer(head, 0, _PLACE_MAX + _CREDIT_MAX), 2):
            credit = credit or _read_bracketed(text, match)
    elif len(text) <= _BARE_MAX and (bare := _BARE.match(text)) and not find_agencies(bare["place"]):
        start, end = bare.span("credit")
        credit = _dateline(text, start, end, all_named(text, start, end))
    return credit or (_read_placed(text, head) if _CITY_FIRST.match(head) else None)


def _read_bracketed(text: str, match: re.Match[str]) -> Credit | None:
    start, end = match.span("credit")
    place, sign = text[: match.start()].lstrip("\"'“„«»"), match["sign"]
    mentions = all_named(text, start, end)
    if not mentions or len(place) > _PLACE_MAX or len(place.split()) > _PLACE_WORDS_MAX or not _is_place(place):
        return None
    if len(mentions) == 1 and explains(text, place, mentions[0]):
        return None
    initials = "/" in text[start:end] and are_initials(other_words(text, start, end, mentions))
    doubtful = all(mention.ambiguous for mention in mentions) and not initials
    if sign == "" and not _goes_on(text[match.end() :], place, doubtful=doubtful):
        return None
    return _dateline(text, start, end, mentions)


def _is_place(words: str) -> bool:
    """Whether words can be a city and a day: none is an ordinary word in lower case."""
    words = _INNER.sub("", words)
    if words[:1].islower() or "(" in words:
        return False
    day = _DIGIT.search(words)
    return all(
        not word[0].islower() or word in lexicon().name_particles or len(word) <= _SHORT
        for word in _LETTERS.findall(words, 0, day.start() if day else len(words))
    )


def _goes_on(after: str, place: str, *, doubtful: bool) -> bool:
    """Whether a sentence begins right behind brackets that no sign follows, after a city or a city and day."""
    if after[:1].islower() or not (after[:1].isalpha() or after[:1] in '„“"«'):
        return False
    dated = any(map(str.isdigit, place))
    return len(place.split()) <= (_DATED_PLACE_MAX if dated else _UNSIGNED_PLACE_MAX) and (dated or not doubtful)


def _dateline(text: str, start: int, end: int, mentions: list[Mention]) -> Credit | None:
    """The credit, where nothing but agencies, desks and initials is named."""
    if not mentions:
        return None
    rest = other_words(text, start, end, mentions)
    editorial = all(mention.supplier.kind == "editorial" for mention in mentions)
    initials = "/" in text[start:end] and bool(rest) and are_initials(rest)
    if not initials and (editorial or not only_fillers(rest)):
        return None
    return Credit("source", start, end, text[start:end].strip(), tuple(mentions))


def _read_placed(text: str, head: str) -> Credit | None:
    """City and day, then the agency between signs: `MOSCOW, May 3 - TASS.`."""
    for mention in all_named(head, 0, len(head)):
        before = head[: mention.start].rstrip()
        if not before.endswith(_SIGNS) or not _AFTER.match(head, mention.end):
            continue
        slashes = before.endswith("/") and head[mention.end : mention.end + 1] == "/"
        city, *day = _PARTS.split(f"{before.rstrip(' -–—/.,')}, ")
        words = " ".join(day).replace(".", " ").split()
        dated = len(words) <= _DAY_WORDS_MAX and _is_day(words)
        if city[:1].isupper() and _CITY.match(city) and (dated or (slashes and city.isupper())):
            return Credit("source", mention.start, mention.end, text[mention.start : mention.end], (mention,))
    return None


def _is_day(words: list[str]) -> bool:
    months = lexicon().months
    return any(word.casefold() in months for word in words) and any(word.isdecimal() for word in words)


def _read_dense(text: str, head: str) -> Credit | None:
    """`新华社北京5月3日电`, `【ロンドン時事】`, `[東京 3日 ロイター]`, `(서울=연합뉴스)`."""
    bracket = _DENSE_BRACKET.match(head)
    if bracket:
        start, end = bracket.span(1)
        mentions = all_named(text, start, end)
        if not mentions:
            return None
        sure = not mentions[-1].ambiguous or mentions[-1].start > start
        wired = mentions[0].start == start and _WIRED.match(head, mentions[0].end)
        if wired or (sure and mentions[-1].end == end):
            return Credit("source", start, end, text[start:end].strip(), tuple(mentions))
        return None
    opening = 1 if head[:1] in "（(" else 0
    mentions = all_named(text, opening, min(len(text), _DENSE_LOOK))
    if mentions and mentions[0].start == opening and (wired := _WIRED.match(head, mentions[0].end)):
        first = [mention for mention in mentions if mention.end <= wired.end()]
        return Credit("source", opening, first[-1].end, text[opening : first[-1].end], tuple(first))
    return None
