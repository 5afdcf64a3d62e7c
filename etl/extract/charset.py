"""Bytes to text: byte order mark, NUL test for UTF-16, UTF-8, what HTML states, the source's charset, else cp1252."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

from etl.extract.html_charset import stated_charset, without_markup
from etl.transform.record import Refusal

_BOMS: tuple[tuple[bytes, str], ...] = (
    # UTF-32-LE begins with the mark of UTF-16-LE, so the longer marks come first.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_LINE_ENDS = ("\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_CONTROLS_AS_BYTES = bytes([*range(0x09), *range(0x0E, 0x20), 0x7F])
_CONTROLS_TOLERATED = 0.005
"""Share of control characters in a text; stray ones are removed, more of them mean binary data."""

_SHIFTED = "iso2022_jp"
_ASCII = bytes(range(0x80))
_CONTROL_BYTES = bytes(byte for byte in range(0x20) if not chr(byte).isspace())
_UTF8_SEQUENCE = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH_BYTES_TOLERATED = 0.25
"""Share of bytes above 127 in cp1252 prose: under a tenth even in French; Cyrillic or Greek would be far above."""
_DAMAGE_TOLERATED = 0.2
"""Share of characters beyond ASCII that may be broken in a page: sites cut texts and paste bytes of other charsets."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text of a document (NFC, LF line ends, no byte order mark) and the charset that its bytes are in."""

    text: str
    charset: str


def decode(data: bytes, declared: str | None = None, *, html: bool = False) -> Decoded | Refusal:
    """Decode the bytes of one document.

    Args:
        data: The document's bytes.
        declared: The charset that the settings name for the source, for bytes that are not Unicode.
        html: Whether the document is an HTML page, which may state its charset and is read even if a little damaged.

    Returns:
        The text, or a refusal with code `empty`, `binary` or `undecodable`.
    """
    if not data.strip():
        return Refusal("empty", "zero bytes" if not data else "white space only")
    found = (
        (_decode_shifted(data) if html else None)
        or _decode_unicode(data)
        or (_decode_page(data) if html else None)
        or _decode_legacy(data, declared, html=html)
    )
    if isinstance(found, Refusal):
        return found
    text = found.text.replace("\r\n", "\n") if "\r" in found.text else found.text
    for line_end in _LINE_ENDS:
        if line_end in text:
            text = text.replace(line_end, "\n")
    controls = len(_CONTROLS.findall(text)) if _may_hold_controls(data, found.charset) else 0
    if controls > _CONTROLS_TOLERATED * len(text):
        return Refusal("binary", f"{controls} control characters in {len(text)} characters of {found.charset}")
    if controls:
        text = _CONTROLS.sub("", text)
    if not text.strip():
        return Refusal("empty", "white space only")
    return Decoded(unicodedata.normalize("NFC", text), found.charset)


def _decode_unicode(data: bytes) -> Decoded | Refusal | None:
    """Decode what is recognisably Unicode; None where it is not."""
    for mark, charset in _BOMS:
        if data.startswith(mark):
            text = _strict(data[len(mark) :], charset)
            if text is None:
                return Refusal("undecodable", f"has the byte order mark of {charset}, but is not {charset}")
            return Decoded(text, charset)
    if b"\0" in data:
        guessed = _utf16_by_nuls(data)
        text = _strict(data, guessed) if guessed else None
        if guessed and text is not None:
            return Decoded(text, guessed)
    text = _strict(data, "utf-8")
    return Decoded(text, "utf-8") if text is not None else None


def _decode_shifted(data: bytes) -> Decoded | None:
    """Decode Japanese that is written in ASCII bytes and would pass for UTF-8."""
    text = _strict(data, _SHIFTED) if b"\x1b" in data and stated_charset(data) == _SHIFTED else None
    return Decoded(text, _SHIFTED) if text is not None else None


def _decode_page(data: bytes) -> Decoded | None:
    """Decode an HTML page as it states, or else as UTF-8, with U+FFFD for what is broken; None where much is."""
    for charset in dict.fromkeys((stated_charset(data) or "utf-8", "utf-8")):
        text = data.decode(charset, "replace")
        broken = text.count("\ufffd")
        if broken <= _DAMAGE_TOLERATED * sum(not char.isascii() for char in text):
            return Decoded(text, charset)
    return None


def _decode_legacy(data: bytes, declared: str | None, *, html: bool) -> Decoded | Refusal:
    """Decode bytes that are not Unicode: as declared, else as cp1252 where that gives plausible prose."""
    if declared is not None:
        declared_text = _strict(data, declared)
        if declared_text is None:
            return Refusal("undecodable", f"neither UTF-8 nor {declared}, which is set for its source")
        return Decoded(declared_text, codecs.lookup(declared).name)
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as error:
        if _is_binary(data):
            return Refusal("binary", "control characters, and neither Unicode nor cp1252")
        return Refusal("undecodable", f"neither UTF-8 nor cp1252: byte 0x{data[error.start]:02x} at {error.start}")
    prose = without_markup(data) if html else data
    high = len(prose.translate(None, delete=_ASCII))
    sequences = sum(len(match) for match in _UTF8_SEQUENCE.findall(prose))
    if sequences * 2 > high or high > _HIGH_BYTES_TOLERATED * len(prose):
        message = (
            f"{high} of {len(prose)} bytes above 127, {sequences} of them in UTF-8 characters: damaged or not cp1252"
        )
        return Refusal("undecodable", message)
    return Decoded(text, "cp1252")


def _strict(data: bytes, charset: str) -> str | None:
    """Decode strictly but for a last character that is cut; None where the bytes are not in `charset`."""
    decoder = codecs.getincrementaldecoder(charset)()
    try:
        return decoder.decode(data, final=False)  # an unfinished last character stays in the decoder
    except UnicodeDecodeError:
        return None


def _utf16_by_nuls(data: bytes) -> str | None:
    """Which UTF-16 the bytes are, by where their NULs stand: ASCII, spaces at least, has one in every unit."""
    sample = data[: 1 << 16]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    units = max(1, len(sample) // 2)
    few, some = min(even, odd), max(even, odd)
    # Prose in any script has spaces or line ends; NULs on one side only, in at least 2 % of the units.
    if some < 0.02 * units or few > 0.05 * some:
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _may_hold_controls(data: bytes, charset: str) -> bool:
    """Whether it is worth looking for control characters: a look at the bytes, where they are ASCII's, is quicker."""
    return charset.startswith(("utf-16", "utf-32")) or len(data.translate(None, delete=_CONTROLS_AS_BYTES)) < len(data)


def _is_binary(data: bytes) -> bool:
    controls = len(data) - len(data.translate(None, delete=_CONTROL_BYTES))
    return controls > _CONTROLS_TOLERATED * len(data)
