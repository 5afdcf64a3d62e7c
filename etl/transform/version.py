"""The version of the parser: it changes with every byte of code or data that decides what a document becomes."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import etl

_PACKAGE = Path(etl.__file__).parent
_FOLDERS = ("extract", "transform")
"""Extract is part of it because its decoding decides the text."""


@cache
def parser_version() -> str:
    """`<package version>+<12 hex digits>`.

    The digits are the beginning of the SHA-256 over all files of `etl/extract` and `etl/transform`, sorted by their
    POSIX path relative to the package: path, NUL, length, NUL, content. Compiled files are left out.
    """
    return f"{etl.__version__}+{_digest(_PACKAGE)}"


def _digest(package: Path) -> str:
    digest = hashlib.sha256()
    files = [path for folder in _FOLDERS for path in (package / folder).rglob("*") if path.is_file()]
    for path in sorted(files, key=lambda path: path.relative_to(package).as_posix()):
        if "__pycache__" in path.parts:
            continue
        content = path.read_bytes()
        digest.update(f"{path.relative_to(package).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:12]
