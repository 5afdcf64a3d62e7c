"""Read the lines of a related block as items: which is a section, a title, a teaser, an image caption, which is none.

The items of a block repeat one shape (section, title, teaser; picture text, title; title; ...). Every shape is tried on
the whole block: what each line looks like by itself scores the roles it may play, parts that an item lacks cost, and
the shape with the best reading (Viterbi) wins. Scores are rough by design: a block's regularity decides, not one line.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from etl.transform.blocks import Label
from etl.transform.bylines import begins_with_given_name, is_name
from etl.transform.clues import Clue, Line
from etl.transform.dates import is_date_line
from etl.transform.lexicon import fold, lexicon, line_key
from etl.transform.tails import TEASER_MAX, says_age

ROLES = "QTUVN"
"""Section, title, teaser, image caption, none of these; indexes into `Scores`."""
ROLE_LABELS = {
    "Q": Label.RELATED_SECTION,
    "T": Label.RELATED_TITLE,
    "U": Label.RELATED_TEASER,
    "V": Label.RELATED_CAPTION,
    "N": Label.NOISE,
}
Scores = tuple[float, float, float, float, float]
SECTION_MAX = 32
SECTION_WORDS = 3
_TITLE_MAX = 250
_TEASER_MIN = 25
_SHORT_TITLE = 20
"""A label of the most words and so many characters may as well be a title."""
_TEASER_WORDS = 5
_ASKING_MAX = 120
_DATE_LINE_MAX = 60
_LINES_MAX = 80
"""Lines of a block that are read; the rest of a longer one is a listing of the site."""
_SHAPES = ("T", "TU", "QT", "QTU", "TQ", "TUQ")
_PICTURED = ("VT", "VTU", "VQT", "VQTU", "QVT", "QVTU", "TVU", "QTVU")
_PICTURE = ROLES.index("V")
_MAY_PLAY = -0.6
_CAPTION_SURE = 1.0
_PART = 0.5
"""What each part of a shape costs at once: the simpler of two shapes that fit alike is right."""
_PICTURED_LESS = 0.2
_LATE_PICTURE = 1.2
_LATE_SECTION = 1.0
"""Rare orders cost more."""
_LACK = {"Q": 2.0, "U": 1.6, "V": 0.45, "T": float("inf")}
"""What an item costs that lacks a part of its shape."""
_LACK_ANCHORED = {**_LACK, "U": 0.3, "V": 0.05}
"""The same where titles are known by sections or links: only some may have teasers and pictures."""
_END = 0.2
"""What it costs that lines after the last item are none."""
_BULLETS_MIN = 2
_OTHERS = 4
"""Words besides a date that a line of a date may hold, such as the minutes that reading takes."""
_UNEVEN = 0.3
"""A part that stands after an empty line in some items and not in others."""
_NEVER = -20.0
NOT_ITEM: Scores = (_NEVER, _NEVER, _NEVER, _NEVER, 0.0)
_NOT_ITEMS = frozenset(
    {
        Clue.NOISE,
        Clue.NOTICE,
        Clue.AGO,
        Clue.DATE,
        Clue.BYLINE,
        Clue.NAMED_CREDIT,
        Clue.SOURCE_CREDIT,
        Clue.IMAGE_CREDIT,
        Clue.TOPICS,
        Clue.AUTHOR_BOX,
        Clue.COMMENTS,
        Clue.LISTING,
        Clue.RELATED_HEADING,
    }
)
_TOOLS = frozenset({"tool", "ago"})
_NUMBER = re.compile(r"\d{1,2}[.)]\s+")
_READING = re.compile(r"\b\d{1,3}\s?(?:min|мин|хв|λεπτ|dk|分|분)", re.IGNORECASE)
"""How long reading takes."""
_COLONS = ":："
_RIGHTS = ("©", "(c)", "(C)")


class Reading(NamedTuple):
    """The roles of the lines of a block."""

    roles: str
    score: float


def read_shapes(lines: list[Line], scores: list[Scores], *, linked: bool = False) -> Reading:
    """The best reading of a block's lines; no roles but `N` where nothing looks like an item.

    Args:
        lines: The lines below the heading.
        scores: What `score_lines` gives for them, or that with more evidence.
        linked: Links tell which lines are titles, so that lacking teasers say nothing.
    """
    best = Reading("N" * len(lines), 0.0)
    known = linked or _is_bulleted(lines)
    read, scores = lines[:_LINES_MAX], scores[:_LINES_MAX]
    for shapes in (_SHAPES, _PICTURED):
        if shapes is _PICTURED and not _is_pictured(best.roles, scores):
            break
        for shape in _possible(shapes, scores):
            anchored = known or "Q" in shape
            roles, score = _read(shape, scores, anchored=anchored)
            score -= _price(shape, anchored=anchored) + _unevenness(read, roles)
            if score > best.score:
                best = Reading(roles.ljust(len(lines), "N"), score)
    return best._replace(roles=_with_lone_captions(best.roles, scores))


def _with_lone_captions(roles: str, scores: list[Scores]) -> str:
    """The roles, with captions that so few items have that no shape holds them: right before a section or title."""
    found = [
        "V" if role == "N" and score[_PICTURE] >= _CAPTION_SURE and following in "QT" else role
        for role, following, score in zip(roles, roles[1:], scores, strict=False)
    ]
    return "".join(found) + roles[len(found) :]


def _is_pictured(roles: str, scores: list[Scores]) -> bool:
    """Whether some line may be an image caption: it looks like one, or has no other role yet."""
    return any(
        score is not NOT_ITEM and (score[_PICTURE] >= _CAPTION_SURE or role == "N")
        for role, score in zip(roles, scores, strict=False)
    )


def score_lines(lines: list[Line]) -> list[Scores]:
    """How well each line of a block of page text fits each role."""
    scores = [_score_line(line) for line in lines]
    doubled = any(line.clue is Clue.DOUBLED for line in lines)
    bulleted = _is_bulleted(lines)
    for index, line in enumerate(lines):
        if scores[index] is NOT_ITEM:
            continue
        following = lines[index + 1 : index + 4]
        if following and _is_picture_credit(following[0]):
            scores[index] = (-2.0, -2.0, -2.0, 1.5, -0.5)
        elif any(line.block.text == later.block.text for later in following):
            scores[index] = _plus(scores[index], title=-3.0, picture=1.5)
        if doubled and line.clue is not Clue.DOUBLED:
            before = bool(following) and following[0].clue is Clue.DOUBLED
            scores[index] = _plus(scores[index], title=-3.0, picture=2.0 if before else 0.0)
        elif bulleted:
            below = index > 0 and lines[index - 1].block.listed and not line.block.listed
            scores[index] = _plus(scores[index], title=-1.0 if below else 0.5, teaser=1.0 if below else 0.0)
        if index and scores[index - 1] is NOT_ITEM:
            scores[index] = _plus(scores[index], teaser=-0.3)
    return scores


def _is_bulleted(lines: list[Line]) -> bool:
    return sum(line.block.listed and not line.block.text[0].isdigit() for line in lines) >= _BULLETS_MIN


def _plus(scores: Scores, title: float = 0.0, teaser: float = 0.0, picture: float = 0.0) -> Scores:
    section, *_, none = scores
    return (section, scores[1] + title, scores[2] + teaser, scores[3] + picture, none)


def _is_picture_credit(line: Line) -> bool:
    return line.clue is Clue.IMAGE_CREDIT or line.block.text.startswith(_RIGHTS)


def _score_line(line: Line) -> Scores:
    text = line.block.text
    if line.clue is Clue.DOUBLED:
        return (_NEVER, 4.0, -2.0, -2.0, -2.0)
    if line.clue is Clue.READ_ALSO:
        return (-2.0, 2.0, -2.0, -2.0, -2.0)
    if line.clue is Clue.CAPTION:
        return (-3.0, -3.0, -1.0, 1.5, 0.0)
    if line.clue in _NOT_ITEMS or "\t" in text or text.startswith(_RIGHTS) or _is_numbered_tool(text):
        return NOT_ITEM
    if is_name(text) and begins_with_given_name(text):
        return NOT_ITEM
    if lexicon().headings.get(line_key(text)) in _TOOLS:
        return NOT_ITEM
    if line.length <= _DATE_LINE_MAX and not line.ends and _is_dated(text):
        return NOT_ITEM
    return _score_prose(line) if line.clue is Clue.PROSE else _score_short(line)


def _is_dated(text: str) -> bool:
    return bool(_READING.search(text)) or says_age(text) or is_date_line(text, others=_OTHERS)


def _score_prose(line: Line) -> Scores:
    text = line.block.text
    if line.length > TEASER_MAX:
        return (_NEVER, -5.0, -1.0 if line.length <= 2 * TEASER_MAX else -3.0, -1.0, -0.5)
    if not line.ends or (text[-1] in "?!？！" and line.length <= _ASKING_MAX):
        return (-5.0, 0.6 if line.length <= _TITLE_MAX else -4.0, 0.3, -0.2, -1.0)
    return (-5.0, -1.5, 1.0, 0.0, -0.8)


def _score_short(line: Line) -> Scores:
    text = line.block.text
    if is_label(line):
        if line.words == SECTION_WORDS and line.length >= _SHORT_TITLE:
            return (1.0, 0.0, -3.0, -0.7, -1.0)
        return (1.4, -1.5 if line.words > 1 else -2.5, -3.0, -0.7, -1.0)
    if text[-1] in _COLONS:
        return (-1.5, -2.0, -2.0, -1.5, 0.0)
    if line.ends and text[-1] not in "?!？！":
        if line.length < _TEASER_MIN:
            return (-3.0, -0.8, -0.3, -0.5, -0.6)
        return (-3.0, -0.8, 0.8, 0.0, -0.7)
    asks = text[-1] in "?!？！"
    section = 0.8 if " / " in text and line.length <= 2 * SECTION_MAX else -0.8 if line.length <= 40 else -2.0
    teaser = 0.0 if line.words >= _TEASER_WORDS and not asks else -0.9
    return (section, 1.0, teaser, -0.2, -0.8)


def is_label(line: Line, words: int = SECTION_WORDS) -> bool:
    """A label such as `Wirtschaft`, too short to be a title."""
    return line.words <= words and line.length <= SECTION_MAX and not line.ends and line.block.text[-1] not in _COLONS


def _is_numbered_tool(text: str) -> bool:
    number = _NUMBER.match(text)
    return number is not None and lexicon().headings.get(fold(text[number.end() :])) == "tool"


def _possible(shapes: tuple[str, ...], scores: list[Scores]) -> list[str]:
    """The shapes whose parts some line may play."""
    possible = {role for index, role in enumerate(ROLES) if any(score[index] > _MAY_PLAY for score in scores)}
    return [shape for shape in shapes if possible.issuperset(shape)]


def _price(shape: str, *, anchored: bool) -> float:
    price = _PART * (len(shape) - 1)
    price -= _PICTURED_LESS if anchored and "V" in shape else 0.0
    price += _LATE_PICTURE if "TV" in shape else 0.0
    return price + (_LATE_SECTION if shape.endswith("Q") else 0.0)


@cache
def _steps(shape: str, *, anchored: bool) -> tuple[tuple[float, ...], tuple[tuple[float, ...], ...], tuple[float, ...]]:
    """What it costs to begin with a part, to go from one to another (in this item or the next), to end after one."""
    count = len(shape)
    lack = _LACK_ANCHORED if anchored else _LACK

    def skipped(start: int, stop: int) -> float:
        return sum(lack[part] for part in shape[start:stop])

    begin = tuple(skipped(0, to) for to in range(count))
    end = tuple(skipped(at + 1, count) for at in range(count))
    go = tuple(
        tuple(skipped(at + 1, to) if to > at else skipped(at + 1, count) + skipped(0, to) for to in range(count))
        for at in range(count)
    )
    return begin, go, end


def _read(shape: str, scores: list[Scores], *, anchored: bool) -> tuple[str, float]:
    """The best roles of the lines where items have this shape (or lack parts of it), and their score.

    States are the part that was read last, `count` for none yet.
    """
    begin, go, end = _steps(shape, anchored=anchored)
    count = len(shape)
    parts = [ROLES.index(part) for part in shape]
    none = ROLES.index("N")
    state = [float("-inf")] * count + [0.0]
    trace: list[list[int]] = []
    best, ended = 0.0, (0, count)
    for score in scores:
        following = [value + score[none] for value in state]
        came = [-1] * (count + 1)
        for to in range(count):
            value, source = state[count] - begin[to], count
            for at in range(count):
                if state[at] - go[at][to] > value:
                    value, source = state[at] - go[at][to], at
            value += score[parts[to]]
            if value > following[to]:
                following[to], came[to] = value, source
        state = following
        trace.append(came)
        value, at = max((state[at] - end[at], at) for at in range(count))
        value -= _END if len(trace) < len(scores) else 0.0
        if value > best:
            best, ended = value, (len(trace), at)
    return _traced(shape, trace, ended, len(scores)), best


def _traced(shape: str, trace: list[list[int]], ended: tuple[int, int], count: int) -> str:
    """The roles on the way back from the last line and part that were read."""
    roles = ["N"] * count
    number, at = ended
    while number and at != len(shape):
        number -= 1
        source = trace[number][at]
        if source >= 0:
            roles[number] = shape[at]
            at = source
    return "".join(roles)


def _unevenness(lines: list[Line], roles: str) -> float:
    """What it costs that equal parts stand apart from what is before them in some items only."""
    cost = 0.0
    for role in set(roles) - {"N"}:
        gaps = [line.block.gap for line, played in zip(lines[1:], roles[1:], strict=True) if played == role]
        cost += _UNEVEN * min(gaps.count(True), gaps.count(False))
    return cost
