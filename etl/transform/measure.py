"""Count and fingerprint the text of an article: pure functions over its lead and body."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator

import numpy as np

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_UNSPACED_RUN = re.compile(rf"[{_UNSPACED}]+")
_ASCII = bytes(range(0x80))
_LEADS_OF_SPACED = bytes(set(range(0x100)) - {0xE0, 0xE1, *range(0xE3, 0xEA), 0xEF, 0xF0})
"""Bytes with which no character of `_UNSPACED` begins in UTF-8, and those that never begin one."""
_FREQUENT_SIGNS = "“”„’–…»«—‘•\u00a0·€©®°→″\u202f\u2009\u200b"
_BLANK, _JOINER, _WORD = 0, 1, 2
_SHAPE = bytes(
    _JOINER if byte in b"'.-" else _WORD if byte >= 0x80 or chr(byte).isalnum() or byte == ord("_") else _BLANK
    for byte in range(0x100)
)
"""What a byte is in a text whose other signs are blanks."""

_COMPATIBLE = "\u00a0…\u2005\u2009\u202f\u3000½¼¹²³₂ªº´™″（）：！，？；"
_COMPATIBLE_TO_PLAIN = {sign: unicodedata.normalize("NFKD", sign) for sign in _COMPATIBLE}
_SPACE = ord(" ")
_SPACES = "\x85\u1680\u2028\u2029"
"""White space beyond ASCII that NFKC leaves."""
_PLAIN_ASCII = bytes(ord(" ") if chr(byte).isspace() else byte for byte in range(0x80)).lower() + bytes(
    range(0x80, 0x100)
)
"""ASCII in lower case, white space as blanks."""


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
    # Beginnings of words are counted, bytes at a time: a pattern that finds every word takes five times as long.
    unspaced = 0
    data = text.encode("utf-8", "surrogatepass")
    rest = data.translate(None, _ASCII)
    if rest.translate(None, _LEADS_OF_SPACED):
        parts = _UNSPACED_RUN.split(text)
        unspaced = len(text) - sum(map(len, parts))
        text = " ".join(parts)
        data = text.encode("utf-8", "surrogatepass")
        rest = data.translate(None, _ASCII)
    if signs := list(_signs(rest.decode("utf-8", "surrogatepass"))):
        for sign in signs:
            text = text.replace(sign, "'" if sign == "’" else " ")
        data = text.encode("utf-8", "surrogatepass")
    shape = np.frombuffer(data.translate(_SHAPE), np.uint8)
    word = shape == _WORD
    begins = np.count_nonzero(word[1:] > word[:-1]) + np.count_nonzero(word[:1])
    joins = np.count_nonzero(word[2:] & word[:-2] & (shape[1:-1] == _JOINER))
    return int(unspaced + begins - joins)


def _signs(text: str) -> Iterator[str]:
    """The characters that stand in no word; `text` has none of ASCII."""
    if not text or text.isalnum():
        return
    for sign in _FREQUENT_SIGNS:
        if sign in text:
            yield sign
            text = text.replace(sign, "")
    if text and not text.isalnum():
        yield from (char for char in set(text) if not char.isalnum())


def char_count(text: str) -> int:
    """Characters (code points)."""
    return len(text)


def content_hash(text: str) -> str:
    """First 32 hex digits of the SHA-256 of the text after NFKC, case folding, and one blank for any white space."""
    one_line = " ".join([line for part in text.split("\n") if (line := part.strip())])
    data = _casefolded(one_line).translate(_PLAIN_ASCII).strip()
    blank = np.frombuffer(data, np.uint8) == _SPACE
    if (blank[1:] & blank[:-1]).any():
        data = b" ".join(data.split())
    return hashlib.sha256(data).hexdigest()[:32]


def _casefolded(text: str) -> bytes:
    """NFKC, case-folded but for ASCII, white space beyond ASCII as blanks."""
    if text.isascii():
        return text.encode()
    # Whether a text is normalised is known in no time; what spoils it is mostly one of a few signs.
    if not unicodedata.is_normalized("NFKC", text):
        for sign, same in _COMPATIBLE_TO_PLAIN.items():
            text = text.replace(sign, same)
        if not unicodedata.is_normalized("NFKC", text):
            text = ". ".join([unicodedata.normalize("NFKC", part) for part in text.split(". ")])
    for space in _SPACES:
        text = text.replace(space, " ")
    data = text.encode("utf-8", "surrogatepass")
    rest = data.translate(None, _ASCII)
    if len(rest) * 4 > len(data):
        return text.casefold().encode("utf-8", "surrogatepass")
    beyond = rest.decode("utf-8", "surrogatepass")
    if beyond.casefold() == beyond:
        return data
    for char in set(beyond):
        if (folded := char.casefold()) != char:
            text = text.replace(char, folded)
    return text.encode("utf-8", "surrogatepass")
