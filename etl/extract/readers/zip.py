"""Zip archives: by their directory, or, where that is lost, by the headers of their members."""

from __future__ import annotations

import io
import lzma
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from etl.extract.formats import office_members
from etl.extract.limits import RATIO_FREE_BYTES, LimitReached, Limits
from etl.extract.locations import uri_of
from etl.extract.streams import FileSource, buffered, said, seekable
from etl.extract.walk import Break, Context, Member, bad_name
from etl.transform.record import Refusal

_DAMAGE = (
    zipfile.BadZipFile,
    OSError,
    EOFError,
    ValueError,
    OverflowError,
    RuntimeError,
    struct.error,
    KeyError,
    IndexError,
)
_BROKEN_MEMBER = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    ValueError,
    NotImplementedError,
    MemoryError,
    struct.error,
)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_HEADER = struct.Struct("<4s5H3I2H")
_LOCAL = b"PK\x03\x04"
_DIRECTORY_END = struct.Struct("<4s4H2IH")
_TAIL = 1 << 16
_DIRECTORY_MAX = 64 * 1024 * 1024
"""Bytes of a directory, some 600,000 entries: zipfile holds it whole, in ten times as much memory."""
_UNBOUNDED = (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_PIECE = 1024 * 1024
_STEP = 4096
"""Packed bytes to ask for at a time of methods that zipfile unpacks without bound."""
_ENCRYPTED, _SIZES_BEHIND, _UTF8 = 0x1, 0x8, 0x800


def read_zip(stream: io.BufferedReader, context: Context) -> Iterator[Member | Break]:
    """The members of an archive in the order of its directory; folders are none."""
    with seekable(stream, context.spent) as file:
        try:
            _check_count(file, context.limits)
            archive = zipfile.ZipFile(file)
        except _DAMAGE as error:
            yield from _salvage(file, context.limits, said(error))
            return
        with archive:
            yield from _members(archive, file.seek(0, io.SEEK_END), context.limits)


def _members(archive: zipfile.ZipFile, size: int, limits: Limits) -> Iterator[Member]:
    """The members of an archive of `size` bytes."""
    infos = archive.infolist()
    office = office_members().get(infos[0].filename) if infos else None
    if office:
        yield Member("", 0, 0, Refusal("binary", f"{office}, not text"))
        return
    overlapping = _overlapping(infos, size)
    for info in infos:
        if info.filename.endswith("/"):
            continue
        if info.header_offset in overlapping:
            length = max(0, min(info.compress_size, size - info.header_offset))
            refusal = Refusal("truncated_container", "zip member is damaged: it overlaps another or leaves the file")
            yield Member(
                _named(info.filename, info.header_offset), max(0, min(info.header_offset, size)), length, refusal
            )
        else:
            yield _member(archive, info, limits)


def _overlapping(infos: list[zipfile.ZipInfo], size: int) -> set[int]:
    """Where members begin that go on behind the next one's beginning: such archives unfold without measure."""
    places = sorted((info.header_offset, info.compress_size) for info in infos)
    found, end = set(), size
    for offset, packed in reversed(places):
        if offset < 0 or offset + _HEADER.size + packed > end:
            found.add(offset)
        end = offset
    return found


def _check_count(file: IO[bytes], limits: Limits) -> None:
    """Refuse a directory of too many members before it is read into memory."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _TAIL - _DIRECTORY_END.size))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    file.seek(0)
    if at < 0 or len(tail) < at + _DIRECTORY_END.size:
        return
    directory = _DIRECTORY_END.unpack_from(tail, at)[5]
    directory = min(directory, size)
    if directory > _DIRECTORY_MAX:
        message = f"a zip directory of {directory} bytes, more than {_DIRECTORY_MAX}; split the archive, or use tar"
        raise LimitReached(Refusal("too_large", message))
    entries = directory // len(_LOCAL + b"\0" * 42)
    if entries > limits.container_members:
        message = f"more than {limits.container_members} members (setting `max_container_members`)"
        raise LimitReached(Refusal("too_large", message))


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limits: Limits) -> Member:
    name, offset, length = _named(info.filename, info.header_offset), info.header_offset, info.compress_size
    refusal = bad_name(info.filename) or _refused(info, limits)
    if refusal is None:
        try:
            step = _STEP if info.compress_type in _UNBOUNDED else sys.maxsize
            file = archive.open(info)
            source = FileSource(file, _BROKEN_MEMBER, "truncated_container", front_to_back=True, step=step)
            return Member(name, offset, length, buffered(source))
        except (*_DAMAGE, *_BROKEN_MEMBER) as error:
            refusal = Refusal("truncated_container", f"zip member is damaged: {said(error)}")
    return Member(name, offset, length, refusal)


def _refused(info: zipfile.ZipInfo, limits: Limits) -> Refusal | None:
    if info.flag_bits & _ENCRYPTED:
        return Refusal("unsupported_format", "zip member is encrypted; store it without a password")
    if info.compress_type not in _METHODS:
        return Refusal("unsupported_format", f"zip member is compressed by method {info.compress_type}")
    if info.file_size > max(RATIO_FREE_BYTES, limits.decompression_ratio * info.compress_size):
        return Refusal("decompression_bomb", _ratio(info.compress_size, limits))
    return None


def _ratio(size: int, limits: Limits) -> str:
    return (
        f"{size} bytes unfold to more than {limits.decompression_ratio} times as many "
        "(setting `max_decompression_ratio`)"
    )


def _salvage(file: IO[bytes], limits: Limits, reason: str) -> Iterator[Member | Break]:
    """The whole members of an archive without a directory, up to where it broke."""
    position = 0
    while True:
        try:
            file.seek(position)
            found = _next_member(file, position, limits)
        except (*_DAMAGE, zlib.error, lzma.LZMAError):
            found = None
        if found is None:
            break
        member, position = found
        if not str(member.name).endswith("/"):
            yield member
    message = f"zip archive has no directory ({reason}): it is cut or damaged"
    yield Break(position, Refusal("truncated_container", message))


def _next_member(file: IO[bytes], position: int, limits: Limits) -> tuple[Member, int] | None:
    """The member whose header stands at `position`, and where the next one begins; None where none is whole."""
    head = file.read(_HEADER.size)
    if len(head) < _HEADER.size or not head.startswith(_LOCAL):
        return None
    _, _, flags, method, _, _, crc, packed, size, name_length, extra_length = _HEADER.unpack(head)
    raw = file.read(name_length)
    file.read(extra_length)
    name = _named(raw.decode("utf-8" if flags & _UTF8 else "cp437", "surrogateescape"), position)
    start = position + _HEADER.size + name_length + extra_length
    refusal = bad_name(raw.decode("utf-8", "surrogateescape"))
    if flags & _ENCRYPTED or method not in _METHODS[:2] or (method == zipfile.ZIP_STORED and flags & _SIZES_BEHIND):
        return None  # where it ends cannot be told
    if method == zipfile.ZIP_STORED:
        data = file.read(min(size, limits.document_bytes + 1))
        consumed = size
    else:
        data, consumed = _unpack(file, limits)
    if len(data) > limits.document_bytes:
        refusal = Refusal("too_large", f"more than {limits.document_bytes} bytes (setting `max_document_bytes`)")
    end = start + consumed
    if flags & _SIZES_BEHIND:
        file.seek(end)
        behind = file.read(16)
        crc = struct.unpack("<I", behind[4:8] if behind.startswith(b"PK\x07\x08") else behind[:4])[0]
        end += 16 if behind.startswith(b"PK\x07\x08") else 12
    elif packed:
        end = start + packed
    if refusal is None and zlib.crc32(data) != crc:
        refusal = Refusal("truncated_container", "zip member is damaged: its check sum is wrong")
    return Member(name, position, consumed, refusal or buffered(FileSource(io.BytesIO(data)))), end


def _unpack(file: IO[bytes], limits: Limits) -> tuple[bytes, int]:
    """The bytes of a deflated member, hardly more than a document may have, and how many it takes packed.

    Raises:
        EOFError: it is cut.
        LimitReached: it unfolds without measure.
    """
    decoder = zlib.decompressobj(-zlib.MAX_WBITS)
    found, read, produced = bytearray(), 0, 0
    while not decoder.eof:
        data = decoder.unconsumed_tail
        if not data:
            data = file.read(_TAIL)
            read += len(data)
        if not data:
            raise EOFError
        some = decoder.decompress(data, _PIECE)
        produced += len(some)
        if produced > max(RATIO_FREE_BYTES, limits.decompression_ratio * read):
            raise LimitReached(Refusal("decompression_bomb", _ratio(read, limits)))
        if len(found) <= limits.document_bytes:
            found += some
    return bytes(found), read - len(decoder.unused_data)


def _named(name: str, offset: int) -> str:
    """The member's name in a `source_uri`; one without a name is refused, but told apart."""
    return uri_of(name) or f"@{offset}"
