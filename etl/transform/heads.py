"""Label what stands before the running text: kicker, headline, lead, byline, date, captions."""

from __future__ import annotations

import re

from etl.transform.blocks import Label
from etl.transform.bylines import is_name
from etl.transform.clues import Clue, Line
from etl.transform.dates import is_date_line
from etl.transform.lexicon import fold
from etl.transform.related import label_related

_HEADLINE_MIN, _HEADLINE_MAX = 12, 240
_LEAD_MAX = 520
_LOOK = 4000
"""Characters of running text with which a headline must share words."""
_WORD = re.compile(r"[^\W\d_]{4,}")
_STEM = 6
_BREADCRUMB = re.compile(r"\s[>»|/›]\s|>>")
_SEPARATORS = frozenset(
    {Label.BYLINE, Label.DATE, Label.CAPTION, Label.IMAGE_CREDIT, Label.SOURCE_CREDIT, Label.NOISE, Label.RELATED_TITLE}
)


def label_head(lines: list[Line], labels: list[Label | None], first: int) -> int:
    """Label the blocks before and around the first paragraph (`first`); returns where the running text begins."""
    _label_head_relations(lines, labels, first)
    headline = _headline(lines, labels, first)
    if headline is not None:
        _label_headline(lines, labels, headline, first)
    for index in range(first):
        if labels[index] is None:
            labels[index] = _beside(lines, index, headline)
    lead = _short_lead(lines, labels, headline, first)
    if lead is not None:
        labels[lead] = Label.LEAD
    elif first < len(lines) and labels[first] is None and _is_lead(lines, labels, first, headline):
        labels[first] = Label.LEAD
        return first + 1
    return first


def _label_head_relations(lines: list[Line], labels: list[Label | None], first: int) -> None:
    index = 0
    while index < first:
        if lines[index].clue is Clue.RELATED_HEADING:
            index = label_related(lines[:first], labels, index)
        else:
            index += 1


def _headline(lines: list[Line], labels: list[Label | None], first: int) -> int | None:
    """The line before the running text that shares most words with it, early lines preferred."""
    candidates = [
        i
        for i in range(first)
        if labels[i] is None
        and lines[i].clue is Clue.SHORT
        and _HEADLINE_MIN <= lines[i].length <= _HEADLINE_MAX
        and lines[i].words >= 2
        and not _BREADCRUMB.search(lines[i].block.text)
    ]
    if not candidates:
        return None
    stems = _stems(lines, first)
    counts: dict[str, int] = {}
    for i in candidates:
        key = fold(lines[i].block.text)
        counts[key] = counts.get(key, 0) + 1
    best, best_score = None, 0.0
    for order, i in enumerate(candidates):
        line = lines[i]
        text = line.block.text
        words = [word[:_STEM] for word in _WORD.findall(text.casefold())]
        shared = sum(word in stems for word in words) / len(words) if words else 0.3
        score = shared * min(1.0, 0.4 + 0.1 * line.words) - 0.04 * order
        score += 0.3 if counts[fold(text)] > 1 else 0.0
        score += 0.15 if line.length >= 30 else 0.0
        score -= 0.15 if text[-1:] in ".:" else 0.0
        score -= 0.25 if is_name(text) else 0.0
        score -= 0.2 if line.block.listed else 0.0
        if score > best_score:
            best, best_score = i, score
    return best if best_score >= 0.2 else None


def _stems(lines: list[Line], first: int) -> set[str]:
    stems: set[str] = set()
    length = 0
    for line in lines[first:]:
        if line.clue is Clue.PROSE:
            stems.update(word[:_STEM] for word in _WORD.findall(line.block.text[:_LOOK].casefold()))
            length += line.length
            if length > _LOOK:
                break
    return stems


def _label_headline(lines: list[Line], labels: list[Label | None], headline: int, first: int) -> None:
    key = fold(lines[headline].block.text)
    for index in range(first):
        if index == headline or (labels[index] is None and fold(lines[index].block.text) == key):
            labels[index] = Label.HEADLINE


def _beside(lines: list[Line], index: int, headline: int | None) -> Label:
    """A short line of the head that is neither headline nor known by its words."""
    line = lines[index]
    text = line.block.text
    if is_date_line(text, others=3) and line.length <= 90:
        return Label.DATE
    if headline is not None and index < headline:
        near = headline - index <= 3
        return Label.KICKER if near and line.length <= 60 else Label.NOISE
    if is_name(text):
        return Label.BYLINE
    return Label.NOISE


def _short_lead(lines: list[Line], labels: list[Label | None], headline: int | None, first: int) -> int | None:
    """A standfirst too short to be running text: the line right below the headline."""
    if headline is None:
        return None
    for index in range(headline + 1, min(headline + 4, first)):
        line = lines[index]
        if labels[index] is Label.NOISE and line.clue is Clue.SHORT and line.length >= 50 and line.words >= 6:
            return index
        if labels[index] not in (Label.HEADLINE, Label.DATE, Label.BYLINE, Label.NOISE):
            return None
    return None


def _is_lead(lines: list[Line], labels: list[Label | None], first: int, headline: int | None) -> bool:
    """Whether the first paragraph is a standfirst: set apart from the text by other lines, or much shorter than it."""
    line = lines[first]
    if line.length > _LEAD_MAX or (line.block.listed and headline is None):
        return False
    following = [i for i in range(first + 1, len(lines)) if lines[i].clue is Clue.PROSE and labels[i] is None][:3]
    if not following:
        return False
    between = range(first + 1, following[0])
    if len(between) and all(labels[i] in _SEPARATORS or labels[i] is None for i in between) and len(between) <= 12:
        return True
    if headline is None:
        return False
    lengths = sorted(lines[i].length for i in following)
    return line.length < 0.8 * lengths[len(lengths) // 2]
