"""Reads the gold marks of the project's own labelled pages, and takes them out."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

LETTERS = frozenset("HKLPSBDCIARQTUVGN")
SCOPES = frozenset({"text", "dateline", "byline", "image"})
_BLOCK_TAGS = frozenset(
    """address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hr html iframe img legend li main nav ol p pre section summary table tbody
    tfoot thead tr ul video amp-img""".split()  # noqa: SIM905 (a list of quoted words would fill the screen)
)
_SPACE_TAGS = frozenset(["br", "td", "th"])
_UNSEEN_TAGS = frozenset(["head", "script", "style", "noscript", "template", "svg", "iframe", "textarea", "option"])
_MARK = re.compile(r'\s+data-(?:gold|agency)="[^"]*"')
_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>")


@dataclass(frozen=True)
class Credit:
    """An agency credited on the page."""

    code: str
    scope: str
    evidence: str


@dataclass
class Segment:
    """The text of one block that has one label."""

    owner: int
    label: str
    start: int
    text: str = ""


@dataclass
class Reading:
    """A marked page read in document order.

    The stream is all its text, normalised and without white space; a line of the page text is found in it by its
    letters alone, however the blocks were joined or split.
    """

    segments: list[Segment] = field(default_factory=list)
    pieces: list[tuple[int, str]] = field(default_factory=list)
    """(start in the stream, label) of each run of text."""
    stream: str = ""
    word_starts: set[int] = field(default_factory=set)
    credits: list[tuple[Credit, int]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def texts(self, label: str) -> list[str]:
        """The texts with this label."""
        return [segment.text for segment in self.segments if segment.label == label]


class Reader:
    """Walks a marked page once."""

    def __init__(self) -> None:
        self.out = Reading()
        self._parts: list[str] = []
        self._length = 0
        self._owners = 0
        self._open: dict[int, Segment] = {}
        self._space = True

    def read(self, marked: str) -> Reading:
        root = LexborHTMLParser(marked).root
        assert root is not None
        self._walk(root, 0, "N")
        self.out.stream = "".join(self._parts)
        for segment in self.out.segments:
            segment.text = " ".join(segment.text.split())
        self.out.segments = [segment for segment in self.out.segments if segment.text]
        return self.out

    def _walk(self, node: LexborNode, owner: int, label: str) -> None:
        tag = node.tag or ""
        if tag == "-text":
            self._text(node.text_content or "", owner, label)
            return
        if tag in _UNSEEN_TAGS or tag.startswith(("-", "!")):
            return
        marks = node.attributes
        mark, agencies, start = marks.get("data-gold"), marks.get("data-agency"), self._length
        if mark is not None:
            if mark not in LETTERS and mark != "P?":
                self.out.errors.append(f"unknown mark {mark!r}")
            self._owners += 1
            owner, label = self._owners, mark
        self._boundary(tag)
        if marks.get("alt"):
            self._text(marks["alt"] or "", owner, label if mark is not None else "N")
        for child in node.iter(include_text=True):
            self._walk(child, owner, label)
        self._boundary(tag)
        if agencies is not None:
            self._credits(agencies, start)

    def _boundary(self, tag: str) -> None:
        if tag in _BLOCK_TAGS:
            self._space = True
            self._open = {}
        elif tag in _SPACE_TAGS:
            self._blank()

    def _blank(self) -> None:
        self._space = True
        for segment in self._open.values():
            segment.text += " "

    def _text(self, text: str, owner: int, label: str) -> None:
        text = normalised(text)
        if not text.strip():
            self._blank()
            return
        if owner not in self._open:
            self._open[owner] = Segment(owner, label, self._length)
            self.out.segments.append(self._open[owner])
        self._open[owner].text += text
        self.out.pieces.append((self._length, label))
        self.out.word_starts.add(self._length)
        for found in re.finditer(r"\S+|\s+", text):
            word = found.group()
            if word.isspace():
                self._space = True
                continue
            if self._space:
                self.out.word_starts.add(self._length)
            self._space = False
            self._parts.append(word)
            self._length += len(word)

    def _credits(self, agencies: str, start: int) -> None:
        text = "".join(self._parts)
        for entry in agencies.split("|"):
            code, _, rest = entry.strip().partition(":")
            scope, _, evidence = rest.partition(":")
            evidence = normalised(evidence.strip())
            at = text.find(compact(evidence), start)
            if scope not in SCOPES:
                self.out.errors.append(f"data-agency {entry!r}: no such scope")
            elif not evidence or at < 0:
                self.out.errors.append(f"data-agency {entry!r}: its evidence is not in the element")
            else:
                self.out.credits.append((Credit(code, scope, evidence), at))


def normalised(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def compact(text: str) -> str:
    return "".join(normalised(text).split())


def without_marks(marked: str) -> str:
    """The source without marks; spans that held nothing else go too."""
    out, at = [], 0
    unwrapped: list[bool] = []
    for tag in _TAG.finditer(marked):
        closing, name, attributes = tag.groups()
        if name.lower() != "span":
            continue
        if closing:
            drop = unwrapped.pop() if unwrapped else False
        else:
            drop = "data-" in attributes and not _MARK.sub("", attributes).strip()
            unwrapped.append(drop)
        if drop:
            out.append(marked[at : tag.start()])
            at = tag.end()
    return _MARK.sub("", "".join([*out, marked[at:]]))
