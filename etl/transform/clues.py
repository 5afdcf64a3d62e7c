"""Say what a single block is by its own words alone; what only its neighbours can tell is left to `labels`."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from etl.transform.blocks import Block
from etl.transform.bylines import is_byline
from etl.transform.credits import Credit, read_end, read_line
from etl.transform.datelines import read_dateline
from etl.transform.dates import is_date_line
from etl.transform.lexicon import KEY_LENGTH, Lexicon, casefold, fold, lexicon, line_key
from etl.transform.pointers import ARROWS, heads_related, title_start

PROSE_LENGTH = 80
"""A sentence of that many characters is taken for running text."""
LONG_LENGTH = 150
"""So is any line of that many characters, even where it does not end like a sentence."""

_WIDE = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_CLOSING = "\"'”’“»›)] \u00a0*"
_TERMINAL = frozenset(".!?…。！？।")
_DATELINED_MIN = _DATELINE_MAX = 60
"""A line of that many characters that begins with a dateline is a paragraph, even a cut one."""
_SOURCED_MIN = 40
"""So is a sentence of that many characters that ends with the source of the text."""
_LINK_SHARE = 0.95
"""What is hardly more than a link leads elsewhere; its words are another page's."""
_BYLINE_MAX = 140
_HEADING_MAX, _LINE_MAX, _NOTICE_MAX = 90, 180, 600
_READ_ALSO_MAX = 300
_INITIALS = re.compile(r"\s?\([a-zäöü]{2,4}(?:[/,]\s?[a-zäöü]{2,4})*\)\s*$")
"""Who wrote or edited a text, by initials: `(abc)`."""
_FILE_OR_ADDRESS = re.compile(r"\S+\.(?:jpe?g|png|gif|webp|svg|pdf|mp3|mp4)$|(?:https?://|www\.)\S+$", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")


class Clue(StrEnum):
    """What a block shows by itself."""

    NOISE = "noise"
    NOTICE = "notice"
    RELATED_HEADING = "related_heading"
    LISTING = "listing"
    READ_ALSO = "read_also"
    DOUBLED = "doubled"
    AGO = "ago"
    TOPICS = "topics"
    COMMENTS = "comments"
    AUTHOR_BOX = "author_box"
    DATE = "date"
    BYLINE = "byline"
    IMAGE_CREDIT = "image_credit"
    SOURCE_CREDIT = "source_credit"
    NAMED_CREDIT = "named_credit"
    CAPTION = "caption"
    PROSE = "prose"
    SHORT = "short"


_HEADING_CLUES = {
    "related": Clue.RELATED_HEADING,
    "listing": Clue.LISTING,
    "topics": Clue.TOPICS,
    "comments": Clue.COMMENTS,
    "author_box": Clue.AUTHOR_BOX,
    "tool": Clue.NOISE,
    "ago": Clue.AGO,
}
_CREDIT_CLUES = {"image": Clue.IMAGE_CREDIT, "source": Clue.SOURCE_CREDIT, "named": Clue.NAMED_CREDIT}


class Line(NamedTuple):
    """A block with what it shows by itself."""

    block: Block
    clue: Clue
    length: int
    """Characters, those of dense scripts (Chinese, Japanese, Korean, Thai, ...) counted twice and a half."""
    words: int
    ends: bool
    """Ends like a sentence."""
    credit: Credit | None = None
    """The credit that the block is or ends with."""


def read_line_clue(block: Block) -> Line:
    """Read one block; bounded work whatever its length."""
    text = block.text
    length = len(text)
    words = text.count(" ") + 1
    if not text.isascii() and (wide := len(_WIDE.findall(text[:2000]))):
        length += wide * 3 // 2
        words += wide // 2
    ends = _ends_like_sentence(text)
    clue, credit = _clue(block, length, ends=ends)
    return Line(block, clue, length, words, ends, credit)


def _ends_like_sentence(text: str) -> bool:
    tail = text[-24:]
    if "(" in tail:
        tail = _INITIALS.sub("", tail)
    return tail.rstrip(_CLOSING)[-1:] in _TERMINAL


def _clue(block: Block, length: int, *, ends: bool) -> tuple[Clue, Credit | None]:
    text = block.text
    if block.markup and block.markup.link_share > _LINK_SHARE and length <= _LINE_MAX:
        return (Clue.DOUBLED if _is_doubled(text) else Clue.SHORT), None
    lexical = lexicon()
    opens = lexical.may_open(text)
    if length <= _LINE_MAX:
        short = _short_clue(text, length, lexical, ends=ends, opens=opens)
        if short:
            return short
    if length <= _NOTICE_MAX and _is_doubled(text):
        return Clue.DOUBLED, None
    also = _read_also(text, length) if opens or text[0] in ARROWS else None
    if also:
        return also, None
    if length <= _NOTICE_MAX and is_notice(text, length):
        return Clue.NOTICE, None
    prose = (ends and length >= PROSE_LENGTH) or length >= LONG_LENGTH
    credit = read_end(text)
    if credit:
        return _ending(text, credit, length), credit
    if length <= _NOTICE_MAX and (
        (opens and lexical.pictured.match(text)) or lexical.picture_mark.search(text[-40:].casefold())
    ):
        return Clue.CAPTION, None
    prose = prose or (length >= _DATELINED_MIN and read_dateline(text) is not None)
    return (Clue.PROSE if prose else Clue.SHORT), None


def _is_doubled(text: str) -> bool:
    """The same words twice, as pages do for screen readers: `Title Title`."""
    half = len(text) // 2
    return len(text) >= 40 and len(text) % 2 == 1 and text[half] == " " and text[:half] == text[half + 1 :]


def _short_clue(
    text: str, length: int, lexical: Lexicon, *, ends: bool, opens: bool
) -> tuple[Clue, Credit | None] | None:
    """The clue of a line that is something else than text: tool, heading, date, credit, byline."""
    key = line_key(text)
    if len(text) <= KEY_LENGTH and not _LETTER.search(key):
        return (Clue.DATE if is_date_line(text) else Clue.NOISE), None
    if " " not in text and _FILE_OR_ADDRESS.match(text):
        return Clue.NOISE, None
    kind = lexical.headings.get(key) if key else None
    if kind:
        return _HEADING_CLUES[kind], None
    if opens and key and length <= _HEADING_MAX and not ends and heads_related(text, key):
        return Clue.RELATED_HEADING, None
    if key and _is_comments_heading(key, lexical):
        return Clue.COMMENTS, None
    if opens and key and lexical.tool_starts.match(key):
        return Clue.NOISE, None
    if is_date_line(text):
        return Clue.DATE, None
    if length <= _BYLINE_MAX and (opens or not text.isascii()) and is_byline(text):
        return Clue.BYLINE, None
    credit = read_line(text)
    return (_CREDIT_CLUES[credit.form], credit) if credit else None


def _is_comments_heading(key: str, lexical: Lexicon) -> bool:
    """`34 Comments`, `Comments (34)`, `34 thoughts on ...`."""
    if "0" in key and lexical.headings.get(fold(key.replace("0", " "))) == "comments":
        return True
    return lexical.comment_starts.match(key) is not None


def _read_also(text: str, length: int) -> Clue | None:
    """A line that names another article: `Lesen Sie auch: ...`, `>> ...`."""
    start = title_start(text) if length <= _READ_ALSO_MAX else None
    if start is None:
        return None
    return Clue.READ_ALSO if start < len(text) else Clue.RELATED_HEADING


def is_notice(text: str, length: int) -> bool:
    """A notice, form or offer of the site: several of its words together, or one of its set phrases."""
    lexical = lexicon()
    folded = casefold(text)
    words = folded.replace(".", " ").replace(",", " ").split()
    if lexical.notices.isdisjoint(words):
        return False
    if lexical.notice_phrases.search(folded):
        return True
    hits = len(lexical.notices.intersection(words))
    needed = 2 if length <= 140 else 3
    return hits >= needed and length <= 400 and text[:1] not in '„“"«' and not lexical.addresses.isdisjoint(words)


def _ending(text: str, credit: Credit, length: int) -> Clue:
    """What a text with a credit at its end is: a caption, or article text whose source is given."""
    before = text[: credit.start].rstrip()
    sentence = before.rstrip(_CLOSING)[-1:] in _TERMINAL
    if (credit.form == "source" and is_date_line(before)) or (length <= _DATELINE_MAX and read_dateline(text)):
        return Clue.DATE  # a dateline may stand on a line of its own
    if credit.form == "source" and sentence and length >= _SOURCED_MIN:
        return Clue.PROSE
    if length > _NOTICE_MAX:
        return Clue.PROSE
    return Clue.CAPTION
