"""Judge the words of a possible credit: which of its agencies count, and what stands beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from etl.transform.agencies import Mention, find_agencies
from etl.transform.credit_words import credit_words
from etl.transform.lexicon import lexicon

CreditForm = Literal["image", "source", "named"]
"""Picture credit; text credit; a person's name with an agency, which is either, by where it stands."""

SENTENCE_END = re.compile(
    r"(?:(?<!\b\w)[.!?…][\"'”’“»›)\]]*(?:\s+(?=\S)|(?=[A-ZÀ-Þ„“«(©\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]))|[。！？]\s*(?=\S))"
)
"""Where a sentence ends and more follows; neither initials nor the dots of addresses end one."""

_WORD = re.compile(r"[^\W\d_]+(?:[.'’-][^\W\d_]+)*\.?")
_WORD_AFTER = re.compile(r"\s*([^\W\d_][\w.'’]*)")
_WORD_BEFORE = re.compile(r"([^\W_][\w.'’]*|[^\W\d_]\.)\s*$")
_INITIAL = re.compile(r"(?<![^\W_])[^\W\d_]")
_EXPLAINED_MAX, _PARTICLES_MAX, _SHORT_ACRONYM = 80, 2, 2
_ACRONYM_MAX, _MARK_MAX = 4, 3
_NUMERIC_DAY = re.compile(r"(?<!\d)\d{1,4}[./-]\d{1,2}[./-]\d{2,4}(?!\d)")
_POOLS = frozenset({"STR", "POOL", "HO", "TPX"})
_BARS = ("/", "|")
_NAMING_MAX = 100
_NAMING_WORDS_MAX = 14
_PLAIN_SHARE = 3
"""A naming without agency may have one word in that many that is neither a name nor known from credits."""


@dataclass(frozen=True, slots=True)
class Credit:
    """A credit found in a block's text at `[start:end]`."""

    form: CreditForm
    start: int
    end: int
    words: str
    """Who is credited, as written, without introducer and brackets."""
    mentions: tuple[Mention, ...]
    """Agencies, with positions in the block's text."""


def all_named(text: str, start: int, end: int) -> list[Mention]:
    """Every agency in `text[start:end]`, at its place in `text`."""
    found = find_agencies(text[start:end])
    return [m._replace(start=m.start + start, end=m.end + start) for m in found] if start else found


def named_in(text: str, start: int, end: int) -> list[Mention]:
    """The agencies in `text[start:end]`; words that mean other things too only where they stand by themselves."""
    found = all_named(text, start, end)
    return [
        mention
        for mention in found
        if not (mention.ambiguous or mention.supplier.kind == "generic")
        or _stands_alone(text[:end], start, mention, found)
    ]


def _stands_alone(text: str, start: int, mention: Mention, found: list[Mention]) -> bool:
    """Whether signs, words of credits or other agencies surround a mention: `AP/Name`, but not `Petra Müller`."""
    filler = credit_words().filler
    starts = {other.start for other in found}
    if text[mention.end : mention.end + 1] == "-" and mention.end + 1 not in starts:
        return False
    after = _WORD_AFTER.match(text, mention.end)
    if after and after.start(1) in starts and mention.supplier.kind == "editorial":
        return False  # the newsroom of the agency itself: `Redazione ANSA`
    if after and after.start(1) not in starts and after.group(1).casefold().rstrip(".") not in filler:
        return False
    ends = {other.end for other in found}
    if mention.start > start and text[mention.start - 1] == "-" and mention.start - 1 not in ends:
        return False
    before = _WORD_BEFORE.search(text[start : mention.start])
    if before is None or start + before.end(1) in ends or before.group(1).casefold().rstrip(".") in filler:
        return True
    words = text[mention.start : mention.end]
    return len(words) <= _ACRONYM_MAX and words.isupper() and not text[start:].isupper()


def explains(text: str, before: str, mention: Mention) -> bool:
    """Whether a mention in brackets abbreviates the words before: `Deutsche Presse-Agentur (dpa)`, `... (APA)`."""
    before = before[-_EXPLAINED_MAX:].rstrip()
    last = find_agencies(before)[-1:]
    if last and last[0].end == len(before) and last[0].supplier == mention.supplier:
        return True
    words = text[mention.start : mention.end]
    if not (len(words) > 1 and words.isalpha() and words.isupper()):
        return False
    initials = "".join(_INITIAL.findall(before)).upper()[-len(words) - _PARTICLES_MAX :]
    if len(words) <= _SHORT_ACRONYM or not initials.endswith(words[-1]):
        return initials.endswith(words)
    letters = iter(initials)
    return all(letter in letters for letter in words)


def other_words(text: str, start: int, end: int, mentions: list[Mention]) -> list[str]:
    """The words of a credit that name no agency."""
    pieces = []
    position = start
    for mention in mentions:
        pieces.append(text[position : mention.start])
        position = mention.end
    pieces.append(text[position:end])
    return [word for piece in pieces for word in _WORD.findall(piece)]


def only_fillers(words: list[str]) -> bool:
    """Whether all words say nothing about who is credited."""
    filler = credit_words().filler
    return all(word.casefold().rstrip(".") in filler for word in words)


def is_name_part(word: str) -> bool:
    """Whether a word may be part of a name in a credit, or joins names there; scripts without capitals show no more."""
    return (
        not word[0].islower()
        or word in lexicon().name_particles
        or word.casefold().rstrip(".") in credit_words().filler
    )


def are_initials(words: list[str]) -> bool:
    """Whether words are the marks of authors and desks: `abc`, `tmn`."""
    return all(len(word.rstrip(".")) <= _ACRONYM_MAX and word[0].islower() for word in words)


def are_marks(words: list[str]) -> bool:
    """Whether words are the marks that wires put at the end of a story: `PTI VVK ROH`, `YB4-MNZ/ ANSA`."""
    marks = [word for word in words if word.casefold() not in credit_words().filler]
    return len(marks) > 1 and all(len(word) <= _MARK_MAX and word.isupper() and word not in _POOLS for word in marks)


def names_day(words: str) -> bool:
    """Whether `words` hold a date: a line in which an agency is a byline."""
    if _NUMERIC_DAY.search(words):
        return True
    months = lexicon().months
    return any(map(str.isdigit, words)) and any(word.casefold().rstrip(".") in months for word in _WORD.findall(words))


def is_separated(text: str, mention: Mention, start: int, end: int) -> bool:
    """Whether a slash or bar stands right beside a mention."""
    return text[start : mention.start].rstrip()[-1:] in _BARS or text[mention.end : end].lstrip()[:1] in _BARS


def is_short_naming(words: str, *, agencies: bool) -> bool:
    """Whether what follows an introducer can be a list of names: short, and not a sentence."""
    words = words.strip()
    if not 1 < len(words) <= _NAMING_MAX or len(words.split()) > _NAMING_WORDS_MAX:
        return False
    if SENTENCE_END.search(credit_words().rights.sub("", words.rstrip(" .")).replace(". ", " ", 2)):
        return False
    if agencies:
        return True
    found = _WORD.findall(words)
    plain = [word for word in found if word[0].islower() and not is_name_part(word)]
    return len(plain) <= max(1, len(found) // _PLAIN_SHARE)
