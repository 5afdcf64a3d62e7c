"""JSON: a record a line, an array of records, or one record; the text stands in one of its fields."""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Iterator
from typing import Any

from etl.extract.agency_files import agency_format
from etl.extract.columns import read_record
from etl.extract.formats import HTML, TEXT, media_type_of
from etl.extract.readers.agencies import agency_members
from etl.extract.streams import failure_of, is_cut
from etl.extract.walk import Break, Context, Member
from etl.transform.record import Refusal

_ESCAPED = 6
"""Bytes that JSON takes at most for one of the text: `\\u00e9`."""
_CHUNK = 1 << 20
_OBJECT = re.compile(rb"\s*\{\s*[\"}]")
_ARRAY = re.compile(r"\s*\[\s*[{\]]")
_RECORDS = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*\{\s*\")")
_BETWEEN = re.compile(r"[\s,]*")
_HEAD = 4096
_MARKS = {"utf-8-sig": (codecs.BOM_UTF8,), "utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)}
_MARKED = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_VALUES_MAX = 5_000_000
"""Of one JSON value, by its brackets and commas: each takes some 100 bytes once it is read."""
_OPENING = (b",", b"[", b"{")
_DECODER = json.JSONDecoder()
_SHOWN = 80


def read_json(stream: io.BufferedReader, context: Context) -> Iterator[Member | Break]:
    """The records of a JSON file; lines are read one at a time, a file of one value whole."""
    limit = context.limits.document_bytes * _ESCAPED
    mark = stream.read(3) if stream.peek(3)[:3] == b"\xef\xbb\xbf" else b""
    first = stream.readline(limit + 1)
    if stream.peek(1) and _OBJECT.match(first) and (_is_record(first) or _OBJECT.match(stream.peek(1))):
        yield from _lines(stream, context, first, len(mark))
        return
    data = first + stream.read(max(0, limit + 1 - len(first)))
    if len(data) > limit:
        message = f"one JSON value of more than {limit} bytes ({_ESCAPED} times the setting `max_document_bytes`)"
        yield Member("", 0, len(data), Refusal("too_large", message))
        return
    if _has_too_many(data):
        yield Member("", 0, len(data), _too_many())
        return
    is_broken = failure_of(stream) is not None or is_cut(stream)
    for found in agency_members(mark + data) or _document(mark + data, context):
        if is_broken and isinstance(found, Member) and found.name == "":
            return  # the walk says what broke
        yield found


def _lines(stream: io.BufferedReader, context: Context, line: bytes, offset: int) -> Iterator[Member]:
    limit = context.limits.document_bytes * _ESCAPED
    while line:
        length = len(line)
        if length > limit and not line.endswith(b"\n"):
            while not line.endswith(b"\n") and (line := stream.readline(_CHUNK)):
                length += len(line)
            message = f"a line of {length} bytes ({_ESCAPED} times the setting `max_document_bytes` at most)"
            yield Member(offset, offset, length, Refusal("too_large", message))
        elif not line.endswith(b"\n") and (failure_of(stream) is not None or is_cut(stream)):
            return  # the walk says what broke
        elif line.strip():
            yield _line(line.rstrip(b"\r\n"), offset, context)
        offset += length
        line = stream.readline(limit + 1)


def _line(line: bytes, offset: int, context: Context) -> Member:
    if _has_too_many(line):
        return Member(offset, offset, len(line), _too_many())
    value = _value(line)
    if value is None:
        refusal = Refusal("malformed", f"the line is no JSON object: `{line[:_SHOWN].decode('utf-8', 'replace')}`")
        return Member(offset, offset, len(line), refusal)
    if "text" not in value and (media_type := agency_format(line)):
        return Member(offset, offset, len(line), line, media_type=media_type)
    return record_member(value, offset, offset, len(line), context)


def _document(data: bytes, context: Context) -> Iterator[Member | Break]:
    """The records of a file that is one JSON value, or its text where it only looks like JSON."""
    mark, charset = _charset(data)
    try:
        text = data[len(mark) :].decode(charset)
        array = _ARRAY.match(text)
        value = json.loads(text) if array is None else {}
    except (ValueError, RecursionError) as error:
        yield _no_json(data, charset, error)
        return
    if array is None:
        yield record_member(value, "", 0, len(data), context)
        return
    position = array.end() - 1
    offset, count = len(mark) + len(text[:position].encode(charset)), 0
    while True:
        between = _BETWEEN.match(text, position)
        start = between.end() if between else position
        offset += len(text[position:start].encode(charset))
        try:
            if text.startswith("]", start):
                _check_end(text, start + 1)
                return
            element, position = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError) as error:
            if count:
                yield Break(offset, Refusal("truncated_container", f"JSON array is damaged: {str(error)[:_SHOWN]}"))
            else:
                yield _no_json(data, charset, error)
            return
        count += 1
        length = len(text[start:position].encode(charset))
        if isinstance(element, dict):
            yield record_member(element, offset, offset, length, context)
        else:
            refusal = Refusal("unsupported_format", "an element of the array is no JSON object")
            yield Member(offset, offset, length, refusal)
        offset += length


def _charset(data: bytes) -> tuple[bytes, str]:
    """The byte order mark, and the charset; JSON is UTF-8, UTF-16 or UTF-32, and its first two bytes are ASCII."""
    charset = json.detect_encoding(data)
    mark = next((mark for mark in _MARKS.get(charset, ()) if data.startswith(mark)), b"")
    return mark, _MARKED.get(mark, charset)


def _check_end(text: str, position: int) -> None:
    rest = _BETWEEN.match(text, position)
    if rest is not None and rest.end() < len(text):
        message = "data follows its end"
        raise ValueError(message)


def _no_json(data: bytes, charset: str, error: Exception) -> Member:
    """What looks like JSON and is none: damaged, or an article that begins with a bracket."""
    if _RECORDS.match(data[:_HEAD].decode(charset, "ignore").lstrip("\ufeff")):
        return Member("", 0, len(data), Refusal("malformed", f"no valid JSON: {str(error)[:_SHOWN]}"))
    return Member("", 0, len(data), data, media_type=media_type_of(data, named_html=False))


def record_member(value: dict[str, Any], name: str | int, offset: int, length: int, context: Context) -> Member:
    """The member that a record is: its text, or why it has none."""
    found = read_record(value, context.columns)
    if found is None:
        keys = ", ".join(f"`{key}`" for key in list(value)[:8])
        message = f"no field holds a text or a page ({keys[:200]}); name the field in the setting `columns`"
        return Member(name, offset, length, Refusal("unsupported_format", message))
    try:
        content = found.text.encode()
    except UnicodeEncodeError as error:
        message = f"the text holds half a surrogate pair at character {error.start}: it was cut or is no text"
        return Member(name, offset, length, Refusal("undecodable", message))
    return Member(name, offset, length, content, found.facts, HTML if found.is_html else TEXT)


def _is_record(line: bytes) -> bool:
    return not _has_too_many(line) and _value(line) is not None


def _has_too_many(data: bytes) -> bool:
    return len(data) > _VALUES_MAX and sum(map(data.count, _OPENING)) > _VALUES_MAX


def _too_many() -> Refusal:
    return Refusal("too_large", f"a JSON value of more than {_VALUES_MAX} values; give records as JSON Lines")


def _value(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
