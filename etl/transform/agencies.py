"""Find the agencies named in a credit; whether a text is a credit at all is decided in `credits`."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from etl.transform.lexicon import lexicon
from etl.transform.record import Agency, AgencyKind, AgencyScope

_REGISTRY = Path(__file__).parent / "data" / "agencies.toml"
_TOKEN = re.compile(r"\w+(?:[.'’&-]\w+)*")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class Supplier:
    """An entry of the registry, or the generic or editorial supplier (no name and no country of its own)."""

    code: str
    name: str | None
    country: str | None
    kind: AgencyKind


@dataclass(frozen=True, slots=True)
class Mention:
    """An agency named at `text[start:end]`."""

    start: int
    end: int
    supplier: Supplier
    ambiguous: bool
    """The words mean other things as well; only a credit's position makes them an agency."""


_GENERIC = Supplier("agencies", None, None, "generic")
_EDITORIAL = Supplier("editorial", None, None, "editorial")


@dataclass(frozen=True, slots=True)
class _Registry:
    by_first_token: dict[str, list[tuple[tuple[str, ...], Supplier, bool]]]
    """Token sequences by their first token, longest first."""
    firsts: frozenset[str]
    unspaced: tuple[tuple[str, Supplier, bool], ...]
    """Aliases in scripts that put no blanks between words, longest first."""


@cache
def _registry() -> _Registry:
    lexical = lexicon()
    entries: dict[tuple[str, ...], tuple[Supplier, bool]] = {}
    unspaced: dict[str, tuple[Supplier, bool]] = {}
    for row in tomllib.loads(_REGISTRY.read_text(encoding="utf-8"))["agency"]:
        supplier = Supplier(row["code"], row["name"], row["country"], row["kind"])
        for alias in row["aliases"]:
            ambiguous = alias in row["ambiguous"]
            if _UNSPACED.search(alias):
                unspaced[alias] = (supplier, ambiguous)
            for spelling in (alias, alias.upper(), alias.lower(), alias.capitalize() if alias.islower() else alias):
                entries.setdefault(tuple(_TOKEN.findall(spelling)), (supplier, ambiguous))
    for words, supplier in ((lexical.generic_agencies, _GENERIC), (lexical.editorial, _EDITORIAL)):
        for word in sorted(words):
            entries.setdefault(tuple(_TOKEN.findall(word)), (supplier, supplier is _EDITORIAL))
    by_first: dict[str, list[tuple[tuple[str, ...], Supplier, bool]]] = {}
    for sequence, (supplier, ambiguous) in sorted(entries.items(), key=lambda item: (-len(item[0]), item[0])):
        by_first.setdefault(sequence[0], []).append((sequence, supplier, ambiguous))
    longest_first = sorted(unspaced.items(), key=lambda item: (-len(item[0]), item[0]))
    return _Registry(by_first, frozenset(by_first), tuple((alias, *found) for alias, found in longest_first))


def find_agencies(text: str) -> list[Mention]:
    """Every agency named in a credit, in order; `text` should be no longer than a credit can be."""
    registry = _registry()
    if (
        registry.firsts.isdisjoint(_TOKEN.findall(text))
        and "-" not in text
        and (text.isascii() or not _UNSPACED.search(text))
    ):
        return []
    tokens = [(match.start(), match.end(), match.group()) for match in _TOKEN.finditer(text)]
    mentions: list[Mention] = []
    index = 0
    while index < len(tokens):
        taken = _mention_at(tokens, index, text, registry)
        if taken is None:
            mentions += _mentions_inside(tokens[index], registry)
            index += 1
        else:
            mention, count = taken
            mentions.append(mention)
            index += count
    return mentions


def _mention_at(
    tokens: list[tuple[int, int, str]], index: int, text: str, registry: _Registry
) -> tuple[Mention, int] | None:
    """The longest alias that starts with token `index`, and how many tokens it takes."""
    for alias, supplier, ambiguous in registry.by_first_token.get(tokens[index][2], ()):
        found = tokens[index : index + len(alias)]
        if tuple(token for _, _, token in found) == alias and all(
            text[left[1] : right[0]].strip(" \u00a0") == "" for left, right in pairwise(found)
        ):
            end = found[-1][1]
            if supplier is _EDITORIAL and text[end : end + 1] == ".":
                end += 1  # an abbreviation: the stop belongs to the words as written
            return Mention(found[0][0], end, supplier, ambiguous), len(alias)
    return None


def _mentions_inside(token: tuple[int, int, str], registry: _Registry) -> list[Mention]:
    """Agencies in a token that is no alias as a whole: `AFP-JIJI`, or a run of an unspaced script."""
    start, _, text = token
    if _UNSPACED.search(text):
        for alias, supplier, ambiguous in registry.unspaced:
            position = text.find(alias)
            if position >= 0:
                return [Mention(start + position, start + position + len(alias), supplier, ambiguous)]
        return []
    if "-" not in text:
        return []
    mentions = []
    for part in text.split("-"):
        for sequence, supplier, ambiguous in registry.by_first_token.get(part, ()):
            if len(sequence) == 1:
                mentions.append(Mention(start, start + len(part), supplier, ambiguous))
                break
        start += len(part) + 1
    return mentions


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
