"""Label every block of a page: the one labeller, whatever the blocks were read from.

The order of decisions: what blocks say by themselves (`clues`), where the running text begins, related blocks and the
end of the article, the head (kicker, headline, lead, byline, date), and last the short lines between paragraphs.
"""

from __future__ import annotations

from etl.transform.blocks import Block, Label
from etl.transform.bylines import is_name
from etl.transform.clues import Clue, Line, read_line_clue
from etl.transform.features import features, squeezed
from etl.transform.heads import label_head, settle_headline
from etl.transform.leads import label_lead
from etl.transform.lexicon import fold, lexicon
from etl.transform.marked_heads import label_marked_head
from etl.transform.metadata import Metadata
from etl.transform.model import network
from etl.transform.related import label_related
from etl.transform.related_blocks import label_related_blocks
from etl.transform.revise import revised
from etl.transform.tails import TEASER_MAX, comments_start, listing_start
from etl.transform.topics import label_topics
from etl.transform.truncation import label_offer

_SHORT_PROSE = 40
"""On a page without any longer sentence, sentences of that many characters are its text."""
_DIRECT = {
    Clue.NOISE: Label.NOISE,
    Clue.NOTICE: Label.NOISE,
    Clue.DATE: Label.DATE,
    Clue.BYLINE: Label.BYLINE,
    Clue.IMAGE_CREDIT: Label.IMAGE_CREDIT,
    Clue.SOURCE_CREDIT: Label.SOURCE_CREDIT,
    Clue.NAMED_CREDIT: Label.BYLINE,
    Clue.CAPTION: Label.CAPTION,
    Clue.READ_ALSO: Label.RELATED_TITLE,
    Clue.DOUBLED: Label.RELATED_TITLE,
    Clue.AGO: Label.NOISE,
    Clue.TOPICS: Label.TOPIC_HEADING,
    Clue.AUTHOR_BOX: Label.NOISE,
    Clue.COMMENTS: Label.NOISE,
    Clue.RELATED_HEADING: Label.RELATED_HEADING,
    Clue.LISTING: Label.NOISE,
}
_COMMENTS_AFTER = 400
"""Characters of running text after which a comments heading ends the article; before, it is a mere counter."""
_CAPTION_MAX = 280
_HEADLINE_MAX = 140
_HEAD_LINES = 12
_SAME_START = 70
"""Lines that share so many first characters are versions of one text."""
_COLONS = (":", "：")
_CREDITS = frozenset({Clue.IMAGE_CREDIT, Clue.NAMED_CREDIT})


def label_blocks(blocks: list[Block], metadata: Metadata) -> tuple[list[Line], list[Label]]:
    """The blocks with their clues, and one label for each.

    Args:
        blocks: At least one; all with markup, or none.
        metadata: What the page states for machines.
    """
    lines, labels, likely = label_without_lead(blocks, metadata)
    label_lead(lines, labels, likely, metadata)
    label_related_blocks(lines, labels)
    label_offer(lines, labels)
    return lines, labels


def label_without_lead(blocks: list[Block], metadata: Metadata) -> tuple[list[Line], list[Label], list[float]]:
    """The blocks with their clues, their labels before the lead is told from the body, and how likely each is text."""
    lines, found = label_by_rules(blocks)
    marked = blocks[0].markup is not None
    likely = network(marked=marked).probabilities(features(lines, found, squeezed(metadata.article_body or "")))
    labels = revised(lines, found, likely)
    if marked:
        label_marked_head(lines, labels, metadata)
    else:
        settle_headline(lines, labels, likely)
    return lines, labels, likely


def label_by_rules(blocks: list[Block]) -> tuple[list[Line], list[Label]]:
    """The blocks with their clues, and what the rules call each; the network starts from that."""
    lines = _with_some_prose([read_line_clue(block) for block in blocks])
    labels: list[Label | None] = [_DIRECT.get(line.clue) for line in lines]
    _label_repeats(lines, labels, _first_prose(lines, labels))
    first = _first_prose(lines, labels)
    body = label_head(lines, labels, first)
    label_topics(lines, labels, body)
    _label_flow(lines, labels, body)
    _label_shorts(lines, labels, body)
    return lines, [label or Label.NOISE for label in labels]


def _first_prose(lines: list[Line], labels: list[Label | None]) -> int:
    """The first paragraph: prose that ends like a sentence and is no cry or question, as headlines may be."""
    open_prose = [i for i, line in enumerate(lines) if line.clue is Clue.PROSE and labels[i] is None]
    if not open_prose:
        return len(lines)
    near = (i for i in open_prose if i - open_prose[0] <= _HEAD_LINES and _states(lines[i]))
    return next(near, open_prose[0])


def _states(line: Line) -> bool:
    return line.ends and not (line.block.text[-1:] in "?!？！" and line.length < _HEADLINE_MAX)


def _with_some_prose(lines: list[Line]) -> list[Line]:
    if any(line.clue is Clue.PROSE for line in lines):
        return lines
    return [
        Line(line.block, Clue.PROSE, line.length, line.words, line.ends, line.credit)
        if line.clue is Clue.SHORT and line.ends and line.length >= _SHORT_PROSE
        else line
        for line in lines
    ]


def _label_repeats(lines: list[Line], labels: list[Label | None], first: int) -> None:
    """Captions: a line that one of the next repeats (alternative text and caption), or above a picture credit.

    A name that the next line repeats is the box about an author.
    """
    for index, line in enumerate(lines[:-1]):
        if line.clue not in (Clue.SHORT, Clue.PROSE, Clue.CAPTION):
            continue
        text, following = line.block.text, lines[index + 1]
        if is_name(text):
            about = following.block.text
            if following.clue is Clue.PROSE and about.startswith(text):
                labels[index] = labels[index + 1] = Label.NOISE
            elif not following.block.gap and about.split(maxsplit=1)[0].casefold() in lexicon().roles:
                labels[index], labels[index + 1] = Label.BYLINE, Label.NOISE
            continue
        again = _repetition(lines, index)
        credited = following.clue in _CREDITS and (not following.block.gap or line.length <= 250)
        if again is not None:
            pictured = any(lines[i].clue in _CREDITS for i in range(index + 1, min(again + 2, len(lines))))
            if pictured or index >= first or len(lines[again].block.text) > len(text):
                labels[index] = labels[again] = Label.CAPTION
        elif credited and line.clue is Clue.SHORT and not _is_headline_place(lines, index):
            labels[index] = Label.CAPTION


def _repetition(lines: list[Line], index: int) -> int | None:
    """Which of the next three lines begins with the words of `lines[index]`."""
    text = lines[index].block.text
    if len(text) < 12:
        return None
    start = text[:_SAME_START]
    for later in range(index + 1, min(index + 4, len(lines))):
        again = lines[later]
        if again.clue is Clue.PROSE and lines[index].clue is Clue.PROSE and later > index + 1:
            return None
        if again.block.text.startswith(start) and again.length <= lines[index].length + 400:
            return later
    return None


def _is_headline_place(lines: list[Line], index: int) -> bool:
    """Whether nothing but tools stands before a line: a credit under it is then the picture's below the headline."""
    return all(line.clue in (Clue.NOISE, Clue.NOTICE, Clue.DATE) or line.words <= 2 for line in lines[:index])


def _label_flow(lines: list[Line], labels: list[Label | None], start: int) -> None:
    """Running text, related blocks and the end of the article, from the first paragraph on."""
    index, taken, closed = start, 0, False
    last_long = max(
        (i for i, line in enumerate(lines) if line.clue is Clue.PROSE and line.length > TEASER_MAX), default=0
    )
    end = min(listing_start(lines, labels, start), comments_start(lines, labels, start))
    last = max((i for i, line in enumerate(lines) if line.clue is Clue.PROSE), default=0)
    while index < len(lines):
        line = lines[index]
        closed = closed or index >= end
        if line.clue in (Clue.RELATED_HEADING, Clue.LISTING):
            index = label_related(lines, labels, index, closed=closed)
            continue
        if line.clue in (Clue.COMMENTS, Clue.TOPICS) and taken >= _COMMENTS_AFTER:
            closed = closed or line.clue is Clue.COMMENTS or index > last_long
        elif line.clue is Clue.AUTHOR_BOX:
            for rest in range(index + 1, min(index + 3, len(lines))):
                if lines[rest].clue in (Clue.PROSE, Clue.SHORT):
                    labels[rest] = Label.NOISE
        elif closed and labels[index] is not Label.TOPIC:
            labels[index] = Label.NOISE
        elif line.clue is Clue.PROSE and labels[index] is None:
            if line.credit and line.credit.form == "source" and index < last and line.length <= _CAPTION_MAX:
                labels[index] = Label.CAPTION
            else:
                labels[index] = Label.BODY
                taken += line.length
        index += 1


def _label_shorts(lines: list[Line], labels: list[Label | None], start: int) -> None:
    """Short lines after the first paragraph: sub-headings and short paragraphs inside running text, noise elsewhere."""
    bodies = [i for i in range(start, len(lines)) if labels[i] is Label.BODY]
    if not bodies:
        return
    last = bodies[-1]
    seen: set[str] = set()
    listing = False  # a line with a colon opened a list or table without bullets, and it still goes on
    for index in range(start, len(lines)):
        line = lines[index]
        if labels[index] is not None:
            listing = labels[index] is Label.BODY and line.block.text.endswith(_COLONS)
            continue
        key = fold(line.block.text)
        if line.clue is not Clue.SHORT or key in seen:
            labels[index] = Label.NOISE
        elif index > last:
            labels[index] = Label.BODY if listing or _continues(lines, labels, index) else Label.NOISE
        else:
            labels[index] = Label.BODY if listing and not line.ends else _inside(lines, labels, index, last)
        goes_on = listing and labels[index] is Label.BODY and not line.ends
        opens = labels[index] in (Label.BODY, Label.SUBHEADING) and line.block.text.endswith(_COLONS)
        listing = goes_on or opens
        seen.add(key)


def _continues(lines: list[Line], labels: list[Label | None], index: int) -> bool:
    """A short sentence right after a paragraph at the end of the article, or the rest of a list."""
    line = lines[index]
    if labels[index - 1] is not Label.BODY:
        return False
    return (line.ends and line.length >= 25) or (line.block.listed and lines[index - 1].block.listed)


def _inside(lines: list[Line], labels: list[Label | None], index: int, last: int) -> Label:
    """A short line with running text somewhere after it."""
    line = lines[index]
    if index + 1 < len(lines) and lines[index + 1].clue is Clue.AGO and line.words >= 3:
        return Label.RELATED_TITLE
    if line.ends and (line.length >= 20 or line.words >= 3):
        return Label.BODY
    if line.block.listed and line.length >= 15:
        return Label.BODY
    if line.block.text.endswith(":") and lines[index + 1].clue is Clue.SHORT and not lines[index + 1].ends:
        return Label.SUBHEADING
    following = next(
        (i for i in range(index + 1, last + 1) if labels[i] not in (Label.NOISE, Label.IMAGE_CREDIT, Label.CAPTION)),
        last,
    )
    if labels[following] is Label.BODY and following - index <= 2 and line.length >= 3:
        return Label.SUBHEADING
    if (
        labels[following] is None
        and lines[following].clue is Clue.SHORT
        and lines[following].ends
        and following - index == 1
    ):
        return Label.SUBHEADING
    if lines[following].block.listed and following - index == 1:
        return Label.SUBHEADING
    return Label.NOISE
