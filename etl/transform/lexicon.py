"""Load the word lists of `data/words/*.toml` once and answer what a line of text is known to be.

Keys of a word list (all lists of strings; a `0` stands for any number; all are matched case-folded):

- `months`: twelve strings, each the spellings of one month; `weekdays`.
- `published`, `updated`: words that say what a date is of; `date_filler`: other words that stand beside one.
- `byline`: introducers of names; `roles`: words that are no part of a name, titles too, and endings of such words
  (`-redakteur`); `name_particles`: its lower-case parts; `not_names`: capitalised words that no name holds.
- `related_headings`, `related_starts`, `read_also`: whole headings, beginnings of headings, introducers of one-liners.
- `related_openers`: words that make a heading with one or two names (`Mehr Sport`).
- `related_adjectives`, `related_nouns`, `related_fillers`: words of headings such as `Weitere Artikel zum Thema`, which
  have one of the first two each and no other words.
- `box_heads`: headings of boxes in which no article is named (galleries, events, weather); a related block ends there.
- `listings`: headings of most-read and latest-news lists, which have nothing to do with the article.
- `topics`, `comments`, `author_box`, `tools`: whole lines; `tool_starts`: beginnings of tool lines.
- `comment_starts`: beginnings of headings above readers' comments (`0 thoughts on`).
- `pictured`, `picture_marks`: how captions begin; what they end with, in brackets.
- `ago`: whole lines that say how long ago; `says`: verbs before the colon of a reader's comment.
- `name_joiners`: words between two names. `addresses`: words with which a site speaks to its readers.
- `summaries`: headings of bullet summaries above the text.
- `notices`: single words of which a notice holds several; `notice_phrases`, `paywall`: phrases of such lines;
  `not_article`: phrases of error and consent pages.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

_WORDS = Path(__file__).parent / "data" / "words"
_DIGITS = re.compile(r"\d+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_EDGE = " \t\u00a0•*·|:…-–—―>»«›‹→▶►▸!?.,;()[]{}#+\"'“”„‚‘’/\\"
_OPENING_SIGNS = " \u00a0([>»→▶►+"
KEY_LENGTH = 120
"""Longer lines are never looked up as a whole."""
_REMEMBERED = 128
"""Lines whose look-up is remembered: those of a page, which several readers ask for."""


def casefold(text: str) -> str:
    """Lower case with plain apostrophes, otherwise as written."""
    if text.isascii():
        return text.lower()  # the same for ASCII, and quicker
    return text.replace("’", "'").replace("‘", "'").casefold()


@lru_cache(maxsize=_REMEMBERED)
def fold(text: str) -> str:
    """The form in which lines and listed phrases are compared: case-folded, bare of edge signs, numbers as `0`."""
    folded = casefold(text).strip(_EDGE)
    return " ".join(_DIGITS.sub("0", folded).split())


@lru_cache(maxsize=_REMEMBERED)
def _opening_word(text: str) -> str:
    """The first word as `Opening.firsts` holds it: folded, without the signs around it."""
    first = text[:24].lstrip(_OPENING_SIGNS).split(maxsplit=1)
    return casefold(first[0]).partition(":")[0].rstrip(_EDGE) if first else ""


def _opens(text: str, firsts: frozenset[str]) -> bool:
    """Whether a phrase with one of these first words (first two characters, where blanks are rare) may begin `text`."""
    word = _opening_word(text)
    return word in firsts or (not word.isascii() and word[:2] in firsts)


@dataclass(frozen=True, slots=True)
class Opening:
    """Phrases with which a text may begin; the first word decides whether the pattern is tried at all."""

    firsts: frozenset[str]
    pattern: re.Pattern[str]

    def match(self, text: str) -> re.Match[str] | None:
        """The longest phrase at the beginning of `text`, with the signs that the pattern allows after it."""
        return self.pattern.match(text) if _opens(text, self.firsts) else None


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The merged word lists of all languages, compiled for look-up."""

    months: dict[str, int]
    """Case-folded spelling to 1..12."""
    date_words: frozenset[str]
    published: re.Pattern[str]
    updated: re.Pattern[str]
    byline: Opening
    """An introducer of names, at the beginning."""
    roles: frozenset[str]
    name_particles: frozenset[str]
    not_names: frozenset[str]
    headings: dict[str, str]
    """Folded whole line to `ago`, `related`, `listing`, `topics`, `comments`, `author_box` or `tool`."""
    related_starts: Opening
    related_openers: frozenset[str]
    related_adjectives: frozenset[str]
    related_nouns: frozenset[str]
    related_fillers: frozenset[str]
    box_heads: frozenset[str]
    comment_starts: Opening
    read_also: Opening
    tool_starts: Opening
    openings: frozenset[str]
    """The first words of everything that a line may open with; most lines can be passed over by it."""
    pictured: Opening
    """How captions begin: `Von links`."""
    picture_mark: re.Pattern[str]
    """What captions end with: `(Symbolbild)`."""
    says: tuple[str, ...]
    """Endings of a line that introduces what a reader wrote: ` said:`."""
    name_joiners: frozenset[str]
    addresses: frozenset[str]
    summaries: frozenset[str]
    """Folded whole lines: `Das Wichtigste in Kürze`."""
    notices: frozenset[str]
    appealing: frozenset[str]
    """The words of `notices` and `addresses` together."""
    notice_phrases: re.Pattern[str]
    paywall: re.Pattern[str]
    not_article: re.Pattern[str]

    def may_open(self, text: str) -> bool:
        """Whether any of the openings may match at all; asked once a line, because most lines open with none."""
        return _opens(text, self.openings)


@cache
def lexicon() -> Lexicon:
    """The word lists of all languages; read once per process."""
    lists = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(_WORDS.glob("*.toml"))]

    def words(key: str) -> list[str]:
        return [word for language in lists for word in language[key]]

    headings: dict[str, str] = {}
    for kind, key in (
        ("tool", "tools"),
        ("ago", "ago"),
        ("author_box", "author_box"),
        ("comments", "comments"),
        ("topics", "topics"),
        ("listing", "listings"),
        ("related", "related_headings"),
    ):
        headings.update((fold(word), kind) for word in words(key))
    byline = _opening(words("byline"), r"(?:\s*:\s*|\s+)")
    related_starts = _opening(map(fold, words("related_starts")), r"(?!\w)")
    read_also = _opening(words("read_also"), r"\s*(?P<sign>[:|>»–—→-]+)?\s*", before=r"(?:[>»→▶►+]+\s*)?")
    tool_starts = _opening(map(fold, words("tool_starts")), r"(?!\w)")
    pictured = _opening(words("pictured"), "")
    comment_starts = _opening(map(fold, words("comment_starts")), r"(?!\w)")
    adjectives, nouns = frozenset(words("related_adjectives")), frozenset(words("related_nouns"))
    openings = byline.firsts | related_starts.firsts | read_also.firsts | tool_starts.firsts | pictured.firsts
    openings |= adjectives | nouns
    addresses = frozenset(words("addresses"))
    notices = frozenset(word.casefold() for word in words("notices"))
    return Lexicon(
        months=_months(lists),
        date_words=frozenset(
            part
            for key in ("weekdays", "published", "updated", "date_filler")
            for word in words(key)
            for part in word.casefold().split()
        ),
        published=_whole_words(words("published")),
        updated=_whole_words(words("updated")),
        byline=byline,
        roles=frozenset(word.casefold() for word in words("roles")),
        name_particles=frozenset(words("name_particles")),
        not_names=frozenset(words("not_names")),
        headings=headings,
        related_starts=related_starts,
        related_openers=frozenset(words("related_openers")),
        related_adjectives=adjectives,
        related_nouns=nouns,
        related_fillers=frozenset(words("related_fillers")),
        box_heads=frozenset(map(fold, words("box_heads"))),
        comment_starts=comment_starts,
        read_also=read_also,
        tool_starts=tool_starts,
        openings=openings | frozenset(words("related_openers")),
        pictured=pictured,
        picture_mark=re.compile(
            rf"(?:[(\[](?:{_alternatives(words('picture_marks'))})[)\]]\.?|\bfile (?:photo|image)\.?)$"
        ),
        says=tuple(f" {word}{colon}" for word in words("says") for colon in (":", " :")),
        name_joiners=frozenset(words("name_joiners")),
        addresses=addresses,
        summaries=frozenset(map(fold, words("summaries"))),
        notices=notices,
        appealing=notices | addresses,
        notice_phrases=re.compile(_any_of(map(fold, words("notice_phrases")))),
        paywall=re.compile(_any_of(map(fold, words("paywall")))),
        not_article=re.compile(_any_of(map(fold, words("not_article")))),
    )


def line_key(text: str) -> str:
    """`fold` of a line short enough to be looked up, else the empty string."""
    return fold(text) if len(text) <= KEY_LENGTH else ""


def _opening(phrases: Iterable[str], after: str, before: str = "") -> Opening:
    known = sorted(set(phrases))
    firsts = {phrase.split()[0].casefold().rstrip(_EDGE) for phrase in known}
    firsts |= {phrase[:2] for phrase in known if not phrase.isascii() and not phrase[:2].isascii()}
    return Opening(frozenset(firsts), re.compile(f"{before}(?:{_alternatives(known)}){after}", re.IGNORECASE))


def _whole_words(phrases: Iterable[str]) -> re.Pattern[str]:
    """The phrases anywhere in case-folded text, as words of their own in scripts that put blanks between words."""
    known = sorted(set(phrases))
    unspaced = [phrase for phrase in known if _UNSPACED.search(phrase)]
    spaced = [phrase for phrase in known if phrase not in unspaced]
    return re.compile(rf"(?<![^\W\d_])(?:{_alternatives(spaced)})(?!\w)|{_alternatives(unspaced)}")


def _months(lists: list[dict[str, Any]]) -> dict[str, int]:
    months: dict[str, int] = {}
    for language in lists:
        for number, spellings in enumerate(language["months"], start=1):
            for spelling in spellings.casefold().split():
                months.setdefault(spelling, number)
    return months


def _alternatives(phrases: Iterable[str]) -> str:
    """The phrases as a regex alternation, longest first, so that the longest one wins."""
    return "|".join(re.escape(phrase) for phrase in sorted(set(phrases), key=lambda p: (-len(p), p)))


def _any_of(phrases: Iterable[str]) -> str:
    """A pattern that is found where any of the phrases stands; beginnings that phrases share are looked at once."""
    known = sorted(set(phrases))
    return _branches([phrase for phrase in known if not any(other in phrase for other in known if other != phrase)])


def _branches(phrases: list[str]) -> str:
    """Phrases in order, none of which begins another."""
    if len(phrases) == 1:
        return re.escape(phrases[0])
    branches = [
        re.escape(first) + _branches([phrase[1:] for phrase in group])
        for first, group in groupby(phrases, key=itemgetter(0))
    ]
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"
