"""JSON-LD of a page: read the scripts, mend what is broken, and find the nodes and values in them."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

Node = dict[str, Any]

_READ_MAX = 2_000_000
"""Characters of one script that are read; the longest live blogs have some hundred thousand."""
_MENDED_MAX = 400_000
_DEPTH_MAX = 100
_NODES_MAX = 400
_NESTED = ("@graph", "mainEntity", "mainEntityOfPage")
"""Where the node of the article may stand; items of lists and parts of live blogs are other articles."""

_OUTSIDE = re.compile(
    r'(?://[^\n]*|/\*.*?(?:\*/|\Z)|<!--|-->|<!\[CDATA\[|\]\]>)|(["{}\[\]])|([^\s"{}\[\],:;]+)', re.DOTALL
)
_UNQUOTED_KEY = re.compile(r"[@$\w][@$\w-]*\Z")
_SCALAR = re.compile(r"(?:-?(?:0|[1-9]\d{0,40})(?:\.\d{1,40})?(?:[eE][+-]?\d{1,3})?|true|false|null)\Z")
_IN_STRING = re.compile(r'\\.|"', re.DOTALL)
_BAD_ESCAPE = re.compile(r'\\(?:(["\\/bfnrt]|u[0-9a-fA-F]{4})|)', re.DOTALL)
_END_OF_KEY = re.compile(r"\s*+:")
_END_IN_OBJECT = re.compile(r'\s*+(?:\}|\Z|,\s*+(?:\}|\Z|//|/\*|"[^"]{1,64}"\s*+:)|"[^"]{1,64}"\s*+:)')
_END_IN_ARRAY = re.compile(r'\s*+(?:\]|\Z|,\s*+(?:["{\[\]\d/-]|true|false|null|\Z))')


def read_nodes(scripts: Iterable[str]) -> list[Node]:
    """All nodes at the top of the scripts and of their graphs, in order; never raises."""
    nodes: list[Node] = []
    for script in scripts:
        for node in _flat(_loads(script), 0):
            nodes.append(node)
            if len(nodes) >= _NODES_MAX:
                return nodes
    return nodes


def types_of(node: Node) -> list[str]:
    """The types of a node without the vocabulary's prefix, e.g. `NewsArticle`."""
    value = node.get("@type")
    found = value if isinstance(value, list) else [value]
    return [re.split("[/:#]", name)[-1] for name in found if isinstance(name, str)]


def index_of(nodes: Iterable[Node]) -> dict[str, Node]:
    """The nodes by `@id`; of several with one id the one that says most."""
    index: dict[str, Node] = {}
    for node in nodes:
        key = node.get("@id")
        if isinstance(key, str) and len(node) > len(index.get(key, {})):
            index[key] = node
    return index


def values_of(value: Any, index: dict[str, Node], depth: int = 0) -> Iterator[str]:
    """The plain strings that a property comes to: of lists each, of nodes the name, of references the node's."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, bool | int | float):
        yield json.dumps(value)
    elif depth > 5:
        return
    elif isinstance(value, list):
        for item in value[:100]:
            yield from values_of(item, index, depth + 1)
    elif isinstance(value, dict):
        for key in ("@value", "name", "@list"):
            if value.get(key):
                yield from values_of(value[key], index, depth + 1)
                return
        target = index.get(value["@id"]) if isinstance(value.get("@id"), str) else None
        if target is not None and target is not value and target.get("name"):
            yield from values_of(target["name"], index, depth + 1)


def _flat(value: Any, depth: int) -> Iterator[Node]:
    if depth > 6:
        return
    if isinstance(value, list):
        for item in value[:_NODES_MAX]:
            yield from _flat(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in _NESTED:
            inner = value.get(key)
            if isinstance(inner, dict | list):
                yield from _flat(inner, depth + 1)


def _loads(script: str) -> Any:
    """The value of a script; None where nothing can be made of it."""
    if len(script) > _READ_MAX:
        return None
    try:
        return json.loads(script, strict=False)
    except (ValueError, RecursionError):
        pass
    if len(script) > _MENDED_MAX:
        return None
    try:
        return json.loads(mend(script), strict=False)
    except (ValueError, RecursionError):
        return None


def mend(script: str) -> str:
    """JSON that says what broken JSON meant, as an array of its values; in one pass.

    Known from pages: comments and CDATA marks around or inside, a semicolon at the end, commas that are missing or too
    many, quotes and backslashes that are not escaped, brackets that are not closed or closed twice, HTML entities
    instead of quotes, several values in a row.
    """
    if '"' not in script and "&quot;" in script:
        script = html.unescape(script)
    out = _Writer()
    position = 0
    while match := _OUTSIDE.search(script, position):
        position = match.end()
        sign, word = match.groups()
        if sign == '"':
            text, position = _string(script, position, key=out.wants_key(), in_object=out.in_object())
            out.write(f'"{text}"')
        elif sign in ("{", "["):
            if not out.open(sign):
                return "[]"
        elif sign:
            out.close(sign)
        elif word and out.wants_key():
            if _UNQUOTED_KEY.match(word):
                out.write(json.dumps(word))
        elif word:
            out.write(word if _SCALAR.match(word) else json.dumps(word))
    return out.finished()


def _string(script: str, start: int, *, key: bool, in_object: bool) -> tuple[str, int]:
    """The string that begins at `start`, escaped as it should be, and where it ends."""
    after = _END_OF_KEY if key else _END_IN_OBJECT if in_object else _END_IN_ARRAY
    pieces = []
    position = start
    while match := _IN_STRING.search(script, position):
        position = match.end()
        if match[0] == '"':
            if after.match(script, position):
                pieces.append(script[start : match.start()])
                break
            pieces.append(script[start : match.start()] + '\\"')
            start = position
    else:
        pieces.append(script[start:])
        position = len(script)
    return _BAD_ESCAPE.sub(lambda m: m[0] if m[1] else "\\\\", "".join(pieces)), position


class _Writer:
    """Writes JSON token by token and puts in the commas, nulls and brackets that it needs."""

    def __init__(self) -> None:
        self._out = ["["]
        self._open = ["["]
        self._key = False
        """Whether a key waits for its value."""

    def in_object(self) -> bool:
        return self._open[-1] == "{"

    def wants_key(self) -> bool:
        return self.in_object() and not self._key

    def write(self, text: str) -> None:
        """Write a key, if the object is to have one next, or else a value."""
        if self.wants_key():
            self._comma()
            self._out += (text, ":")
            self._key = True
        else:
            self._value(text)

    def open(self, bracket: str) -> bool:
        """Open an object or array; False where they are nested too deep."""
        if self.wants_key():
            self.write('""')
        self._value(bracket)
        self._open.append(bracket)
        return len(self._open) < _DEPTH_MAX

    def close(self, bracket: str) -> None:
        opening = "{" if bracket == "}" else "["
        if opening not in self._open[1:]:
            return
        while self._close_last() != opening:
            pass

    def finished(self) -> str:
        while self._open:
            self._close_last()
        return "".join(self._out)

    def _value(self, text: str) -> None:
        if not self._key:
            self._comma()
        self._key = False
        self._out.append(text)

    def _comma(self) -> None:
        if self._out[-1] not in ("[", "{"):
            self._out.append(",")

    def _close_last(self) -> str:
        if self._key:
            self._value("null")
        opening = self._open.pop()
        self._out.append("}" if opening == "{" else "]")
        return opening
