"""Label the head of an HTML page once its text is known: headline, kicker, byline and date by their markup."""

from __future__ import annotations

from etl.transform.blocks import Label, Markup
from etl.transform.bylines import is_byline, is_signature
from etl.transform.clues import Clue, Line
from etl.transform.dates import is_date_line
from etl.transform.dom import hint_names
from etl.transform.features import squeezed
from etl.transform.metadata import Metadata

_HINT = {name: 1 << bit for bit, name in enumerate(hint_names())}
_KICKER_MAX = 60
_KICKER_NEAR = 4
_HEADLINE_MAX = 300
_BELOW = 12
"""Lines below the headline that may still belong to the head."""
_OPEN = frozenset({Label.NOISE, Label.CAPTION, Label.KICKER, Label.SUBHEADING, Label.BODY, Label.HEADLINE})


def label_marked_head(lines: list[Line], labels: list[Label], metadata: Metadata) -> None:
    """Change labels around the headline, in place; all lines have markup."""
    first = next((i for i, label in enumerate(labels) if label is Label.BODY), len(lines))
    headline = _headline(lines, first, metadata)
    for index, label in enumerate(labels):
        if label is Label.HEADLINE or (label is Label.KICKER and index < first):
            labels[index] = Label.NOISE
    if headline is None:
        return
    key = squeezed(lines[headline].block.text)
    for index in range(min(len(lines), max(first, headline) + 3)):
        if labels[index] in _OPEN and squeezed(lines[index].block.text) == key:
            labels[index] = Label.HEADLINE
    labels[headline] = Label.HEADLINE
    _label_kicker(lines, labels, headline)
    _label_below(lines, labels, headline)


def _headline(lines: list[Line], first: int, metadata: Metadata) -> int | None:
    """The heading that says what the metadata say; else the first main heading."""
    stated = [squeezed(text) for text in metadata.headlines]
    ranks: list[tuple[int, int, int]] = []
    for index, line in enumerate(lines):
        mark = line.block.markup
        if mark is None or line.length > _HEADLINE_MAX:
            continue
        key = squeezed(line.block.text)
        if key and key in stated:
            ranks.append((stated.index(key), mark.tag != "h1", index))
    if ranks:
        return min(ranks)[2]
    main = [i for i, line in enumerate(lines) if _tag(line) == "h1" and i <= first + 3]
    return main[-1] if main else None


def _label_kicker(lines: list[Line], labels: list[Label], headline: int) -> None:
    for index in range(headline - 1, max(-1, headline - 1 - _KICKER_NEAR), -1):
        line = lines[index]
        mark = line.block.markup
        if mark and labels[index] in _OPEN and line.length <= _KICKER_MAX and not line.ends and _is_kicker(line, mark):
            labels[index] = Label.KICKER
            return


def _is_kicker(line: Line, mark: Markup) -> bool:
    return (
        bool(mark.near & (_HINT["kicker"] | _HINT["topics"]))
        and not mark.near & (_HINT["navigation"] | _HINT["share"])
        and line.clue is Clue.SHORT
    )


def _label_below(lines: list[Line], labels: list[Label], headline: int) -> None:
    """Byline and date below the headline, up to the second paragraph: the first may be the lead."""
    paragraphs = 0
    for index in range(headline + 1, min(len(lines), headline + 1 + _BELOW)):
        line = lines[index]
        mark = line.block.markup
        paragraphs += labels[index] is Label.BODY and line.clue is Clue.PROSE
        if paragraphs > 1:
            return
        if mark is None or labels[index] is not Label.NOISE:
            continue
        if mark.near & _HINT["byline"] and _signs(line.block.text):
            labels[index] = Label.BYLINE
        elif mark.near & _HINT["date"] and is_date_line(line.block.text, others=4):
            labels[index] = Label.DATE


def _signs(text: str) -> bool:
    return is_byline(text) or is_signature(text)


def _tag(line: Line) -> str:
    return line.block.markup.tag if line.block.markup else ""
