"""The values that `transform` works on: a document goes in, a record or a refusal comes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

AgencyKind = Literal["wire", "photo", "press_release", "editorial", "generic"]
AgencyScope = Literal["text", "dateline", "byline", "image"]


@dataclass(frozen=True, slots=True)
class Stated:
    """What the record around a document says of it: fields of a corpus that keeps them apart from the text."""

    headline: str | None = None
    authors: tuple[str, ...] = ()
    """As written: names, lists of names, roles."""
    published: str | None = None
    """As written."""


@dataclass(frozen=True, slots=True)
class Document:
    """One raw article, decoded: NFC-normalised text with LF line ends, and where it came from."""

    text: str
    document_id: str
    source_uri: str
    source_offset: int
    source_length: int
    media_type: str
    charset: str
    source: str | None = None
    url: str | None = None
    collected_at: datetime | None = None
    """When the page was fetched, where that is known (aware, UTC); relative dates need it."""
    stated: Stated | None = None


@dataclass(frozen=True, slots=True)
class Agency:
    """One credit; the columns of `agencies` without keys (the position is the index + 1)."""

    agency_code: str
    agency_name: str
    country: str | None
    kind: AgencyKind
    scope: AgencyScope
    evidence: str


@dataclass(frozen=True, slots=True)
class RelatedItem:
    """One related item; the columns of `related_items` without keys (the position is the index + 1)."""

    title: str
    section: str | None = None
    teaser: str | None = None
    image_caption: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """What the page says; the columns of `articles` that the parser decides (counts and hashes follow from them)."""

    body: str
    kicker: str | None = None
    headline: str | None = None
    lead: str | None = None
    url: str | None = None
    authors: tuple[str, ...] = ()
    published_date: date | None = None
    published_at: datetime | None = None
    """Aware, UTC."""
    published_offset_minutes: int | None = None
    published_evidence: str | None = None
    modified_at: datetime | None = None
    """Aware, UTC."""
    language: str | None = None
    language_score: float | None = None
    """0 to 1, rounded to three decimals."""
    image_credits: tuple[str, ...] = ()
    image_captions: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    is_truncated: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """Everything found in one document."""

    article: Article
    related_items: tuple[RelatedItem, ...] = ()
    agencies: tuple[Agency, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a document did not become an article."""

    code: str
    """A key of `etl.tables.REJECT_CODES`."""
    message: str
