"""Names of documents: `source_uri` and back to a path, and the source that a path tells."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import BinaryIO

_SPECIAL = re.compile("[\x00-\x1f\x7f!\\\\\udc80-\udcff]")
"""What a URI does not hold as it is; the last range stands for bytes that are not UTF-8 (PEP 383)."""
_ESCAPED = re.compile(r"\\(\\|x[0-9a-f]{2})")


def uri_of(relative: str) -> str:
    r"""The `source_uri` of a path below the landing root, as the file system names it (`os.fsdecode`).

    Bytes that are not UTF-8, control characters and `!` are written `\xNN` and a backslash is doubled. So no two files
    share a URI, every URI leads back to its file and stands on one line, and a `!` only ever sets apart a member of a
    container (`path!member`).
    """
    return escape_name(os.fsencode(relative))


def path_of(uri: str) -> str:
    """The path below the landing root that `uri_of` was given."""
    return os.fsdecode(unescape_name(uri))


def escape_name(raw: bytes) -> str:
    """Bytes of a name as they stand in a `source_uri`; see `uri_of`."""
    return _SPECIAL.sub(_escape, raw.decode("utf-8", "surrogateescape"))


def unescape_name(name: str) -> bytes:
    """The bytes that `escape_name` was given."""
    return _ESCAPED.sub(_unescape, name).encode("utf-8", "surrogateescape")


def _escape(found: re.Match[str]) -> str:
    return "\\\\" if found[0] == "\\" else f"\\x{ord(found[0]) & 0xFF:02x}"


def _unescape(found: re.Match[str]) -> str:
    if found[1] == "\\":
        return "\\"
    byte = int(found[1][1:], 16)
    return chr(byte if byte < 0x80 else 0xDC00 + byte)  # noqa: PLR2004 - from there on bytes are no ASCII


def open_regular(path: Path) -> BinaryIO:
    """Open a file without waiting: a pipe that nobody writes to would hold the batch for ever.

    Raises:
        OSError: it cannot be opened, or is no regular file.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        message = "not a regular file"
        raise OSError(message)
    return os.fdopen(descriptor, "rb")


def source_of(uri: str, day_folder: str) -> str | None:
    """The first folder below the day folder; None where the file lies directly in it."""
    below = uri[len(day_folder) + 1 :] if day_folder else uri
    folder, slash, _ = below.partition("/")
    return folder if slash else None


def name_of(uri: str) -> str:
    """The last part of a path."""
    return uri.rpartition("/")[2]
