"""Tell agency formats by content, and find the items in one file: NITF, NewsML-G2, ninjs. Pure functions over bytes."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.parsers import expat

from etl.transform.record import Refusal
from etl.transform.standards import NEWSML, NINJS, NITF

_HEAD = 64 * 1024
"""Bytes in which a file says what it is."""
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED = ((b"<\0", "utf-16-le"), (b"{\0", "utf-16-le"), (b"[\0", "utf-16-le"), (b"\0", "utf-16-be"))
_PROLOG = re.compile(
    r"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE\b[^\[<>]*+(?:\[[^\]]*+\])?[^<>]*+>)", re.DOTALL | re.IGNORECASE
)
_DOCTYPE = re.compile(r"\s*<!DOCTYPE\s+nitf\b")
_ROOT = re.compile(r"\s*<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)")
_INNER = re.compile(r"<(?:[\w.-]+:)?(nitf|newsItem)\b")
_G2_ROOTS = frozenset(
    {"newsItem", "newsMessage", "packageItem", "conceptItem", "knowledgeItem", "planningItem", "catalogItem"}
)
_PAGES = frozenset({"html", "rss", "feed", "rdf", "svg", "urlset", "sitemapindex"})
_KEY = re.compile(r'"(\$?\w+)"\s*:')
_SAYS_NINJS = re.compile(r'"name"\s*:\s*"ninjs"|ninjs-schema', re.IGNORECASE)
_NINJS_OWN = re.compile(
    r"(?:versioncreated|firstcreated|contentcreated|pubstatus|representationtype|body_[a-z]\w*|bodies|headlines)\Z"
)
"""Keys, in small letters, that no other JSON of articles is known to have."""
_NINJS_KEYS = _NINJS_OWN.pattern[:-2] + (
    r"|uri|type|headline|byline|by|slugline|located|copyrightholder|copyrightnotice|usageterms|descriptions|"
    r"description_\w+|associations|renditions|urgency|profile|subject|subjects|language"
)
_NINJS_ANY = re.compile(rf"(?:{_NINJS_KEYS})\Z")
_NINJS_LEAST = 4
_ITEM_TAGS = {
    NITF: frozenset({"nitf"}),
    NEWSML: frozenset({"newsItem", "packageItem", "conceptItem", "knowledgeItem", "planningItem"}),
}
_DEPTH_MAX = 10_000
_ENTITY = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z][A-Za-z0-9]{1,31};")
_WRONG_ENCODING = expat.errors.codes[expat.errors.XML_ERROR_INCORRECT_ENCODING]
_ITEM_KEYS = ("items", "_items")
_COLON = re.compile(r"\s*:\s*")
_BLANK = re.compile(r"[\s,\ufeff\x1e]*")


class Item(NamedTuple):
    """Where an item stands in its file, in bytes."""

    offset: int
    length: int


class _Refused(Exception):
    """The file is not what it says it is."""


def agency_format(data: bytes) -> str | None:
    """The media type of an agency format that the file is in, by its root element or its keys; None for any other.

    Only the head is looked at: what is broken further on shows when the items are read.
    """
    head = _head_of(data).lstrip("\ufeff \t\r\n\x1e")
    if head[:1] == "<":
        return _xml_format(head)
    return _json_format(head) if head[:1] in ("{", "[") else None


def _head_of(data: bytes) -> str:
    head = data[:_HEAD]
    charset = _charset_of(head)
    return head.removeprefix(_mark_of(head)).decode(charset, "ignore")


def _mark_of(data: bytes) -> bytes:
    return next((mark for mark, _ in _BOMS if data.startswith(mark)), b"")


def _charset_of(data: bytes) -> str:
    """By the mark, else by where NULs stand, else any in which ASCII is ASCII."""
    marked = next((charset for mark, charset in _BOMS if data.startswith(mark)), None)
    return marked or next((charset for start, charset in _UNMARKED if data.startswith(start)), "latin-1")


def _xml_format(head: str) -> str | None:
    position = 0
    while match := _PROLOG.match(head, position):
        position = match.end()
    root = _ROOT.match(head, position)
    if root is None:
        stated = _DOCTYPE.match(head, position)  # its declarations go on beyond the head
        return NITF if stated else None
    name = root[1]
    if name == "nitf":
        return NITF
    if name in _G2_ROOTS:
        return NEWSML
    if name.casefold() in _PAGES:
        return None
    inner = _INNER.search(head, root.end())
    return (NITF if inner[1] == "nitf" else NEWSML) if inner else None


def _json_format(head: str) -> str | None:
    keys = {key.lower() for key in _KEY.findall(head)}
    if "uri" in keys and "ninjs" in head.lower() and _SAYS_NINJS.search(head):  # quickest question first
        return NINJS
    known = sum(_NINJS_ANY.match(key) is not None for key in keys)
    own = any(_NINJS_OWN.match(key) for key in keys)
    return NINJS if own and known >= _NINJS_LEAST and not keys.isdisjoint({"uri", "guid"}) else None


def split_items(data: bytes, media_type: str) -> list[Item] | Refusal:
    """The items of a file, in order; the whole file where it is but one.

    Where a file with several items breaks, the rest from the end of the last whole item on is one item more, which
    cannot be read: it tells where the file broke, and nothing is lost.

    Args:
        data: The file, decompressed.
        media_type: What `agency_format` says of it.
    """
    whole = [Item(0, len(data))]
    try:
        found = _json_items(data) if media_type == NINJS else _xml_items(data, _ITEM_TAGS[media_type])
    except _Refused as error:
        return Refusal("malformed", f"the file is no {media_type}: {error}")
    return found if len(found) > 1 else whole


def _xml_items(data: bytes, tags: frozenset[str]) -> list[Item]:
    """Outermost elements with one of these names."""
    finder = _Finder(data, tags)
    try:
        try:
            _run(finder, None)
        except expat.ExpatError as error:
            if error.code != _WRONG_ENCODING:
                raise
            finder = _Finder(data, tags)  # a transport changed the bytes and left the declaration
            _run(finder, "utf-8")
    except (expat.ExpatError, _Refused) as error:
        if not finder.found:
            message = f"not well-formed XML: {error}"
            raise _Refused(message) from error
        end = sum(finder.found[-1])
        return [*finder.found, Item(end, len(data) - end)]
    except (LookupError, ValueError):
        return []  # a charset that the parser cannot read: a single item, which is decoded before it is parsed
    return finder.found


def _run(finder: _Finder, encoding: str | None) -> None:
    parser = expat.ParserCreate(encoding)
    parser.StartElementHandler = finder.start
    parser.EndElementHandler = finder.end
    parser.EntityDeclHandler = finder.refuse_entity
    parser.ExternalEntityRefHandler = finder.pass_over
    finder.parser = parser
    # Named entities of a DTD that nobody loads give way to blanks: the bytes stay where they are.
    parser.Parse(_ENTITY.sub(lambda match: b" " * len(match[0]), finder.data), True)  # noqa: FBT003 - expat's signature


class _Finder:
    """Notes where the items begin and end while the parser runs."""

    def __init__(self, data: bytes, tags: frozenset[str]) -> None:
        self.parser = expat.ParserCreate()
        self.data = data
        self.found: list[Item] = []
        self._tags = tags
        self._bracket = ">".encode(_charset_of(data))
        self._depth = 0
        self._inside = 0
        """Depth of the item that is open, 0 outside."""
        self._start = 0

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEPTH_MAX:
            message = f"elements nest more than {_DEPTH_MAX} deep"
            raise _Refused(message)
        if not self._inside and name.rpartition(":")[2] in self._tags:
            self._inside, self._start = self._depth, self.parser.CurrentByteIndex

    def end(self, _name: str) -> None:
        if self._depth == self._inside:
            closing = self.data.find(self._bracket, self.parser.CurrentByteIndex)
            end = closing + len(self._bracket) if closing >= 0 else len(self.data)
            self.found.append(Item(self._start, end - self._start))
            self._inside = 0
        self._depth -= 1

    def refuse_entity(self, name: str, *_rest: object) -> None:
        message = f"declares the entity `{name}`, which no document may do: such declarations serve attacks"
        raise _Refused(message)

    def pass_over(self, *_rest: object) -> int:
        """Nothing outside of the document is ever loaded."""
        return 1


def _json_items(data: bytes) -> list[Item]:
    """The objects of the list at the top, of `items` or `_items`, or those that follow one another."""
    mark = _mark_of(data)
    charset = _charset_of(data)
    body = data[len(mark) :]
    try:
        text = body.decode("utf-8" if charset == "latin-1" else charset)
        charset = "utf-8" if charset == "latin-1" else charset
    except UnicodeDecodeError:
        if charset != "latin-1":
            message = f"has the byte order mark of {charset}, but is not {charset}"
            raise _Refused(message) from None
        text = body.decode("latin-1")  # a byte a character: the offsets stay those of the bytes
    found: list[Item] = []
    position, offset = 0, len(mark)
    for start, end in _json_spans(text):
        first = offset + len(text[position:start].encode(charset))
        offset = first + len(text[start:end].encode(charset))
        position = end
        found.append(Item(first, offset - first))
    return found


def _json_spans(text: str) -> list[tuple[int, int]]:
    """Where in the text the items stand; where it breaks behind some, the rest is one more."""
    found: list[tuple[int, int]] = []
    try:
        for span in _json_spans_of(text):
            found.append(span)  # noqa: PERF402 - what was found before an error counts
    except (ValueError, RecursionError) as error:
        if not found:
            message = "it nests too deep" if isinstance(error, RecursionError) else f"not well-formed JSON: {error}"
            raise _Refused(message) from error
        start = _skip(text, found[-1][1])
        found.append((start, len(text)))
    return found


def _json_spans_of(text: str) -> Iterator[tuple[int, int]]:
    decoder = json.JSONDecoder()
    position = _skip(text, 0)
    if text[position : position + 1] == "[":
        yield from _elements(decoder, text, position + 1)
        return
    listed = _list_of_items(decoder, text, position)
    if listed is not None:
        yield from _elements(decoder, text, listed)
        return
    while position < len(text):
        start = position
        _, end = decoder.raw_decode(text, start)
        yield start, end
        position = _skip(text, end)


def _elements(decoder: json.JSONDecoder, text: str, position: int) -> Iterator[tuple[int, int]]:
    """The values of a list that opened right before `position`."""
    position = _skip(text, position)
    while text[position : position + 1] != "]":
        _, end = decoder.raw_decode(text, position)
        yield position, end
        position = _skip(text, end)


def _list_of_items(decoder: json.JSONDecoder, text: str, position: int) -> int | None:
    """Behind the bracket that opens the list under `items`, where the object at `position` is but its wrapper."""
    position = _skip(text, position + 1)
    while text[position : position + 1] == '"':
        key, end = decoder.raw_decode(text, position)
        value = _COLON.match(text, end)
        if value is None:
            return None
        if key in _ITEM_KEYS and text[value.end() : value.end() + 1] == "[":
            return value.end() + 1
        _, end = decoder.raw_decode(text, value.end())
        position = _skip(text, end)
    return None


def _skip(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return match.end() if match else position
