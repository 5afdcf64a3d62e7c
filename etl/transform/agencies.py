"""Find the agencies named in a credit; whether a text is a credit at all is decided in `credits`.

The registry is `data/agencies/*.toml`, one file per kind and part of the world. Each file gives the `kind` of its
entries, and each entry:

- `code`: stable, published as `agency_code`; `name`: in the agency's own language and Latin letters, published as
  `agency_name`; `country`: ISO 3166-1 alpha-2 of the seat; `languages`: ISO 639-1, those the agency publishes in.
- `aliases`: as written in credits of any language and script. Spellings in capitals and, of single words, in lower
  case are known without listing them; aliases of several words are found in any spelling of upper and lower case.
- `ambiguous` (may be missing): those aliases that are common words, names or abbreviations as well. They count
  exactly as listed, and only where nothing but a credit can stand.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from etl.transform.credit_words import generic_names
from etl.transform.record import Agency, AgencyKind, AgencyScope

_REGISTRY = Path(__file__).parent / "data" / "agencies"
_WORD = re.compile(r"\w+")
_DENSE_LETTERS = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""Letters of scripts that put no blanks between words, or glue particles to them."""
_DENSE = re.compile(f"[{_DENSE_LETTERS}]")
_OTHER_WORD = re.compile(rf"[^\W{_DENSE_LETTERS}]+")
_SAME_LENGTH = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2019": "'", "\u2018": "'", "\u05f3": "'"})
_LONGEST = 2000
"""Characters beyond which no credit is looked for; none is a tenth as long."""


@dataclass(frozen=True, slots=True)
class Supplier:
    """An entry of the registry, or the generic or editorial supplier (no name and no country of its own)."""

    code: str
    name: str | None
    country: str | None
    kind: AgencyKind


class Mention(NamedTuple):
    """An agency named at `text[start:end]`."""

    start: int
    end: int
    supplier: Supplier
    ambiguous: bool
    """The words mean other things as well; only a credit's position makes them an agency."""


_GENERIC = Supplier("agencies", None, None, "generic")
_EDITORIAL = Supplier("editorial", None, None, "editorial")


class _Alias(NamedTuple):
    offset: int
    """Where its key begins in it."""
    words: str
    any_case: bool
    """`words` are in lower case and stand for every spelling."""
    supplier: Supplier
    ambiguous: bool


@dataclass(frozen=True, slots=True)
class _Registry:
    by_word: dict[str, tuple[_Alias, ...]]
    """Aliases by their longest word, longest alias first."""
    words: frozenset[str]
    """The keys of `by_word`; one set operation tells that a text names nobody."""
    dense: re.Pattern[str]
    by_dense: dict[str, _Alias]
    """Aliases with letters of dense scripts, which are looked for anywhere."""


@cache
def _registry() -> _Registry:
    found: dict[str, dict[tuple[str, bool], _Alias]] = {}
    dense: dict[str, _Alias] = {}
    for alias in _aliases():
        if _DENSE.search(alias.words):
            dense.setdefault(alias.words, alias)
            continue
        key = max(_WORD.finditer(alias.words), key=lambda word: len(word.group()))
        placed = alias._replace(offset=key.start(), words=_lower(alias.words) if alias.any_case else alias.words)
        for word in _spellings(key.group()) if alias.any_case else {key.group()}:
            found.setdefault(word, {}).setdefault((placed.words, alias.any_case), placed)
    by_word = {
        word: tuple(sorted(aliases.values(), key=lambda alias: (-len(alias.words), alias.any_case, alias.words)))
        for word, aliases in found.items()
    }
    longest_first = sorted(dense, key=lambda words: (-len(words), words))
    pattern = "|".join(("(?<![A-Za-z])" if words[0].isascii() else "") + re.escape(words) for words in longest_first)
    return _Registry(by_word, frozenset(by_word), re.compile(pattern), dense)


@cache
def suppliers() -> tuple[Supplier, ...]:
    """All that a row of `agencies` may name; the editorial and generic ones have their words as name."""
    named = {alias.supplier.code: alias.supplier for alias in _aliases()}
    return tuple(named[code] for code in sorted(named))


def _aliases() -> Iterator[_Alias]:
    """Every spelling that counts, with no offset yet."""
    for path in sorted(_REGISTRY.glob("*.toml")):
        listed = tomllib.loads(path.read_text(encoding="utf-8"))
        for row in listed["agency"]:
            supplier = Supplier(row["code"], row["name"], row["country"], listed["kind"])
            unclear = row.get("ambiguous", ())
            for words in row["aliases"]:
                if words in unclear or _DENSE.search(words):
                    yield _Alias(0, words, any_case=False, supplier=supplier, ambiguous=words in unclear)
                elif _WORD.fullmatch(words):
                    for spelling in sorted(_spellings(words)):
                        yield _Alias(0, spelling, any_case=False, supplier=supplier, ambiguous=False)
                else:
                    yield _Alias(0, words, any_case=True, supplier=supplier, ambiguous=False)
    generic, editorial = generic_names()
    for words in generic:
        for spelling in sorted({words, words.upper()}):
            yield _Alias(0, spelling, any_case=False, supplier=_GENERIC, ambiguous=False)
    for words in editorial:
        yield _Alias(0, words, any_case=False, supplier=_EDITORIAL, ambiguous=True)


def _lower(text: str) -> str:
    """Lower case of the same length, for Turkish as well."""
    return (text if text.isascii() else text.replace("İ", "i").replace("ı", "i")).lower()


def _spellings(word: str) -> set[str]:
    return {word, word.upper(), word.lower(), word.capitalize() if word.islower() else word}


def find_agencies(text: str) -> list[Mention]:
    """Every agency named in a credit, in order; `text` should be no longer than a credit can be."""
    text = text[:_LONGEST]
    registry = _registry()
    dense = not text.isascii() and _DENSE.search(text) is not None
    if not dense and registry.words.isdisjoint(_WORD.findall(text)):
        return []
    plain = text if text.isascii() else text.translate(_SAME_LENGTH)
    lowered = _lower(plain)
    unspaced = [_dense_mention(match, registry) for match in registry.dense.finditer(plain)] if dense else []
    mentions: list[Mention] = []
    for word in (_OTHER_WORD if dense else _WORD).finditer(plain):
        candidates = registry.by_word.get(word.group())
        if candidates is None or (mentions and word.start() < mentions[-1].end):
            continue
        mention = _mention_at(plain, lowered, word.start(), candidates)
        if mention:
            while mentions and mentions[-1].start >= mention.start:
                mentions.pop()  # a part of the longer name: AP before AP Photo
            mentions.append(mention)
    if not unspaced:
        return mentions
    spans = [(mention.start, mention.end) for mention in unspaced]
    apart = [m for m in mentions if not any(start < m.end and m.start < end for start, end in spans)]
    return sorted(unspaced + apart, key=lambda mention: mention.start)


def _dense_mention(match: re.Match[str], registry: _Registry) -> Mention:
    alias = registry.by_dense[match.group()]
    return Mention(match.start(), match.end(), alias.supplier, alias.ambiguous)


def _mention_at(plain: str, lowered: str, key: int, candidates: tuple[_Alias, ...]) -> Mention | None:
    """The longest alias whose key stands at `key`; none in the middle of a word, an address or a handle."""
    for offset, words, any_case, supplier, ambiguous in candidates:
        start = key - offset
        if start < 0 or not (lowered if any_case else plain).startswith(words, start):
            continue
        before = plain[start - 1 : start]
        if before and (before in "@#_" or (offset and before.isalnum()) or _is_mark(before)):
            continue
        end = start + len(words)
        after = plain[end : end + 1]
        if after and (after == "_" or _is_mark(after) or (after.isalnum() and not _DENSE.match(after))):
            continue
        if after == "." and supplier is _EDITORIAL:
            end += 1  # an abbreviation: the stop belongs to the words as written
        elif after == "." and plain[end + 1 : end + 2].isalnum():
            continue  # the name of a site
        return Mention(start, end, supplier, ambiguous)
    return None


def _is_mark(letter: str) -> bool:
    """Whether `letter` is a vowel sign or the like, which belongs to the letter before it."""
    return not letter.isascii() and unicodedata.category(letter)[0] == "M"


def credited(mentions: list[Mention], text: str, scope: AgencyScope) -> list[Agency]:
    """The rows of one credit: each agency once, in order, with its words from `text` as evidence."""
    rows: dict[str, Agency] = {}
    for mention in mentions:
        supplier = mention.supplier
        words = text[mention.start : mention.end]
        if supplier.code not in rows:
            rows[supplier.code] = Agency(
                agency_code=supplier.code,
                agency_name=supplier.name or words,
                country=supplier.country,
                kind=supplier.kind,
                scope=scope,
                evidence=words,
            )
    return list(rows.values())
