"""Read one landing file: every document in it decoded, or a refusal that says why not."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO

from etl.extract.charset import Decoded, decode
from etl.extract.columns import Columns, Facts, all_columns
from etl.extract.formats import TEXT
from etl.extract.limits import Limits
from etl.extract.locations import name_of
from etl.extract.readers import READERS
from etl.extract.walk import RawDocument, RefusedPart, Walk
from etl.settings import Settings
from etl.transform.record import Document, Refusal


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A document, or the rest of a container, that came to nothing, with what is known of its bytes."""

    source_uri: str
    refusal: Refusal
    source_offset: int = 0
    document_id: str | None = None
    """None where the bytes could not be read whole."""
    source_length: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read: the settings that decide about it."""

    limits: Limits = field(default_factory=Limits)
    columns: Columns = field(default_factory=lambda: all_columns({}))
    """Names to look for by role, the well-known ones included."""
    charsets: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings) -> Reading:
        """What the settings say."""
        limits = Limits(
            document_bytes=settings.max_document_bytes,
            container_members=settings.max_container_members,
            container_bytes=settings.max_container_bytes,
            decompression_ratio=settings.max_decompression_ratio,
            nesting=settings.max_nesting,
        )
        return cls(limits, all_columns(settings.columns), settings.charsets)


def document_id(data: bytes) -> str:
    """First 32 hex digits of the SHA-256 of a document's bytes."""
    return hashlib.sha256(data).hexdigest()[:32]


def read_file(
    file: IO[bytes], source_uri: str, reading: Reading, *, source: str | None = None, size: int | None = None
) -> Iterator[Document | RefusedFile]:
    """Every document of a file, in its order; at least one refusal where there is none.

    Args:
        file: The file, open at its beginning; errors of reading become refusals.
        source_uri: Its name in the tables.
        reading: Limits, columns and charsets.
        source: The source it belongs to, where its path tells one.
        size: Its size as listed, where known: a file of another size by now is refused as `changed_file`.
    """
    changed = _changed(file, size)
    if changed is not None:
        yield RefusedFile(source_uri, changed, source_length=size)
        return
    for found in walk_file(file, source_uri, reading):
        if isinstance(found, RefusedPart):
            address = found.address
            yield RefusedFile(address.uri, found.refusal, address.offset, None, address.length)
        else:
            yield _document(found, reading, source)


def walk_file(file: IO[bytes], source_uri: str, reading: Reading) -> Iterator[RawDocument | RefusedPart]:
    """The documents of a file as bytes."""
    return Walk(READERS, reading.limits, reading.columns).file(file, source_uri, name_of(source_uri), Facts())


def _document(found: RawDocument, reading: Reading, source: str | None) -> Document | RefusedFile:
    facts, address, data = found.facts, found.address, found.data
    source = source or facts.source
    length = len(data) if address.length is None else address.length
    decoded = _decoded(data, reading.charsets.get(source or ""), facts.charset, html=found.media_type != TEXT)
    if isinstance(decoded, Refusal):
        return RefusedFile(address.uri, decoded, address.offset, document_id(data), length)
    return Document(
        text=decoded.text,
        document_id=document_id(data),
        source_uri=address.uri,
        source_offset=address.offset,
        source_length=length,
        media_type=found.media_type,
        charset=decoded.charset,
        source=source,
        url=facts.url,
        collected_at=facts.collected_at,
        stated=facts.stated if facts.stated != _NOTHING_STATED else None,
    )


_NOTHING_STATED = Facts().stated
_LATIN1 = "iso8859-1"


def _decoded(data: bytes, declared: str | None, sent: str | None, *, html: bool) -> Decoded | Refusal:
    """The text; the charset of the settings counts before the one that the sender named, who may be wrong."""
    if declared is None and sent is not None and sent != _LATIN1:  # which means cp1252 on the web
        decoded = decode(data, sent, html=html)
        if isinstance(decoded, Decoded):
            return decoded
    return decode(data, declared, html=html)


def _changed(file: IO[bytes], size: int | None) -> Refusal | None:
    """Why a file is refused that was listed with another size: it is still being written, or was just replaced."""
    if size is None or not file.seekable():
        return None
    try:
        now = file.seek(0, io.SEEK_END)
        file.seek(0)
    except OSError:
        return None  # reading it will say why
    if now == size:
        return None
    return Refusal("changed_file", f"has {now} bytes, {size} when the day was listed: it is still being written")
