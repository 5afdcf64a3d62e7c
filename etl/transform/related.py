"""Find the blocks of related items, say where the article resumes after one, and read the items.

A related block is a heading (`Mehr zum Thema`) and what follows it in the shape of items: short lines (section, title,
image caption) with at most one sentence-like line (teaser) after them. Running text is different: several
sentence-like lines follow one another. The block ends where running text begins again, never merely because it began.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from statistics import median

from etl.transform.blocks import Label
from etl.transform.bylines import is_name
from etl.transform.clues import Clue, Line
from etl.transform.lexicon import fold, lexicon
from etl.transform.record import RelatedItem
from etl.transform.tails import TEASER_MAX

_SECTION_MAX = 32
_TEASER_MIN = 25
_QUESTION_MAX = 120
_TITLE_WORDS = 3
_REST_MIN = 500
"""Running text after several items counts as the article only where at least so many characters of it are left."""
_RELATED = frozenset(
    {Label.RELATED_SECTION, Label.RELATED_TITLE, Label.RELATED_TEASER, Label.RELATED_CAPTION, Label.RELATED_HEADING}
)
_TITLE_MAX = 250
_REPEATS_MAX = 2
"""A line that stands more often in one block is a label of the page, not a title."""
_STOPS = frozenset({Clue.RELATED_HEADING, Clue.LISTING, Clue.COMMENTS, Clue.AUTHOR_BOX, Clue.TOPICS})


@dataclass(slots=True)
class _Group:
    """Short lines and the sentence-like lines that follow them."""

    shorts: list[int] = field(default_factory=list)
    proses: list[int] = field(default_factory=list)


def label_related(
    lines: list[Line], labels: list[Label | None], start: int, *, closed: bool = False, limit: int | None = None
) -> int:
    """Label the related block whose heading is `lines[start]`; returns the index at which other text goes on.

    Where the article is `closed` (comments began), no text after it can be the article's. Nothing from `limit` on is
    looked at.
    """
    listing = lines[start].clue is Clue.LISTING
    labels[start] = Label.NOISE if listing else Label.RELATED_HEADING
    stop = start + 1
    limit = len(lines) if limit is None else limit
    while stop < limit and lines[stop].clue not in _STOPS:
        stop += 1
    stop = _box_end(lines, start, stop)
    groups = _groups(lines, start + 1, stop)
    kept = len(groups) if closed else _resume(lines, groups)
    end = _first_index(groups[kept]) if kept < len(groups) else stop
    if kept < len(groups):
        group = groups[kept]
        titles = _titles_before_text(lines, group, alone=kept == 0)
        _label_titles(lines, labels, titles)
        end = min(set(group.shorts).difference(titles) | set(group.proses))
    items = groups[:kept]
    if items and any(group.proses for group in items) and _is_footer(lines, items[-1]):
        items.pop()
    sections = _has_sections(lines, items)
    for group in items:
        _label_group(lines, labels, group, sections=sections)
    for index in range(start + 1, end):
        if listing or labels[index] not in _RELATED:
            labels[index] = Label.NOISE
    return end


def _box_end(lines: list[Line], start: int, stop: int) -> int:
    """The end of a block that is set without empty lines, heading and all, in a page that uses empty lines."""
    if start + 1 >= stop or lines[start + 1].block.gap or lines[start + 1].clue is Clue.PROSE:
        return stop
    end = start + 1
    while end < stop and not lines[end].block.gap:
        end += 1
    running = sum(1 for line in lines[end:stop] if line.clue is Clue.PROSE)
    return end if running >= 2 else stop


def _groups(lines: list[Line], start: int, stop: int) -> list[_Group]:
    groups: list[_Group] = []
    texts = Counter(lines[index].block.text for index in range(start, stop))
    for index in range(start, stop):
        line = lines[index]
        text = line.block.text
        if is_name(text) or "\t" in text or (line.length > _SECTION_MAX and texts[text] > _REPEATS_MAX):
            continue
        pictured = index + 1 < stop and lines[index + 1].clue is Clue.DOUBLED
        open_text = line.clue is Clue.PROSE or (line.clue is Clue.SHORT and groups and not groups[-1].proses)
        if open_text and not pictured and _is_text(line):
            if not groups:
                groups.append(_Group())
            groups[-1].proses.append(index)
        elif line.clue in (Clue.SHORT, Clue.PROSE, Clue.CAPTION, Clue.READ_ALSO, Clue.DOUBLED):
            if not groups or groups[-1].proses:
                groups.append(_Group())
            groups[-1].shorts.append(index)
    return groups


def _is_text(line: Line) -> bool:
    """Running text or a teaser, not a title: titles may be long, may ask, and may be numbered."""
    text = line.block.text
    if line.block.listed or line.length < _TEASER_MIN:
        return False
    if text.endswith(("?", "!")) and line.length < _QUESTION_MAX:
        return ". " in text
    return line.ends or line.length > _TITLE_MAX


def _resume(lines: list[Line], groups: list[_Group]) -> int:
    """The number of the group in which the article goes on; the number of groups where it does not."""
    if _all_items(lines, groups):
        return len(groups)
    for number, group in enumerate(groups):
        if not group.proses:
            continue
        running = len(group.proses) >= 2 or lines[group.proses[0]].length > TEASER_MAX
        if not running:
            if not group.shorts and number == 0:
                return 0
            continue
        rest = sum(lines[i].length for later in groups[number:] for i in later.proses)
        teasers = sum(1 for earlier in groups[:number] if earlier.proses)
        if teasers <= 1 and (number == 0 or rest >= _REST_MIN):
            return 0 if teasers == 1 and _is_running(lines, groups[0]) else number
        if rest >= _REST_MIN * teasers:
            return number
    return len(groups)


def _all_items(lines: list[Line], groups: list[_Group]) -> bool:
    """Whether several groups all look like items: short lines and at most caption and teaser."""
    return (
        len(groups) >= 3
        and all(group.shorts for group in groups)
        and all(len(group.proses) <= 2 for group in groups)
        and all(lines[i].length <= TEASER_MAX for group in groups for i in group.proses)
    )


def _is_running(lines: list[Line], group: _Group) -> bool:
    """Whether the one sentence-like line of a group is rather a paragraph than a teaser."""
    return bool(group.proses) and lines[group.proses[0]].length > 200


def _first_index(group: _Group) -> int:
    return min(group.shorts + group.proses)


def _titles_before_text(lines: list[Line], group: _Group, *, alone: bool) -> list[int]:
    """The short lines of the group in which the article resumes that are still related titles.

    The last of several is the article's next sub-heading; a single one directly under the related heading is a title.
    """
    shorts = [i for i in group.shorts if lines[i].clue is not Clue.CAPTION]
    if not shorts:
        return []
    labelled = len(shorts) >= 2 and _is_section(lines[shorts[-2]])
    return shorts if labelled or (alone and len(shorts) == 1) else shorts[:-1]


def _is_section(line: Line) -> bool:
    """A label such as `Wirtschaft`, too short to be a title."""
    return line.words < _TITLE_WORDS and line.length <= _SECTION_MAX and not line.ends


def _is_footer(lines: list[Line], group: _Group) -> bool:
    """Lines after the last teaser that are no item of the same shape, section and title."""
    return not group.proses and not (len(group.shorts) == 2 and _is_section(lines[group.shorts[0]]))


def _has_sections(lines: list[Line], groups: list[_Group]) -> bool:
    """Whether the lines before the titles are section labels rather than image captions."""
    before = [lines[g.shorts[-2]].length for g in groups if g.proses and len(g.shorts) >= 2]
    return bool(before) and median(before) <= _SECTION_MAX


def _label_group(lines: list[Line], labels: list[Label | None], group: _Group, *, sections: bool) -> None:
    """Label one group of a block that holds items only."""
    shorts = [i for i in group.shorts if lines[i].clue is not Clue.CAPTION]
    for index in group.shorts:
        labels[index] = Label.RELATED_CAPTION if lines[index].clue is Clue.CAPTION else labels[index]
    if not shorts:
        for index in group.proses:
            labels[index] = Label.NOISE
        return
    if not group.proses:
        _label_titles(lines, labels, shorts)
        return
    labels[shorts[-1]] = Label.RELATED_TITLE
    *captions, teaser = group.proses[:2]
    labels[teaser] = Label.RELATED_TEASER
    for index in captions:
        labels[index] = Label.RELATED_CAPTION
    for index in group.proses[2:]:
        labels[index] = Label.NOISE
    before = shorts[:-1]
    if sections and before and lines[before[-1]].length <= _SECTION_MAX * 2:
        labels[before[-1]] = Label.RELATED_SECTION
        before = before[:-1]
    if len(before) == 1 or (before and lines[shorts[-1]].clue is Clue.DOUBLED):
        labels[before[-1]] = Label.RELATED_CAPTION
        before = before[:-1]
    _label_titles(lines, labels, before)


def _label_titles(lines: list[Line], labels: list[Label | None], shorts: list[int]) -> None:
    """Short lines without teasers: titles, with a section label before some of them."""
    for position, index in enumerate(shorts):
        line = lines[index]
        titled = line.words >= _TITLE_WORDS and line.length >= 15
        following = shorts[position + 1] if position + 1 < len(shorts) else None
        if titled:
            labels[index] = Label.RELATED_TITLE
        elif following is not None and lines[following].words >= _TITLE_WORDS:
            labels[index] = Label.RELATED_SECTION
        else:
            labels[index] = Label.NOISE


def read_items(lines: list[Line], labels: list[Label]) -> list[RelatedItem]:
    """The related items of labelled blocks, in document order; a title that stands twice counts once."""
    items: list[RelatedItem] = []
    section = caption = None
    seen: set[str] = set()
    for index, label in enumerate(labels):
        text = lines[index].block.text
        if label is Label.RELATED_SECTION:
            section = text
        elif label is Label.RELATED_CAPTION:
            caption = text
        elif label is Label.RELATED_TITLE:
            title = bare_title(text)
            if fold(title) not in seen:
                seen.add(fold(title))
                teaser = _teaser_after(lines, labels, index)
                items.append(RelatedItem(title=title, section=section, teaser=teaser, image_caption=caption))
            section = caption = None
        elif label in (Label.BODY, Label.RELATED_HEADING):
            section = caption = None
    return items


def _teaser_after(lines: list[Line], labels: list[Label], index: int) -> str | None:
    for following in range(index + 1, len(labels)):
        if labels[following] is Label.RELATED_TEASER:
            return lines[following].block.text
        if labels[following] not in (Label.NOISE, Label.RELATED_CAPTION):
            return None
    return None


def bare_title(text: str) -> str:
    """A related title without the phrase that introduces it, and once where the page doubles it."""
    match = lexicon().read_also.match(text)
    if match and len(text) - match.end() >= 8 and (match["sign"] or len(match.group().split()) >= 2):
        text = text[match.end() :]
    text = text.lstrip(">»→▶►➡ ").strip()
    half = len(text) // 2
    if len(text) % 2 and text[:half] == text[half + 1 :] and text[half] == " ":
        text = text[:half]
    return text
