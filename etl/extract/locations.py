"""Names of documents: `source_uri` and back to a path, and the source that a path tells."""

from __future__ import annotations

import os
import re

_ESCAPED = re.compile(r"\\(\\|x[0-9a-f]{2})")


def uri_of(relative: str) -> str:
    r"""The `source_uri` of a path below the landing root, as the file system names it (`os.fsdecode`).

    Bytes that are not UTF-8 are written `\xNN` and a backslash is doubled, so that no two files share a URI and
    every URI leads back to its file.
    """
    return os.fsencode(relative.replace("\\", "\\\\")).decode("utf-8", "backslashreplace")


def path_of(uri: str) -> str:
    """The path below the landing root that `uri_of` was given."""
    raw = _ESCAPED.sub(lambda m: "\\" if m[1] == "\\" else chr(0xDC00 + int(m[1][1:], 16)), uri)
    return os.fsdecode(raw.encode("utf-8", "surrogateescape"))


def source_of(uri: str, day_folder: str) -> str | None:
    """The first folder below the day folder; None where the file lies directly in it."""
    below = uri[len(day_folder) + 1 :] if day_folder else uri
    folder, slash, _ = below.partition("/")
    return folder if slash else None
