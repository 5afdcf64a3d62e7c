"""Choose the line of a page text that is its headline: a weighted sum of signs, weights in `data/heads.toml`.

`[headline]` ranks the lines of a page among each other, `[is_headline]` says whether the best one is a headline at all:
dumps often lack it. Both were fitted to labelled pages; signs are counts, positions and shapes, never words.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections import Counter
from functools import cache, lru_cache
from itertools import accumulate, islice
from math import log1p
from operator import mul
from pathlib import Path

from etl.transform.bylines import is_name
from etl.transform.clues import Clue, Line
from etl.transform.datelines import read_dateline
from etl.transform.dates import is_date_line

WEIGHTS = Path(__file__).parent / "data" / "heads.toml"
_SIGNS = """
    short dot long tiny opens_page position in_text in_first_text share_in_text holds_another inside_another date
    mass_below prose_before below_prose below_short above_date byline_second apart_above apart_below
"""
SIGNS = tuple(_SIGNS.split())
_CLUES = frozenset({Clue.SHORT, Clue.PROSE, Clue.CAPTION, Clue.READ_ALSO, Clue.DATE})
_LENGTH_MIN, _LENGTH_MAX = 3, 240
_LONG, _TINY = 110, 20
PARAGRAPH = 120
_PARAGRAPHS_MAX = 3
"""The headline stands before the third paragraph of that many characters: notices and captions may precede it."""
_LOOK = 150
"""Lines that are looked at."""
_CANDIDATES_MAX = 60
"""Of more, those at the top and those right before the text are looked at."""
_TEXT_MAX, _LINE_MAX = 8000, 1000
_NEAR = 1.25
_TOLD = 2 / 6
_NAME_WORDS = 3
_BELOW = 15
_DATE_LINE_MAX = 90
_PART_MIN = 12
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]{2,}")
_STEM = re.compile(r"([^\W\d_]{4,6})[^\W\d_]*+")
_REMEMBERED = 128
"""Lines whose stems are remembered: those of a page, of which headline and lead are both chosen by stems."""


def choose_headline(lines: list[Line], end: int = _LOOK) -> int | None:
    """The index of the headline, before line `end`; None where no line looks like one."""
    candidates = candidates_of(lines, end)
    if not candidates:
        return None
    rows = signs_of(lines, candidates)
    rank, accept, bias = _weights()
    scores = [sum(map(mul, rank, row)) for row in rows]
    best = scores.index(max(scores))
    if best and scores[best - 1] >= scores[best] - _NEAR and _tops(lines, candidates[best - 1], rows[best - 1]):
        best -= candidates[best] == candidates[best - 1] + 1  # the better one is its second line
    return candidates[best] if sum(map(mul, accept, rows[best])) + bias > 0 else None


def _tops(lines: list[Line], index: int, signs: tuple[float, ...]) -> bool:
    """Whether a line may be a headline above a second line that says more of the text's words."""
    found = dict(zip(SIGNS, signs, strict=True))
    told = found["in_text"] >= _TOLD and not found["date"] and not found["holds_another"]
    return bool(found["short"]) and lines[index].length >= _TINY and lines[index].words > _NAME_WORDS and told


@cache
def _weights() -> tuple[tuple[float, ...], tuple[float, ...], float]:
    tables = tomllib.loads(WEIGHTS.read_text(encoding="utf-8"))
    rank, accept = (tuple(tables[name][sign] for sign in SIGNS) for name in ("headline", "is_headline"))
    return rank, accept, tables["is_headline"]["bias"]


def candidates_of(lines: list[Line], end: int = _LOOK) -> list[int]:
    """The lines before `end` that may be the headline; where the page has main headings among them, only those."""
    paragraphs = [
        i for i, line in enumerate(lines) if line.clue is Clue.PROSE and line.ends and line.length >= PARAGRAPH
    ]
    end = min([*paragraphs[_PARAGRAPHS_MAX - 1 :][:1], len(lines), end])
    first = next((i for i, line in enumerate(lines) if line.clue is Clue.PROSE), end)
    found = [
        i
        for i in range(end)
        if lines[i].clue in _CLUES
        and _LENGTH_MIN <= lines[i].length <= _LENGTH_MAX
        and not (i > first and lines[i - 1].clue is Clue.RELATED_HEADING)
        and read_dateline(lines[i].block.text) is None
    ]
    found = [i for i in found if (mark := lines[i].block.markup) and mark.tag == "h1"] or found
    if len(found) > _CANDIDATES_MAX:
        found = found[: _CANDIDATES_MAX // 2] + found[-_CANDIDATES_MAX // 2 :]
    return found


def signs_of(lines: list[Line], candidates: list[int]) -> list[tuple[float, ...]]:
    """A row a candidate, columns as in `SIGNS`."""
    text = _Text(lines)
    texts = [lines[index].block.text for index in candidates]
    gaps = [line.block.gap for line in lines[1:]]
    laid_out = any(gaps) and not all(gaps)  # else empty lines say nothing
    return [_signs(lines, index, text, texts, laid_out=laid_out) for index in candidates]


class _Text:
    """The running text of a page: in how many of its lines each word stem stands."""

    def __init__(self, lines: list[Line]) -> None:
        self.prose = [i for i, line in enumerate(lines) if line.clue is Clue.PROSE]
        self.stems: dict[int, set[str]] = {}
        self.counts: Counter[str] = Counter()
        total = 0
        for index in self.prose:
            self.stems[index] = set(stems_of(lines[index].block.text[:_LINE_MAX]))
            self.counts.update(self.stems[index])
            total += lines[index].length
            if total > _TEXT_MAX:
                break
        lengths = (line.length if line.clue is Clue.PROSE else 0 for line in lines)
        self.mass = [0, *accumulate(lengths)]
        """Characters of prose before each line."""

    def first_stems(self, lines: list[Line], index: int) -> set[str]:
        """Those of the first two paragraphs after `index`."""
        after = self.prose[bisect_right(self.prose, index) :]
        ended = islice((i for i in after if lines[i].ends), 2)
        return set().union(*(self.stems.get(i, ()) for i in ended))


def _signs(lines: list[Line], index: int, text: _Text, texts: list[str], *, laid_out: bool) -> tuple[float, ...]:
    line = lines[index]
    words = line.block.text
    stems = stems_of(words)
    own = text.stems.get(index, ())
    known = sum(text.counts[stem] > (stem in own) for stem in stems)
    first = text.first_stems(lines, index)
    above = lines[index - 1] if index else None
    below = lines[index + 1] if index + 1 < len(lines) else None
    second = lines[index + 2] if index + 2 < len(lines) else None
    return (
        line.clue is Clue.SHORT,
        words.endswith("."),
        line.length > _LONG,
        line.length < _TINY,
        index == 0,
        log1p(index),
        min(known, 6) / 6,
        min(sum(stem in first for stem in stems), 4) / 4,
        min(1.0, 0.4 + 0.1 * line.words) * (known / len(stems) if stems else 0.3),
        any(_holds(words, other) for other in texts),
        any(
            len(other) > len(words) >= _PART_MIN and other.startswith(words) | other.endswith(words) for other in texts
        ),
        line.length <= _DATE_LINE_MAX and is_date_line(words, others=8),
        log1p(text.mass[min(index + 1 + _BELOW, len(lines))] - text.mass[index + 1]) / 8,
        any(before.clue is Clue.PROSE and before.length >= PARAGRAPH for before in lines[max(0, index - 30) : index]),
        above is not None and above.clue is Clue.PROSE,
        above is not None and above.clue is Clue.SHORT and above.words > 3,
        below is not None and _dates(below),
        second is not None and _names(second),
        laid_out and line.block.gap,
        laid_out and (below is None or below.block.gap),
    )


def _dates(line: Line) -> bool:
    return line.clue is Clue.DATE or (line.length <= 60 and is_date_line(line.block.text, others=4))


def _names(line: Line) -> bool:
    return line.clue is Clue.BYLINE or is_name(line.block.text)


def _holds(text: str, other: str) -> bool:
    """A breadcrumb, a page title with the site's name, kicker and headline in one line: the headline has its own."""
    return len(text) > len(other) >= _PART_MIN and (
        text.endswith(other) or (text.startswith(other) and text[len(other) :].lstrip()[:1] in tuple("|-–—»•"))
    )


@lru_cache(maxsize=_REMEMBERED)
def stems_of(text: str) -> tuple[str, ...]:
    """The beginnings of the longer words; pairs of characters in scripts without blanks."""
    dense = () if text.isascii() else _DENSE.findall(text)
    if dense:
        return tuple(run[i : i + 2] for run in dense for i in range(len(run) - 1))
    return tuple(_STEM.findall(text.casefold()))
