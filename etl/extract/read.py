"""Read one landing file into a document, or into a refusal that says why not."""

from __future__ import annotations

import gzip
import hashlib
import os
import stat
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from etl.extract.charset import decode
from etl.transform.record import Document, Refusal

HTML = "text/html"
MEDIA_TYPES = {".txt": "text/plain", ".html": HTML, ".htm": HTML, ".xhtml": HTML}
"""Media type by file ending; the readers of other formats join here."""


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that did not become a document, with what is known of its bytes."""

    refusal: Refusal
    document_id: str | None = None
    """None where the bytes could not be read whole."""
    source_length: int | None = None


def document_id(data: bytes) -> str:
    """First 32 hex digits of the SHA-256 of a document's bytes."""
    return hashlib.sha256(data).hexdigest()[:32]


def read_document(
    path: Path, source_uri: str, *, source: str | None, charset: str | None, max_bytes: int
) -> Document | RefusedFile:
    """Read a text or HTML file, compressed or not.

    Args:
        path: The file.
        source_uri: Its name in the tables.
        source: The source it belongs to, where its path tells one.
        charset: Charset that the settings declare for the source.
        max_bytes: Larger documents are refused.
    """
    name = path.name.lower()
    compressed = name.endswith(".gz")
    ending = Path(name.removesuffix(".gz")).suffix
    if ending not in MEDIA_TYPES:
        message = f"file name ends in `{ending or name}`; this version reads {', '.join(MEDIA_TYPES)}, also with .gz"
        return RefusedFile(Refusal("unsupported_format", message), source_length=_size(path))
    data = _read_bytes(path, compressed=compressed, max_bytes=max_bytes)
    if isinstance(data, RefusedFile):
        return data
    decoded = decode(data, charset, html=MEDIA_TYPES[ending] == HTML)
    if isinstance(decoded, Refusal):
        return RefusedFile(decoded, document_id(data), len(data))
    return Document(
        text=decoded.text,
        document_id=document_id(data),
        source_uri=source_uri,
        source_offset=0,
        source_length=len(data),
        media_type=MEDIA_TYPES[ending],
        charset=decoded.charset,
        source=source,
    )


def _read_bytes(path: Path, *, compressed: bool, max_bytes: int) -> bytes | RefusedFile:
    try:
        with _open_regular(path) as raw:
            if not compressed:
                data = raw.read(max_bytes + 1)
            else:
                with gzip.GzipFile(fileobj=raw) as stream:
                    data = stream.read(max_bytes + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        return RefusedFile(Refusal("truncated_container", f"gzip stream is damaged: {error}"))
    except OSError as error:
        return RefusedFile(Refusal("unreadable", error.strerror or str(error)))
    if len(data) > max_bytes:
        message = f"more than {max_bytes} bytes{' when decompressed' if compressed else ''}"
        return RefusedFile(Refusal("too_large", message), source_length=None if compressed else _size(path))
    return data


def _open_regular(path: Path) -> IO[bytes]:
    """Open without waiting: a pipe that nobody writes to would hold the batch for ever."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        message = "not a regular file"
        raise OSError(message)
    return os.fdopen(descriptor, "rb")


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
