"""Tar archives, read from front to back."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator

from etl.extract.locations import uri_of
from etl.extract.streams import Part, buffered, said
from etl.extract.walk import Break, Context, Member, bad_name
from etl.transform.record import Refusal

_METADATA_MAX = 4 * 1024 * 1024
"""Bytes of headers before a member: names and times, no more. Some of them tarfile gathers without end."""
_GLOBAL_MAX = 64 * 1024
"""Characters of headers that count for all members, which tarfile copies for each."""
_CHUNK = 64 * 1024
_DAMAGE = (tarfile.TarError, OSError, EOFError, ValueError, OverflowError, RecursionError, KeyError)


def read_tar(stream: io.BufferedReader, _: Context) -> Iterator[Member | Break]:
    """The members of an archive; folders are none, links and devices are refused."""
    forward = _Forward(stream)
    try:
        archive = tarfile.TarFile(fileobj=forward, errorlevel=1, errors="surrogateescape")  # type: ignore[arg-type]
        for info in archive:
            if info.isdir():
                continue
            yield from _member(info, forward)
            forward.headers = 0
            if sum(len(key) + len(value) for key, value in archive.pax_headers.items()) > _GLOBAL_MAX:
                message = f"global headers of more than {_GLOBAL_MAX} characters"
                raise tarfile.ReadError(message)
            archive.members.clear()  # type: ignore[attr-defined]  # tarfile would keep them all
    except _DAMAGE as error:
        yield Break(forward.position, Refusal("truncated_container", f"tar archive is damaged: {said(error)}"))
        return
    if not forward.ended:
        message = "tar archive ends without its end mark, or at a damaged header"
        yield Break(forward.last, Refusal("truncated_container", message))
        return
    while block := stream.read(_CHUNK):
        if block.strip(b"\0"):
            message = "data follows the end mark of the tar archive"
            yield Break(forward.position, Refusal("truncated_container", message))
            return


def _member(info: tarfile.TarInfo, forward: _Forward) -> Iterator[Member]:
    name, offset, size = info.name, info.offset_data, info.size
    is_plain = info.isreg() and info.sparse is None
    refusal = bad_name(name)
    if refusal is None and not is_plain:
        refusal = Refusal("unsupported_format", f"tar member of type {info.type!r}: a link, a device or a sparse file")
    if refusal is None and size < 0:
        refusal = Refusal("truncated_container", f"tar member is damaged: its header says {size} bytes")
    uri = uri_of(name) or f"@{offset}"  # refused, but told apart
    if refusal is not None:
        yield Member(uri, offset, max(0, size) if is_plain else 0, refusal)
        return
    forward.seek(offset)
    part = Part(forward.stream, size)
    yield Member(uri, offset, size, buffered(part))
    part.skip()
    forward.position = offset + part.position


class _Forward:
    """A stream as tarfile wants a file: it can go forwards only, by reading, and one byte back."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self.stream = stream
        self.position = 0
        self.last = 0
        """Where the last header began."""
        self.headers = 0
        """Bytes read since the last member."""
        self.ended = False
        """Whether the last header read was the end mark: a block of NULs."""
        self._behind: int | None = None

    def tell(self) -> int:
        return self.position if self._behind is None else self._behind

    def seek(self, offset: int) -> int:
        if offset < self.position - 1:
            message = "a member that lies before its own header"
            raise tarfile.ReadError(message)
        self._behind = offset if offset < self.position else None
        while self.position < offset and (data := self.stream.read(min(_CHUNK, offset - self.position))):
            self.position += len(data)
        return offset

    def read(self, size: int) -> bytes:
        if self._behind is not None and size:  # tarfile looks whether the byte before a header is there
            self._behind = None
            return b"\0"
        self.headers += size
        if self.headers > _METADATA_MAX:
            message = f"headers of more than {_METADATA_MAX} bytes before a member"
            raise tarfile.ReadError(message)
        data = self.stream.read(size)
        if size == tarfile.BLOCKSIZE:
            self.last = self.position
            self.ended = len(data) == size and not data.strip(b"\0")
        self.position += len(data)
        return data
