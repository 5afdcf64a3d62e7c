"""What bytes are: told by their beginning, hardly ever by the name they came under."""

from __future__ import annotations

import re
import tarfile
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from etl.transform.record import Refusal

TEXT, HTML = "text/plain", "text/html"

_SHOWN = 4096
"""Bytes in which a page shows that it is one; licences and comments may stand before it."""
_MARKUP = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|meta|title|script|style|link|div|article|main|section|header|nav|table|h1|p|a|b|br|font|iframe)\b",
    re.IGNORECASE,
)
_BEFORE_MARKUP = re.compile(
    rb"(?:\s|<!--.*?-->|<\?.*?\?>|<!doctype\s(?!\s*html)[^<>\[]*+(?:\[[^\]]*+\])?[^<>]*+>)*", re.DOTALL | re.IGNORECASE
)
_TAG = re.compile(rb"</?[a-zA-Z][^<>]*>")
_AGENCY_ROOTS = (b"nitf", b"newsitem", b"newsmessage")
_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)")
_JSON = re.compile(rb"\s*(?:\{\s*[\"}]|\[\s*[{\]])")
_CHECK_SUM = slice(148, 156)
_OCTAL = b"01234567"
_UNICODE_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


class Format(NamedTuple):
    """What a stream holds."""

    kind: str
    """`gzip`, `bz2`, `xz`, `zstd`; `tar`, `zip`, `warc`, `parquet`, `json`, `xml`; `page` (text or HTML); `refused`."""
    refusal: Refusal | None = None


@cache
def _lists() -> dict[str, dict[bytes, str]]:
    data = tomllib.loads((Path(__file__).parent / "data" / "formats.toml").read_text(encoding="utf-8"))
    return {name: {bytes.fromhex(magic): what for magic, what in data[name].items()} for name in _MAGIC}


_MAGIC = ("opened", "archives", "binary")


@cache
def office_members() -> dict[str, str]:
    """Names of members that tell that a zip file is one document, and which."""
    data = tomllib.loads((Path(__file__).parent / "data" / "formats.toml").read_text(encoding="utf-8"))
    return dict(data["office"])


def sniff(head: bytes) -> Format:
    """What a stream holds, by its first bytes (some 4 kB, or all there are); pure."""
    lists = _lists()
    kind = _begins(head, lists["opened"]) or ("tar" if is_tar(head) else None)
    if kind:
        return Format(kind)
    refusal = _refused(head)
    if refusal is not None:
        return Format("refused", refusal)
    text = _as_ascii(head)
    if _JSON.match(text):
        return Format("json")
    return Format("xml" if _is_xml(text) else "page")


def _refused(head: bytes) -> Refusal | None:
    lists = _lists()
    archive = _begins(head, lists["archives"])
    if archive:
        return Refusal("unsupported_format", f"{archive}, which this version does not open")
    binary = _begins(head, lists["binary"])
    if binary or (head[4:8] == b"ftyp" and head[:3] == b"\0\0\0"):
        return Refusal("binary", f"{binary or 'film or picture (MP4, HEIF)'}, not text")
    return None


def is_tar(head: bytes) -> bool:
    """Whether a tar header stands here: its check sum is right."""
    if len(head) < tarfile.BLOCKSIZE or not head[0] or head[_CHECK_SUM].strip(b" \0").translate(None, _OCTAL):
        return False
    try:
        tarfile.TarInfo.frombuf(head[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return False
    return True


def media_type_of(data: bytes, *, named_html: bool) -> str:
    """`text/html` or `text/plain` for the bytes of a page.

    Args:
        data: The bytes, or their beginning.
        named_html: Whether its name or its sender calls it HTML, which decides where the bytes leave it open.
    """
    text = _as_ascii(data[: 4 * _SHOWN])
    before = _BEFORE_MARKUP.match(text)
    if _MARKUP.match(text, before.end() if before else 0):
        return HTML
    return HTML if named_html and _TAG.search(text) else TEXT


def is_html_name(name: str) -> bool:
    """Whether a file is called a page."""
    ending = name.lower().rpartition(".")[2]
    return ending in ("html", "htm", "xhtml", "shtml")


def _begins(head: bytes, magics: dict[bytes, str]) -> str | None:
    if not head.startswith(tuple(magics)):  # nearly always, and asked at once
        return None
    return next(what for magic, what in magics.items() if head.startswith(magic))


def _as_ascii(head: bytes) -> bytes:
    """The head without a byte order mark; UTF-16 as one byte a character, so that markup can be seen in it."""
    for mark, charset in _UNICODE_MARKS:
        if head.startswith(mark):
            rest = head[len(mark) :]
            return rest if charset == "utf-8" else rest.decode(charset, "replace").encode("ascii", "replace")
    if head[:1] in (b"<", b"{", b"[") and head[1:2] == b"\0":
        return head.decode("utf-16-le", "replace").encode("ascii", "replace")
    if head[:1] == b"\0" and head[1:2] in (b"<", b"{", b"["):
        return head.decode("utf-16-be", "replace").encode("ascii", "replace")
    return head


def _is_xml(text: bytes) -> bool:
    """Whether XML of another kind than a page begins here."""
    before = _BEFORE_MARKUP.match(text)
    start = before.end() if before else 0
    if _MARKUP.match(text, start):
        return False
    root = _ROOT.match(text, start)
    if root is None:
        return False
    is_declared = b"<?xml" in text[:start] or b"xmlns" in text[root.end() : root.end() + _SHOWN]
    return is_declared or root[1].lower() in _AGENCY_ROOTS
