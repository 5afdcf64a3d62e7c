"""Find the topics (tags) that a page gives its article: a heading with short lines under it, or all in one line."""

from __future__ import annotations

import re

from etl.transform.blocks import Label
from etl.transform.clues import Clue, Line
from etl.transform.lexicon import fold, lexicon

_TOPICS_MAX = 15
_TOPIC_LENGTH = 40
_TOPIC_WORDS = 4
_LIST_LENGTH = 200
_LABEL_LENGTH = 30
_SPLIT = re.compile(r"\s*[,;|•·/#]\s*")


def label_topics(lines: list[Line], labels: list[Label | None], start: int) -> None:
    """Label the topics from `start` on: `Tags: a, b` in one line, or short lines below a heading."""
    for index in range(start, len(lines)):
        if _in_one_line(lines[index]):
            labels[index] = Label.TOPIC
        elif lines[index].clue is Clue.TOPICS:
            for below in range(index + 1, min(index + 1 + _TOPICS_MAX, len(lines))):
                apart = below > index + 1 and lines[below].block.gap
                if apart or lines[below].clue is not Clue.SHORT or not _is_topic(lines[below]):
                    break
                labels[below] = Label.TOPIC


def split_topics(text: str) -> list[str]:
    """The topics of a line, without its label."""
    label, colon, rest = text.partition(":")
    if colon and lexicon().headings.get(fold(label)) == "topics":
        text = rest
    return [topic for topic in (part.strip(" .") for part in _SPLIT.split(text)) if 1 < len(topic) <= _TOPIC_LENGTH]


def _in_one_line(line: Line) -> bool:
    text = line.block.text
    label, colon, rest = text[: _LABEL_LENGTH + 1].partition(":")
    if not colon or line.length > _LIST_LENGTH or line.ends or line.clue not in (Clue.SHORT, Clue.PROSE, Clue.BYLINE):
        return False
    return bool(rest.strip()) and lexicon().headings.get(fold(label)) == "topics"


def _is_topic(line: Line) -> bool:
    """A word or a few, or a list of such."""
    parts = _SPLIT.split(line.block.text)
    return not line.ends and all(len(part) <= _TOPIC_LENGTH and len(part.split()) <= _TOPIC_WORDS for part in parts)
