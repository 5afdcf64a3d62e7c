"""Find the blocks of related items, say where the article resumes after one, and read the items.

A related block is a heading (`Mehr zum Thema`) and what follows it in the shape of items: short lines (section, title,
image caption) with at most one sentence-like line (teaser) after them. Running text is different: several
sentence-like lines follow one another. The block ends where running text begins again, never merely because it began.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from etl.transform.blocks import Label
from etl.transform.bylines import is_name
from etl.transform.clues import Clue, Line
from etl.transform.item_shapes import is_label
from etl.transform.lexicon import fold
from etl.transform.marked_related import item_url, named_articles
from etl.transform.pointers import ARROWS, title_start
from etl.transform.record import RelatedItem
from etl.transform.tails import TEASER_MAX

_SECTION_MAX = 32
_TEASER_MIN = 25
_QUESTION_MAX = 120
_TITLE_WORDS = 3
_REST_MIN = 500
"""Running text after several items counts as the article only where at least so many characters of it are left."""
_TITLE_MAX = 250
_BETWEEN = frozenset({Label.NOISE, Label.RELATED_CAPTION, Label.DATE, Label.BYLINE})
"""What may stand between a title and its teaser."""
_TITLE_MIN = 8
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
    end = stop
    if kept < len(groups):
        group = groups[kept]
        titles = _titles_before_text(lines, group, alone=kept == 0)
        end = min(set(group.shorts).difference(titles) | set(group.proses))
    for index in range(start + 1, end):
        labels[index] = Label.NOISE if listing else _item_label(lines[index])
    return end


def _item_label(line: Line) -> Label:
    """What a line of a related block is at a glance; `related_blocks` looks again."""
    if line.clue is Clue.CAPTION:
        return Label.RELATED_CAPTION
    if line.clue is Clue.PROSE and line.ends:
        return Label.RELATED_TEASER
    if line.clue not in (Clue.SHORT, Clue.PROSE, Clue.READ_ALSO, Clue.DOUBLED):
        return Label.NOISE
    return Label.RELATED_SECTION if is_label(line) else Label.RELATED_TITLE


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


def _titles_before_text(lines: list[Line], group: _Group, *, alone: bool) -> list[int]:
    """The short lines of the group in which the article resumes that are still related titles.

    The last of several is the article's next sub-heading; a single one directly under the related heading is a title.
    """
    shorts = [i for i in group.shorts if lines[i].clue is not Clue.CAPTION]
    if not shorts:
        return []
    labelled = len(shorts) >= 2 and is_label(lines[shorts[-2]])
    return shorts if labelled or (alone and len(shorts) == 1) else shorts[:-1]


def read_items(lines: list[Line], labels: list[Label], base: str | None = None) -> list[RelatedItem]:
    """The related items of labelled blocks, in document order; a title that stands twice counts once.

    Args:
        lines: The lines of the page.
        labels: One for each.
        base: The address of the page, which its links start from.
    """
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
            teaser = _teaser_after(lines, labels, index)
            for named in named_articles(lines[index]):
                title = bare_title(named.title)
                if fold(title) not in seen:
                    seen.add(fold(title))
                    url = item_url(named.href, base)
                    items.append(RelatedItem(title, named.section or section, named.teaser or teaser, caption, url))
                section = caption = None
        elif label in (Label.BODY, Label.RELATED_HEADING):
            section = caption = None
    return items


def _teaser_after(lines: list[Line], labels: list[Label], index: int) -> str | None:
    for following in range(index + 1, len(labels)):
        if labels[following] is Label.RELATED_TEASER:
            return lines[following].block.text
        if labels[following] not in _BETWEEN:
            return None
    return None


def bare_title(text: str) -> str:
    """A related title without the phrase that introduces it, and once where the page doubles it."""
    start = title_start(text)
    if start is not None and len(text) - start >= _TITLE_MIN:
        text = text[start:]
    text = text.lstrip(":" + ARROWS + " ").strip()
    half = len(text) // 2
    if len(text) % 2 and text[:half] == text[half + 1 :] and text[half] == " ":
        text = text[:half]
    return text
