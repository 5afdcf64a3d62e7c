"""Recognise credits: a line that is nothing else, one glued to the end of a sentence, the agencies of a byline.

The forms are those of news copy in general: `(APA/dpa)`, `Quelle: sid/dpa`, `Foto: Name/dpa`, `© AP | Name`,
`Name / Reuters`, `With files from ...`. An agency that a sentence merely quotes matches none of them. Datelines have
a module of their own, and so has what stands inside a credit.
"""

from __future__ import annotations

import re

from etl.transform.agencies import Mention
from etl.transform.credit_forms import is_weak, lists_agencies, read_part, read_picture
from etl.transform.credit_words import credit_words
from etl.transform.datelines import read_dateline
from etl.transform.lexicon import lexicon
from etl.transform.namings import SENTENCE_END, Credit, CreditForm, all_named, explains, named_in, other_words

__all__ = ["Credit", "CreditForm", "credit_of_picture", "read_byline", "read_dateline", "read_end", "read_line"]

_LINE_MAX = 180
_TAIL_MAX = 140
"""No credit is longer, in characters; nothing beyond is looked at."""
_GLUED_MAX, _STOPPED_MAX = 80, 40
"""How long a last sentence may be that is a credit; the second where it ends with a stop."""
_LABEL_MAX = 30
_BYLINE_MAX = 200

_OPENING, _CLOSING = "([（［【〔", ")]）］】〕"
_OPEN, _CLOSE = re.escape(_OPENING), re.escape(_CLOSING)
_BRACKETS = re.compile(rf"[{_OPEN}]([^{_OPEN}{_CLOSE}]{{2,90}})[{_CLOSE}]?\s*[.:。]?\s*$")
_SLASHES = re.compile(r"/\s?([^/()\d]{2,40}?)\s?/\s*\.?\s*$")
_STOPS = ".!?。"
_TERMINAL = (".", "!", "?", "…", "。", "！", "？", "।", "»", "”", "“", '"', "'", "」")
_COLON = re.compile(r"[:：=＝]\s*")
_BY = re.compile(r" (?:by|von|of|via) ")
_GLUED_LABEL = re.compile(r"[A-ZÄÖÜ][a-zäöüß]+$")
_PHOTO_BY = re.compile(
    r"(?<!\w)(?:[Pp]hoto(?:graph|s)?|PHOTO|[Pp]icture|[Ii]mage|[Ii]llustration|[Ff]otos?|FOTO|[Bb]ild)\s"
    r"(?:by|courtesy of|via|von)\s(?=[A-ZÀ-Þ])"
)
_PERSON_BEFORE = re.compile(r"(?:[A-ZÀ-Þ][\w.'’-]*\s){1,3}$|(?:[A-ZÀ-Þ][\w.'’-]*\s){1,2}[A-ZÀ-Þ][\w.'’-]+$")
_PERSON_AFTER = re.compile(r"\s?/\s?[A-ZÀ-Þ][\w.'’-]*(?:\s[A-ZÀ-Þ][\w.'’-]*){1,3}(?:\sTPX IMAGES OF THE DAY)?$")
_DENSE = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_REPORTERS = ("记者", "記者", "기자", "特派", "電", "电")


def read_line(text: str) -> Credit | None:
    """The credit that the whole of `text` is, or None."""
    if not 0 < len(text) <= _LINE_MAX:
        return None
    inner = _BRACKETS.match(text) if text[0] in _OPENING else _SLASHES.match(text) if text[0] == "/" else None
    if inner:
        return read_part(text, *inner.span(1), bracketed=True)
    if text[-1] in _CLOSING and not any(map(text.__contains__, _OPENING)):
        return read_part(text, 0, len(text) - 1, bracketed=True)  # the brackets began in another block
    return read_part(text, 0, len(text), bracketed=False)


def read_end(text: str) -> Credit | None:
    """The credit glued to the end of `text` after other words, or None."""
    offset = max(0, len(text) - _TAIL_MAX)
    tail = text[offset:]
    brackets = _end_brackets(tail)
    if brackets and brackets.start() + offset > 0:
        start = offset + brackets.start()
        credit = read_part(text, offset + brackets.start(1), offset + brackets.end(1), bracketed=True)
        if credit and _credits_somebody(credit, text, start):
            return Credit(credit.form, start, credit.end, credit.words, credit.mentions)
    for start, body in _introducers(tail):
        picture = read_picture(text, offset + start, offset + body, len(text)) if offset + start > 0 else None
        if picture:
            return picture
    return (_read_named_end(text, offset) if "/" in tail else None) or _read_last(text, tail, offset)


def credit_of_picture(text: str) -> Credit:
    """The credit that a text known to be a picture's is, whatever its form."""
    credit = read_line(text)
    if credit and credit.words:
        return Credit("image", credit.start, credit.end, credit.words, credit.mentions)
    return Credit("image", 0, len(text), text, tuple(named_in(text, 0, min(len(text), _LINE_MAX))))


def read_byline(text: str) -> list[Mention]:
    """The agencies of a byline; what may be a person's name counts only as an abbreviation by itself."""
    end = min(len(text), _BYLINE_MAX)
    introducer = lexicon().byline.match(text)
    loud = text[:end].isupper()
    found = []
    for mention in named_in(text, introducer.end() if introducer else 0, end):
        abbreviated = text[mention.start : mention.end].isupper() and not loud
        barred = "/" in text[max(0, mention.start - 1) : mention.end + 1]
        if (abbreviated or barred or not mention.ambiguous) and not _runs_on(text, mention.end):
            found.append(mention)
    return found


def _runs_on(text: str, end: int) -> bool:
    """Whether a name goes on in a script without blanks: a newspaper's section, not its reporter."""
    after = text[end : end + 2]
    return bool(_DENSE.match(after)) and not after.startswith(_REPORTERS)


def _end_brackets(tail: str) -> re.Match[str] | None:
    last = tail.rstrip(" .:。")[-1:]
    if last == "/":
        return _SLASHES.search(tail)
    return _BRACKETS.search(tail) if last and last in _CLOSING else None


def _credits_somebody(credit: Credit, text: str, start: int) -> bool:
    """Whether brackets at the end of a text are a credit: they neither explain an abbreviation nor name a colour."""
    before = text[:start].rstrip()
    mentions = credit.mentions
    if not mentions or before.endswith(_TERMINAL):
        return True
    if credit.form != "image" and all(mention.ambiguous for mention in mentions):
        stopped = text.rstrip().endswith(".")
        if stopped or all(is_weak(text, mention) for mention in mentions):
            return False
    return len(mentions) > 1 or not explains(text, before, mentions[0])


def _introducers(tail: str) -> list[tuple[int, int]]:
    """Where picture introducers stand in `tail`, and where the words after each begin; first one first."""
    found = []
    if _may_be_signed(tail):
        found += [match.span() for match in credit_words().copyright.finditer(tail)]
    for colon in _COLON.finditer(tail) if ":" in tail or "=" in tail or "：" in tail or "＝" in tail else ():
        label = _photo_label(tail[max(0, colon.start() - _LABEL_MAX) : colon.start()].rstrip())
        if label:
            found.append((tail.rindex(label, 0, colon.start()), colon.end()))
    if _BY.search(tail):
        found += [match.span() for match in _PHOTO_BY.finditer(tail)]
    return sorted(found)


def _may_be_signed(tail: str) -> bool:
    """Whether a copyright sign or word stands in `tail`; the words only where no sentence ends with it."""
    if "©" in tail or "(c)" in tail or "(C)" in tail or "ⓒ" in tail or "opyright" in tail:
        return True
    return tail[-1:] not in _STOPS and any(map(tail.casefold().__contains__, credit_words().copyright_words))


def _photo_label(before: str) -> str | None:
    """The picture introducer that `before` ends with, be it glued to the word in front (`2021Bild`)."""
    words = before.split()[-3:]
    if not words:
        return None
    glued = _GLUED_LABEL.search(words[-1])
    labels = [" ".join(words[count:]) for count in range(len(words))] + ([glued.group()] if glued else [])
    if not words[-1].isascii():
        labels += [words[-1][-count:] for count in (4, 3, 2, 1)]
    photo = credit_words().photo
    known = (label for label in labels if label.casefold().strip("(（[/·|") in photo)
    return next((label for label in known if before.endswith(label)), None)


def _read_last(text: str, tail: str, offset: int) -> Credit | None:
    """A credit that is the last sentence, or stands behind a bar: `... beschlossen. AFP`, `... | Getty Images`."""
    stops = tail.rstrip()[-1:] in _STOPS
    reach = max(0, len(tail) - (_STOPPED_MAX if stops else _GLUED_MAX))
    last = tail[reach:-1]
    ended = "." in last or "!" in last or "?" in last or "。" in last or "…" in last
    bar = -1 if stops else tail.rfind(" | ")
    mentions = all_named(text, offset + reach, len(text)) if ended or bar >= 0 else []
    if not (mentions or (ended and (":" in last or "：" in last))):
        return None
    if mentions and mentions[-1].end == len(text) and text[mentions[-1].start - 1] in _STOPS:
        return read_part(text, mentions[-1].start, len(text), bracketed=False)  # no blank between: `beschlossen.dpa`
    for match in SENTENCE_END.finditer(tail, reach) if ended else ():
        credit = read_part(text, offset + match.end(), len(text), bracketed=False)
        if credit and (not stops or (credit.mentions and lists_agencies(text, credit))):
            return credit
    credit = read_part(text, offset + bar + 3, len(text), bracketed=False) if bar >= 0 else None
    return credit if credit and credit.mentions else None


def _read_named_end(text: str, offset: int) -> Credit | None:
    """`Name Name/AGENCY` or `AGENCY/Name Name` after a caption without a stop."""
    mentions = all_named(text, offset, len(text))
    if not credit_words().no_credit.isdisjoint(other_words(text, offset, len(text), mentions)[-3:]):
        return None
    for mention in mentions:
        unclear = mention.ambiguous and not text[mention.start : mention.end].isupper()
        if unclear or mention.supplier.kind in ("generic", "editorial"):
            continue
        if mention.end == len(text):
            before = text[offset : mention.start].rstrip().removesuffix("via").rstrip()
            person = _PERSON_BEFORE.search(before[:-1].rstrip()) if before.endswith("/") else None
            start = offset + person.start() if person else 0
            return (
                Credit("image", start, len(text), text[start:], tuple(named_in(text, start, len(text))))
                if start
                else None
            )
        if mention.start and text[mention.start - 1] == " " and _PERSON_AFTER.match(text, mention.end):
            return Credit("image", mention.start, len(text), text[mention.start :], (mention,))
    return None
