"""Label the head of an HTML page once its text is known: headline, kicker, byline and date by their markup."""

from __future__ import annotations

from functools import reduce
from itertools import islice
from operator import or_

from etl.transform.blocks import Label
from etl.transform.bylines import is_byline, is_signature
from etl.transform.clues import Clue, Line
from etl.transform.dates import is_date_line
from etl.transform.dom import hint_names
from etl.transform.features import squeezed
from etl.transform.headline_choice import choose_headline, stems_of
from etl.transform.heads import may_be_kicker
from etl.transform.metadata import Metadata

_HINT = {name: 1 << bit for bit, name in enumerate(hint_names())}
_KICKER_NEAR = 4
_KICKER = _HINT["kicker"] | _HINT["topics"]
_KICKER_CLUES = frozenset({Clue.SHORT, Clue.NOISE, Clue.READ_ALSO})
"""A line that is known as something else by its words alone may be a kicker: `Live`, `Opinion`."""
_ELSEWHERE = reduce(or_, (_HINT[name] for name in ("navigation", "share", "side", "related", "advert", "consent")))
_MENUS = _HINT["navigation"] | _HINT["share"]
_LINKED = 0.5
_ASTRAY = 0.25
"""Share of a headline's words in the text at which it is not the article's."""
_SAMPLE = 10
"""Paragraphs that say what a page is about."""
_HEADLINE_MAX = 300
_BELOW = 12
"""Lines below the headline that may still belong to the head."""
_OPEN = frozenset(
    {
        Label.NOISE,
        Label.CAPTION,
        Label.KICKER,
        Label.SUBHEADING,
        Label.BODY,
        Label.HEADLINE,
        Label.RELATED_TITLE,
    }
)


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
    _label_kicker(lines, labels, headline, metadata.section)
    _label_below(lines, labels, headline)


def _headline(lines: list[Line], first: int, metadata: Metadata) -> int | None:
    """The heading that says what the metadata say; else the last main heading above the text, or what looks like it."""
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
    return main[-1] if main else choose_headline(lines)


def headline_of(lines: list[Line], labels: list[Label], metadata: Metadata) -> str | None:
    """The headline: that of the metadata, unless another stands on the page that shares its words with the text.

    Old systems give all pages one title, the site's.
    """
    shown = next((line.block.text for line, label in zip(lines, labels, strict=True) if label is Label.HEADLINE), None)
    stated = next(iter(metadata.headlines), None)
    if stated is None or shown is None or squeezed(shown) in map(squeezed, metadata.headlines):
        return stated or shown
    body = (line.block.text for line, label in zip(lines, labels, strict=True) if label in (Label.BODY, Label.LEAD))
    stems = set(stems_of(" ".join(islice(body, _SAMPLE))))
    astray = _share(stated, stems) <= _ASTRAY < _share(shown, stems)
    return shown if astray else stated


def _share(text: str, stems: set[str]) -> float:
    own = stems_of(text)
    return sum(stem in stems for stem in own) / len(own) if own else 0.0


def _label_kicker(lines: list[Line], labels: list[Label], headline: int, section: str | None) -> None:
    """The nearest line above the headline that its hints call a kicker; else the one right above, set beside it."""
    for index in range(headline - 1, max(-1, headline - 1 - _KICKER_NEAR), -1):
        line = lines[index]
        mark = line.block.markup
        if not mark or labels[index] not in _OPEN or line.ends or not may_be_kicker(line.block.text):
            continue
        hinted = (mark.near & _KICKER or mark.tag == "small") and not mark.near & _MENUS and line.clue in _KICKER_CLUES
        if hinted or (index == headline - 1 and line.clue is Clue.SHORT and _sits_on(lines, headline, section)):
            labels[index] = Label.KICKER
            return


def _sits_on(lines: list[Line], headline: int, section: str | None) -> bool:
    """Whether the line above the headline stands in the same box: as deep, and in no other container."""
    above, below = lines[headline - 1].block, lines[headline].block
    if above.markup is None or below.markup is None or (above.markup.chain & ~below.markup.chain) & _ELSEWHERE:
        return False
    beside = 0 <= above.markup.container - below.markup.container <= 1
    level = above.markup.depth - below.markup.depth in (-1, 0)
    linked = above.markup.link_share > _LINKED and squeezed(above.text) != squeezed(section or "")
    return beside and level and not linked


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
