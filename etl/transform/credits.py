"""Recognise credits: a line that is nothing else, one glued to the end of a sentence, a dateline.

The forms are those of news copy in general: `(APA/dpa)`, `Quelle: sid/dpa`, `Foto: Name/dpa`, `© AP | Name`,
`Name / Reuters`, `CITY (AFP) -`, `With files from ...`. An agency that a sentence merely quotes matches none of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from etl.transform.agencies import Mention, find_agencies
from etl.transform.lexicon import lexicon

_LINE_MAX = 180
_TAIL_MAX = 140
"""No credit is longer, in characters; nothing beyond is looked at."""

_COPYRIGHT = re.compile(
    r"(?:copyright\b|©|\(c\)|ⓒ|&copy;)\s*(?:by\b|\(c\)|©)?\s*:?\s*(?:(?:19|20)\d\d\s*)?", re.IGNORECASE
)
_BRACKETS = re.compile(r"[(\[（]([^()\[\]（）]{2,90})[)\]）]?\s*[.:]?\s*$")
_WORD = re.compile(r"[^\W\d_]+(?:[.'’-][^\W\d_]+)*\.?")
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’“»›)\]]*\s*(?=\S)")
_DATELINE = re.compile(
    r"^[\"“„]?(?P<place>[^()\n]{0,70}?)\s?[(\[（](?P<credit>[^()\[\]（）]{2,40})[)\]）]\s*(?P<sign>[.,]?\s*[-–—―:]+|\.|(?=[A-ZÄÖÜÀ-Þ„“\"«]))"
)
_BARE_DATELINE = re.compile(r"^(?P<credit>[A-Z]{2,6}),\s+[^\W\d_][^\n]{2,30},?$")
_STORY_NUMBER = re.compile(r":\d{6}")
"""What wires put behind their name to number a story."""

_GLUED_MAX = 80
_LIST_MAX = 120
_COPYRIGHT_SIGNS = ("©", "ⓒ", "(c)", "(C)", "opyright", "OPYRIGHT", "&copy;")
_CLOSING_BRACKETS = (")", "]", "）")
_COLON = re.compile(r"\s?[:：]\s*")
_GLUED_LABEL = re.compile(r"[A-ZÄÖÜ][a-zäöüß]+$")
_PHOTO_BY = re.compile(
    r"(?<!\w)(?:[Pp]hoto(?:graph|s)?|PHOTO|[Pp]icture|[Ii]mage|[Ii]llustration|[Ff]otos?|FOTO|[Bb]ild)\s"
    r"(?:by|courtesy of|von)\s(?=[A-ZÀ-Þ])"
)
_LABEL_MAX = 30

CreditForm = Literal["image", "source", "named"]
"""Picture credit; text credit; a person's name with an agency, which is either, by where it stands."""


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


def read_line(text: str) -> Credit | None:
    """The credit that the whole of `text` is, or None."""
    if len(text) > _LINE_MAX:
        return None
    inner = _BRACKETS.match(text)
    bracketed = inner is not None
    start, end = inner.span(1) if inner else (0, len(text))
    return _read(text, start, end, bracketed=bracketed)


def read_end(text: str) -> Credit | None:
    """The credit glued to the end of `text` after other words, or None."""
    offset = max(0, len(text) - _TAIL_MAX)
    tail = text[offset:]
    brackets = _BRACKETS.search(tail) if tail.rstrip(" .:")[-1:] in _CLOSING_BRACKETS else None
    if brackets and brackets.start() + offset > 0:
        credit = _read(text, offset + brackets.start(1), offset + brackets.end(1), bracketed=True)
        if credit:
            return _moved(credit, offset + brackets.start())
    for start, body in _introducers(tail):
        if offset + start > 0 and _is_short_naming(tail[body:]):
            return _credit("image", text, offset + start, offset + body, len(text))
    if tail.rstrip()[-1:] in ".!?":
        return None
    for match in _SENTENCE_END.finditer(tail, max(0, len(tail) - _GLUED_MAX)):
        credit = _read(text, offset + match.end(), len(text), bracketed=False)
        if credit:
            return credit
    return None


def _introducers(tail: str) -> list[tuple[int, int]]:
    """Where picture introducers stand in `tail`, and where the words after each begin; first one first."""
    found = []
    if any(sign in tail for sign in _COPYRIGHT_SIGNS):
        found += [match.span() for match in _COPYRIGHT.finditer(tail)]
    for colon in _COLON.finditer(tail) if ":" in tail or "：" in tail else ():
        label = _photo_label(tail[max(0, colon.start() - _LABEL_MAX) : colon.start()])
        if label:
            found.append((colon.start() - len(label), colon.end()))
    if " by " in tail or " von " in tail or " of " in tail:
        found += [match.span() for match in _PHOTO_BY.finditer(tail)]
    return sorted(found)


def _photo_label(before: str) -> str | None:
    """The picture introducer that `before` ends with, be it glued to the word in front (`2021Bild`)."""
    words = before.split()[-3:]
    if not words:
        return None
    photo = lexicon().photo
    glued = _GLUED_LABEL.search(words[-1])
    labels = [" ".join(words[count:]) for count in range(len(words))] + ([glued.group()] if glued else [])
    return next((label for label in labels if label.casefold() in photo and before.endswith(label)), None)


def read_dateline(text: str) -> Credit | None:
    """The agency in a dateline at the beginning of a paragraph: `CITY, May 3 (AFP) - `."""
    head = text[:130]
    match = _DATELINE.match(head) if any(map(head.__contains__, "([（")) else None
    if match is None and len(text) <= 60:
        match = _BARE_DATELINE.match(text)
    if match is None:
        return None
    mentions = _placed(find_agencies(match.group("credit")), match.start("credit"))
    if not mentions or not _only_agencies(text, match.start("credit"), match.end("credit"), mentions):
        return None
    place = match.groupdict().get("place") or ""
    if len(place.split()) > 8 or (place and place[:1].islower()):
        return None
    sign = match.groupdict().get("sign") or ""
    if sign == "" and (len(place.split()) > 3 or any(mention.ambiguous for mention in mentions)):
        return None
    return Credit("source", match.start("credit"), match.end("credit"), match.group("credit").strip(), tuple(mentions))


def _read(text: str, start: int, end: int, *, bracketed: bool) -> Credit | None:
    """Read `text[start:end]`, all of which must be one credit."""
    lexical = lexicon()
    inside = text[start:end]
    photo = lexical.photo_label.match(inside)
    if photo:
        return (
            _credit("image", text, start, start + photo.end(), end) if _is_short_naming(inside[photo.end() :]) else None
        )
    copyright_sign = _COPYRIGHT.match(inside)
    if copyright_sign:
        return _read_copyright(text, start, start + copyright_sign.end(), end)
    if end - start > _LIST_MAX:
        return None
    labelled = lexical.source.match(inside)
    body = start + labelled.end() if labelled else start
    colon = labelled is not None and inside[: labelled.end()].rstrip()[-1:] in ":："
    mentions = _placed(find_agencies(text[body:end]), body)
    if not mentions:
        return _credit("source", text, start, body, end) if colon and len(inside) <= 60 else None
    if _only_agencies(text, body, end, mentions):
        return _read_agencies(text, start, body, end, mentions, certain=bracketed or labelled is not None)
    return _read_named(text, start, body, end, mentions, labelled=labelled is not None)


def _read_agencies(
    text: str, start: int, body: int, end: int, mentions: list[Mention], *, certain: bool
) -> Credit | None:
    """A list of agencies and nothing else; lone ambiguous words count only where brackets or a label speak for it."""
    if not certain and all(mention.ambiguous for mention in mentions):
        return None
    if all(mention.supplier.kind == "editorial" for mention in mentions) and not (certain and body == start):
        return None
    photographic = all(mention.supplier.kind == "photo" for mention in mentions)
    named_photo = "photo" in text[body:end].casefold() or "foto" in text[body:end].casefold()
    form: CreditForm = "image" if photographic or named_photo else "source"
    return Credit(form, start, end, text[body:end].strip(), tuple(mentions))


def _read_named(
    text: str, start: int, body: int, end: int, mentions: list[Mention], *, labelled: bool
) -> Credit | None:
    """Agencies together with a name or with initials."""
    rest = _rest(text, body, end, mentions)
    if len(rest) > 6 or end - body > 110:
        return None
    if any(mention.supplier.kind == "generic" for mention in mentions) and all(_is_name_part(word) for word in rest):
        return Credit("source", start, end, text[body:end].strip(), tuple(mentions))
    separators = "/" in text[body:end] or "|" in text[body:end] or " via " in text[body:end]
    if labelled and all(word[0].isupper() or len(word) <= 3 for word in rest):
        return Credit("source", start, end, text[body:end].strip(), tuple(mentions))
    initials = all(len(word.rstrip(".")) <= 4 and word[0].islower() for word in rest)
    if initials and (separators or (len(rest) <= 3 and not mentions[0].ambiguous and mentions[0].start == body)):
        return Credit("source", start, end, text[body:end].strip(), tuple(mentions))
    if not all(_is_name_part(word) for word in rest):
        return None
    if separators:
        return Credit("image", start, end, text[body:end].strip(), tuple(mentions))
    if "," in text[body:end] and not all(mention.ambiguous and mention.supplier.code != "ap" for mention in mentions):
        return Credit("named", start, end, text[body:end].strip(), tuple(mentions))
    return None


def _read_copyright(text: str, start: int, body: int, end: int) -> Credit | None:
    rights = lexicon().rights.search(text, body, end)
    mentions = _placed(find_agencies(text[body:end]), body)
    if rights and not mentions:
        return None
    if not _is_short_naming(text[body:end]):
        return None
    number = any(_STORY_NUMBER.match(text, mention.end) for mention in mentions)
    return _credit("source" if number else "image", text, start, body, end)


def _credit(form: CreditForm, text: str, start: int, body: int, end: int) -> Credit:
    words = text[body:end].strip(" \t\u00a0)]（）|/·,;:")
    nested = _COPYRIGHT.match(words)
    if nested and nested.end():
        words = words[nested.end() :].strip()
    return Credit(form, start, end, words, tuple(_placed(find_agencies(text[body:end]), body)))


def _is_short_naming(words: str) -> bool:
    """Whether what follows an introducer can be a list of names: short, and not a sentence."""
    words = words.strip()
    return (
        1 < len(words) <= 100
        and len(words.split()) <= 14
        and not _SENTENCE_END.search(lexicon().rights.sub("", words.rstrip(" .")).replace(". ", " ", 2))
    )


def _only_agencies(text: str, start: int, end: int, mentions: list[Mention]) -> bool:
    lexical = lexicon()
    fillers = lexical.credit_filler | lexical.photo
    return all(word.casefold().rstrip(".") in fillers for word in _rest(text, start, end, mentions))


def _rest(text: str, start: int, end: int, mentions: list[Mention]) -> list[str]:
    """The words of a credit that name no agency."""
    pieces = []
    position = start
    for mention in mentions:
        pieces.append(text[position : mention.start])
        position = mention.end
    pieces.append(text[position:end])
    return [word for piece in pieces for word in _WORD.findall(piece)]


def _is_name_part(word: str) -> bool:
    lexical = lexicon()
    return word[0].isupper() or word in lexical.name_particles or word.casefold() in lexical.credit_filler


def _placed(mentions: list[Mention], offset: int) -> list[Mention]:
    return [Mention(m.start + offset, m.end + offset, m.supplier, m.ambiguous) for m in mentions]


def _moved(credit: Credit, start: int) -> Credit:
    return Credit(credit.form, start, credit.end, credit.words, credit.mentions)
