"""Cut an HTML page into blocks: one for each stretch of text that a reader sees as a line or paragraph, with markup.

The tree is walked once and without recursion (pages nest a hundred thousand deep to break parsers). What the markup
says is kept as evidence on each block; what the block is to the article is for the labeller to say.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode

from etl.transform.blocks import Block, Markup, Span

_DATA = Path(__file__).parent / "data"

_ELEMENTS: dict[str, list[str]] = tomllib.loads((_DATA / "elements.toml").read_text(encoding="utf-8"))
_SKIPPED, _BLOCKS, _TEXT_TAGS, _PLAIN, _STRONG = (
    frozenset(_ELEMENTS[name]) for name in ("skipped", "blocks", "text", "plain", "strong")
)
TAG_BITS = {tag: 1 << bit for bit, tag in enumerate(_ELEMENTS["telling"])}
"""Elements that say what is inside them, as bits of `Markup.tags`."""
_CELLS = frozenset({"td", "th"})
"""Short cells of a row make one block, long ones a block each: tables hold data, or a page's layout."""
_CELL_MAX = 80
_MENU_WORDS = 2
_MENU_SHARE = 0.9
"""A block of so few words that is hardly more than a link is an entry of a menu, unless its hints say more."""
_PIECE_MIN = 40
"""Characters after which a sentence that a single line break ends is a paragraph of its own."""
_HINTING = frozenset({"class", "id", "itemprop", "role"})
_NOT_SHOWN = re.compile(r"display\s*:\s*none")
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]{7}|[\u0e00-\u0e7f]{20}")
"""As much text as a title has, in scripts without blanks."""
_SPANS_SHARE = 0.2
"""From where on a block may name other articles."""
_SPANS_MAX = 60
_BLANKS = re.compile(r"\s+")
_SENTENCE_ENDS = tuple('.!?:”“"»。！？')
_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u2060\ufeff]")
_WORDS = re.compile(r"[A-Z]?[a-zà-ÿ]+|[A-Z]+(?![a-zà-ÿ])")
_VALUE_MAX = 300
"""Characters of a class or id that are read; utility frameworks write thousands."""
_DEPTH_MAX = 2000
"""Deeper elements are not entered: no page made for readers nests a tenth as deep."""


@cache
def hint_names() -> tuple[str, ...]:
    """The kinds of `data/markup.toml` in order: bit `i` of `Markup.hints` is kind `i`."""
    return tuple(_hint_lists())


@cache
def _hint_lists() -> dict[str, list[str]]:
    return tomllib.loads((_DATA / "markup.toml").read_text(encoding="utf-8"))


@cache
def _hint_bits() -> dict[str, int]:
    """By word, in each spelling that `_WORDS` finds."""
    bits: dict[str, int] = {}
    for number, words in enumerate(_hint_lists().values()):
        for word in words:
            for spelling in {word, word.capitalize(), word.upper()}:
                bits[spelling] = bits.get(spelling, 0) | 1 << number
    return bits


@cache
def _telling_hints() -> int:
    """Hints that make a short link more than an entry of a menu."""
    return sum(1 << hint_names().index(name) for name in ("kicker", "byline", "date", "title"))


@lru_cache(maxsize=20_000)
def _hints_of(value: str) -> int:
    """The kinds that a class, id or itemprop value speaks of."""
    known = _hint_bits()
    bits = 0
    for word in _WORDS.findall(value[:_VALUE_MAX]):
        bits |= known.get(word, 0)
    return bits


def opens_kicker(element: LexborNode) -> bool:
    """Whether an element inside a heading holds the line above the headline proper: by its class, or by being small."""
    return element.tag == "small" or bool(_hints_of(element.attributes.get("class") or "") & _kicker_hint())


@cache
def _kicker_hint() -> int:
    return 1 << hint_names().index("kicker")


@dataclass(slots=True)
class _Open:
    """An open element, with what it tells about the text inside."""

    node: LexborNode
    tag: str
    """Of the element or, for an inline one, of the block element around it."""
    is_block: bool
    own: int
    """Hints of the element (and the inline ones between it and its block element)."""
    near: int
    """Hints of the element and of the block element around it."""
    chain: int
    """Hints of all elements around, but for the body."""
    tags: int
    """Which of `TAG_BITS` are around."""
    container: int
    linked: bool
    strong: bool
    hidden: bool


def read_dom(tree: LexborHTMLParser) -> list[Block]:
    """The blocks of a page in document order; linear in the size of the tree."""
    body = tree.body
    return _Walk().run(body) if body is not None else []


class _Walk:
    """One walk over a tree: the blocks so far, and the text gathered since the last one ended."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.containers = 0
        self.text: list[str] = []
        self.linked = self.strong = self.inline = 0
        self.href: str | None = None
        self.links: list[str | None] = [None]
        self.linking: list[int] = []

    def run(self, body: LexborNode) -> list[Block]:
        current = _Open(
            body,
            "body",
            is_block=True,
            own=0,
            near=0,
            chain=0,
            tags=0,
            container=0,
            linked=False,
            strong=False,
            hidden=False,
        )
        stack = [current]
        node = body.first_child
        while True:
            while node is None:
                if self.text and self._ends(current):
                    self._end_block(current, len(stack))
                stack.pop()
                if not stack:
                    return self.blocks
                node = current.node.next
                current = stack[-1]
            tag = node.tag or "-"
            if tag == "-text":
                self._take(node.text_content or "", current)
            elif tag == "br":
                self.text.append("\n")
                self.linking.append(0)
            elif tag not in _SKIPPED and tag[0] not in "-!":
                is_block = tag in _BLOCKS or "-" in tag or (current.tag == "h1" and opens_kicker(node))
                if is_block and self.text:
                    self._end_block(current, len(stack))
                child = node.first_child
                if child is not None and len(stack) < _DEPTH_MAX:
                    current = self._enter(node, tag, current, is_block=is_block)
                    stack.append(current)
                    node = child
                    continue
            node = node.next

    def _ends(self, current: _Open) -> bool:
        """Whether a block ends with this element."""
        if current.node.tag in _CELLS:
            self.text.append(" ")
            self.linking.append(0)
            return sum(map(len, self.text)) > _CELL_MAX or "\n" in self.text
        return current.is_block

    def _enter(self, node: LexborNode, tag: str, around: _Open, *, is_block: bool) -> _Open:
        own = 0
        linked = around.linked or tag == "a"
        hidden = around.hidden
        if tag == "a":
            self.links.append(None)
        if tag not in _PLAIN:
            for name, value in node.attributes.items():
                if name in _HINTING:
                    own |= _hints_of(value) if value else 0
                elif name == "style":
                    hidden = hidden or bool(value and "none" in value and _NOT_SHOWN.search(value))
                elif name == "hidden":
                    hidden = True
                elif name == "href" and tag == "a":
                    self.links[-1] = value
                    self.href = self.href or value
        strong = around.strong or tag in _STRONG
        chain = around.chain | own
        container = around.container
        if not is_block:
            near = around.near | own
            own |= around.own
            return _Open(node, around.tag, is_block, own, near, chain, around.tags, container, linked, strong, hidden)
        if tag not in _TEXT_TAGS:
            self.containers += 1
            container = self.containers
        tags = around.tags | TAG_BITS.get(tag, 0)
        return _Open(node, tag, is_block, own, own | around.own, chain, tags, container, linked, strong, hidden)

    def _take(self, text: str, current: _Open) -> None:
        if not self.text and text.isspace():
            return
        self.text.append(text.replace("\n", " "))
        self.linking.append(len(self.links) - 1 if current.linked else 0)
        if current.linked or current.strong:
            length = len(text.strip())
            if current.linked:
                self.linked += length
            if current.strong:
                self.strong += length
        self.inline |= current.near

    def _end_block(self, current: _Open, depth: int) -> None:
        """Make blocks of the gathered text; a block element that `current` holds begins, or `current` ends."""
        text = "".join(self.text)
        if not text.isascii():
            text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
        pieces = _pieces(text, inside=current.tag in _TEXT_TAGS) if "\n" in text else [" ".join(text.split())]
        total = sum(map(len, pieces))
        near = current.near | self.inline
        if total and not self._is_menu(pieces, total, near):
            markup = Markup(
                current.tag,
                min(1.0, self.linked / total),
                min(1.0, self.strong / total),
                near,
                current.chain | self.inline,
                current.tags,
                current.container,
                depth,
                current.hidden,
                self.href,
                self._read_spans() if self.linked > _SPANS_SHARE * total else (),
            )
            gap, indent, listed = True, 0, current.tag == "li"
            self.blocks += [Block(piece, gap, indent, listed, markup) for piece in pieces if piece]
        self.text = []
        self.linking = []
        self.linked = self.strong = self.inline = 0
        self.href = None

    def _read_spans(self) -> tuple[Span, ...]:
        """The gathered texts with their links; blanks are kept at the ends, where an inline element may begin."""
        spans = []
        for text, link in zip(self.text[:_SPANS_MAX], self.linking, strict=False):
            cleaned = text if text.isascii() else unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
            if cleaned:
                spans.append(Span(_BLANKS.sub(" ", cleaned), self.links[link], link))
        return tuple(spans)

    def _is_menu(self, pieces: list[str], total: int, near: int) -> bool:
        return (
            self.linked > _MENU_SHARE * total
            and len(pieces) == 1
            and pieces[0].count(" ") < _MENU_WORDS
            and not _DENSE.search(pieces[0])
            and not near & _telling_hints()
        )


def _pieces(text: str, *, inside: bool) -> list[str]:
    """The lines of a text with line breaks, white space collapsed; lines that a sentence goes over are joined.

    Line feeds of the source mean nothing in HTML: they come as blanks (`_take` sees to it), `br` as line feeds.

    Args:
        text: The text of one block element.
        inside: The element is made for one stretch of text: what is not ended goes on behind the break.
    """
    pieces: list[str] = []
    apart = True
    for line in text.split("\n"):
        words = " ".join(line.split())
        if words and not apart and _goes_on(pieces[-1], words, inside=inside):
            pieces[-1] = f"{pieces[-1]} {words}"
        elif words:
            pieces.append(words)
        apart = not words
    return pieces


def _goes_on(piece: str, following: str, *, inside: bool) -> bool:
    if len(piece) >= _PIECE_MIN and piece.endswith(_SENTENCE_ENDS):
        return False
    return inside or following[0].islower() or piece.endswith((",", "-"))
