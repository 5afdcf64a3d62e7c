"""Find where a page goes on without the article: listings of other articles, and readers' comments."""

from __future__ import annotations

from statistics import median

from etl.transform.blocks import Label
from etl.transform.clues import Clue, Line
from etl.transform.dates import is_date_line, read_stamps
from etl.transform.lexicon import lexicon

TEASER_MAX = 330
_TEASER_SHARE = 0.75
"""The usual teaser has at most that share of the length of the article's usual paragraph."""
_ITEMS_MIN = 4
_TRIES = 12
"""So many of a listing's first items may turn out to be the article's last paragraphs."""
_ARTICLE_MIN = 400
"""Characters of running text that the article must have before anything is taken for its end."""
_ANNOUNCED = frozenset({Clue.RELATED_HEADING, Clue.LISTING, Clue.SOURCE_CREDIT, Clue.COMMENTS, Clue.AUTHOR_BOX})
"""Lines after which no listing without heading is looked for: what stands before them is the article."""
_ENDS = frozenset({Clue.SOURCE_CREDIT, Clue.RELATED_HEADING})
"""What stands between an article and the items below it: a listing does not reach back over these."""
_STAMPS_MIN = 3
_STAMP_LENGTH = 100


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
    """Where readers' comments begin that no heading announces; `len(lines)` where there are none.

    Comments are known by lines that say who wrote when, several of them, each with text after it.
    """
    length = 0
    stamps: list[int] = []
    for index in range(start, len(lines)):
        line = lines[index]
        if line.clue is Clue.PROSE and labels[index] is None and not stamps:
            length += line.length
        elif length >= _ARTICLE_MIN and _is_stamp(line):
            stamps.append(index)
    answered = [i for i in stamps if i + 1 < len(lines) and not _is_stamp(lines[i + 1])]
    return stamps[0] if len(answered) >= _STAMPS_MIN else len(lines)


def _is_stamp(line: Line) -> bool:
    text = line.block.text
    if line.clue is Clue.AGO:
        return True
    if line.length > _STAMP_LENGTH or line.clue not in (Clue.SHORT, Clue.DATE):
        return False
    if text.endswith(lexicon().says):
        return True
    return ":" in text and bool(read_stamps(text)) and is_date_line(text, others=5)
