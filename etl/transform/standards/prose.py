"""Cut the body of an agency item into pieces: paragraphs, sub-headings, list entries, rows of tables, and pictures."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from etl.transform.blocks import Label, read_blocks
from etl.transform.nesting import between_tags, nests_too_deep
from etl.transform.standards.tree import Node, plain, read_html

_SENTENCE_MIN = 40
"""Characters after which a sentence that a single line break ends is a paragraph of its own."""
_ENDS = tuple('.!?:”“"»。！？')
_WORDS = re.compile(r"[^\W_]+")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>")


class Piece(NamedTuple):
    """A stretch of the body."""

    text: str
    label: Label = Label.BODY
    listed: bool = False


class Picture(NamedTuple):
    """A picture of an item, as far as it is in words."""

    caption: str = ""
    credit: str = ""


class Prose(NamedTuple):
    """A body."""

    pieces: list[Piece]
    pictures: list[Picture]


@cache
def _elements(kind: str) -> frozenset[str]:
    """One of the sets of elements of `data/standards.toml`."""
    return frozenset(names()[kind])


@cache
def names() -> dict[str, tuple[str, ...]]:
    """The lists of `data/standards.toml`."""
    path = Path(__file__).parent.parent / "data" / "standards.toml"
    return {key: tuple(values) for key, values in tomllib.loads(path.read_text(encoding="utf-8")).items()}


def code_of(value: str) -> str:
    """The code in a QCode, an address or a plain word, in small letters: `stat:usable`, `.../ninature/text`."""
    return re.split(r"[:/#]", value.strip())[-1].casefold()


def read_prose(root: Node) -> Prose:
    """The pieces inside an element of XHTML or NITF, in order; linear in its size."""
    return _Walk().run(root)


def prose_of_html(html: str) -> Prose:
    """The pieces of an HTML text, whole page or fragment."""
    if nests_too_deep(html):
        return prose_of_text(between_tags(html))
    return read_prose(read_html(html))


def prose_of_text(text: str) -> Prose:
    """The pieces of plain text: a line is a paragraph, unless the text was wrapped."""
    blocks = read_blocks(text.replace("\r\n", "\n").replace("\r", "\n"))
    return Prose([Piece(found, listed=block.listed) for block in blocks if (found := plain(block.text))], [])


def is_html(text: str) -> bool:
    """Whether a text holds tags."""
    return _MARKUP.search(text) is not None


def _classes(node: Node) -> set[str]:
    return {word.casefold() for word in _WORDS.findall(node.attributes.get("class", ""))}


class _Walk:
    """One walk over a body: the pieces so far, and the text gathered since the last one ended."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.pictures: list[Picture] = []
        self.text: list[str] = []
        self.headings = self.items = self.preformatted = self.skipped = 0

    def run(self, root: Node) -> Prose:
        for event, value in root.events():
            if isinstance(value, str):
                if not self.skipped:
                    self.text.append(value if self.preformatted else value.replace("\n", " "))
            elif event == "start":
                self.start(value)
            else:
                self.end(value)
        self.flush()
        return Prose(self.pieces, self.pictures)

    def start(self, node: Node) -> None:
        if self.skipped or self.is_skipped(node):
            if not self.skipped:
                self.flush()
            self.skipped += 1
            return
        if node.tag == "br":
            self.text.append("\n")
        elif node.tag in _elements("cells"):
            self.text.append(" ")
        elif node.tag in _elements("breaking"):
            self.flush()
        self.headings += node.tag in _elements("headings")
        self.items += node.tag == "li"
        self.preformatted += node.tag == "pre"

    def end(self, node: Node) -> None:
        if self.skipped:
            self.skipped -= 1
            return
        if node.tag in _elements("breaking"):
            self.flush()
        self.headings -= node.tag in _elements("headings")
        self.items -= node.tag == "li"
        self.preformatted -= node.tag == "pre"

    def is_skipped(self, node: Node) -> bool:
        """Whether nothing inside is text of the body; pictures are kept apart."""
        if node.tag in _elements("pictures"):
            picture = picture_of(node)
            self.pictures += [picture] if any(picture) else []
            return True
        return node.tag in _elements("skipped") or not _classes(node).isdisjoint(names()["apart"])

    def flush(self) -> None:
        text, self.text = "".join(self.text), []
        label = Label.SUBHEADING if self.headings else Label.BODY
        listed = self.items > 0
        if self.preformatted:
            self.pieces += prose_of_text(text).pieces
        else:
            self.pieces += [Piece(piece, label, listed) for piece in _paragraphs(text)]


def _paragraphs(text: str) -> list[str]:
    """What line breaks divide into paragraphs: two of them, or one behind a sentence of some length."""
    found: list[str] = []
    joins = False
    for raw in text.split("\n"):
        line = plain(raw)
        if line and joins:
            found[-1] = f"{found[-1]} {line}"
        elif line:
            found.append(line)
        joins = bool(line) and not (len(found[-1]) >= _SENTENCE_MIN and line.endswith(_ENDS))
    return found


def picture_of(node: Node) -> Picture:
    """Caption and credit of a `figure` of HTML or a `media` of NITF."""
    credits_of = [
        inner
        for event, inner in node.walk()
        if event == "start"
        and (inner.tag in ("media-producer", "cite") or not _classes(inner).isdisjoint(names()["picture_credit"]))
        and inner is not node
    ]
    credit = next((text for inner in credits_of if (text := inner.text())), "")
    captions = [text for inner in node.within("figcaption", "media-caption") if (text := inner.text())]
    caption = next(iter(captions), "")
    if credit and caption.endswith(credit):
        caption = caption[: -len(credit)].rstrip(" |–—-(/,;")
    return Picture(caption, credit)
