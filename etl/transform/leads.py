"""Find the lead (standfirst) of an article once its headline and running text are known.

The lead is the line below the headline whose signs weigh most, with the list items and summary that go on from it; none
where having none weighs more. The weights (`data/heads.toml`, `[lead]` for page text, `[lead_marked]` for HTML) were
fitted to labelled pages; signs are counts, positions, shapes and markup, never words.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from functools import cache
from operator import mul
from pathlib import Path
from statistics import median

from etl.transform.blocks import Label, Markup
from etl.transform.clues import Clue, Line
from etl.transform.credits import read_dateline
from etl.transform.dom import TAG_BITS, hint_names
from etl.transform.features import squeezed
from etl.transform.headline_choice import stems_of
from etl.transform.lexicon import fold, lexicon
from etl.transform.metadata import Metadata

_WEIGHTS = Path(__file__).parent / "data" / "heads.toml"
_OWN_NAMES = """
    likely below_headline first short usual below_usual next_longer sentences ends dateline apart in_text in_headline
    body caption noise after_body after_byline after_date before_caption before_date above_byline
"""
_MARKED_NAMES = """
    lead_hint described is_description is_excerpted in_article in_main picture_hint side_hint caption_hint
"""
_CLUES = frozenset({Clue.SHORT, Clue.PROSE, Clue.CAPTION})
_KNOWN = frozenset({Label.HEADLINE, Label.BYLINE, Label.DATE, Label.IMAGE_CREDIT, Label.SOURCE_CREDIT})
"""What is no lead whatever its signs."""
_PICTURES = frozenset({Label.CAPTION, Label.IMAGE_CREDIT})
_LENGTH_MIN = 12
_BELOW = 15
"""Lines below the headline that are looked at, at most up to the third paragraph."""
_PARAGRAPHS = 2
_SAMPLE = 30
"""Paragraphs that say what is usual."""
_LINE_MAX = 1000
_SHORT, _USUAL_MIN, _USUAL_MAX = 40, 120, 300
_SHORTER, _LONGER = 0.9, 1.3
_USUAL = 150
"""Length of a paragraph where the page has none to measure."""
_SENTENCES = re.compile(r"[.!?…] |[。！？]")
_DESCRIPTION_MIN = 30
_DESCRIPTION_CUT = 15
"""Characters at the end of a description that may differ from the lead: descriptions are cut."""
_HINT = {name: 1 << bit for bit, name in enumerate(hint_names())}
_SUMMARY_NEAR, _SUMMARY_MAX = 6, 8
_POINT_LIKELY = 0.3
"""Less likely lines are no points of a summary, unless they are list items."""


def label_lead(lines: list[Line], labels: list[Label], likely: list[float], metadata: Metadata) -> None:
    """Label the lead, in place.

    Args:
        lines: The lines of the page.
        labels: What they are.
        likely: How likely each is article text.
        metadata: What the page states for machines.
    """
    candidates = candidates_of(lines, labels)
    if not candidates:
        return
    weights, none = _weights(marked=lines[0].block.markup is not None)
    scores = [sum(map(mul, weights, row)) for row in signs_of(lines, labels, likely, candidates, metadata)]
    best = max(scores)
    if best > none:
        found = _run(lines, labels, likely, candidates[scores.index(best)])
    else:
        found = _summary(lines, labels, likely, _headline(labels) + 1)
    for index in found:
        labels[index] = Label.LEAD


@cache
def sign_names(*, marked: bool) -> tuple[str, ...]:
    """The names of the columns of `signs_of`."""
    return tuple((_OWN_NAMES + _MARKED_NAMES if marked else _OWN_NAMES).split())


@cache
def _weights(*, marked: bool) -> tuple[tuple[float, ...], float]:
    table = tomllib.loads(_WEIGHTS.read_text(encoding="utf-8"))["lead_marked" if marked else "lead"]
    return tuple(table[sign] for sign in sign_names(marked=marked)), table["none"]


def candidates_of(lines: list[Line], labels: list[Label]) -> list[int]:
    """The lines that may be the lead."""
    start = _headline(labels) + 1
    paragraphs = _paragraphs(lines, labels, start)
    end = min([*paragraphs[_PARAGRAPHS : _PARAGRAPHS + 1], start + _BELOW, len(lines)])
    headline = lines[start - 1].block.text if start else None
    return [
        index
        for index in range(start, end)
        if labels[index] not in _KNOWN
        and lines[index].clue in _CLUES
        and lines[index].length >= _LENGTH_MIN
        and not (headline and headline in lines[index].block.text)
    ]


def _headline(labels: list[Label]) -> int:
    """The last headline above the text, -1 where there is none: pages repeat it."""
    first = labels.index(Label.BODY) if Label.BODY in labels else len(labels)
    found = [index for index, label in enumerate(labels) if label is Label.HEADLINE]
    return max([index for index in found if index < first] or found[:1], default=-1)


def _paragraphs(lines: list[Line], labels: list[Label], start: int) -> list[int]:
    return [i for i in range(start, len(lines)) if labels[i] is Label.BODY and lines[i].clue is Clue.PROSE]


def signs_of(
    lines: list[Line], labels: list[Label], likely: list[float], candidates: list[int], metadata: Metadata
) -> list[tuple[float, ...]]:
    """A row a candidate, columns as in `sign_names`."""
    text = _Text(lines, labels, metadata)
    rows = []
    for index in candidates:
        mark = lines[index].block.markup
        own = _signs(lines, labels, index, text, is_first=index == candidates[0])
        own = (likely[index], *own)
        rows.append((*own, *_markup_signs(lines[index], mark, text)) if mark else own)
    return rows


class _Text:
    """What a page says below its headline, as the signs need it."""

    def __init__(self, lines: list[Line], labels: list[Label], metadata: Metadata) -> None:
        self.headline = _headline(labels)
        self.paragraphs = _paragraphs(lines, labels, self.headline + 1)
        self.usual = median([lines[i].length for i in self.paragraphs[1:_SAMPLE]] or [_USUAL])
        self.sample = frozenset(self.paragraphs[:_SAMPLE])
        self.counts: Counter[str] = Counter()
        for index in self.paragraphs[:_SAMPLE]:
            self.counts.update(set(stems_of(lines[index].block.text[:_LINE_MAX])))
        self.headline_stems = set(stems_of(lines[self.headline].block.text)) if self.headline >= 0 else set()
        description = metadata.description or ""
        self.description = squeezed(description)
        self.description_stems = set(stems_of(description))
        gaps = [line.block.gap for line in lines[1:]]
        self.laid_out = any(gaps) and not all(gaps)  # else empty lines say nothing
        mass: Counter[int] = Counter()
        for index in self.paragraphs:
            mark = lines[index].block.markup
            if mark:
                mass[mark.container] += lines[index].length
        self.main = min(mass, key=lambda container: (-mass[container], container)) if mass else -1


def _signs(lines: list[Line], labels: list[Label], index: int, text: _Text, *, is_first: bool) -> tuple[float, ...]:
    line, label = lines[index], labels[index]
    words = line.block.text
    stems = set(stems_of(words[:_LINE_MAX]))
    own = index in text.sample
    shared = sum(text.counts[stem] > own for stem in stems) / len(stems) if stems else 0.0
    following = next((i for i in text.paragraphs if i > index), None)
    until = min(index + 6, len(lines)) if following is None else following
    above = set(labels[text.headline + 1 : index])
    below = set(labels[index + 1 : until])
    return (
        0 <= text.headline == index - 1,
        is_first,
        line.length < _SHORT,
        _USUAL_MIN <= line.length <= _USUAL_MAX,
        line.length < _SHORTER * text.usual,
        following is not None and lines[following].length > _LONGER * line.length,
        min(len(_SENTENCES.findall(words)), 4) / 4,
        line.ends,
        read_dateline(words) is not None,
        text.laid_out and (index + 1 == len(lines) or lines[index + 1].block.gap),
        shared,
        len(stems & text.headline_stems) / len(stems) if stems else 0.0,
        label is Label.BODY,
        label is Label.CAPTION,
        label in (Label.NOISE, Label.KICKER),
        any(i in text.sample for i in range(text.headline + 1, index)),
        Label.BYLINE in above,
        index > 0 and labels[index - 1] is Label.DATE,
        not _PICTURES.isdisjoint(below),
        Label.DATE in below,
        index + 1 < len(lines) and labels[index + 1] is Label.BYLINE,
    )


def _markup_signs(line: Line, mark: Markup, text: _Text) -> tuple[float, ...]:
    key = squeezed(line.block.text)
    stems = set(stems_of(line.block.text[:_LINE_MAX]))
    described = text.description if len(key) >= _DESCRIPTION_MIN else ""
    cut = described[: max(_DESCRIPTION_MIN, len(described) - _DESCRIPTION_CUT)]
    return (
        bool(mark.chain & _HINT["lead"]),
        len(stems & text.description_stems) / len(stems) if stems else 0.0,
        bool(described) and described.startswith(key),
        bool(described) and key.startswith(cut) and not described.startswith(key),
        bool(mark.tags & TAG_BITS["article"]),
        mark.container == text.main,
        bool(mark.near & _HINT["picture"]),
        bool(mark.near & _HINT["side"]),
        bool(mark.chain & _HINT["caption"]),
    )


def _run(lines: list[Line], labels: list[Label], likely: list[float], first: int) -> list[int]:
    """The lead, the list items that go on where it is one, and the points of a summary (`In brief`) below it."""
    found = [first]
    while lines[first].block.listed and found[-1] + 1 < len(lines) and lines[found[-1] + 1].block.listed:
        found.append(found[-1] + 1)
    return found + _summary(lines, labels, likely, found[-1] + 1)


def _summary(lines: list[Line], labels: list[Label], likely: list[float], start: int) -> list[int]:
    """The points below a heading that announces a summary, between the lead and the first paragraph."""
    heading = None
    for index in range(start, min(start + _SUMMARY_NEAR, len(lines))):
        if fold(lines[index].block.text) in lexicon().summaries:
            heading = index
        elif labels[index] is Label.BODY and lines[index].clue is Clue.PROSE:
            break
    if heading is None:
        return []
    found = []
    for index in range(heading + 1, min(heading + 1 + _SUMMARY_MAX, len(lines))):
        line = lines[index]
        if not line.block.listed and (
            line.clue is Clue.PROSE or labels[index] in _KNOWN or likely[index] < _POINT_LIKELY
        ):
            break
        found.append(index)
    return found
