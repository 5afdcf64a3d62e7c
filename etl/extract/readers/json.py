"""JSON: a record a line, an array of records, or one record; the text stands in one of its fields."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any

from etl.extract.agency_files import agency_format
from etl.extract.columns import read_record
from etl.extract.formats import HTML, TEXT, media_type_of
from etl.extract.readers.agencies import agency_members
from etl.extract.walk import Break, Context, Member
from etl.transform.record import Refusal

_ESCAPED = 6
"""Bytes that JSON takes at most for one of the text: `\\u00e9`."""
_CHUNK = 1 << 20
_OBJECT = re.compile(rb"\s*\{\s*[\"}]")
_BETWEEN = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()
_SHOWN = 80


def read_json(stream: io.BufferedReader, context: Context) -> Iterator[Member | Break]:
    """The records of a JSON file; lines are read one at a time, a file of one value whole."""
    limit = context.limits.document_bytes * _ESCAPED
    mark = stream.read(3) if stream.peek(3)[:3] == b"\xef\xbb\xbf" else b""
    first = stream.readline(limit + 1)
    if stream.peek(1) and _OBJECT.match(first) and (_value(first) is not None or _OBJECT.match(stream.peek(1))):
        yield from _lines(stream, context, first, len(mark))
        return
    data = first + stream.read(max(0, limit + 1 - len(first)))
    if len(data) > limit:
        message = f"one JSON value of more than {limit} bytes ({_ESCAPED} times the setting `max_document_bytes`)"
        yield Member("", 0, len(data), Refusal("too_large", message))
        return
    yield from agency_members(mark + data) or _document(mark + data, context)


def _lines(stream: io.BufferedReader, context: Context, line: bytes, offset: int) -> Iterator[Member]:
    limit = context.limits.document_bytes * _ESCAPED
    while line:
        length = len(line)
        if length > limit and not line.endswith(b"\n"):
            while not line.endswith(b"\n") and (line := stream.readline(_CHUNK)):
                length += len(line)
            message = f"a line of {length} bytes ({_ESCAPED} times the setting `max_document_bytes` at most)"
            yield Member(str(offset), offset, length, Refusal("too_large", message))
        elif line.strip():
            yield _line(line.rstrip(b"\r\n"), offset, context)
        offset += length
        line = stream.readline(limit + 1)


def _line(line: bytes, offset: int, context: Context) -> Member:
    value = _value(line)
    if value is None:
        refusal = Refusal("malformed", f"the line is no JSON object: `{line[:_SHOWN].decode('utf-8', 'replace')}`")
        return Member(str(offset), offset, len(line), refusal)
    if "text" not in value and (media_type := agency_format(line)):
        return Member(str(offset), offset, len(line), line, media_type=media_type)
    return record_member(value, str(offset), offset, len(line), context)


def _document(data: bytes, context: Context) -> Iterator[Member]:
    """The records of a file that is one JSON value, or its text where it only looks like JSON."""
    try:
        text = data.decode("utf-8-sig")
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        if _OBJECT.match(data.removeprefix(b"\xef\xbb\xbf")):
            yield Member("", 0, len(data), Refusal("malformed", f"no valid JSON: {str(error)[:_SHOWN]}"))
        else:  # an article may well begin with a bracket
            yield Member("", 0, len(data), data, media_type=media_type_of(data, named_html=False))
        return
    if isinstance(value, dict):
        yield record_member(value, "", 0, len(data), context)
        return
    position = text.index("[") + 1
    offset = len(data) - len(text.encode()) + position  # what stands before is ASCII, but for the mark
    while True:
        between = _BETWEEN.match(text, position)
        start = between.end() if between else position
        offset += start - position
        if text.startswith("]", start):
            return
        element, position = _DECODER.raw_decode(text, start)
        length = len(text[start:position].encode())
        if isinstance(element, dict):
            yield record_member(element, str(offset), offset, length, context)
        else:
            refusal = Refusal("unsupported_format", "an element of the array is no JSON object")
            yield Member(str(offset), offset, length, refusal)
        offset += length


def record_member(value: dict[str, Any], name: str, offset: int, length: int, context: Context) -> Member:
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


def _value(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
