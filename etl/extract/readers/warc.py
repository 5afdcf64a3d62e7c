"""WARC and WET: every response, resource and conversion is a document; damage is passed over to the next record."""

from __future__ import annotations

import codecs
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import brotli
from fastwarc.warc import ArchiveIterator, HeaderMap, WarcRecord, WarcRecordType

from etl.extract.columns import Facts, moment
from etl.extract.streams import FileSource, buffered, said
from etl.extract.walk import Break, Context, Member
from etl.transform.record import Refusal

_WANTED = ("response", "resource", "conversion", "continuation")
_ALL = WarcRecordType.any_type
_READ_AHEAD = 64 * 1024
"""What fastwarc asks its input for at a time; so much of the stream may be gone when it finds a record damaged."""
_HTTP_HEAD = 1024 * 1024
"""What a block may have beyond the document: the answer's headers."""
_VERSION = b"WARC/"
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_SHOWN = 4096
_CHUNK_HEAD = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]{0,1000})?\r?\n")
_DIGITS = 15
_NEXT = re.compile(rb"\r?\n\r?\nWARC/[01]\.[0-9]+\r?\nWARC-")
_DAMAGE_MAX = 1000
"""Damaged stretches after which a file is given up: looking for the next record takes its time."""


def read_warc(stream: io.BufferedReader, context: Context) -> Iterator[Member | Break]:
    """The documents of a file; each stretch of bytes that is no record gives one refusal."""
    tail = _Tail(stream)
    for _ in range(_DAMAGE_MAX):
        yield from _records(tail, context)
        if tail.damage is None:
            return
        begin, reason = tail.damage
        end = tail.next_record()
        if end is None:
            yield Break(begin, Refusal("truncated_container", f"WARC record is damaged: {reason}"))
            return
        message = f"WARC record is damaged: {reason}; bytes {begin} to {end} are no record and were passed over"
        yield Member(begin, begin, end - begin, Refusal("truncated_container", message))
    message = f"{_DAMAGE_MAX} damaged WARC records; the rest was not looked at"
    yield Break(tail.base, Refusal("truncated_container", message))


def _records(tail: _Tail, context: Context) -> Iterator[Member]:
    """The documents up to the end or to the next damage, which is noted in `tail`."""
    base, tail.damage = tail.base, None
    after = end = base
    try:
        for record in ArchiveIterator(tail, parse_http=False, record_types=_ALL):
            position = base + record.stream_pos
            length = _length(record)
            if length is None:
                tail.damage = (position, "its header says no length")
                return
            found = _document(record, position, length, context)
            if found is None:
                tail.damage = (position, f"the {length} bytes that its header says go beyond its end")
                return
            if isinstance(found, Member):
                yield found
            after, end = position + 1, position + length
        if tail.position < end:
            tail.damage = (after, f"the file ends before byte {end}, to which its header says that it goes")
    except (OSError, ValueError, RuntimeError, EOFError) as error:
        tail.damage = (tail.first_strange(after), said(error))


def _length(record: WarcRecord) -> int | None:
    text = str(record.headers.get("Content-Length", ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


def _document(record: WarcRecord, position: int, length: int, context: Context) -> Member | bool | None:
    """The member that a record is; True where it holds no document, None where it is cut."""
    kind = str(record.record_type)
    if kind not in _WANTED:
        return True
    limit = context.limits.document_bytes
    if length > limit + _HTTP_HEAD:
        return Member(position, position, length, Refusal("too_large", f"record of {length} bytes, more than {limit}"))
    if kind == "continuation":
        return Member(position, position, length, Refusal("unsupported_format", "continuation of a record in segments"))
    if not record.freeze() or record.content_length < length:
        return None
    uri = (record.headers.get("WARC-Target-URI") or "").strip("<> ")
    facts = Facts(url=uri or None, collected_at=moment(record.record_date))
    try:
        content, facts = _payload(record, facts, limit)
    except (OSError, ValueError, EOFError, zlib.error, brotli.error) as error:
        refusal = Refusal("truncated_container", f"body of the HTTP answer is damaged: {said(error)}")
        return Member(position, position, length, refusal, facts)
    if content is None:
        return None
    if isinstance(content, Refusal):
        return Member(position, position, length, content, facts)
    return Member(position, position, length, buffered(FileSource(io.BytesIO(content))), facts)


def _payload(record: WarcRecord, facts: Facts, limit: int) -> tuple[bytes | Refusal | None, Facts]:
    """The body after transfer and content decoding (gzip is peeled later, as everywhere), and what the sender says.

    None where the next record begins within its length.
    """
    content_type = record.headers.get("Content-Type") or ""
    if content_type.startswith("application/http"):
        record.parse_http(auto_decode="none")
        headers = cast("HeaderMap | None", record.http_headers)  # its types do not tell that it may be missing
        if headers is None:
            message = "it has no header"
            raise EOFError(message)
        content_type = headers.get("Content-Type") or ""
        data = record.reader.read(limit + _HTTP_HEAD)
        if _NEXT.search(data):
            return None, facts
        if (headers.get("Transfer-Encoding") or "").strip().lower() == "chunked":
            data = _joined_chunks(data)
        coding = (headers.get("Content-Encoding") or "").strip().lower()
        data = _decoded(data, coding, limit)
    else:
        data = record.reader.read(limit + 1)
        if _NEXT.search(data):
            return None, facts
    facts = replace(facts, is_html="html" in content_type.lower(), charset=_charset(content_type))
    if len(data) > limit:
        return Refusal("too_large", f"more than {limit} bytes (setting `max_document_bytes`)"), facts
    return data, facts


def _decoded(data: bytes, coding: str, limit: int) -> bytes:
    """Undo `br` and `deflate`; crawlers often keep the header and store the body decoded, so it must fit."""
    if coding == "br":
        try:
            return _read_brotli(data, limit)
        except brotli.error:
            if b"<" in data[:_SHOWN]:
                return data
            raise
    if coding == "deflate":
        for bits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
            decoder = zlib.decompressobj(bits)
            try:
                found = decoder.decompress(data, limit + 1)
            except zlib.error:
                continue
            if decoder.eof or len(found) > limit:
                return found
            if bits > 0:  # where no header says so, anything may look like a deflated stream for a while
                message = "deflate stream ends early"
                raise EOFError(message)
    return data


def _joined_chunks(data: bytes) -> bytes:
    """The body of a chunked answer; as it is where the crawler has joined the chunks and kept the header.

    Raises:
        EOFError: it ends before its last chunk, or breaks.
    """
    chunks: list[bytes] = []
    position = 0
    while head := _CHUNK_HEAD.match(data, position):
        begin, length = head.end(), int(head[1], 16)
        if not length:
            return b"".join(chunks)
        chunks.append(data[begin : begin + length])
        position = begin + length
        position += 2 if data.startswith(b"\r\n", position) else data.startswith(b"\n", position)
    if not chunks:
        return data
    message = f"chunked body breaks at byte {min(position, len(data))}"
    raise EOFError(message)


def _read_brotli(data: bytes, limit: int) -> bytes:
    decoder = brotli.Decompressor()
    found = decoder.process(data, output_buffer_limit=limit + 1)
    while len(found) <= limit and not decoder.is_finished():
        more = decoder.process(b"", output_buffer_limit=limit + 1 - len(found))
        if not more:
            message = "brotli stream ends early"
            raise EOFError(message)
        found += more
    return bytes(found)


def _charset(content_type: str) -> str | None:
    """The charset of a content type, where Python knows it."""
    match = _CHARSET.search(content_type)
    if match is None:
        return None
    try:
        return codecs.lookup(match[1]).name
    except LookupError:
        return None


class _Tail:
    """The stream as fastwarc reads it; what it read last can be read again."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self.base = 0
        """Where in the stream the present run of records began."""
        self.damage: tuple[int, str] | None = None
        """Where the run of records ended, and why; None at the end of the stream."""
        self._kept = b""
        self.position = 0
        self._waiting = b""

    def read(self, size: int = -1) -> bytes:
        data = self._waiting[:size] if self._waiting else self._stream.read(size)
        self._waiting = self._waiting[len(data) :]
        self.position += len(data)
        self._kept = (self._kept + data)[-2 * _READ_AHEAD :]
        return data

    def tell(self) -> int:
        return self.position - self.base

    def seek(self, *_: int) -> int:
        raise io.UnsupportedOperation

    def close(self) -> None:
        """The stream is the walk's."""

    def first_strange(self, after: int) -> int:
        """Where the first line stands, from `after` on, that should begin a record and does not, as far as is known."""
        begin = self.position - len(self._kept)
        return max(after, begin)

    def next_record(self) -> int | None:
        """Go to the next line after the damage that begins a record, and return where it stands; None without one."""
        assert self.damage is not None  # noqa: S101 - asked for after damage only
        begin = self.position - len(self._kept)
        data, start = self._kept, max(0, self.damage[0] + 1 - begin)
        while True:
            at = data.find(b"\n" + _VERSION, start)
            if at >= 0:
                break
            more = self.read(_READ_AHEAD)
            if not more:
                return None
            keep = data[-len(_VERSION) :]
            begin += len(data) - len(keep)
            data, start = keep + more, 0
        self.base = begin + at + 1
        self._waiting = data[at + 1 :] + self._waiting
        self.position, self._kept = self.base, b""
        return self.base
