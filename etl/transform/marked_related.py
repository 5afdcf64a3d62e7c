"""What markup tells of related items: where a box ends, which line is a title, where its link leads.

A title is a link, as a rule, and says itself whether a section label stands before it in the same line.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from etl.transform.blocks import Label, Markup, Span
from etl.transform.clues import Clue, Line
from etl.transform.dom import hint_names
from etl.transform.item_shapes import NOT_ITEM, Scores
from etl.transform.lexicon import lexicon, line_key
from etl.transform.pointers import heads_related, title_start

_HINT = {name: 1 << bit for bit, name in enumerate(hint_names())}
_LINKED = 0.5
_WHOLLY = 0.95
_SHARE_MIN = 0.3
_NAMING_SHARE = 0.45
"""Links with less of a line are but a part of its title."""
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_HEADING_WORDS = 8
_TITLE_WORDS = 3
_TITLE_LENGTH = 12
_SECTION_WORDS, _SECTION_LENGTH = 5, 40
_TEASER_MIN = 40
_INLINE_WORDS, _INLINE_LENGTH = 4, 25
_NOT_TITLES = sum(
    _HINT[name]
    for name in (
        *("byline", "bio", "date", "caption", "credit", "comment", "share", "navigation", "page_head", "page_foot"),
        *("advert", "newsletter", "paywall", "consent", "topics", "popular"),
    )
)
"""Hints near links that name no article."""
_ELSEWHERE = sum(_HINT[name] for name in ("popular", "navigation", "page_foot", "advert", "comment"))
"""Hints around boxes that have nothing to do with the article."""
_BOXES = sum(_HINT[name] for name in ("article", "related", "box", "side"))
"""Hints of elements that hold whole boxes."""
_CLUES = {"related": Clue.RELATED_HEADING, "listing": Clue.LISTING, "topics": Clue.TOPICS, "comments": Clue.COMMENTS}


def hints_around(lines: list[Line], labels: list[Label]) -> int:
    """The hints that are around every paragraph of the article: those of the page's frame."""
    around = -1
    for line, label in zip(lines, labels, strict=True):
        if label is Label.BODY and line.block.markup:
            around &= line.block.markup.chain
    return around


class Named(NamedTuple):
    """An article that a line names."""

    title: str
    section: str | None = None
    teaser: str | None = None
    href: str | None = None


def known_clue(line: Line) -> Clue:
    """The clue of a line, also where it is but a link (whose words `clues` does not read)."""
    mark = line.block.markup
    if mark is None or line.clue is not Clue.SHORT or mark.link_share <= _WHOLLY:
        return line.clue
    text = line.block.text
    if line.words <= _HEADING_WORDS and mark.tag in HEADINGS:
        key = line_key(text)
        kind = lexicon().headings.get(key) or ("related" if key and heads_related(text, key) else "")
        return _CLUES.get(kind, line.clue)
    start = title_start(text)
    return Clue.READ_ALSO if start is not None and start < len(text) else line.clue


def box_end(lines: list[Line], start: int, stop: int, around: int) -> int:
    """Where the element ends that holds the heading `lines[start - 1]` and the items; at most `stop`.

    Args:
        lines: The lines of the page.
        start: The line after the heading.
        stop: Where the block ends at the latest.
        around: Hints that are around the article too.
    """
    head, first = lines[start - 1].block.markup, lines[start].block.markup
    if head is None or first is None:
        return stop
    depth = head.depth
    if first.depth < depth and (first.link_share >= _LINKED or first.depth >= depth - 1):
        depth = first.depth
    inside = around & head.chain & _HINT["article"]
    if head.chain & (_ELSEWHERE if inside else _ELSEWHERE | _HINT["side"]) & ~around:
        return start
    lost = head.chain & first.chain & _BOXES
    for index in range(start, stop):
        mark = lines[index].block.markup
        if mark is None or mark.depth < depth or lost & ~mark.chain:
            return index
    return stop


def marked_scores(lines: list[Line], scores: list[Scores]) -> tuple[list[Scores], bool]:
    """The scores of the roles of a block's lines, with the evidence of their markup; whether its titles are links."""
    links = [_link_of(line) for line in lines]
    titled = any(href and line.words >= _TITLE_WORDS for href, line in zip(links, lines, strict=True))
    found = [
        _marked_score(lines[index], score, links[index], links[index - 1] if index else None, titled=titled)
        for index, score in enumerate(scores)
    ]
    return found, titled


def _marked_score(line: Line, score: Scores, href: str | None, before: str | None, *, titled: bool) -> Scores:
    mark = line.block.markup
    if mark is None or score is NOT_ITEM:
        return score
    section, title, teaser, picture, none = score
    kicker = bool(mark.near & _HINT["kicker"])
    if href and href == before:
        title -= 1.2
        teaser += 0.5
    elif href and not kicker and line.words > 1:
        section -= 1.5
        title += 1.2 if title < 0 else 0.7
        teaser -= 0.5
    elif titled and not href:
        title -= 2.5
        teaser += 0.3
    title += 0.7 if mark.tag in HEADINGS or mark.near & _HINT["title"] else 0.0
    section += 0.7 if kicker else 0.0
    teaser += 0.5 if mark.near & _HINT["lead"] else 0.0
    picture += 1.0 if mark.near & _HINT["caption"] else 0.0
    if mark.near & (_HINT["byline"] | _HINT["date"]) and not href and not line.ends:
        none = max(none, 1.0)
    return (section, title, teaser, picture, none)


def _link_of(line: Line) -> str | None:
    """Where a line leads that is mostly a link."""
    mark = line.block.markup
    if mark is None:
        return None
    spans = _spans_of(line.block.text, mark)
    if not spans:
        return mark.href if mark.link_share >= _LINKED else None
    linked = [span for span in spans if span.link]
    share = sum(len(span.text) for span in linked) / sum(len(span.text) for span in spans)
    return linked[0].href if linked and share >= _LINKED else None


def names_article(line: Line) -> bool:
    """Whether a line that stands alone is a link to another article of the site."""
    mark = line.block.markup
    return (
        mark is not None
        and mark.link_share > _WHOLLY
        and line.words >= _INLINE_WORDS
        and line.length >= _INLINE_LENGTH
        and not mark.near & _NOT_TITLES
        and not mark.hidden
        and _is_page(mark.href)
    )


def introduces(line: Line) -> bool:
    """Whether a line holds the title of another article as a link, with a phrase such as `Read also` before it."""
    mark = line.block.markup
    if mark is None or not mark.spans or not _is_page(mark.href):
        return False
    spans = _spans_of(line.block.text, mark)
    linked = "".join(span.text for span in spans if span.link)
    if len(linked) < _SHARE_MIN * len(line.block.text) or not _may_be_title(linked):
        return False
    start = title_start(line.block.text)
    if start is not None:
        return start < len(line.block.text)
    return not spans[0].link and _heads(spans[0].text)


def _heads(text: str) -> bool:
    """Whether a text is a heading of related items, or introduces one."""
    key = line_key(text)
    return bool(key) and (
        lexicon().headings.get(key) == "related"
        or title_start(text.strip() + ":") is not None
        or heads_related(text, key)
    )


def _is_page(href: str | None) -> bool:
    if not href or href.startswith(("#", "mailto:", "javascript:", "tel:", "?")):
        return False
    return bool(href.strip("/"))


def named_articles(line: Line) -> list[Named]:
    """The articles that a title line names: one, or one for each link, with the section label before each."""
    mark = line.block.markup
    text = line.block.text
    spans = _spans_of(text, mark) if mark else []
    if not mark or not spans:
        return [Named(text, href=mark.href if mark else None)]
    found: list[Named] = []
    before = ""
    for link, texts in _by_link(spans):
        words = "".join(span.text for span in texts)
        if link and _may_be_title(words):
            named = _read_link(texts)
            found.append(named._replace(section=named.section or _section(before)))
            before = ""
        elif words.strip():
            before = next(span.text for span in reversed(texts) if span.text.strip())
    naming = sum(len(named.title) + len(named.teaser or "") for named in found)
    if naming < max(1, _NAMING_SHARE * len(text)):
        return [Named(text, href=mark.href)]
    return found if len({named.href for named in found}) > 1 else found[:1]


def _spans_of(text: str, mark: Markup) -> list[Span]:
    """The spans of one of the lines that line breaks made of a block."""
    if not mark.spans or " ".join("".join(span.text for span in mark.spans).split()) == text:
        return list(mark.spans)
    return [span for span in mark.spans if span.text.strip() and " ".join(span.text.split()) in text]


def _by_link(spans: list[Span]) -> Iterator[tuple[int, list[Span]]]:
    for link, group in groupby(spans, key=lambda span: span.link):
        yield link, list(group)


def _may_be_title(text: str) -> bool:
    words = text.split()
    return len(text.strip()) >= _TITLE_LENGTH and (len(words) >= _TITLE_WORDS or not text.isascii())


def _section(text: str) -> str | None:
    text = " ".join(text.split()).strip(" :|/•·-–—>»")
    if _heads(text):
        return None
    if not text or len(text) > _SECTION_LENGTH or len(text.split()) > _SECTION_WORDS or text[-1] in ".!?":
        return None
    return text if any(sign.isalpha() for sign in text) else None


def _read_link(spans: list[Span]) -> Named:
    """The title in a link; the label that an inline element sets before it without a blank, the teaser after it."""
    texts = [span.text for span in spans if span.text.strip()]
    whole = " ".join("".join(span.text for span in spans).split())
    href = spans[0].href
    if len(texts) < 2:
        return Named(whole, href=href)
    first, rest = " ".join(texts[0].split()), " ".join("".join(texts[1:]).split())
    if first == rest:
        return Named(first, href=href)
    glued = not texts[0][-1].isspace() and not texts[1][0].isspace()
    label = _section(first)
    if glued and label and _may_be_title(rest) and not rest[0].islower() and rest[0] not in ".,;:)":
        return Named(rest, section=label, href=href)
    if _may_be_title(first) and not label and len(rest) >= _TEASER_MIN and rest[-1] in ".!?…" and rest[0].isupper():
        return Named(first, teaser=rest, href=href)
    return Named(whole, href=href)


def item_url(href: str | None, base: str | None) -> str | None:
    """The address of a page that a link leads to, absolute where the address of its page is known."""
    if not _is_page(href) or href is None:
        return None
    try:
        url = urljoin(base or "", href.strip())
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None
