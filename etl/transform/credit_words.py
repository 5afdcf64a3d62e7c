"""Load the words of credits, `data/credits.toml`, once; the file says what its lists hold."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from etl.transform.clocks import alternatives

_CREDITS = Path(__file__).parent / "data" / "credits.toml"
_FIRST_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|©")
_DENSE = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SIGN = r"\s?[:：=＝|]\s*"


@dataclass(frozen=True, slots=True)
class Opening:
    """Phrases with which a credit may begin; the first word decides whether the pattern is tried at all."""

    firsts: frozenset[str]
    stems: frozenset[str]
    """The first two letters of phrases in scripts that put no blanks between words."""
    pattern: re.Pattern[str]

    def match(self, text: str) -> re.Match[str] | None:
        """The longest phrase at the beginning of `text`, with the signs that the pattern wants after it."""
        first = _FIRST_WORD.match(text)
        if first is None:
            return None
        word = first.group().casefold()
        if word in self.firsts or (not word.isascii() and (word[:1] in self.stems or word[:2] in self.stems)):
            return self.pattern.match(text)
        return None


@dataclass(frozen=True, slots=True)
class CreditWords:
    """The lists of all languages, compiled for look-up."""

    photo: frozenset[str]
    photo_label: Opening
    """A picture introducer with its sign (`Foto:`, `Photo/`), or one that ends in a preposition (`Photo by`)."""
    photo_end: tuple[str, ...]
    copyright_words: tuple[str, ...]
    copyright: re.Pattern[str]
    """A copyright sign or word, with another one and the year after it."""
    source: Opening
    """A text-credit introducer, at the beginning."""
    filler: frozenset[str]
    rights: re.Pattern[str]
    contributed: re.Pattern[str]
    no_credit: frozenset[str]
    places: frozenset[str]


@cache
def credit_words() -> CreditWords:
    """The words of credits; read once per process."""
    lists = _lists()

    def words(key: str) -> list[str]:
        return [word for language in lists[key].values() for word in language]

    return CreditWords(
        photo=frozenset(word.casefold() for word in words("photo")),
        photo_label=_opening(
            words("photo"), rf"(?:{_SIGN}|\s?[/／]\s?|(?<=\s(?:by|of))\s+|(?<=\s(?:von|via))\s+|(?<=จาก)\s*)"
        ),
        photo_end=tuple(words("photo_end")),
        copyright_words=tuple(words("copyright")),
        copyright=re.compile(
            rf"(?:(?:{alternatives(words('copyright'))})(?!\w)|©|\(c\)|ⓒ|&copy;)\s*"
            rf"(?:by\b|\(c\)|©(?:\s*copyright\b)?)?\s*:?\s*(?:(?:19|20)\d\d(?:\s?[-–]\s?(?:19|20)\d\d)?\s*)?",
            re.IGNORECASE,
        ),
        source=_opening(words("source"), r"(?:\s*[:：=＝•]\s*|\s+)"),
        filler=frozenset(word.casefold().rstrip(".") for word in words("filler") + words("photo")),
        rights=re.compile(alternatives(words("rights")), re.IGNORECASE),
        contributed=re.compile(rf"(?:{alternatives(words('contributed'))})\.?\s*$", re.IGNORECASE),
        no_credit=frozenset(words("no_credit")),
        places=frozenset(words("places")),
    )


def generic_names() -> tuple[list[str], list[str]]:
    """Credits that name no agency, sorted: to agencies in general, and to the publisher's own newsroom."""
    lists = _lists()
    generic, editorial = (
        sorted({word for language in lists[key].values() for word in language}) for key in ("generic", "editorial")
    )
    return generic, editorial


@cache
def _lists() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(_CREDITS.read_text(encoding="utf-8"))


def _opening(phrases: Iterable[str], after: str) -> Opening:
    known = sorted(set(phrases))
    firsts = {first.group().casefold() for phrase in known if (first := _FIRST_WORD.match(phrase))}
    stems = {phrase[:2] for phrase in known if _DENSE.match(phrase)}
    pattern = re.compile(f"(?:{alternatives(known)}){after}", re.IGNORECASE)
    return Opening(frozenset(firsts), frozenset(stems), pattern)
