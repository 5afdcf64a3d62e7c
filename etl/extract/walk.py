"""Walk through a landing file: peel compression, open containers, and find its documents with their addresses.

Readers of formats (`etl/extract/readers/`) are told by content. Each gets a stream and yields the members it finds; a
member that is a container itself is walked in turn, down to a set depth. Whatever breaks ends as one refusal of the
container that broke, after the good part.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import IO

from etl.extract.columns import Facts
from etl.extract.formats import is_html_name, media_type_of, sniff
from etl.extract.limits import LimitReached, Limits, Spent
from etl.extract.locations import uri_of
from etl.extract.streams import (
    COMPRESSIONS,
    HEAD,
    FileSource,
    Inflated,
    Source,
    buffered,
    failure_of,
    is_cut,
    said,
)
from etl.transform.record import Refusal

log = logging.getLogger(__name__)

_SNIFFED = 4096


@dataclass(frozen=True, slots=True)
class Address:
    """Where a document stands: its URI, and its place in the outermost uncompressed stream."""

    uri: str
    offset: int = 0
    length: int | None = None
    """Of the document or the member around it, in bytes of that stream; None for a whole file."""
    name: str = ""
    """Last part of the name, which is a hint at most."""
    nested: bool = False
    """Whether offset and length are those of a member already."""

    def member(self, name: str, offset: int, length: int) -> Address:
        """The address of a member called `name`, of the container that has this address.

        Offset and length count in the container's own stream: they stay those of the outermost container's member.
        """
        uri = f"{self.uri}!{name}"
        if self.nested:
            return replace(self, uri=uri, name=name)
        return Address(uri, offset, length, name, nested=True)


@dataclass(frozen=True, slots=True)
class RawDocument:
    """The bytes of a document, after container, transfer and content decoding."""

    address: Address
    data: bytes
    media_type: str
    facts: Facts = field(default_factory=Facts)


@dataclass(frozen=True, slots=True)
class RefusedPart:
    """What came to nothing: a document, or the rest of a container that broke."""

    address: Address
    refusal: Refusal


Found = RawDocument | RefusedPart


@dataclass(frozen=True, slots=True)
class Member:
    """What a reader found in a container: a stream to walk, or a record whose bytes are known."""

    name: str | int
    """Escaped as in `etl.extract.locations.uri_of`; a number where it is that of a record, which no other has; empty
    where it is the whole file."""
    offset: int
    length: int
    content: io.BufferedReader | bytes | Refusal
    facts: Facts = field(default_factory=Facts)
    media_type: str | None = None
    """Known for records; told by content where None."""


@dataclass(frozen=True, slots=True)
class Break:
    """Where a container broke: it is refused from there on, and its good part stands."""

    offset: int
    refusal: Refusal


Reader = Callable[[io.BufferedReader, "Context"], Iterator[Member | Break]]


@dataclass(frozen=True, slots=True)
class Context:
    """What readers may need besides the stream."""

    limits: Limits
    spent: Spent
    columns: Mapping[str, Sequence[str]]


class Walk:
    """The walk through one landing file."""

    def __init__(self, readers: dict[str, Reader], limits: Limits, columns: Mapping[str, Sequence[str]]) -> None:
        """Begin a walk; `columns` as `etl.extract.columns.all_columns` gives them."""
        self._readers = readers
        self._context = Context(limits, Spent(limits), columns)
        self._limits = limits

    def file(self, file: IO[bytes], uri: str, name: str, facts: Facts) -> Iterator[Found]:
        """All that a file holds, in the order of its streams; one refusal at least where it holds nothing."""
        address = Address(uri, name=name)
        stream = buffered(FileSource(file))
        count = 0
        try:
            for found in self._walk(stream, address, facts, depth=0):
                count += 1
                yield found
        except LimitReached as error:
            position = stream.raw.position if isinstance(stream.raw, Source) else 0
            yield _broken(address, position, error.refusal, count)

    def _walk(self, stream: io.BufferedReader, address: Address, facts: Facts, depth: int) -> Iterator[Found]:
        """Open a stream; a defect of a reader costs what it reads, not its batch."""
        try:
            yield from self._open(stream, address, facts, depth)
        except LimitReached:
            raise
        except Exception as error:
            log.exception("reader failed on %s", address.uri)
            refusal = Refusal("parse_error", f"the reader failed: {type(error).__name__}: {said(error)}")
            yield RefusedPart(address, refusal)

    def _open(self, stream: io.BufferedReader, address: Address, facts: Facts, depth: int) -> Iterator[Found]:
        found = sniff(stream.peek(_SNIFFED))
        kind = found.kind
        if found.refusal is not None:
            if not is_cut(stream):
                yield RefusedPart(address, failure_of(stream) or found.refusal)
        elif kind in COMPRESSIONS or kind in self._readers:
            if depth >= self._limits.nesting:
                message = f"{kind} inside {depth} others (setting `max_nesting`)"
                yield RefusedPart(address, Refusal("nested_too_deep", message))
            elif kind in COMPRESSIONS:
                inner = buffered(Inflated(stream, kind, self._limits))
                yield from self._walk(inner, address, facts, depth + 1)
            else:
                yield from self._container(kind, stream, address, facts, depth)
        else:
            yield from self._page(stream, address, facts)

    def _container(
        self, kind: str, stream: io.BufferedReader, address: Address, facts: Facts, depth: int
    ) -> Iterator[Found]:
        names: dict[str, int] = {}
        count = 0
        for found in self._readers[kind](stream, self._context):
            if isinstance(found, Break):
                if not is_cut(stream):
                    yield _broken(address, found.offset, failure_of(stream) or found.refusal, count)
                return
            self._context.spent.member(found.length)
            place = address
            if isinstance(found.name, int):
                place = address.member(str(found.name), found.offset, found.length)
            elif found.name:
                place = address.member(_once(found.name, names), found.offset, found.length)
            inner = _joined(facts, found.facts)
            for document in self._member(found, place, inner, depth):
                count += 1
                yield document
        failure = failure_of(stream)
        if is_cut(stream):
            return
        if failure is not None:
            position = stream.raw.position if isinstance(stream.raw, Source) else 0
            yield _broken(address, position, failure, count)
        elif not count:
            yield RefusedPart(address, Refusal("empty", f"{kind} without a document"))

    def _member(self, member: Member, address: Address, facts: Facts, depth: int) -> Iterator[Found]:
        content = member.content
        if isinstance(content, Refusal):
            yield RefusedPart(address, content)
        elif isinstance(content, bytes):
            if len(content) > self._limits.document_bytes:
                yield RefusedPart(address, self._too_large())
            else:
                media_type = member.media_type or media_type_of(content, named_html=facts.is_html)
                yield RawDocument(address, content, media_type, facts)
        else:
            yield from self._walk(content, address, facts, depth + 1)

    def _page(self, stream: io.BufferedReader, address: Address, facts: Facts) -> Iterator[Found]:
        most = self._limits.document_bytes + 1
        data = stream.read(min(HEAD, most))
        if len(data) == HEAD:  # asked for at once, so many bytes would be set aside for every small page
            data += stream.read(most - HEAD)
        if is_cut(stream):
            return
        failure = failure_of(stream)
        if failure is not None:
            yield RefusedPart(address, failure)
        elif len(data) > self._limits.document_bytes:
            yield RefusedPart(address, self._too_large())
        else:
            named_html = facts.is_html or is_html_name(address.name)
            yield RawDocument(address, data, media_type_of(data, named_html=named_html), facts)

    def _too_large(self) -> Refusal:
        return Refusal("too_large", f"more than {self._limits.document_bytes} bytes (setting `max_document_bytes`)")


def _broken(address: Address, offset: int, refusal: Refusal, count: int) -> RefusedPart:
    """The refusal of the rest of a container, which says where that begins."""
    message = f"{refusal.message}; broke at byte {offset}, after {count} documents"
    at = address if address.nested else replace(address, offset=offset)
    return RefusedPart(at, Refusal(refusal.code, message))


def _once(name: str, names: dict[str, int]) -> str:
    """The name, or one that no member before has: archives may hold a name several times."""
    count = names.get(name, 0)
    names[name] = count + 1
    if not count:
        return name
    while (other := f"{name}~{count + 1}") in names:
        count += 1
    names[other], names[name] = 1, count + 1
    return other


def _joined(outer: Facts, inner: Facts) -> Facts:
    """What a member's container says of it, where it says something, else what is known of the container."""
    return Facts(
        url=inner.url or outer.url,
        source=inner.source or outer.source,
        collected_at=inner.collected_at or outer.collected_at,
        stated=inner.stated,
        charset=inner.charset or outer.charset,
        is_html=inner.is_html,
    )


def bad_name(name: str) -> Refusal | None:
    """Why a member's name is refused: it leads out of the container, or is none."""
    parts = name.replace("\\", "/").split("/")
    if not name or "\0" in name or ".." in parts or name.startswith(("/", "\\")) or name[1:2] == ":":
        message = f"member `{uri_of(name)[:200]}` is not named by a relative path below its archive"
        return Refusal("bad_member_path", message)
    return None
