"""Label every block of a page: the one labeller, whatever the blocks were read from.

The order of decisions: what blocks say by themselves (`clues`), where the running text begins, related blocks and the
end of the article, the head (kicker, headline, lead, byline, date), and last the short lines between paragraphs.
"""

from __future__ import annotations

from etl.transform.blocks import Block, Label
from etl.transform.clues import Clue, Line, read_line_clue
from etl.transform.heads import label_head
from etl.transform.lexicon import fold
from etl.transform.related import label_related

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
    Clue.TOPICS: Label.TOPIC_HEADING,
    Clue.AUTHOR_BOX: Label.NOISE,
    Clue.COMMENTS: Label.NOISE,
    Clue.RELATED_HEADING: Label.RELATED_HEADING,
}
_CREDITS = frozenset({Clue.IMAGE_CREDIT, Clue.NAMED_CREDIT})


def label_blocks(blocks: list[Block]) -> tuple[list[Line], list[Label]]:
    """The blocks with their clues, and one label for each."""
    lines = _with_some_prose([read_line_clue(block) for block in blocks])
    labels: list[Label | None] = [_DIRECT.get(line.clue) for line in lines]
    first = next((i for i, line in enumerate(lines) if line.clue is Clue.PROSE), len(lines))
    _label_repeats(lines, labels, first)
    body = label_head(lines, labels, first)
    _label_flow(lines, labels, body)
    _label_shorts(lines, labels, body)
    return lines, [label or Label.NOISE for label in labels]


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
    """Captions: a line that the next one repeats (alternative text and caption), or under which a picture credit stands."""
    for index, line in enumerate(lines[:-1]):
        following = lines[index + 1]
        if line.clue not in (Clue.SHORT, Clue.PROSE, Clue.CAPTION) or labels[index] is Label.CAPTION:
            continue
        text, after = line.block.text, following.block.text
        repeated = len(text) >= 12 and after.startswith(text) and (index > 0 or len(after) > len(text))
        credited = (
            following.clue in _CREDITS and (not following.block.gap or line.length <= 250) and index >= first - 12
        )
        if repeated and not (index < first and text == after and index <= 1):
            labels[index] = Label.CAPTION
            if line.clue is not Clue.PROSE or len(after) < 400:
                labels[index + 1] = Label.CAPTION
        elif credited and line.clue is Clue.SHORT and not _is_headline_place(lines, index):
            labels[index] = Label.CAPTION


def _is_headline_place(lines: list[Line], index: int) -> bool:
    """Whether nothing but tools stands before a line: a credit under it then belongs to a picture below the headline."""
    return all(line.clue in (Clue.NOISE, Clue.NOTICE, Clue.DATE) or line.words <= 2 for line in lines[:index])


def _label_flow(lines: list[Line], labels: list[Label | None], start: int) -> None:
    """Running text, related blocks and the end of the article, from the first paragraph on."""
    index, taken = start, 0
    while index < len(lines):
        line = lines[index]
        if line.clue is Clue.RELATED_HEADING:
            index = label_related(lines, labels, index)
            continue
        if line.clue is Clue.COMMENTS and taken >= 400:
            for rest in range(index, len(lines)):
                labels[rest] = Label.NOISE
            return
        if line.clue is Clue.AUTHOR_BOX:
            for rest in range(index + 1, min(index + 3, len(lines))):
                if lines[rest].clue in (Clue.PROSE, Clue.SHORT):
                    labels[rest] = Label.NOISE
        elif line.clue is Clue.PROSE and labels[index] is None:
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
    for index in range(start, len(lines)):
        if labels[index] is not None:
            continue
        line = lines[index]
        key = fold(line.block.text)
        if line.clue is not Clue.SHORT or key in seen:
            labels[index] = Label.NOISE
        elif index > last:
            labels[index] = Label.BODY if _continues(lines, labels, index) else Label.NOISE
        else:
            labels[index] = _inside(lines, labels, index, last)
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
    if line.ends and (line.length >= 20 or line.words >= 3):
        return Label.BODY
    if line.block.listed and line.length >= 15:
        return Label.BODY
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
