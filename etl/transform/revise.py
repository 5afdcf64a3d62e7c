"""Bring the labels of the rules and the answers of the network together."""

from __future__ import annotations

from etl.transform.blocks import Label
from etl.transform.clues import Clue, Line

_LIKELY, _LIKELY_MARKED = 0.5, 0.4
"""From where on a line counts as article text; markup makes the network surer of what is not."""
_DOUBT = 0.05
"""How much surer the network must be to make text of a short line that no rule takes for it."""
_LIKELY_LAST, _LIKELY_TEXT = 0.2, 0.8
_REPEATED_MIN = 60
"""So long a text that stands twice is one: pages hold an article for wide screens and again for narrow ones."""
_TEXT = frozenset({Label.BODY, Label.LEAD})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_ARTICLE = frozenset({Label.BODY, Label.SUBHEADING})
_CERTAIN = frozenset(
    {
        Label.HEADLINE,
        Label.KICKER,
        Label.BYLINE,
        Label.DATE,
        Label.IMAGE_CREDIT,
        Label.SOURCE_CREDIT,
        Label.TOPIC,
        Label.TOPIC_HEADING,
    }
)
"""Labels with a reading of their own, which being likely article text does not refute."""


def revised(lines: list[Line], labels: list[Label], likely: list[float]) -> list[Label]:
    """The labels, with the network's answers for what is article text.

    Args:
        lines: The lines of the page.
        labels: What the rules call them.
        likely: How likely each is article text.
    """
    found = [_revised(*each) for each in zip(lines, labels, likely, strict=True)]
    _keep_last(lines, labels, likely, found)
    seen: set[str] = set()
    for index, label in enumerate(found):
        text = lines[index].block.text
        if label in _TEXT and len(text) >= _REPEATED_MIN:
            if text in seen:
                found[index] = Label.NOISE
            seen.add(text)
    return found


def _keep_last(lines: list[Line], labels: list[Label], likely: list[float], found: list[Label]) -> None:
    """Keep the paragraph right above the credit of the text, and its sub-heading: that credit ends the article."""
    for index in range(1, len(lines)):
        above = index - 1
        if (
            labels[index] is Label.SOURCE_CREDIT
            and labels[above] is Label.BODY
            and lines[above].clue is Clue.PROSE
            and likely[above] > _LIKELY_LAST
        ):
            found[above] = Label.BODY
            if labels[above - 1] is Label.SUBHEADING and likely[above - 1] > _LIKELY_LAST:
                found[above - 1] = Label.SUBHEADING


def _revised(line: Line, label: Label, likely: float) -> Label:
    bound = _LIKELY_MARKED if line.block.markup else _LIKELY
    if label in _ARTICLE:
        if likely > bound:
            return label
        return Label.CAPTION if line.clue is Clue.CAPTION else Label.NOISE
    if label is Label.HEADLINE and likely > _LIKELY_TEXT and _is_paragraph(line):
        return Label.BODY
    bound += _DOUBT if line.clue is Clue.SHORT else 0.0
    if likely <= bound or label in _CERTAIN or line.clue is Clue.READ_ALSO:
        return label
    return Label.SUBHEADING if _heads(line) else Label.BODY


def _is_paragraph(line: Line) -> bool:
    """Whether HTML sets the line as text and it reads as such."""
    return line.block.markup is not None and not _heads(line) and line.clue is Clue.PROSE and line.ends


def _heads(line: Line) -> bool:
    markup = line.block.markup
    return markup is not None and markup.tag in _HEADINGS
