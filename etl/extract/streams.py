"""Streams that never raise: they end early and remember why, whatever library reads from them.

A damaged file shall yield its good part, and one reject that says where it broke. Libraries for containers treat
exceptions from their input in many ways, but all know how to come to an end. So a stream that breaks ends, and whoever
has read it asks `failure_of` whether that was the end.
"""

from __future__ import annotations

import bz2
import io
import lzma
import re
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Protocol

from etl.extract.limits import RATIO_FREE_BYTES, LimitReached, Limits, Spent
from etl.transform.record import Refusal

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from typing_extensions import Buffer

HEAD = 64 * 1024
"""Bytes that `buffered` streams can show ahead of reading; formats are told by less."""
_CHUNK = 64 * 1024
_SPOOLED_IN_MEMORY = 16 * 1024 * 1024
_TEXT_OF_ERROR = 200

ZSTD_DICTIONARY = b"\x5d\x2a\x4d\x18"
"""Begins a skippable frame that holds the dictionary of the frames after it (IIPC, WARC in Zstandard, 1.0)."""
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
_DICTIONARY_MAX = 16 * 1024 * 1024


class Source(io.RawIOBase):
    """A stream of bytes over another one; `failure` says why it ended before its end."""

    def __init__(self) -> None:
        self.failure: Refusal | None = None
        self.position = 0
        """Bytes handed on so far."""

    @property
    def below(self) -> Source | None:
        """The stream that this one reads from, up to the border of a container's member."""
        return None

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Fill the buffer, but for the last one: formats are told by what one look ahead shows."""
        view = memoryview(buffer).cast("B")
        filled = 0
        while filled < len(view) and self.failure is None:
            data = self._some(len(view) - filled)
            if not data:
                break
            view[filled : filled + len(data)] = data
            filled += len(data)
            self.position += len(data)
        return filled

    def _some(self, size: int) -> bytes:
        """At most `size` bytes; none at the end, or where `failure` is set."""
        raise NotImplementedError


class FileSource(Source):
    """A file, as the landing zone or a container opened it; errors of reading become failures."""

    def __init__(
        self,
        file: IO[bytes],
        errors: tuple[type[Exception], ...] = (),
        code: str = "unreadable",
        *,
        front_to_back: bool = False,
        step: int = sys.maxsize,
    ) -> None:
        """Take over a file.

        Args:
            file: Open, at its beginning.
            errors: What else than OSError its damage raises.
            code: Reject code for that.
            front_to_back: Whether going back in it is slow: members of archives are unpacked anew.
            step: What to ask it for at a time, where it needs memory in proportion to that.
        """
        super().__init__()
        self._anywhere = not front_to_back and file.seekable()
        self._file, self._code, self._step = file, code, step
        self._errors: tuple[type[Exception], ...] = (OSError, *errors)

    def _some(self, size: int) -> bytes:
        try:
            return self._file.read(min(size, self._step))
        except self._errors as error:
            self.failure = Refusal(self._code, said(error))
            return b""

    def seekable(self) -> bool:
        """Whether it can be read anywhere."""
        return self._anywhere

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move within the file."""
        self.position = self._file.seek(offset, whence)
        return self.position

    def tell(self) -> int:
        """Where the file is read next."""
        return self.position


class Part(Source):
    """The next `length` bytes of a stream: a member of a container that is read from front to back."""

    def __init__(self, source: io.BufferedReader, length: int) -> None:
        super().__init__()
        self._source, self.length = source, max(0, length)

    @property
    def short(self) -> bool:
        """Whether the container ended before its member did; the container says so itself."""
        return self.position < self.length and not self._source.peek(1)

    def _some(self, size: int) -> bytes:
        return self._source.read(min(size, self.length - self.position))

    def skip(self) -> None:
        """Read on to the end."""
        while self.read(_CHUNK):
            pass


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gzip:
    """One gzip member, in the manner of the other decompressors."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def needs_input(self) -> bool:
        return not self._zlib.unconsumed_tail and not self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)


_DECODERS: dict[str, tuple[Callable[[], _Decoder], bytes]] = {
    "gzip": (_Gzip, b"\x1f\x8b"),
    "bz2": (bz2.BZ2Decompressor, b"BZh"),
    "xz": (lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ), b"\xfd7zXZ\0"),
    "zstd": (zstd.ZstdDecompressor, b""),
}
COMPRESSIONS = tuple(_DECODERS)


class Inflated(Source):
    """A compressed stream, decompressed: all its members or frames after one another."""

    def __init__(self, source: io.BufferedReader, kind: str, limits: Limits) -> None:
        super().__init__()
        self.kind = kind
        self._source, self._limits = source, limits
        self._new, self._magic = _DECODERS[kind]
        self._read = 0
        self._produced = 0
        self._decoder: _Decoder | None = None
        self._ended = False

    @property
    def below(self) -> Source | None:
        """The stream of compressed bytes."""
        raw = self._source.raw
        return raw if isinstance(raw, Source) and not isinstance(raw, Part) else None

    def _some(self, size: int) -> bytes:
        try:
            return self._inflate(size)
        except (EOFError, OSError, lzma.LZMAError, zlib.error, zstd.ZstdError, ValueError, MemoryError) as error:
            self._fail("truncated_container", f"{self.kind} stream is damaged: {said(error)}")
            return b""

    def _inflate(self, size: int) -> bytes:
        decoder = None if self._ended else self._decoder or self._next(b"")
        while decoder is not None:
            if decoder.eof:
                decoder = self._next(decoder.unused_data)
                continue
            data = self._take(_CHUNK) if decoder.needs_input else b""
            if decoder.needs_input and not data:
                self._fail("truncated_container", f"{self.kind} stream ends early, after {self._produced} bytes")
                return b""
            found = decoder.decompress(data, size)
            if found:
                self._produced += len(found)
                return self._checked(found)
        self._ended = True
        return b""

    def _checked(self, found: bytes) -> bytes:
        allowed = max(RATIO_FREE_BYTES, self._limits.decompression_ratio * self._read)
        if self._produced > allowed:
            message = (
                f"{self._read} bytes of {self.kind} unfold to more than {self._limits.decompression_ratio} times as "
                "many (setting `max_decompression_ratio`)"
            )
            self._fail("decompression_bomb", message)
            return b""
        return found

    def _next(self, rest: bytes) -> _Decoder | None:
        """The decoder of the next member, fed with what lies before it; None at the end."""
        first = self._decoder is None
        if self.kind in ("gzip", "xz"):  # may be padded
            while not (rest := rest.lstrip(b"\0")) and (more := self._take(_CHUNK)):
                rest = more
        if len(rest) < len(ZSTD_DICTIONARY):
            rest += self._take(_CHUNK)
        if not rest:
            return None
        if not first and not self._begins(rest):
            at = self._read - len(rest)
            self._fail("truncated_container", f"{self.kind} stream is followed by other data at byte {at}")
            return None
        if self.kind == "zstd" and rest.startswith(ZSTD_DICTIONARY):
            rest = self._use_dictionary(rest)
        self._decoder = decoder = _Fed(self._new(), rest)
        return decoder

    def _begins(self, rest: bytes) -> bool:
        if self.kind != "zstd":
            return rest.startswith(self._magic)
        return rest.startswith(_ZSTD_MAGIC) or _SKIPPABLE.match(rest) is not None

    def _use_dictionary(self, rest: bytes) -> bytes:
        """Let all later frames use the dictionary that `rest` begins with; returns what follows it."""
        while len(rest) < 8 and (more := self._take(_CHUNK)):  # noqa: PLR2004 - magic and size
            rest += more
        size = int.from_bytes(rest[4:8], "little")
        if size > _DICTIONARY_MAX:
            message = f"dictionary of {size} bytes"
            raise ValueError(message)
        while len(rest) < 8 + size and (more := self._take(_CHUNK)):
            rest += more
        data, rest = rest[8 : 8 + size], rest[8 + size :]
        if data.startswith(_ZSTD_MAGIC):
            data = zstd.ZstdDecompressor().decompress(data, _DICTIONARY_MAX)
        dictionary = zstd.ZstdDict(data)
        self._new = lambda: zstd.ZstdDecompressor(dictionary)
        return rest

    def _take(self, size: int) -> bytes:
        data = self._source.read(size)
        self._read += len(data)
        return data

    def _fail(self, code: str, message: str) -> None:
        if self.failure is None:
            self.failure = Refusal(code, message)


class _Fed:
    """A decoder with input waiting: what the member before it left over."""

    def __init__(self, decoder: _Decoder, waiting: bytes) -> None:
        self._decoder, self._waiting = decoder, waiting

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def needs_input(self) -> bool:
        return not self._waiting and self._decoder.needs_input

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        waiting, self._waiting = self._waiting, b""
        return self._decoder.decompress(waiting + data, max_length)


def buffered(source: Source) -> io.BufferedReader:
    """The stream with a look ahead of `HEAD` bytes."""
    return io.BufferedReader(source, HEAD)


def failure_of(stream: io.BufferedReader) -> Refusal | None:
    """Why the stream ended before its end: the first failure on the way from the container's border."""
    source, found = stream.raw, None
    while isinstance(source, Source):
        found = source.failure or found
        below = source.below
        if below is None:
            break
        source = below
    return found


def is_cut(stream: io.BufferedReader) -> bool:
    """Whether the container around ended before this member did, which the container itself reports."""
    source: Any = stream.raw
    while isinstance(source, Inflated):
        source = source._source.raw  # noqa: SLF001 - of its own kind
    return isinstance(source, Part) and source.short


@contextmanager
def seekable(stream: io.BufferedReader, spent: Spent) -> Iterator[IO[bytes]]:
    """The stream itself where it can be read anywhere, else a copy in memory or, if large, in a temporary file.

    Raises:
        LimitReached: it is larger than the members of one file may be.
    """
    if stream.seekable():
        yield stream
        return
    with tempfile.SpooledTemporaryFile(_SPOOLED_IN_MEMORY) as copy:
        size = 0
        while data := stream.read(_CHUNK):
            size += len(data)
            if spent.bytes + size > spent.limits.container_bytes:
                message = f"unfolds to more than {spent.limits.container_bytes} bytes (setting `max_container_bytes`)"
                raise LimitReached(Refusal("too_large", message))
            copy.write(data)
        copy.seek(0)
        yield copy


def said(error: BaseException) -> str:
    """What an error says, or its name, in a length fit for a message."""
    text = (error.strerror if isinstance(error, OSError) and error.strerror else str(error)) or type(error).__name__
    return text[:_TEXT_OF_ERROR]
