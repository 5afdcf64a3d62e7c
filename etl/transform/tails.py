"""Find where a page goes on without the article: listings of other articles, and readers' comments."""

from __future__ import annotations

import re
from statistics import median

from etl.transform.blocks import Label
from etl.transform.clues import Clue, Line
from etl.transform.dates import is_date_line, read_stamps
from etl.transform.lexicon import fold, lexicon

TEASER_MAX = 330
_DIGIT = re.compile(r"\d")
_TEASER_SHARE = 0.75
"""The usual teaser has at most that share of the length of the article's usual paragraph."""
_ITEMS_MIN = 4
_TRIES = 12
"""So many of a listing's first items may turn out to be the article's last paragraphs."""
_ARTICLE_MIN = 400
"""Characters of running text that the article must have before anything is taken for its end."""
_ANNOUNCED = frozenset({Clue.RELATED_HEADING, Clue.LISTING, Clue.SOURCE_CREDIT, Clue.COMMENTS, Clue.AUTHOR_BOX})
"""Lines after which no listing without heading is looked for: what stands before them is the article."""
_STAMPS_MIN = 3
_STAMP_LENGTH = 100
_BELOW_HEADING = 4
"""Lines below a heading of comments among which the first says who wrote it."""
_AGE_CUTS = 5
_TEXT = frozenset({Label.LEAD, Label.BODY, Label.SUBHEADING})
_COMMENTS_SHARE = 0.5
"""More text than that share of what is before is the article itself, and the line no heading of comments."""


def listing_start(lines: list[Line], labels: list[Label | None], start: int) -> int:
    """Where a listing without heading begins that runs to the end of the page; `len(lines)` where there is none.

    A listing alternates short lines and single teasers that are shorter than the article's paragraphs.
    """
    proses = _open_prose(lines, labels, start)
    announced = max((i for i in range(start, len(lines)) if lines[i].clue in _ANNOUNCED), default=start)
    taken: list[int] = []
    for index in reversed(proses[1:]):
        if index < announced or lines[index].length > TEASER_MAX or (taken and taken[-1] - index < 2):
            break
        taken.append(index)
    for _ in range(_TRIES):
        if len(taken) < _ITEMS_MIN:
            break
        before = [lines[i].length for i in proses if i < taken[-1]]
        if sum(before) >= _ARTICLE_MIN and median(lines[i].length for i in taken) <= _TEASER_SHARE * median(before):
            return _with_title(lines, taken[-1])
        taken.pop()
    return len(lines)


def _open_prose(lines: list[Line], labels: list[Label | None], start: int) -> list[int]:
    return [i for i in range(start, len(lines)) if lines[i].clue is Clue.PROSE and labels[i] is None]


def _with_title(lines: list[Line], index: int) -> int:
    """The short line before a listing's first teaser belongs to the listing."""
    return index - 1 if lines[index - 1].clue in (Clue.SHORT, Clue.CAPTION) and not lines[index - 1].ends else index


def comments_start(lines: list[Line], labels: list[Label | None], start: int) -> int:
    """Where readers' comments begin; `len(lines)` where there are none.

    Comments are known by lines that say who wrote when, each with text after it: several of them after a longer text,
    or one right after a heading of comments, however short the article is.
    """
    length = 0
    stamps: list[int] = []
    for index in range(start, len(lines)):
        line = lines[index]
        if line.clue is Clue.COMMENTS and length and _is_answered(lines, index):
            return min([index, *stamps[:1]])
        if line.clue is Clue.PROSE and labels[index] is None and not stamps:
            length += line.length
        elif length >= _ARTICLE_MIN and is_stamp(line):
            stamps.append(index)
    answered = [i for i in stamps if i + 1 < len(lines) and not is_stamp(lines[i + 1])]
    return stamps[0] if len(answered) >= _STAMPS_MIN else len(lines)


def end_at_comments(lines: list[Line], labels: list[Label]) -> None:
    """Take for noise what passed for article text in readers' comments that a heading or `Name said:` lines show."""
    first = next((i for i, label in enumerate(labels) if label is Label.BODY), len(lines))
    said = [i for i in range(first, len(lines)) if introduces_speech(lines[i].block.text)]
    headings = (i for i in range(first + 1, len(lines)) if lines[i].clue is Clue.COMMENTS and _is_answered(lines, i))
    start = min(next(headings, len(lines)), said[0] if len(said) >= _STAMPS_MIN else len(lines))
    after = sum(lines[i].length for i in range(start, len(lines)) if labels[i] in _TEXT)
    if after and after < _COMMENTS_SHARE * sum(lines[i].length for i in range(start) if labels[i] in _TEXT):
        for index in range(start, len(lines)):
            if labels[index] in _TEXT:
                labels[index] = Label.NOISE


def _is_answered(lines: list[Line], index: int) -> bool:
    """Whether a heading of comments has comments below it."""
    return any(is_stamp(lines[below]) for below in range(index + 1, min(index + 1 + _BELOW_HEADING, len(lines) - 1)))


def is_stamp(line: Line) -> bool:
    """Whether a line says who wrote when: `Name on 3 May 2024 at 10:15`, `Name said:`, `Name, 2 hours ago`."""
    text = line.block.text
    if line.clue is Clue.AGO:
        return True
    if line.length > _STAMP_LENGTH or line.clue not in (Clue.SHORT, Clue.DATE, Clue.BYLINE):
        return False
    if introduces_speech(text) or says_age(text):
        return True
    return ":" in text and bool(read_stamps(text)) and is_date_line(text, others=5)


def introduces_speech(text: str) -> bool:
    """Whether a line says who wrote what follows: `Name said:`."""
    return text.endswith(":") and text.endswith(lexicon().says)  # few lines have the colon, and the verbs are many


def says_age(text: str) -> bool:
    """Whether a line of a few words begins or ends with how long ago something was: `Name 3 hours ago`."""
    if not _DIGIT.search(text):
        return False
    words = fold(text).split()
    kinds = lexicon().headings
    cuts = range(1, min(len(words), _AGE_CUTS + 1))
    return any("ago" in (kinds.get(" ".join(words[cut:])), kinds.get(" ".join(words[:-cut]))) for cut in cuts)
