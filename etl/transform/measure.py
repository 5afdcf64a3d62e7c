"""Count and fingerprint the text of an article: pure functions over its lead and body."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"[{_UNSPACED}]|(?:(?![{_UNSPACED}])\w)+(?:['’.-](?:(?![{_UNSPACED}])\w)+)*")
_PLAIN_WORD = re.compile(r"\w+(?:['’.-]\w+)*")
_ANY_UNSPACED = re.compile(rf"[{_UNSPACED}]")


def text_of(lead: str | None, body: str) -> str:
    """Lead and body as one text, an empty line between."""
    return f"{lead}\n\n{body}" if lead else body


def paragraph_count(body: str) -> int:
    """Paragraphs of the body, sub-headings included."""
    return sum(1 for paragraph in body.split("\n\n") if paragraph.strip())


def word_count(text: str) -> int:
    """Unicode words; each character counts in scripts without blanks (Chinese, Japanese, Thai, Lao, Khmer, Burmese).

    A word is a run of letters, digits and underscores; an apostrophe, stop or hyphen inside joins (`don't`, `3.5`).
    """
    pattern = _WORD if not text.isascii() and _ANY_UNSPACED.search(text) else _PLAIN_WORD
    return len(pattern.findall(text))


def char_count(text: str) -> int:
    """Characters (code points)."""
    return len(text)


def content_hash(text: str) -> str:
    """First 32 hex digits of the SHA-256 of the text after NFKC, case folding, and one blank for any white space."""
    # By line, because most lines are in that form already, and those of ASCII only are folded several times as fast.
    lines = (unicodedata.normalize("NFKC", line).casefold() for line in text.split("\n"))
    folded = " ".join(word for line in lines for word in line.split())
    return hashlib.sha256(folded.encode("utf-8", "surrogatepass")).hexdigest()[:32]
