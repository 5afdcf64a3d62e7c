"""Turn the credits of a labelled page into rows, and say what each is for: text, dateline, byline or picture."""

from __future__ import annotations

from bisect import bisect_left
from typing import NamedTuple

from etl.transform.agencies import Mention, credited, find_agencies
from etl.transform.blocks import Label
from etl.transform.clues import Clue, Line
from etl.transform.credits import Credit, read_byline, read_dateline
from etl.transform.dates import is_date_line
from etl.transform.namings import are_initials, are_marks, only_fillers, other_words
from etl.transform.record import Agency, AgencyScope

_DATELINED = frozenset({Label.LEAD, Label.BODY, Label.BYLINE, Label.DATE})
_NEAR = 2
"""What was taken for no part of the article counts that many blocks before its first paragraph."""
_MIDDLE, _END = 0.5, 0.75
"""Shares of the paragraphs that stand above a line, from which on it is below the middle, and at the end."""
_CAPTION_WORDS_MIN = 4
_ABBREVIATION_MIN, _ABBREVIATION_MAX = 3, 5
_TERMINAL = (".", "!", "?", "…", "”", "“", '"', "»", "。", "」", "।")
_WORDED = (Clue.SHORT, Clue.PROSE)
_DATE_EDGES = " \t|·,;–—-"
_BRACKETS, _CLOSING = ("(", "[", "（", "【"), (")", "]", "）", "】")


class StatedCredit(NamedTuple):
    """What a field of the format says about the supplier of the text."""

    words: str
    scope: AgencyScope
    is_fallback: bool = False
    """Counts only where nothing else names a supplier of the text: who holds the rights need not have written it."""


class _Page(NamedTuple):
    lines: list[Line]
    labels: list[Label]
    bodies: list[int]
    """Where the paragraphs stand."""

    def share_above(self, index: int) -> float:
        """How much of the text stands above a line, 0 to 1."""
        return bisect_left(self.bodies, index) / len(self.bodies) if self.bodies else 0.0

    def is_near_text(self, index: int) -> bool:
        """Whether a line stands right before the first paragraph."""
        return bool(self.bodies) and self.bodies[0] - _NEAR <= index < self.bodies[0]

    def label(self, index: int) -> Label | None:
        return self.labels[index] if 0 <= index < len(self.labels) else None


def read_suppliers(lines: list[Line], labels: list[Label]) -> list[Agency]:
    """Every credit in document order, one row per line and agency."""
    page = _Page(lines, labels, [index for index, label in enumerate(labels) if label is Label.BODY])
    rows: list[Agency] = []
    for index, (line, label) in enumerate(zip(lines, labels, strict=True)):
        text = line.block.text
        signed = label in _DATELINED and line.clue is not Clue.BYLINE
        opens = signed or (label is Label.NOISE and page.is_near_text(index))
        dateline = read_dateline(text) if opens else None
        if dateline:
            rows += credited(list(dateline.mentions), text, "dateline")
        mentions = list(line.credit.mentions) if line.credit else []
        if label in (Label.BYLINE, Label.DATE):
            mentions = [] if dateline else mentions or read_byline(text)
        elif label is Label.NOISE and not mentions:
            mentions = _sole(page, index)
        scope = _scope(page, index) if mentions else None
        if scope:
            rows += credited(mentions, text, scope)
    return rows


def with_stated(found: list[Agency], stated: tuple[StatedCredit, ...]) -> list[Agency]:
    """The credits of the page and those that fields of its format state; nobody is credited twice for the same.

    Datelines come first, as they stand before the text; other fields last.
    """
    before: list[Agency] = []
    after: list[Agency] = []
    for credit in stated:
        texts = [row for row in (*before, *found, *after) if row.scope in ("text", "dateline", "byline")]
        if credit.is_fallback and texts:
            continue
        known = {row.agency_code for row in (*before, *found, *after) if row.scope == credit.scope}
        rows = credited(find_agencies(credit.words), credit.words, credit.scope)
        target = before if credit.scope == "dateline" else after
        target += [row for row in rows if row.agency_code not in known]
    return [*before, *found, *after]


def _sole(page: _Page, index: int) -> list[Mention]:
    """The agency whose abbreviation is all of a line: right behind the last sentence it can be nothing else."""
    text = page.lines[index].block.text
    short = _ABBREVIATION_MIN <= len(text) <= _ABBREVIATION_MAX and text.isupper()  # two letters may be a button
    if not (short and page.bodies[-1:] == [index - 1] and page.lines[index - 1].ends):
        return []
    mentions = find_agencies(text)
    return mentions if len(mentions) == 1 and mentions[0].end - mentions[0].start == len(text) else []


def _scope(page: _Page, index: int) -> AgencyScope | None:
    """What a line with agencies is for; None where they supply nothing."""
    label, line = page.labels[index], page.lines[index]
    form = line.credit.form if line.credit else None
    match label:
        case Label.BODY | Label.LEAD:
            if form == "image":
                return "image"
            # the caption of a picture, above the middle, passed for text
            inside = page.share_above(index) < _MIDDLE and page.share_above(index + 1) < 1
            pictured = label is Label.LEAD or inside
            return ("text" if _is_bracketed(line) or not pictured else "image") if form == "source" else None
        case Label.BYLINE | Label.DATE | Label.SOURCE_CREDIT:
            return _scope_of_line(page, index)
        case Label.IMAGE_CREDIT:
            return _scope_of_picture_line(page, index)
        case Label.CAPTION:
            return _scope_of_caption(page, index)
        case Label.NOISE:
            captioned = line.clue in (Clue.PROSE, Clue.CAPTION) and page.is_near_text(index)
            return "image" if captioned else "text" if line.credit is None else None
        case _:
            return None


def _is_bracketed(line: Line) -> bool:
    credit = line.credit
    return credit is not None and line.block.text[credit.start] in _BRACKETS


def _scope_of_caption(page: _Page, index: int) -> AgencyScope:
    """A caption's credit is a picture's, unless a date, or the end of the text, passed for a caption."""
    text, credit = page.lines[index].block.text, page.lines[index].credit
    if credit is None or credit.form != "source":
        return "image"
    mentions = list(credit.mentions)
    if any(mention.supplier.kind == "photo" for mention in mentions):
        return "image"
    before = text[: credit.start].strip(_DATE_EDGES)
    if is_date_line(before, others=1):
        return "byline"
    share = page.share_above(index)
    marked = _is_bracketed(page.lines[index]) or are_marks(other_words(text, credit.start, credit.end, mentions))
    closing = page.label(index - 1) is Label.BODY and (share >= 1 or (share >= _END and marked))
    return "text" if closing and before.endswith(_TERMINAL) else "image"


def _scope_of_picture_line(page: _Page, index: int) -> AgencyScope:
    """Below the text a picture credit may be a copyright notice of the text, or its author with the agency."""
    text, credit = page.lines[index].block.text, page.lines[index].credit
    mentions = list(credit.mentions) if credit else []
    if credit is None or any(mention.supplier.kind != "wire" for mention in mentions):
        return "image"
    share = page.share_above(index)
    if share >= 1 and only_fillers(other_words(text, credit.start, credit.end, mentions)):
        return "text"
    signed = share >= _END and page.label(index - 1) is Label.BODY and credit.words == text.strip()
    return "text" if signed else "image"


def _scope_of_line(page: _Page, index: int) -> AgencyScope:
    """What a line is for that has the form of a text credit or byline.

    Below a caption, and above the middle of the text, it belongs to a picture (the caption passed for text), unless it
    has what only text credits have. Before the text it is a byline, unless a line like a caption stands above it.
    """
    text, credit = page.lines[index].block.text, page.lines[index].credit
    above, below = page.label(index - 1), page.label(index + 1)
    written = page.labels[index] is not Label.SOURCE_CREDIT
    if written and (credit is None or credit.form != "named" or below is Label.DATE):
        return "byline"
    if above is Label.CAPTION or (text[-1:] in _CLOSING and not any(map(text.__contains__, _BRACKETS))):
        return "image"
    of_text = _is_of_text(text, credit)
    share = page.share_above(index)
    if share:
        return "text" if of_text or share >= _MIDDLE else "image"
    captioned = above is Label.NOISE and _looks_like_caption(page.lines[index - 1])
    return "image" if captioned and not (of_text or written) else "byline"


def _looks_like_caption(line: Line) -> bool:
    return line.clue in _WORDED and line.words >= _CAPTION_WORDS_MIN


def _is_of_text(text: str, credit: Credit | None) -> bool:
    """Brackets, slashes, initials or the newsroom's mark: `(dpa)`, `/ritzau/`, `abc/dpa`, `dpa/red`."""
    if credit is None or text[:1] in _BRACKETS or text[:1] == text[-1:] == "/":
        return True
    mentions = list(credit.mentions)
    rest = other_words(text, credit.start, credit.end, mentions)
    editorial = any(mention.supplier.kind == "editorial" for mention in mentions)
    return editorial or ("/" in text and bool(rest) and are_initials(rest))
