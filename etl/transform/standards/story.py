"""What an item of any agency format says in its fields, and how that becomes labelled blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from etl.transform.blocks import Block, Label
from etl.transform.credits import read_line
from etl.transform.headlines import key_of
from etl.transform.metadata import Attribution, Evidence, Metadata, web_address
from etl.transform.record import RelatedItem
from etl.transform.related import bare_title
from etl.transform.scopes import StatedCredit
from etl.transform.standards.prose import Picture, Piece, Prose, names
from etl.transform.standards.tree import plain

_REPEATED_MIN = 60
"""So long a paragraph that stands twice is one: some archives give the first paragraphs apart as well."""
_TOPICS_MAX = 50
_TAIL = 3
"""Pieces at the end of a body among which the credit of the text stands."""
_KEY_SIGNS = frozenset("-/_;|+")
_DESK = re.compile(r"(?:\(\w+\)\s)?[a-z]{2,4}(?:[/-][a-z0-9]{1,4})+")
"""Initials of writer and desk, which wires put below a text: `pg/rl`, `(Schluss) abc/def`."""


@dataclass(slots=True)
class Story:
    """One item of text; texts without tags, white space collapsed; dates as written."""

    body: Prose
    headline: str = ""
    kicker: str = ""
    lead: tuple[str, ...] = ()
    bylines: tuple[str, ...] = ()
    dateline: str = ""
    suppliers: tuple[str, ...] = ()
    """Credit line, source, provider."""
    holders: tuple[str, ...] = ()
    """Who holds the rights."""
    pictures: tuple[Picture, ...] = ()
    topics: tuple[str, ...] = ()
    published: tuple[Evidence, ...] = ()
    """Candidates, most telling first."""
    modified: tuple[Evidence, ...] = ()
    language: str | None = None
    """BCP 47."""
    url: str | None = None
    related: tuple[RelatedItem, ...] = ()
    is_partial: bool = False


def metadata_of(story: Story) -> Metadata:
    """The fields that need no block."""
    authors = Attribution(story.bylines, "byline")
    published = tuple(evidence for evidence in story.published if evidence.value)
    first = published[0].value if published else None
    return Metadata(
        headlines=(story.headline,) if story.headline else (),
        authors=(authors,) if story.bylines else (),
        published=published,
        modified=tuple(evidence for evidence in story.modified if evidence.value and evidence.value != first),
        keywords=tuple(dict.fromkeys(topic for topic in story.topics if topic))[:_TOPICS_MAX],
        language=story.language,
        canonical=web_address(story.url) if story.url else None,
        og_type="article",
    )


def credits_of(story: Story) -> tuple[StatedCredit, ...]:
    """Dateline, suppliers and holders, those that say something."""
    found = [StatedCredit(story.dateline, "dateline")]
    found += [StatedCredit(words, "text") for words in story.suppliers]
    found += [StatedCredit(words, "text", is_fallback=True) for words in story.holders]
    return tuple(credit for credit in dict.fromkeys(found) if credit.words)


def related_of(story: Story) -> tuple[RelatedItem, ...]:
    """Each related item once, its title bare of what introduces it."""
    items: dict[str, RelatedItem] = {}
    for item in story.related:
        title = bare_title(plain(item.title))
        if title:
            items.setdefault(key_of(title), replace(item, title=title, url=web_address(item.url or "")))
    return tuple(items.values())


def arranged(story: Story) -> tuple[list[Block], list[Label]]:
    """The blocks in the order in which a page shows them, and what each is; both empty without a body."""
    pieces = _own(story)
    lead, pieces = _lead_and_rest(story, pieces)
    if not pieces and not lead:
        return [], []
    found: list[tuple[Label, str, bool]] = []
    if story.kicker and key_of(story.kicker) != key_of(story.headline):
        found.append((Label.KICKER, story.kicker, False))
    if story.headline:
        found.append((Label.HEADLINE, story.headline, False))
    found += [(Label.LEAD, text, False) for text in lead]
    found += [(Label.BYLINE, text, False) for text in story.bylines if text]
    for picture in dict.fromkeys((*story.pictures, *story.body.pictures)):
        found += [(Label.CAPTION, picture.caption, False)] if picture.caption else []
        found += [(Label.IMAGE_CREDIT, picture.credit, False)] if picture.credit else []
    found += [(piece.label, piece.text, piece.listed) for piece in pieces]
    blocks = [Block(text, gap=True, indent=0, listed=listed) for _, text, listed in found]
    return blocks, [label for label, _, _ in found]


def _own(story: Story) -> list[Piece]:
    """The body without what repeats its head, its own paragraphs or its pictures; credits get their label."""
    shown = {key_of(text) for text in (story.headline, story.kicker, *story.bylines) if text}
    captions = {key_of(picture.caption) for picture in (*story.pictures, *story.body.pictures) if picture.caption}
    found: list[Piece] = []
    seen: set[str] = set()
    for piece in story.body.pieces:
        key = key_of(piece.text)
        headed = any(earlier.label is Label.BODY for earlier in found)
        if not key or (not headed and key in shown) or key in captions or key in seen:
            continue
        if len(piece.text) >= _REPEATED_MIN:
            seen.add(key)
        found.append(piece)
    found[-_TAIL:] = [piece for piece in found[-_TAIL:] if not _DESK.fullmatch(piece.text)]
    return [_credited(piece, len(found) - index) for index, piece in enumerate(found)]


def _credited(piece: Piece, left: int) -> Piece:
    """A line that is nothing but a credit: of a picture wherever it stands, of the text where that ends."""
    credit = read_line(piece.text) if piece.label is Label.BODY else None
    if credit is None:
        return piece
    if credit.form == "image" and not (left == 1 and piece.text.startswith("©")):
        return piece._replace(label=Label.IMAGE_CREDIT)
    return piece._replace(label=Label.SOURCE_CREDIT) if left <= _TAIL and credit.mentions else piece


def _lead_and_rest(story: Story, pieces: list[Piece]) -> tuple[list[str], list[Piece]]:
    """The standfirst, and the body without it.

    A summary that is the beginning of the body, cut or whole, is none that the item sets apart; whole paragraphs of it
    that the body repeats stay in the lead only where the body goes on after them.
    """
    lead = [text for text in dict.fromkeys(story.lead) if text and key_of(text) != key_of(story.headline)]
    bodies = [piece for piece in pieces if piece.label is Label.BODY]
    if not lead:
        return [], pieces
    if not bodies:
        return [], [*(Piece(text) for text in lead), *pieces]
    keys = {key_of(text) for text in lead}
    rest = [piece for piece in pieces if piece.label is not Label.BODY or key_of(piece.text) not in keys]
    if not any(piece.label is Label.BODY for piece in rest):
        return [], pieces
    start = key_of(" ".join(piece.text for piece in bodies))
    if len(rest) == len(pieces) and start.startswith(key_of(" ".join(lead))):
        return [], pieces
    return lead, rest


def kicker_of(slugline: str) -> str:
    """A slugline where it reads as a kicker: a few words, not a key such as `US-Finance-Fed` or `ferry`."""
    reads = " " in slugline and slugline[0].isupper() and _KEY_SIGNS.isdisjoint(slugline)
    return slugline if reads else ""


def is_named(kind: str, code: str) -> bool:
    """Whether a code is one of a list of `data/standards.toml`."""
    return code in names()[kind]
