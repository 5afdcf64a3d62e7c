"""The charset that an HTML page states for itself, as browsers understand the name."""

from __future__ import annotations

import codecs
import re

_HEAD = 16 * 1024
"""Bytes in which the page may state it; browsers ask for 1,024, and read on where pages do not keep to that."""
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_STATED = re.compile(
    rb"""<meta\b[^<>]*?\bcharset\s*=\s*["']?\s*([\w.:-]+)|^\s*<\?xml\b[^<>]*?\bencoding\s*=\s*["']([\w.:-]+)""",
    re.IGNORECASE,
)
_LABELS = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "latin1": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "iso-8859-8-i": "iso8859-8",
    "gb2312": "gb18030",
    "gb_2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "chinese": "gb18030",
    "big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "x-euc-jp": "euc_jp",
    "euc-kr": "cp949",
    "ks_c_5601": "cp949",
    "ks_c_5601-1987": "cp949",
    "ksc5601": "cp949",
    "windows-949": "cp949",
    "korean": "cp949",
    "macintosh": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic",
    "utf8": "utf-8",
    # A page whose bytes could be read so far is not in these.
    "utf-16": "utf-8",
    "utf-16le": "utf-8",
    "utf-16be": "utf-8",
    "unicode": "utf-8",
}
"""Names that the Encoding Standard takes for something else than Python does, or that Python does not know."""
_KNOWN = re.compile(
    r"(?:iso[-_]?8859[-_]\d+|iso-2022-jp|windows-125\d|(?:x-)?cp125\d|cp866|ibm866|koi8-[ru]|euc-jp|gb18030|utf-8)\Z"
)
"""Other names that the standard knows: most codecs of Python are none that a page could be in."""


def stated_charset(data: bytes) -> str | None:
    """Python's name for the charset that a `meta` element or an XML declaration states; None where none does."""
    match = _STATED.search(_COMMENT.sub(b"", data[:_HEAD]))
    if match is None:
        return None
    label = (match[1] or match[2]).decode("ascii", "replace").lower()
    name = _LABELS.get(label) or (label.removeprefix("x-") if _KNOWN.match(label) else None)
    return codecs.lookup(name).name if name else None


def without_markup(data: bytes) -> bytes:
    """The bytes outside of tags and scripts, roughly: what the page's language can be told from."""
    first, *rest = data.split(b"<script")
    text = b" ".join([first, *(part.partition(b"</script")[2] for part in rest)])
    return re.sub(rb"<[^<>]*>", b" ", text)
