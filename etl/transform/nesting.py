"""Tell HTML that would hang whoever builds its tree."""

from __future__ import annotations

import re
from itertools import accumulate

_TAGS_HARMLESS = 12_000
_DEPTH_MAX = 5_000
_NESTING = re.compile(r"<(/?)(?!(?:br|img|input|meta|link|li|p|td|tr|th|dd|dt|option|source|hr|wbr|path)\b)[a-zA-Z]")
"""Tags of elements that are closed; `br`, `img`, `input`, `meta`, `link`, `li`, `p` and the like may stay open."""
_TAG = re.compile(r"<[^<>]*>")


def nests_too_deep(html: str) -> bool:
    """Whether elements nest so deep that building the tree, whose time grows with the square of the depth, would hang.

    No page made for readers does; such a page is read as text between its tags.
    """
    if html.count("<") < _TAGS_HARMLESS:
        return False
    steps = (-1 if closing else 1 for closing in _NESTING.findall(html))
    return max(accumulate(steps), default=0) > _DEPTH_MAX


def between_tags(html: str) -> str:
    """The text of such a page, a line for each stretch between tags."""
    return _TAG.sub("\n", html)
