"""Label related blocks anew once it is known which lines are the article's: the items fill what stands between.

The rules must guess where the article resumes after a related heading; after the network has answered, the guess is
replaced. Also found here: items without heading, known by the lines around them.
"""

from __future__ import annotations

import re

from etl.transform.blocks import Label
from etl.transform.clues import Clue, Line
from etl.transform.item_shapes import ROLE_LABELS, is_label, read_shapes, score_lines
from etl.transform.lexicon import fold, lexicon, line_key
from etl.transform.marked_related import (
    HEADINGS,
    box_end,
    hints_around,
    introduces,
    known_clue,
    marked_scores,
    names_article,
)
from etl.transform.pointers import title_start
from etl.transform.tails import TEASER_MAX, end_at_comments

ITEM_LABELS = frozenset(ROLE_LABELS.values()) - {Label.NOISE}
ARTICLE_LABELS = frozenset({Label.BODY, Label.SUBHEADING, Label.LEAD, Label.HEADLINE, Label.KICKER, Label.TOPIC})
_TAKEN = ARTICLE_LABELS | ITEM_LABELS
_HEAD_LABELS = frozenset({Label.HEADLINE, Label.KICKER, Label.LEAD, Label.TOPIC})
_STOPS = frozenset({Clue.RELATED_HEADING, Clue.LISTING, Clue.COMMENTS, Clue.AUTHOR_BOX, Clue.TOPICS})
_NAMED = frozenset({Clue.READ_ALSO, Clue.DOUBLED})
"""Lines that are titles wherever they stand."""
_CONTENT = frozenset({Clue.SHORT, Clue.PROSE, Clue.DOUBLED})
_TITLE_WORDS = 3
_TITLE_LENGTH = 15
_AGED_WORDS, _AGED_LENGTH = 4, 25
_HEAD_WORDS = 5
_ALONE_APART, _ALONE_MAX = 2, 3
_SECTION_WORDS = 5
_UNSURE = 2.5
"""Score of a block's items from where on a line that may head other things heads related items."""
_OPENER_WORDS = 4
_MAY_HEAD = frozenset({Clue.SHORT, Clue.TOPICS, Clue.NOISE})
_ADDRESS = re.compile(r"(?:https?://|www\.)|\S+@\S+\.\w|\+?\d[\d /()-]{6,}$", re.IGNORECASE)


def label_related_blocks(lines: list[Line], labels: list[Label]) -> None:
    """Change the labels of related blocks, in place; those of the article stay, but for readers' comments in it."""
    end_at_comments(lines, labels)
    first = next((i for i, label in enumerate(labels) if label in (Label.HEADLINE, Label.BODY, Label.LEAD)), 0)
    for index, line in enumerate(lines):
        if labels[index] in ITEM_LABELS and (line.clue not in _NAMED or index < first):
            labels[index] = Label.NOISE
    _label_introduced(lines, labels, first)
    _label_headed(lines, labels)
    _label_single(lines, labels, first)
    headlines = {fold(line.block.text) for line, label in zip(lines, labels, strict=True) if label is Label.HEADLINE}
    for index, line in enumerate(lines):
        if labels[index] is Label.RELATED_TITLE and fold(line.block.text) in headlines:
            labels[index] = Label.NOISE


def _label_introduced(lines: list[Line], labels: list[Label], first: int) -> None:
    """Titles in a line with the phrase that introduces them, wherever they stand below the headline."""
    for index in range(first + 1, len(lines)):
        line = lines[index]
        linked = labels[index] not in _HEAD_LABELS and introduces(line)
        if linked or (labels[index] not in ARTICLE_LABELS and known_clue(line) is Clue.READ_ALSO):
            labels[index] = Label.RELATED_TITLE
            _label_teaser(lines, labels, index + 1)


def _label_headed(lines: list[Line], labels: list[Label]) -> None:
    """What stands below headings of related items, and below lines that head such if they follow."""
    around = hints_around(lines, labels)
    for index, line in enumerate(lines):
        if labels[index] in _TAKEN:
            continue
        if known_clue(line) is Clue.RELATED_HEADING:
            labels[index] = Label.RELATED_HEADING
            _label_block(lines, labels, index + 1, around)
        elif _may_head(lines, labels, index) and _label_block(lines, labels, index + 1, around, least=_UNSURE):
            labels[index] = Label.RELATED_HEADING


def _label_single(lines: list[Line], labels: list[Label], first: int) -> None:
    """Items without heading or phrase."""
    last = max((i for i, label in enumerate(labels) if label is Label.BODY), default=0)
    alone: list[int] = []
    for index in range(1, len(lines)):
        line = lines[index]
        if line.block.text[0] == ":" and lines[index - 1].clue is Clue.SHORT:
            _label_colon(lines, labels, index)
        elif labels[index] in _TAKEN and not _is_linked_subheading(line, labels[index]):
            continue
        elif line.clue is Clue.AGO:
            _label_aged(lines, labels, index)
        elif first < index < last and names_article(line):
            alone.append(index)
    _label_alone(lines, labels, alone)


def _is_linked_subheading(line: Line, label: Label) -> bool:
    """What passed for a sub-heading, but is a paragraph in the markup: where it is but a link, it is none."""
    mark = line.block.markup
    return label is Label.SUBHEADING and mark is not None and mark.tag not in HEADINGS


def _may_head(lines: list[Line], labels: list[Label], index: int) -> bool:
    """A line that heads related items if such follow: a heading of topics, an opener with a word (`Meer sport`)."""
    line = lines[index]
    if line.clue not in _MAY_HEAD or line.words > _OPENER_WORDS or index + 1 == len(lines):
        return False
    if labels[index + 1] in ARTICLE_LABELS or labels[index] in ITEM_LABELS:
        return False
    text = line.block.text
    if line.clue is Clue.TOPICS:
        return lines[index + 1].clue is Clue.SHORT
    if line.clue is Clue.NOISE:
        return lines[index + 1].block.listed and title_start(text) == len(text)
    opener, _, rest = text.partition(" ")
    opener = opener.casefold()
    return (
        bool(rest) and not line.ends and (opener in lexicon().related_openers or opener in lexicon().related_adjectives)
    )


def _label_block(lines: list[Line], labels: list[Label], start: int, around: int, least: float = 0.0) -> bool:
    """Label the items that stand from `start` on; whether there are any."""
    stop = _block_end(lines, labels, start)
    marked = lines[0].block.markup is not None
    if marked and start < stop:
        stop = box_end(lines, start, stop, around)
    block = lines[start:stop]
    if not block or _ADDRESS.match(block[0].block.text):
        return False
    scores, linked = score_lines(block), False
    if marked:
        scores, linked = marked_scores(block, scores)
    roles, score = read_shapes(block, scores, linked=linked)
    if score <= least:
        return False
    if stop < len(lines) and labels[stop] in ARTICLE_LABELS:
        roles = _without_subheading(block, roles)
    for index, role in enumerate(roles, start=start):
        if role != "N":
            labels[index] = ROLE_LABELS[role]
    return True


def _block_end(lines: list[Line], labels: list[Label], start: int) -> int:
    """Where text of the article, another heading, or a notice after some title ends the block."""
    sections = titles = 0
    heads = lexicon().box_heads
    for index in range(start, len(lines)):
        line = lines[index]
        if labels[index] in ARTICLE_LABELS or known_clue(line) in _STOPS or (titles and line.clue is Clue.NOTICE):
            return index
        sectioned = line.clue is Clue.SHORT and 2 * sections > titles
        if line.words <= _HEAD_WORDS and not sectioned and line_key(line.block.text.partition(":")[0]) in heads:
            return index
        if line.clue in _CONTENT and not (line.clue is Clue.PROSE and line.ends):
            sections += is_label(line)
            titles += not is_label(line)
    return len(lines)


def _without_subheading(block: list[Line], roles: str) -> str:
    """The roles without the last of a few titles where it stands apart right before the article goes on."""
    apart = roles[-1] == "T" and block[-1].block.gap and not block[-1].block.listed
    if len(block) > 1 and apart and (roles == "TT" or (roles[0] == "T" and not block[0].block.gap)):
        return roles[:-1] + "N"
    return roles


def _label_aged(lines: list[Line], labels: list[Label], index: int) -> None:
    """A title that says below how old it is, with its section above, as boxes without heading have it."""
    title = lines[index - 1]
    if labels[index - 1] in _TAKEN or title.clue not in _CONTENT or Label.BODY not in labels[:index]:
        return
    if title.words < _AGED_WORDS or title.length < _AGED_LENGTH or (title.ends and title.clue is Clue.PROSE):
        return
    labels[index - 1] = Label.RELATED_TITLE
    section = lines[index - 2] if index > 1 else title
    if labels[index - 2] in (Label.NOISE, Label.CAPTION) and is_label(section, words=_SECTION_WORDS):
        labels[index - 2] = Label.RELATED_SECTION


def _label_alone(lines: list[Line], labels: list[Label], indexes: list[int]) -> None:
    """Links to other articles inside this one; many in a row are a list of something else."""
    runs: list[list[int]] = []
    for index in indexes:
        if runs and index - runs[-1][-1] <= _ALONE_APART:
            runs[-1].append(index)
        else:
            runs.append([index])
    for run in runs:
        for index in run if len(run) <= _ALONE_MAX else ():
            labels[index] = Label.RELATED_TITLE
            _label_teaser(lines, labels, index + 1)


def _label_teaser(lines: list[Line], labels: list[Label], index: int) -> None:
    """The teaser below a title that markup sets in a box of their own inside the article."""
    title, mark = lines[index - 1].block.markup, lines[index].block.markup if index < len(lines) else None
    if title is None or mark is None or labels[index] in ARTICLE_LABELS or mark.link_share > 0 or not lines[index].ends:
        return
    before = lines[index - 2].block.markup if index > 1 else None
    boxed = before is None or before.container != title.container
    if boxed and (mark.container == title.container or mark.depth > title.depth):
        labels[index] = Label.RELATED_TEASER


def _label_colon(lines: list[Line], labels: list[Label], index: int) -> None:
    """A title whose section, on the line before, left the colon between them to it."""
    if lines[index].length < _TITLE_LENGTH or lines[index].block.text[1] == " " or lines[index - 1].ends:
        return
    labels[index - 1], labels[index] = Label.RELATED_SECTION, Label.RELATED_TITLE
    below = index + 1
    if below < len(lines) and lines[below].clue is Clue.PROSE and lines[below].length <= TEASER_MAX:
        labels[below] = Label.RELATED_TEASER
