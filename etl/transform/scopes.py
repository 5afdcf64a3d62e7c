"""Turn the credits of a labelled page into rows, and say what each is for: text, dateline, byline or picture."""

from __future__ import annotations

from etl.transform.agencies import Mention, credited, find_agencies
from etl.transform.blocks import Label
from etl.transform.clues import Clue, Line
from etl.transform.credits import Credit, read_byline, read_dateline
from etl.transform.namings import are_initials, names_day, only_fillers, other_words
from etl.transform.record import Agency, AgencyScope

_DATELINED = frozenset({Label.LEAD, Label.BODY, Label.BYLINE})
_NEAR = 2
"""A dateline that was taken for no part of the text counts that many blocks before it."""
_CAPTION_WORDS_MIN = 4
_ABBREVIATION_MIN, _ABBREVIATION_MAX = 3, 5
_TERMINAL = (".", "!", "?", "…", "”", "“", '"', "»", "。", "」", "।")
_WORDED = (Clue.SHORT, Clue.PROSE)
_BRACKETS, _CLOSING = ("(", "[", "（", "【"), (")", "]", "）", "】")


def read_suppliers(lines: list[Line], labels: list[Label]) -> list[Agency]:
    """Every credit in document order, one row per line and agency."""
    rows: list[Agency] = []
    bodies = [index for index, label in enumerate(labels) if label is Label.BODY]
    first, last = (bodies[0], bodies[-1]) if bodies else (0, 0)
    for index, (line, label) in enumerate(zip(lines, labels, strict=True)):
        text, credit = line.block.text, line.credit
        opens = label in _DATELINED or (label is Label.NOISE and first - _NEAR <= index < first)
        dateline = read_dateline(text) if opens else None
        if dateline:
            rows += credited(list(dateline.mentions), text, "dateline")
        if label in (Label.BODY, Label.LEAD):
            if credit and credit.form == "source":
                pictured = label is Label.LEAD and text[credit.start : credit.start + 1] not in _BRACKETS
                rows += credited(list(credit.mentions), text, "image" if pictured else "text")
        elif label in (Label.BYLINE, Label.DATE):
            if not dateline:
                mentions = list(credit.mentions) if credit else read_byline(text)
                rows += credited(mentions, text, _scope_of_line(lines, labels, index, bodies))
        elif label in (Label.IMAGE_CREDIT, Label.CAPTION) and credit:
            rows += credited(list(credit.mentions), text, _scope_of_picture(line, label, after=index > last))
        elif label is Label.SOURCE_CREDIT and credit:
            rows += credited(list(credit.mentions), text, _scope_of_line(lines, labels, index, bodies))
        elif label is Label.NOISE and bodies and index == last + 1 and lines[last].ends:
            rows += credited(_sole(text), text, "text")
    return rows


def _sole(text: str) -> list[Mention]:
    """The agency whose abbreviation is all of a line: right behind the last sentence it can be nothing else."""
    short = _ABBREVIATION_MIN <= len(text) <= _ABBREVIATION_MAX and text.isupper()  # two letters may be a button
    mentions = find_agencies(text) if short else []
    return mentions if len(mentions) == 1 and mentions[0].end - mentions[0].start == len(text) else []


def _scope_of_picture(line: Line, label: Label, *, after: bool) -> AgencyScope:
    """What a picture credit or caption is for; `after` says that no paragraph follows."""
    text, credit = line.block.text, line.credit
    if credit is None:
        return "image"
    before = text[: credit.start].rstrip()
    if label is Label.CAPTION:
        if credit.form == "source" and names_day(before) and not line.ends:
            return "byline"
        return "text" if after and credit.form == "source" and before.endswith(_TERMINAL) else "image"
    mentions = list(credit.mentions)
    if not (after and mentions) or any(mention.supplier.kind != "wire" for mention in mentions):
        return "image"
    # below the text: a copyright notice, or the author with the agency
    sole = only_fillers(other_words(text, credit.start, credit.end, mentions))
    return "text" if sole or credit.words == text.strip() else "image"


def _scope_of_line(lines: list[Line], labels: list[Label], index: int, bodies: list[int]) -> AgencyScope:
    """What a line is for that has the form of a text credit or byline.

    Below a caption, and in the first half of the text, it belongs to a picture (the caption passed for text), unless it
    has what only text credits have. Before the text it is a byline, unless a line like a caption stands above it.
    """
    above = labels[index - 1] if index else None
    text, credit = lines[index].block.text, lines[index].credit
    written = labels[index] is not Label.SOURCE_CREDIT
    if written and (credit is None or credit.form != "named"):
        return "byline"
    if above is Label.CAPTION or (text[-1:] in _CLOSING and not any(map(text.__contains__, _BRACKETS))):
        return "image"
    before = sum(body < index for body in bodies)
    of_text = _is_of_text(text, credit)
    if before:
        return "text" if of_text or before * 2 >= len(bodies) else "image"
    line = lines[index - 1]
    captioned = above is Label.NOISE and line.clue in _WORDED and line.words >= _CAPTION_WORDS_MIN
    return "image" if captioned and not (of_text or written) else "byline"


def _is_of_text(text: str, credit: Credit | None) -> bool:
    """Brackets, slashes, initials or the newsroom's mark: `(dpa)`, `/ritzau/`, `abc/dpa`, `dpa/red`."""
    if credit is None or text[:1] in _BRACKETS or text[:1] == text[-1:] == "/":
        return True
    mentions = list(credit.mentions)
    rest = other_words(text, credit.start, credit.end, mentions)
    editorial = any(mention.supplier.kind == "editorial" for mention in mentions)
    return editorial or ("/" in text and bool(rest) and are_initials(rest))
