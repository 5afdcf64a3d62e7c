"""Headlines as metadata writes them: without the name of the site, the best candidate first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit

_SEPARATOR = re.compile(
    r"\s*[|｜¦│ǀᅵ]+\s*|\s+(?:[-–—―·•»«›‹/~]|::+)\s+|(?<=\w):\s+|\s+[–—]|[–—]\s+|(?<=[^\x00-\u024f])[-_：]+(?=[^\x00-\u024f])"
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
_CUT_MIN = 60


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
        host = _host(address)
        if host:
            labels = host.split(".")
            keys |= {key_of(host), key_of(host.removeprefix("www."))}
            keys.add(key_of(max(labels[:-1] or labels, key=len)))
    return frozenset(key for key in keys if len(key) > 1)


def without_site(title: str, sites: frozenset[str]) -> str:
    """`title` without leading and trailing parts that name the site, and without a date behind."""
    start, end = 0, len(title)
    parts = list(_SEPARATOR.finditer(title))
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


def ranked(stated: Iterable[str], headings: Iterable[str], written: Iterable[str]) -> list[str]:
    """Different headlines, the best first.

    Args:
        stated: Of the article's own nodes.
        headings: The `h1` of the page; the one that its titles repeat is the article's.
        written: Of `meta` and `title`, most trusted first.
    """
    written, headings = list(written), list(headings)
    if headings:
        words = [set(_words(text)) for text in written]
        shares = {text: max((_share(set(_words(text)), other) for other in words), default=1.0) for text in headings}
        heading = max(headings, key=lambda text: (shares[text] >= _SHARE_MIN, round(shares[text], 1), len(text)))
        # What only adds a department or a slogan to the heading says no more than it.
        written = [heading if _continues(text, heading) else text for text in written]
        written.insert(0 if shares[heading] >= _SHARE_MIN else len(written), heading)
    unique: dict[str, str] = {}
    for text in (*stated, *written, *headings):
        unique.setdefault(key_of(text), text)
    found = list(unique.values())
    whole = next((text for text in found[1:] if _is_cut(found[0], text)), None)
    return [whole, *(text for text in found if text is not whole)] if whole else found


def _continues(text: str, heading: str) -> bool:
    if len(key_of(heading)) < _HEADLINE_MIN or not text.casefold().startswith(heading.casefold()):
        return False
    return _SEPARATOR.match(text, len(heading)) is not None


def _is_cut(text: str, whole: str) -> bool:
    """Whether `text` is the beginning of `whole`, cut because it was too long for its place."""
    start = text.rstrip(" .…")
    return len(start) >= _CUT_MIN and len(whole) > len(text) and whole.startswith(start)


def _words(text: str) -> list[str]:
    return [word for word in _WORDS.split(text.casefold()) if word]


def _share(words: set[str], others: set[str]) -> float:
    return len(words & others) / len(words) if words else 0.0


def _host(address: str | None) -> str:
    try:
        return urlsplit(address or "").hostname or ""
    except ValueError:
        return ""
