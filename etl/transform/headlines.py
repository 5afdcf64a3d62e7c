"""Headlines as metadata writes them: without the name of the site, the best candidate first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit

_SEPARATOR = re.compile(
    r"\s*[|｜¦│ǀᅵ]+\s*|\s+(?:[-–—―·•»«›‹/~]|:+)\s+|(?<=\w):\s+|\s+[–—]|[–—]\s+|(?<=[^\x00-\u024f])[-_：]+(?=[^\x00-\u024f])"
)
"""What stands between a headline and the name of a site; where words are not spaced, a dash or underscore too."""
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
_WORDS = re.compile(r"[\W_]+")
_DAY = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}")
_SUFFIX_MAX = 40
"""Characters of a name of a site."""
_HEADLINE_MIN = 12
"""Letters of a heading that is likely to be more than a department's name."""
_SHARE_MIN = 2 / 3
"""Share of a heading's words that a title of the page repeats, if it is the article's."""
_CUT_MIN, _CUT_UNMARKED_MIN = 60, 100
"""Characters of a text that is cut off, with an ellipsis and without."""


@lru_cache(maxsize=2000)
def key_of(text: str) -> str:
    """The form in which headlines and names are compared: letters and digits, case-folded, without accents."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _WORDS.sub("", text).casefold()


def site_keys(names: Iterable[str | None], addresses: Iterable[str | None]) -> frozenset[str]:
    """Keys of what a site may be called: its names, with and without a top-level domain, and its host."""
    keys = set()
    for name in names:
        if name:
            keys |= {key_of(name), key_of(re.sub(r"\.[a-z]{2,6}$", "", name.strip().lstrip("@"), flags=re.IGNORECASE))}
    for address in addresses:
        host = host_of(address)
        if host:
            labels = host.split(".")
            keys |= {key_of(host), key_of(host.removeprefix("www."))}
            keys.add(key_of(max(labels[:-1] or labels, key=len)))
    return frozenset(key for key in keys if len(key) > 1)


def without_site(title: str, sites: frozenset[str]) -> str:
    """`title` without leading and trailing parts that name the site, and without a date behind."""
    start, end = 0, len(title)
    parts = list(_SEPARATOR.finditer(title))
    tails = (i for i, part in enumerate(parts) if names_site(title[part.end() :], sites))
    first = next(tails, len(parts))  # names of sites may hold separators
    if first < len(parts):
        end = parts[first].start()
        del parts[first:]
    while parts and (names_site(tail := title[parts[-1].end() : end], sites) or _DAY.fullmatch(tail.strip())):
        end = parts.pop().start()
    while parts and names_site(title[start : parts[0].start()], sites):
        start = parts.pop(0).end()
    return title[start:end].strip() or title


def names_site(part: str, sites: frozenset[str]) -> bool:
    """Whether a part of a title is a name of the site, or hardly more than one (`News from …`, `… online`)."""
    if len(part) > _SUFFIX_MAX:
        return False
    keys = (key_of(part), key_of(part.translate(_UMLAUTS)))  # hosts have them written out
    if not keys[0] or not sites.isdisjoint(keys):
        return True
    return any(len(site) > 3 and site in key and len(site) * 2 >= len(key) for key in keys for site in sites)


def ranked(
    stated: Iterable[str], headings: Iterable[str], written: Iterable[str], titles: Iterable[str] = ()
) -> list[str]:
    """Different headlines, the best first.

    Args:
        stated: Of the article's own nodes.
        headings: The `h1` of the page; the one that its titles repeat is the article's.
        written: Of `meta`, most trusted first.
        titles: Of `title`, which is written for search engines and adds departments.
    """
    stated, written, headings, titles = list(stated), list(written), list(headings), list(titles)
    whole = {key_of(text) for text in (*stated, *headings, *written)}
    written += [text if key_of(text) in whole else _without_department(text) for text in titles]
    if headings:
        words = [set(_words(text)) for text in written]
        shares = {text: max((_share(set(_words(text)), other) for other in words), default=1.0) for text in headings}
        heading = max(headings, key=lambda text: (shares[text] >= _SHARE_MIN, round(shares[text], 1), len(text)))
        share = shares[heading]
        same = (text for text in (*stated, *written) if key_of(text) == key_of(heading) and len(text) < len(heading))
        heading = next(same, heading)  # elements inside a heading are set apart by blanks, which need not be shown
        if stated and _is_optimised(stated[0], heading, written[:1], titles):
            stated.insert(0, heading)
        # What only adds a department or a slogan to the heading says no more than it.
        written = [heading if _continues(text, heading) else text for text in written]
        written.insert(0 if share >= _SHARE_MIN else len(written), heading)
    unique: dict[str, str] = {}
    for text in (*stated, *written, *headings):
        unique.setdefault(key_of(text), text)
    found = list(unique.values())
    cut = next((text for text in found[1:] if _is_cut(found[0], text)), None)
    return [cut, *(text for text in found if text is not cut)] if cut else found


def _is_optimised(stated: str, heading: str, shared: list[str], titles: list[str]) -> bool:
    """Whether a stated headline is that for search engines, as the page's title, and another is for readers."""
    keys = {key_of(text) for text in shared}
    return key_of(heading) in keys and key_of(stated) not in keys and key_of(stated) in map(key_of, titles)


def _without_department(title: str) -> str:
    """A title without a short last part behind a bar: a department, or a name of the site that is not known."""
    head, bar, tail = title.rpartition(" | ")
    return head.rstrip() if bar and len(tail) <= _SUFFIX_MAX and len(key_of(head)) >= _HEADLINE_MIN else title


def _continues(text: str, heading: str) -> bool:
    if len(key_of(heading)) < _HEADLINE_MIN or not text.casefold().startswith(heading.casefold()):
        return False
    return _SEPARATOR.match(text, len(heading)) is not None


def _is_cut(text: str, whole: str) -> bool:
    """Whether `text` is the beginning of `whole`, cut because it was too long for its place."""
    start = text.rstrip(" .…")
    least = _CUT_MIN if len(start) < len(text) else _CUT_UNMARKED_MIN
    return len(start) >= least and len(whole) > len(text) and whole.startswith(start)


def _words(text: str) -> list[str]:
    return [word for word in _WORDS.split(text.casefold()) if word]


def _share(words: set[str], others: set[str]) -> float:
    return len(words & others) / len(words) if words else 0.0


def host_of(address: str | None) -> str:
    """The host in an address; empty where there is none, or the address is broken."""
    try:
        return urlsplit(address or "").hostname or ""
    except ValueError:
        return ""
