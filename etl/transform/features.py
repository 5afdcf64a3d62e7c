"""Turn the lines of a page into numbers for the model: counts, positions, shapes, hits in word lists, never words.

One row a line. Columns of the neighbouring lines are set beside its own (`_STEPS`), so that the model sees what a
what a reader sees: a line among others.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from math import log1p
from statistics import median

import numpy as np
from numpy.typing import NDArray

from etl.transform.blocks import Label
from etl.transform.clues import Clue, Line
from etl.transform.dom import TAG_BITS, hint_names
from etl.transform.lexicon import casefold, lexicon

Matrix = NDArray[np.float64]

_CLUES = {clue: index for index, clue in enumerate(Clue)}
_LABELS = {label: index for index, label in enumerate(Label)}
_FORMS = {"image": 0, "source": 1, "named": 2}
_TAG_NAMES = "p div li h1 h2 h3 h4 tr blockquote figcaption section article dd body header main ul"
_TAGS = {tag: index for index, tag in enumerate(_TAG_NAMES.split())}
_HINTS = len(hint_names())
_WINDOWS = (2, 5, 10)
_HEAD = 100
"""Characters of a line whose signs are counted."""
_FAR = 30
"""Distances in lines beyond this are all the same."""
_NEVER = 100_000
_DIGITS = re.compile(r"\d")
_CAPITALS = re.compile(r"[A-ZÀ-ÞА-ЯΑ-Ω]")
_SIGNS = re.compile(r"[\W_]+")
_COMPARED = 160
"""Characters of a line that are looked for in the text stated for machines."""
_BODY_MIN = 200
"""A shorter text stated for machines is a summary."""
_STEPS = (-3, -2, -1, 1, 2, 3)
_OUTSIDE = -1.0
"""The columns of lines before the first and after the last."""
_OPENERS = {
    Clue.RELATED_HEADING: "related",
    Clue.LISTING: "listing",
    Clue.COMMENTS: "comments",
    Clue.AUTHOR_BOX: "comments",
}
_QUOTES = frozenset("\"“„«»‘'‚›‹「『")
_APPEAL_MIN, _APPEAL_LOOK = 30, 400
_STOPS = re.compile(r"[.,:;!?()\"“”„«»]+")
_PRICE = re.compile(r"[€$£¥₹]\s?\d|\d\s?(?:€|euros?\b|kr\b|zł|₺|₽|Kč)|\d{3,}[-/ ]\d{4,}|\(\d+\)$", re.IGNORECASE)
_NEIGHBOURS = (-3, -2, -1, 1, 2, 3)

_OWN_NAMES = """
    length words ends digits capitals commas sentences quoted lower asks colon ellipsis listed repeated piped bracketed
    address word_length gap place place_from_end position lines prose_share_before prose_before prose_after prose
    length_to_usual since_related since_listing since_comments seen_related seen_listing seen_comments ago_before
    notices addresses priced
"""
_MARKED_NAMES = """
    linked strong hidden has_link mass mass_share is_main depth members side distance extra missing in_metadata
    container_distance new_container
"""
_BESIDE_NAMES = """
    length ends repeated clue_prose clue_short clue_noise clue_related_heading clue_date clue_caption
    clue_image_credit clue_read_also label_body
"""
_BESIDE_MARKED_NAMES = """
    linked strong is_main mass in_metadata new_container tag_p tag_h2 tag_h3 tag_li tag_div around_related
    around_teaser around_comment
"""
_OWN, _MARKED = _OWN_NAMES.split(), _MARKED_NAMES.split()
_BESIDE, _BESIDE_MARKED = _BESIDE_NAMES.split(), _BESIDE_MARKED_NAMES.split()


@cache
def columns(*, marked: bool) -> tuple[str, ...]:
    """The names of the columns, for training and for looking at weights."""
    own = _own_columns(marked=marked)
    beside = [own[index] for index in _beside(marked=marked)]
    return (
        *own,
        *(f"{step:+d}_{name}" for step in _STEPS for name in beside),
        *(f"prose_within_{width}" for width in _WINDOWS),
    )


@cache
def _own_columns(*, marked: bool) -> tuple[str, ...]:
    own = [*_OWN, *(f"clue_{c}" for c in _CLUES), *(f"credit_{f}" for f in _FORMS), *(f"label_{x}" for x in _LABELS)]
    if marked:
        own += [*_MARKED, *(f"tag_{t}" for t in _TAGS), *(f"in_{t}" for t in TAG_BITS)]
        own += [f"{where}_{name}" for where in ("near", "around") for name in hint_names()]
    return tuple(own)


@cache
def _beside(*, marked: bool) -> tuple[int, ...]:
    own = _own_columns(marked=marked)
    return tuple(own.index(name) for name in (_BESIDE + _BESIDE_MARKED if marked else _BESIDE))


def features(lines: list[Line], labels: list[Label], metadata_body: str = "") -> Matrix:
    """The matrix of a page: one row a line, columns as `columns` names them.

    Args:
        lines: At least one; all with markup, or none.
        labels: What the rules call each line.
        metadata_body: The article text that the page states for machines, as `squeezed` makes it; empty where unknown.
    """
    marked = lines[0].block.markup is not None
    count = len(lines)
    own = np.zeros((count, len(_own_columns(marked=marked))))
    rows = np.arange(count)
    own[:, : len(_OWN)] = _own(lines)
    start = len(_OWN)
    own[rows, [start + _CLUES[line.clue] for line in lines]] = 1
    start += len(_CLUES)
    for row, line in enumerate(lines):
        if line.credit:
            own[row, start + _FORMS[line.credit.form]] = 1
    start += len(_FORMS)
    own[rows, [start + _LABELS[label] for label in labels]] = 1
    start += len(_LABELS)
    if marked:
        _mark(own, start, lines, metadata_body)
    beside = _beside(marked=marked)
    parts = [own]
    for step in _STEPS:
        part = np.full((count, len(beside)), _OUTSIDE)
        if step < 0:
            part[-step:] = own[:step, beside]
        else:
            part[:-step] = own[step:, beside]
        parts.append(part)
    weight = np.array([log1p(line.length) if line.clue is Clue.PROSE else 0.0 for line in lines])
    total = np.concatenate(([0.0], np.cumsum(weight)))
    around = [total[np.minimum(rows + w + 1, count)] - total[np.maximum(rows - w, 0)] for w in _WINDOWS]
    return np.column_stack([*parts, *around])


def squeezed(text: str) -> str:
    """Letters and digits only, case-folded: how texts are compared that were set differently."""
    return _SIGNS.sub("", text).casefold()


def _own(lines: list[Line]) -> list[tuple[float, ...]]:
    count = len(lines)
    prose = [line.length if line.clue is Clue.PROSE else 0 for line in lines]
    total = sum(prose)
    usual = median([length for length in prose if length] or [1])
    repeated = Counter(line.block.text for line in lines)
    before = 0
    since = dict.fromkeys(_OPENERS.values(), _NEVER)
    ago = 0
    rows: list[tuple[float, ...]] = []
    for index, line in enumerate(lines):
        text = line.block.text
        head = text[:_HEAD]
        size = len(head)
        opener = _OPENERS.get(line.clue)
        if opener:
            since[opener] = 0
        ago += line.clue is Clue.AGO
        rows.append(
            (
                log1p(line.length),
                min(line.words, 60),
                line.ends,
                len(_DIGITS.findall(head)) / size,
                len(_CAPITALS.findall(head)) / size,
                head.count(",") + head.count("，") + head.count("、") + head.count(";"),
                min(text.count(". ") + text.count("。"), 6),
                text[0] in _QUOTES,
                text[0].islower(),
                text[-1] in "?!？！",
                text[-1] in ":：",
                text.endswith(("…", "...")),
                line.block.listed,
                min(repeated[text], 4),
                "|" in head,
                text[0] in "([（【",
                "@" in text or "http" in text or "www." in text,
                min(12.0, line.length / line.words),
                line.block.gap,
                min(index, 40),
                min(count - index, 40),
                index / count,
                min(count, 300),
                before / total if total else 0,
                log1p(before),
                log1p(total - before),
                log1p(total),
                min(line.length / usual, 3.0),
                min(since["related"], _FAR),
                min(since["listing"], _FAR),
                min(since["comments"], _FAR),
                since["related"] < _NEVER,
                since["listing"] < _NEVER,
                since["comments"] < _NEVER,
                min(ago, 5),
                *_appeal(text),
            )
        )
        before += prose[index]
        for name, distance in since.items():
            since[name] = min(distance + 1, _NEVER - 1) if distance < _NEVER else _NEVER
    return rows


def _appeal(text: str) -> tuple[int, int, bool]:
    """How much a line speaks to its reader about the site: words of notices and of address, a price or a number."""
    if len(text) < _APPEAL_MIN:
        return 0, 0, False
    lexical = lexicon()
    head = text[:_APPEAL_LOOK]
    words = _STOPS.sub(" ", casefold(head)).split()
    return (
        min(len(lexical.notices.intersection(words)), 4),
        min(len(lexical.addresses.intersection(words)), 4),
        _DIGITS.search(head) is not None and _PRICE.search(head) is not None,
    )


def _mark(own: Matrix, start: int, lines: list[Line], metadata_body: str) -> None:
    """Fill the columns that markup tells, from column `start` on."""
    marks = [line.block.markup for line in lines if line.block.markup]
    mass: Counter[int] = Counter()
    for line, mark in zip(lines, marks, strict=True):
        if line.clue is Clue.PROSE and mark.link_share < 0.5 and not mark.hidden:
            mass[mark.container] += line.length
    total = mass.total() or 1
    main = min(mass, key=lambda container: (-mass[container], container)) if mass else -1
    inside = [index for index, mark in enumerate(marks) if mark.container == main]
    first, last = (inside[0], inside[-1]) if inside else (0, 0)
    depth, chain = (marks[first].depth, marks[first].chain) if inside else (0, 0)
    members = Counter(mark.container for mark in marks)
    known = len(metadata_body) >= _BODY_MIN
    previous = -1
    for row, (line, mark) in enumerate(zip(lines, marks, strict=True)):
        own[row, start : start + len(_MARKED)] = (
            mark.link_share,
            mark.strong_share,
            mark.hidden,
            mark.href is not None,
            log1p(mass[mark.container]),
            mass[mark.container] / total,
            mark.container == main,
            max(-10, min(10, mark.depth - depth)),
            min(members[mark.container], _FAR),
            -1 if row < first else row > last,
            min(_FAR, max(first - row, row - last, 0)),
            (mark.chain & ~chain).bit_count(),
            (chain & ~mark.chain).bit_count(),
            (1 if squeezed(line.block.text[:_COMPARED]) in metadata_body else 0) if known else -1,
            max(-_FAR, min(_FAR, mark.container - main)),
            mark.container != previous,
        )
        previous = mark.container
        tag = _TAGS.get(mark.tag)
        if tag is not None:
            own[row, start + len(_MARKED) + tag] = 1
    start += len(_MARKED) + len(_TAGS)
    for values, bits in (
        ([mark.tags for mark in marks], len(TAG_BITS)),
        ([mark.near for mark in marks], _HINTS),
        ([mark.chain for mark in marks], _HINTS),
    ):
        own[:, start : start + bits] = (np.array(values, dtype=np.int64)[:, None] >> np.arange(bits)) & 1
        start += bits
