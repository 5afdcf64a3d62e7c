"""Turn the lines of a page into numbers for the model: counts, positions, shapes, hits in word lists, never words.

One row a line. Columns of the neighbouring lines are set beside its own (`_STEPS`), so that the model sees what a
what a reader sees: a line among others.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Sequence
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
Values = Sequence[float] | NDArray[np.generic] | float
"""Those of a column: one for each line, or one for all."""

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
_DIGIT, _CAPITAL, _COMMA, _KINDS = 1, 2, 3, 4
_CAPITALS = (("A", "Z"), ("À", "Þ"), ("А", "Я"), ("Α", "Ω"))
"""First and last letters."""
_COMMAS = ",，、;"
_SIGNS = re.compile(r"[\W_]+")
_ASCII_SIGNS = bytes(code for code in range(0x80) if not chr(code).isalnum())
_COMPARED = 160
"""Characters of a line that are looked for in the text stated for machines."""
_BODY_MIN = 200
"""A shorter text stated for machines is a summary."""
_STEPS = (-3, -2, -1, 1, 2, 3)
_OUTSIDE = -1.0
"""The columns of lines before the first and after the last."""
_OPENERS = (
    frozenset({Clue.RELATED_HEADING}),
    frozenset({Clue.LISTING}),
    frozenset({Clue.COMMENTS, Clue.AUTHOR_BOX}),
)
_QUOTES = frozenset("\"“„«»‘'‚›‹「『")
_APPEAL_MIN, _APPEAL_LOOK = 30, 400
_STOPS = '.,:;!?()"“”„«»'
_PRICE = re.compile(
    r"\d(?:(?<=[€$£¥₹]\d)|(?<=[€$£¥₹]\s\d)|\s?(?:€|euros?\b|kr\b|zł|₺|₽|Kč)|\d{2,}[-/ ]\d{4,}|(?<=\(\d)\d*\)$)",
    re.IGNORECASE,
)
"""A price, a telephone number, or a number in brackets at the end; all are found by their first digit."""

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
    rows = np.arange(count)
    matrix = np.zeros((count, len(columns(marked=marked))))
    own = matrix[:, : len(_own_columns(marked=marked))]
    sizes = [log1p(line.length) for line in lines]
    for column, values in enumerate(_own(lines, sizes)):
        own[:, column] = values
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
    beside = own[:, _beside(marked=marked)]
    start = own.shape[1]
    for step in _STEPS:
        part = matrix[:, start : start + beside.shape[1]]
        part[:] = _OUTSIDE
        if step < 0:
            part[-step:] = beside[:step]
        else:
            part[:-step] = beside[step:]
        start += beside.shape[1]
    prose = [size if line.clue is Clue.PROSE else 0.0 for line, size in zip(lines, sizes, strict=True)]
    total = np.cumsum([0.0, *prose])
    for column, width in enumerate(_WINDOWS, start):
        matrix[:, column] = total[np.minimum(rows + width + 1, count)] - total[np.maximum(rows - width, 0)]
    return matrix


def squeezed(text: str) -> str:
    """Letters and digits only, case-folded: how texts are compared that were set differently."""
    if text.isascii():
        return text.lower().encode().translate(None, _ASCII_SIGNS).decode()  # the same, and ten times as quick
    return _SIGNS.sub("", text).casefold()


def _own(lines: list[Line], sizes: list[float]) -> list[Values]:
    """The columns of `_OWN`; `sizes` is the first of them."""
    count = len(lines)
    texts = [line.block.text for line in lines]
    heads = [text[:_HEAD] for text in texts]
    counts = _count_signs(heads)
    head_lengths = np.array([len(head) for head in heads])
    lengths = np.array([line.length for line in lines])
    words = np.array([line.words for line in lines])
    places = np.arange(count)
    clues = [line.clue for line in lines]
    prose = np.where([clue is Clue.PROSE for clue in clues], lengths, 0)
    usual = median([length for length in prose.tolist() if length] or [1])
    before = np.cumsum(prose) - prose
    total = int(prose.sum())
    repeated = Counter(texts)
    since, seen = zip(*(_since(clues, opener) for opener in _OPENERS), strict=True)
    appeals = zip(*_appeals(texts), strict=True)
    return [
        sizes,
        np.minimum(words, 60),
        [line.ends for line in lines],
        counts[:, _DIGIT] / head_lengths,
        counts[:, _CAPITAL] / head_lengths,
        counts[:, _COMMA],
        [min(text.count(". ") + text.count("。"), 6) for text in texts],
        [text[0] in _QUOTES for text in texts],
        [text[0].islower() for text in texts],
        [text[-1] in "?!？！" for text in texts],
        [text[-1] in ":：" for text in texts],
        [text.endswith(("…", "...")) for text in texts],
        [line.block.listed for line in lines],
        [min(repeated[text], 4) for text in texts],
        ["|" in head for head in heads],
        [text[0] in "([（【" for text in texts],
        ["@" in text or "http" in text or "www." in text for text in texts],
        np.minimum(12.0, lengths / words),
        [line.block.gap for line in lines],
        np.minimum(places, 40),
        np.minimum(count - places, 40),
        places / count,
        min(count, 300),
        before / total if total else 0.0,
        [log1p(length) for length in before.tolist()],
        [log1p(length) for length in (total - before).tolist()],
        log1p(total),
        np.minimum(lengths / usual, 3.0),
        *since,
        *seen,
        np.minimum(np.cumsum([clue is Clue.AGO for clue in clues]), 5),
        *appeals,
    ]


def _count_signs(heads: list[str]) -> NDArray[np.int64]:
    """How many digits, capitals and commas stand in each text; one row a text, columns as `_sign_kinds` numbers them.

    All texts are counted at once: that takes a tenth of the time of a pattern that is matched in each.
    """
    codes = np.frombuffer("".join(heads).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    rows = np.repeat(np.arange(len(heads)), [len(head) for head in heads])
    return np.bincount(rows * _KINDS + _sign_kinds()[codes], minlength=len(heads) * _KINDS).reshape(-1, _KINDS)


@cache
def _sign_kinds() -> NDArray[np.uint8]:
    """The kind of every character: `_DIGIT`, `_CAPITAL`, `_COMMA`, else 0."""
    kinds = np.zeros(sys.maxunicode + 1, dtype=np.uint8)
    for code in range(sys.maxunicode + 1):
        if chr(code).isdecimal():
            kinds[code] = _DIGIT
    for first, last in _CAPITALS:
        kinds[ord(first) : ord(last) + 1] = _CAPITAL
    for comma in _COMMAS:
        kinds[ord(comma)] = _COMMA
    return kinds


def _since(clues: list[Clue], opener: frozenset[Clue]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """For each line the distance to the last one with such a clue, itself included, and whether there is one."""
    places = np.arange(len(clues))
    last = np.maximum.accumulate(np.where([clue in opener for clue in clues], places, -_FAR))
    return np.minimum(places - last, _FAR), last >= 0


def _appeals(texts: list[str]) -> list[tuple[int, int, bool]]:
    """How much each line speaks to its reader about the site: words of notices and of address, a price or a number."""
    lexical = lexicon()
    heads = [text[:_APPEAL_LOOK] if len(text) >= _APPEAL_MIN else "" for text in texts]
    folded = casefold("\n".join(heads))  # at once: cheaper than line by line
    for stop in _STOPS:
        folded = folded.replace(stop, " ")
    found = []
    for head, words in zip(heads, map(str.split, folded.split("\n")), strict=True):
        telling = lexical.appealing.intersection(words)
        notices = len(telling & lexical.notices) if telling else 0
        addresses = len(telling & lexical.addresses) if telling else 0
        found.append((min(notices, 4), min(addresses, 4), _PRICE.search(head) is not None))
    return found


def _mark(own: Matrix, start: int, lines: list[Line], metadata_body: str) -> None:
    """Fill the columns that markup tells, from column `start` on."""
    marks = [line.block.markup for line in lines if line.block.markup]
    mass: Counter[int] = Counter()
    for line, mark in zip(lines, marks, strict=True):
        if line.clue is Clue.PROSE and mark.link_share < 0.5 and not mark.hidden:
            mass[mark.container] += line.length
    total = mass.total() or 1
    main = min(mass, key=lambda container: (-mass[container], container)) if mass else -1
    containers = [mark.container for mark in marks]
    inside = [index for index, container in enumerate(containers) if container == main]
    first, last = (inside[0], inside[-1]) if inside else (0, 0)
    depth, chain = (marks[first].depth, marks[first].chain) if inside else (0, 0)
    members = Counter(containers)
    known = len(metadata_body) >= _BODY_MIN
    places = np.arange(len(marks))
    inside_of = np.array(containers)
    chains = [mark.chain for mark in marks]
    values: list[Values] = [
        [mark.link_share for mark in marks],
        [mark.strong_share for mark in marks],
        [mark.hidden for mark in marks],
        [mark.href is not None for mark in marks],
        [log1p(mass[container]) for container in containers],
        [mass[container] / total for container in containers],
        inside_of == main,
        np.clip(np.array([mark.depth for mark in marks]) - depth, -10, 10),
        [min(members[container], _FAR) for container in containers],
        np.where(places < first, -1, places > last),
        np.clip(np.maximum(first - places, places - last), 0, _FAR),
        [(around & ~chain).bit_count() for around in chains],
        [(chain & ~around).bit_count() for around in chains],
        [squeezed(line.block.text[:_COMPARED]) in metadata_body for line in lines] if known else -1,
        np.clip(inside_of - main, -_FAR, _FAR),
        np.diff(inside_of, prepend=-1) != 0,
    ]
    for column, each in enumerate(values, start):
        own[:, column] = each
    start += len(_MARKED)
    for row, mark in enumerate(marks):
        tag = _TAGS.get(mark.tag)
        if tag is not None:
            own[row, start + tag] = 1
    start += len(_TAGS)
    for masks, bits in (
        ([mark.tags for mark in marks], len(TAG_BITS)),
        ([mark.near for mark in marks], _HINTS),
        (chains, _HINTS),
    ):
        own[:, start : start + bits] = (np.array(masks, dtype=np.int64)[:, None] >> np.arange(bits)) & 1
        start += bits
