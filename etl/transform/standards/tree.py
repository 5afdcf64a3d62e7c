"""Read XML or HTML of agency items into plain trees: nothing external is loaded, no entity of the document expanded."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.entities import html5
from typing import Literal
from xml.parsers import expat

from selectolax.lexbor import LexborHTMLParser

DEPTH_MAX = 400
"""Elements inside one another; no item made for readers has a tenth."""
_HTML_SKIPPED = frozenset({"script", "style", "template", "noscript", "head"})
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_OWN = frozenset({"amp", "lt", "gt", "quot", "apos"})
"""The entities of XML itself."""
_DROPPED = re.compile("[\u00ad\u200b\u200c\u2060\ufeff\x00-\x08\x0e-\x1b\x7f]")
_MEANT = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
"""References such as `&#146;` mean the character that cp1252 has there, as browsers know."""
_NOT_XML = re.compile("[\ud800-\udfff\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class TreeRefused(Exception):
    """The text is not well-formed, nests too deep, or declares entities."""


@dataclass(slots=True)
class Node:
    """An element: names without prefixes and as written (HTML: in small letters), its text and children in order."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    parts: list[str | Node] = field(default_factory=list)

    @property
    def children(self) -> list[Node]:
        """The elements right inside."""
        return [part for part in self.parts if isinstance(part, Node)]

    def get(self, *names: str) -> str:
        """The first of these attributes that is not blank; else an empty text."""
        return next((value for name in names if (value := plain(self.attributes.get(name, "")))), "")

    def named(self, *names: str) -> list[Node]:
        """The elements right inside with one of these names."""
        return [child for child in self.children if child.tag in names]

    def at(self, *path: str) -> Node | None:
        """The first element at a path of names."""
        node: Node | None = self
        for name in path:
            node = next((child for child in node.children if child.tag == name), None) if node else None
        return node

    def within(self, *names: str) -> list[Node]:
        """All elements inside, at any depth, with one of these names."""
        return [node for event, node in self.walk() if event == "start" and node is not self and node.tag in names]

    def text(self) -> str:
        """All text inside, white space collapsed."""
        pieces: list[str] = []
        for event, value in self.events():
            if event == "text":
                pieces.append(str(value))
            elif isinstance(value, Node) and value.tag in ("br", "p"):
                pieces.append(" ")
        return plain("".join(pieces))

    def walk(self) -> Iterator[tuple[Literal["start", "end"], Node]]:
        """Beginnings and ends of the element and all inside."""
        for event, value in self.events():
            if event != "text" and isinstance(value, Node):
                yield event, value

    def events(self) -> Iterator[tuple[Literal["start", "text", "end"], Node | str]]:
        """Beginnings, texts and ends, in document order; without recursion."""
        yield "start", self
        stack = [(self, iter(self.parts))]
        while stack:
            node, parts = stack[-1]
            part = next(parts, None)
            if part is None:
                stack.pop()
                yield "end", node
            elif isinstance(part, str):
                yield "text", part
            else:
                yield "start", part
                stack.append((part, iter(part.parts)))


def plain(text: str) -> str:
    """A text with its white space collapsed and without signs that nobody sees; NFC, as all text of documents."""
    text = _DROPPED.sub("", text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.translate(_MEANT))
    return " ".join(text.split())


def read_xml(text: str) -> Node:
    """The root element; named entities of HTML are read, whether a DTD that nobody loads declares them or not.

    Raises:
        TreeRefused: with what is wrong, and where.
    """
    builder = _Builder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler = _refuse_entity
    parser.ExternalEntityRefHandler = _refuse_external
    try:
        parser.Parse(_NAMED.sub(_character, _NOT_XML.sub("\ufffd", text)), True)  # noqa: FBT003 - expat's own signature
    except expat.ExpatError as error:
        message = f"not well-formed XML: {error}"
        raise TreeRefused(message) from error
    except (LookupError, ValueError) as error:
        message = f"cannot be read as XML: {error}"
        raise TreeRefused(message) from error
    return builder.root


def _character(match: re.Match[str]) -> str:
    if match[1] in _OWN:
        return match[0]
    found = html5.get(f"{match[1]};", match[0])
    return "&lt;" if found == "<" else "&amp;" if found == "&" else found


def _refuse_entity(name: str, *_rest: object) -> None:
    message = f"declares the entity `{name}`, which no item may do: such declarations serve attacks"
    raise TreeRefused(message)


def _refuse_external(*_rest: object) -> int:
    message = "refers to an entity outside of the document, which is never loaded"
    raise TreeRefused(message)


class _Builder:
    """Builds nodes from the parser's events."""

    def __init__(self) -> None:
        self.root = Node("")
        self._open: list[Node] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= DEPTH_MAX:
            message = f"nests elements more than {DEPTH_MAX} deep"
            raise TreeRefused(message)
        node = Node(_local(name), {_local(key): value for key, value in attributes.items() if key[:6] != "xmlns:"})
        if self._open:
            self._open[-1].parts.append(node)
        else:
            self.root = node
        self._open.append(node)

    def end(self, _name: str) -> None:
        self._open.pop()

    def data(self, text: str) -> None:
        self._open[-1].parts.append(text)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def read_html(text: str) -> Node:
    """The tree of an HTML text or fragment, as browsers build it; what nests too deep is left out."""
    tree = LexborHTMLParser(text)
    root = Node("body")
    if tree.body is None:
        return root
    stack = [(tree.body.child, root)]
    while stack:
        source, target = stack.pop()
        while source is not None:
            if source.tag == "-text":
                target.parts.append(source.text_content or "")
            elif source.tag and source.tag[0] not in "-!" and source.tag not in _HTML_SKIPPED:
                node = Node(source.tag, {key: value or "" for key, value in source.attributes.items()})
                target.parts.append(node)
                if len(stack) < DEPTH_MAX and source.child is not None:
                    stack.append((source.next, target))
                    source, target = source.child, node
                    continue
            source = source.next
    return root
