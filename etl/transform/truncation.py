"""Tell whether a page shows only the beginning of its article, and take the offer that stands there out of the text."""

from __future__ import annotations

import re

from etl.transform.blocks import Label
from etl.transform.clues import Clue, Line
from etl.transform.lexicon import fold, lexicon
from etl.transform.metadata import Metadata

_OFFER_MAX = 300
"""Characters of a line with an offer to read on."""
_NEAR = 4
"""Lines below the last paragraph in which the offer stands: further down sites advertise subscriptions anyway."""
_REST = 3
"""Lines of the offer that may be taken for text."""
_TEXT_MIN = 120
"""Characters of text above the offer."""
_TEASER_MAX = 700
"""A shorter text that ends in an ellipsis is a teaser; a longer one may end so for effect."""
_WHOLE = 0.9
"""A page that shows that share of the text that it states shows all of it."""
_ADDRESS = re.compile(r"@|https?:|www\.")
_ELLIPSES = ("…", "...", "[...]", "[…]")
_TEXT = frozenset({Label.BODY, Label.SUBHEADING})
_ASIDE = frozenset({Label.RELATED_TITLE, Label.RELATED_TEASER, Label.TOPIC, Label.HEADLINE, Label.KICKER})


def label_offer(lines: list[Line], labels: list[Label]) -> None:
    """Make noise of what passed for text from the offer to read on, in place."""
    offer = _offer(lines, labels)
    if offer is not None:
        for index in range(offer, len(labels)):
            if labels[index] in _TEXT:
                labels[index] = Label.NOISE


def is_truncated(lines: list[Line], labels: list[Label], metadata: Metadata) -> bool:
    """Whether an offer follows the text, or the text breaks off where the rest is not for everybody.

    That a page is not free says nothing by itself: many deliver the whole text and hide it.
    """
    text = [index for index, label in enumerate(labels) if label in _TEXT]
    if not text:
        return False
    length = sum(lines[index].length for index in text)
    if length >= _WHOLE * len(metadata.article_body or "") > 0:
        return False
    last = lines[text[-1]]
    if last.block.text.endswith(_ELLIPSES) and length <= _TEASER_MAX:
        return True
    closed = _offer(lines, labels) is not None
    breaks_off = not (last.ends or last.block.listed or last.credit or _ADDRESS.search(last.block.text))
    return closed or (metadata.is_free is False and (breaks_off or last.block.text.endswith(_ELLIPSES)))


def _offer(lines: list[Line], labels: list[Label]) -> int | None:
    """The first line of the offer that stands where the text ends."""
    text = [index for index, label in enumerate(labels) if label in _TEXT]
    length = sum(lines[index].length for index in text[:-_REST])
    for index in text[-_REST:]:
        if length >= _TEXT_MIN and _offers(lines, labels, index):
            return index
        length += lines[index].length
    if not text or length < _TEXT_MIN:
        return None
    below = range(text[-1] + 1, min(text[-1] + 1 + _NEAR, len(lines)))
    return next((index for index in below if _offers(lines, labels, index)), None)


def _offers(lines: list[Line], labels: list[Label], index: int) -> bool:
    """Whether a line offers to read on; of what looks like a paragraph, the next line must too, or be a notice."""
    if labels[index] in _ASIDE or not _speaks(lines[index]):
        return False
    if labels[index] is not Label.BODY or lines[index].clue is not Clue.PROSE:
        return True
    return index + 1 < len(lines) and (lines[index + 1].clue is Clue.NOTICE or _speaks(lines[index + 1]))


def _speaks(line: Line) -> bool:
    text = line.block.text
    return len(text) <= _OFFER_MAX and lexicon().paywall.search(fold(text)) is not None
