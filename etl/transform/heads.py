"""Label what stands before the running text: kicker, headline, lead, byline, date, captions."""

from __future__ import annotations

import re

from etl.transform.blocks import Label
from etl.transform.bylines import is_name, is_signature
from etl.transform.clues import Clue, Line
from etl.transform.credits import read_dateline
from etl.transform.dates import is_date_line
from etl.transform.lexicon import fold
from etl.transform.related import label_related

_HEADLINE_MIN, _HEADLINE_MAX = 12, 240
_LEAD_MAX = 520
_LEAD_SHARE = 0.6
"""A first paragraph that no other line sets apart is a standfirst where it is that much shorter than the usual one."""
_DATE_LINE_MAX = 90
_LOOK = 4000
"""Characters of running text with which a headline must share words."""
_CANDIDATES_MAX = 60
"""Of more, those at the top and those right before the text are looked at."""
_SCORE_MIN = 0.2
_NEAR_BEST = 0.65
"""The first line whose score comes that near to the best is the headline: what stands below repeats its words."""
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]{2,}")
_WORD = re.compile(r"[^\W\d_]{4,}")
_STEM = 6
_BREADCRUMB = re.compile(r"\s[>»›]\s|>>")
_SEPARATORS = frozenset({Label.BYLINE, Label.DATE, Label.CAPTION, Label.IMAGE_CREDIT, Label.SOURCE_CREDIT, Label.NOISE})


def label_head(lines: list[Line], labels: list[Label | None], first: int) -> int:
    """Label the blocks before and around the first paragraph (`first`); returns where the running text begins."""
    _label_head_relations(lines, labels, first)
    headline = _headline(lines, labels, first)
    if headline is not None:
        _label_headline(lines, labels, headline, first)
    if headline is not None:
        first = next((i for i in range(headline + 1, first) if labels[i] is None and _is_paragraph(lines[i])), first)
    for index in range(first):
        if labels[index] is None:
            labels[index] = _beside(lines, index, headline)
    lead = _short_lead(lines, labels, headline, first)
    if lead is not None:
        labels[lead] = Label.LEAD
    elif first < len(lines) and labels[first] is None and _is_lead(lines, labels, first, headline):
        labels[first] = Label.LEAD
        _label_below_lead(lines, labels, first)
        return first + 1
    return first


def _is_paragraph(line: Line) -> bool:
    return line.clue is Clue.PROSE and line.ends


def _label_below_lead(lines: list[Line], labels: list[Label | None], lead: int) -> None:
    """Names and dates that stand between the standfirst and the running text."""
    for index in range(lead + 1, len(lines)):
        line = lines[index]
        if line.clue is Clue.PROSE:
            return
        if labels[index] is None and is_signature(line.block.text):
            labels[index] = Label.BYLINE
        elif labels[index] is None and line.length <= _DATE_LINE_MAX and is_date_line(line.block.text, others=3):
            labels[index] = Label.DATE


def _label_head_relations(lines: list[Line], labels: list[Label | None], first: int) -> None:
    """A related box before the text is taken only where its layout shows its end: what follows may be the headline."""
    for index in range(first - 1):
        if lines[index].clue is Clue.RELATED_HEADING and not lines[index + 1].block.gap:
            end = index + 1
            while end < first and not lines[end].block.gap:
                end += 1
            label_related(lines, labels, index, limit=end)


def _headline(lines: list[Line], labels: list[Label | None], first: int) -> int | None:
    """The line before the running text that shares most words with it, early lines preferred."""
    candidates = [
        i
        for i in range(first)
        if labels[i] is None
        and lines[i].clue in (Clue.SHORT, Clue.PROSE)
        and _HEADLINE_MIN <= lines[i].length <= _HEADLINE_MAX
        and (lines[i].words >= 2 or i == 0)
        and not _BREADCRUMB.search(lines[i].block.text)
        and not read_dateline(lines[i].block.text)
        and not (lines[i].length <= _DATE_LINE_MAX and is_date_line(lines[i].block.text, others=2))
    ]
    if not candidates:
        return None
    if len(candidates) > _CANDIDATES_MAX:
        candidates = candidates[: _CANDIDATES_MAX // 2] + candidates[-_CANDIDATES_MAX // 2 :]
    texts = [lines[i].block.text for i in candidates]
    candidates = [i for i in candidates if not _holds_another(lines[i].block.text, texts)]
    stems = _stems(lines, first)
    keys = [fold(lines[i].block.text) for i in candidates]
    top = next((i for i in range(first) if lines[i].clue is not Clue.NOISE), 0)
    scores = [
        _score(lines[i], stems, distance=first - i)
        + (0.3 if keys.count(key) > 1 else 0.0)
        + (0.2 if i == top and lines[i].length >= 20 else 0.0)
        for i, key in zip(candidates, keys, strict=True)
    ]
    best = max(scores)
    if best < _SCORE_MIN:
        return None
    chosen = next(k for k, score in enumerate(scores) if score >= _NEAR_BEST * best)
    above = chosen - 1
    if (
        above >= 0
        and candidates[chosen] - candidates[above] == 1
        and _tops(lines[candidates[above]], scores[above], best)
    ):
        return candidates[above]
    return candidates[chosen]


def _holds_another(text: str, texts: list[str]) -> bool:
    """A breadcrumb, a page title with the site's name, kicker and headline in one line: the headline has its own."""
    return any(
        len(text) > len(other) >= _HEADLINE_MIN
        and (text.endswith(other) or (text.startswith(other) and text[len(other) :].lstrip()[:1] in tuple("|-–—»•")))
        for other in texts
    )


def _tops(line: Line, score: float, best: float) -> bool:
    """Whether the line right above a likely headline is the headline itself, and the other one its subtitle."""
    return line.length >= 30 and line.words >= 5 and score >= 0.4 * best


def _score(line: Line, stems: set[str], *, distance: int) -> float:
    """How much a line looks like the headline of the text whose word stems are given."""
    text = line.block.text
    words = _content_stems(text)
    shared = sum(word in stems for word in words) / len(words) if words else 0.3
    score = shared * min(1.0, 0.4 + 0.1 * line.words) - 0.01 * min(distance, 20)
    score += 0.15 if line.length >= 30 else 0.0
    score -= 0.15 if text[-1:] in ".:" else 0.0
    score -= 0.25 if is_name(text) else 0.0
    score -= 0.2 if line.block.listed else 0.0
    score -= 0.2 if " | " in text else 0.0
    score -= 0.2 if line.words == 1 else 0.0
    score -= 0.4 if line.length <= _DATE_LINE_MAX and is_date_line(text, others=4) else 0.0
    return score


def _content_stems(text: str) -> list[str]:
    """The beginnings of the longer words; pairs of characters in scripts without blanks."""
    dense = _DENSE.findall(text)
    if dense:
        return [run[i : i + 2] for run in dense for i in range(len(run) - 1)]
    return [word[:_STEM] for word in _WORD.findall(text.casefold())]


def _stems(lines: list[Line], first: int) -> set[str]:
    stems: set[str] = set()
    length = 0
    for line in lines[first:]:
        if line.clue is Clue.PROSE:
            stems.update(_content_stems(line.block.text[:_LOOK]))
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
    if line.length <= _DATE_LINE_MAX and not line.ends and is_date_line(text, others=8):
        return Label.DATE
    if headline is not None and index < headline:
        near = headline - index <= 3
        return Label.KICKER if near and line.length <= 60 else Label.NOISE
    return Label.BYLINE if is_signature(text) else Label.NOISE


def _short_lead(lines: list[Line], labels: list[Label | None], headline: int | None, first: int) -> int | None:
    """A standfirst too short to be running text: the line right below the headline."""
    if headline is None:
        return None
    title = lines[headline].block.text
    for index in range(headline + 1, min(headline + 4, first)):
        line = lines[index]
        if (
            labels[index] is Label.NOISE
            and line.clue is Clue.SHORT
            and line.length >= 50
            and line.words >= 6
            and title not in line.block.text
        ):
            return index
        if labels[index] not in (Label.HEADLINE, Label.DATE, Label.BYLINE, Label.NOISE):
            return None
    return None


def _is_lead(lines: list[Line], labels: list[Label | None], first: int, headline: int | None) -> bool:
    """Whether the first paragraph is a standfirst: set apart from the text by other lines, or much shorter than it."""
    line = lines[first]
    if line.length > _LEAD_MAX or read_dateline(line.block.text) or (line.block.listed and headline is None):
        return False
    following = [i for i in range(first + 1, len(lines)) if lines[i].clue is Clue.PROSE and labels[i] is None][:3]
    if not following:
        return False
    between = range(first + 1, following[0])
    if between and all(labels[i] in _SEPARATORS or labels[i] is None for i in between) and len(between) <= 12:
        return True
    if headline is None:
        return False
    lengths = sorted(lines[i].length for i in following)
    return line.length < _LEAD_SHARE * lengths[len(lengths) // 2]
