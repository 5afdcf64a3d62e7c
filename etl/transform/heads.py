"""Label what stands before the running text: kicker, headline, byline, date, captions; the lead is left to `leads`."""

from __future__ import annotations

import re

from etl.transform.blocks import Label
from etl.transform.bylines import is_signature
from etl.transform.clues import Clue, Line
from etl.transform.dates import is_date_line
from etl.transform.headline_choice import PARAGRAPH, choose_headline
from etl.transform.lexicon import fold
from etl.transform.related import label_related

_DATE_LINE_MAX = 90
_KICKER_MAX = 60
_LIKELY = 0.2
"""Headlines are hardly ever article text: one that may be is a sub-heading."""
_KICKER_NEAR = 3
_KICKER_WORDS = 7
_PATH = re.compile(r"[>»›]|/.*/|\$\$|\d.*\d\D+\d")


def label_head(lines: list[Line], labels: list[Label | None], first: int) -> int:
    """Label the blocks before and around the first paragraph (`first`); returns where the running text begins."""
    headline = choose_headline(lines)
    _label_head_relations(lines, labels, first if headline is None else min(first, headline))
    if headline is not None:
        _label_headline(lines, labels, headline, max(first, headline + 1))
        after = range(headline + 1, len(lines))
        first = next((i for i in after if labels[i] is None and _is_paragraph(lines[i])), max(first, headline + 1))
    for index in range(first):
        if labels[index] is None:
            labels[index] = _beside(lines, index, headline)
    _label_below_first(lines, labels, first)
    return first


def settle_headline(lines: list[Line], labels: list[Label], likely: list[float]) -> None:
    """A headline with a paragraph of the article above it is a sub-heading; the headline may stand above that one.

    Args:
        lines: The lines of a page text.
        labels: What they are; changed in place.
        likely: How likely each is article text; what is not, titles another article.
    """
    paragraphs = (i for i, line in enumerate(lines) if labels[i] is Label.BODY and line.length >= PARAGRAPH)
    first = next(paragraphs, len(lines))
    if Label.HEADLINE not in labels or labels.index(Label.HEADLINE) < first:
        return
    for index, label in enumerate(labels):
        if label is Label.HEADLINE:
            labels[index] = Label.SUBHEADING if likely[index] > _LIKELY else Label.NOISE
    headline = choose_headline(lines, first)
    if headline is not None:
        labels[headline] = Label.HEADLINE


def _is_paragraph(line: Line) -> bool:
    return line.clue is Clue.PROSE and line.ends


def _label_head_relations(lines: list[Line], labels: list[Label | None], first: int) -> None:
    """A related box before the text is taken only where its layout shows its end: what follows may be the headline."""
    for index in range(first - 1):
        if lines[index].clue is Clue.RELATED_HEADING and not lines[index + 1].block.gap:
            end = index + 1
            while end < first and not lines[end].block.gap:
                end += 1
            label_related(lines, labels, index, limit=end)


def _label_headline(lines: list[Line], labels: list[Label | None], headline: int, first: int) -> None:
    key = fold(lines[headline].block.text)
    for index in range(first):
        if index == headline or (labels[index] is None and fold(lines[index].block.text) == key):
            labels[index] = Label.HEADLINE


def _beside(lines: list[Line], index: int, headline: int | None) -> Label:
    """A short line of the head that is neither headline nor known by its words."""
    line = lines[index]
    text = line.block.text
    if line.length <= _DATE_LINE_MAX and not line.ends and is_date_line(text, others=8):
        return Label.DATE
    if headline is not None and index < headline:
        near = headline - index <= _KICKER_NEAR and not line.block.listed
        return Label.KICKER if near and may_be_kicker(text) else Label.NOISE
    return Label.BYLINE if is_signature(text) else Label.NOISE


def may_be_kicker(text: str) -> bool:
    """Whether a line is short enough and no breadcrumb, counter or template left unfilled."""
    if len(text) > _KICKER_MAX or text.count(" ") >= _KICKER_WORDS or _PATH.search(text):
        return False
    return sum(map(str.isdigit, text)) * 4 <= len(text)


def _label_below_first(lines: list[Line], labels: list[Label | None], first: int) -> None:
    """Names and dates that stand between the first paragraph, which may be a standfirst, and the next."""
    for index in range(first + 1, len(lines)):
        line = lines[index]
        if line.clue is Clue.PROSE:
            return
        if labels[index] is None and is_signature(line.block.text):
            labels[index] = Label.BYLINE
        elif labels[index] is None and line.length <= _DATE_LINE_MAX and is_date_line(line.block.text, others=3):
            labels[index] = Label.DATE
