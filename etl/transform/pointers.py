"""Say whether a line points to other articles: it heads some, or names one after a phrase (`Read also: ...`)."""

from __future__ import annotations

import re

from etl.transform.lexicon import lexicon

ARROWS = ">»→►▶➡"
_ARROWED = re.compile(rf"[{ARROWS}]+\s*")
_ARROWED_MIN = 20
_TITLE_MIN = 10
_KEY_BLANKS_MAX = 8
_PHRASE_MAX = 45
"""Characters between the words that introduce a title and the colon: `Read also our interview with X: ...`."""
_QUOTES = "„“”\"'«»‘’‚[(¿¡「『【《"
_ADDRESSES = ("http://", "https://", "www.")
_SITE = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}\s+(?=\W?[^\W\d_])")
_STOP = re.compile(r"[.,]\s+")


def heads_related(text: str, key: str) -> bool:
    """Whether a short line heads related items by its words, though it is not listed as a whole.

    `Mehr aus der Region` begins like one, `Mehr Sport` is an opener with one or two names, `Weitere Artikel zum Thema`
    consists of nothing but words of such headings.

    Args:
        text: The line.
        key: Its `lexicon.fold`.
    """
    lexical = lexicon()
    opener, *names = text.split()
    if opener.casefold() in lexical.related_openers and 1 <= len(names) <= 2 and all(n[0].isupper() for n in names):
        return True
    if key.count(" ") > _KEY_BLANKS_MAX:
        return False
    if lexical.related_starts.match(key) is not None:
        return ":" not in text or (title_start(text) or len(text)) == len(text)
    words = set(key.split())
    if words.isdisjoint(lexical.related_nouns) or words.isdisjoint(lexical.related_adjectives) or len(words) < 2:
        return False
    return words <= lexical.related_nouns | lexical.related_adjectives | lexical.related_fillers


def title_start(text: str) -> int | None:
    """Where the title of another article begins in a line that introduces it; None where the line introduces none.

    `len(text)` where the phrase is all there is.
    """
    lexical = lexicon()
    arrows = _ARROWED.match(text)
    match = lexical.read_also.match(text)
    if match is None:
        return arrows.end() if arrows and len(text) > _ARROWED_MIN and _is_arrowed(text) else None
    start = match.end()
    rest = text[start:]
    if not rest:
        return start
    if rest.startswith(_ADDRESSES):
        return None
    if match["sign"] or arrows:
        return start if len(rest) >= _TITLE_MIN else None
    if " " not in match.group().strip():
        return None  # a single word may begin any sentence
    aside = _STOP.match(rest) or _SITE.match(rest)
    if aside:
        start += aside.end()
    elif rest[0].islower():
        before, colon, title = rest.partition(":")
        if not colon or len(before) > _PHRASE_MAX:
            return None
        start = len(text) - len(title.lstrip())
    return start if _may_be_title(text[start:]) else None


def _may_be_title(text: str) -> bool:
    return len(text) >= _TITLE_MIN and (text[0] in _QUOTES or (text[0].isalnum() and not text[0].islower()))


def _is_arrowed(text: str) -> bool:
    """Arrows of one sign need a blank after them; quotation marks have none."""
    return text[:2] == ">>" or text[1:2] == " "
