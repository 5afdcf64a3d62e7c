"""Which fields of a record (a JSON object, a row) hold its text, and which say where it comes from."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any

from etl.transform.record import Stated

ROLES = ("html", "text", "url", "source", "collected", "published", "headline", "authors", "crawl")
_OPEN = "date"
"""Is the day of the fetch in some corpora, that of the article in others."""
_STAMP = "%Y%m%d%H%M%S"
_EPOCH_MAX = 10_000_000_000
"""Numbers above are milliseconds."""

Columns = Mapping[str, Sequence[str]]
"""Names of columns by role, the first that is there counts; a dot leads into nested records."""


@cache
def known_columns() -> dict[str, tuple[str, ...]]:
    """The names that well-known corpora use."""
    data = tomllib.loads((Path(__file__).parent / "data" / "columns.toml").read_text(encoding="utf-8"))
    return {role: tuple(data[role]) for role in ROLES}


def all_columns(chosen: Columns) -> dict[str, tuple[str, ...]]:
    """The names to look for: those of the settings first, then the well-known ones."""
    known = known_columns()
    return {role: tuple(dict.fromkeys((*chosen.get(role, ()), *known[role]))) for role in ROLES}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a container says of a document besides its bytes."""

    url: str | None = None
    source: str | None = None
    collected_at: datetime | None = None
    stated: Stated = field(default_factory=Stated)
    charset: str | None = None
    """As the sender says; the bytes may say better."""
    is_html: bool = False
    """Whether the sender calls it HTML."""


@dataclass(frozen=True, slots=True)
class FoundText:
    """The text of a record, and what its other fields say."""

    text: str
    is_html: bool
    facts: Facts


def read_record(record: Mapping[str, Any], columns: Mapping[str, Sequence[str]]) -> FoundText | None:
    """The text and facts of a record; None where no column holds a text."""
    html, text = _first(record, columns["html"]), _first(record, columns["text"])
    content = _text(html) or _text(text)
    if content is None and html is None and text is None:
        return None
    signed = _first(record, columns["authors"])
    authors = signed if isinstance(signed, list | tuple) else [signed]
    collected, published = columns["collected"], columns["published"]
    if any(name in record for name in columns["crawl"]):
        published = [name for name in published if name != _OPEN]
    else:
        collected = [name for name in collected if name != _OPEN]
    facts = Facts(
        url=_whole(_first(record, columns["url"])),
        source=_whole(_first(record, columns["source"])),
        collected_at=moment(_first(record, collected)),
        stated=Stated(
            headline=_whole(_first(record, columns["headline"])),
            authors=tuple(name for name in map(_whole, authors) if name),
            published=_written(_first(record, published)),
        ),
        is_html=bool(_text(html)),
    )
    return FoundText(content or "", bool(_text(html)), facts)


def moment(value: object) -> datetime | None:
    """A point in time, aware and in UTC, from how corpora write it; None where it is none."""
    try:
        if isinstance(value, datetime):
            found = value
        elif isinstance(value, bool) or value is None:
            return None
        elif isinstance(value, int | float):
            found = datetime.fromtimestamp(value / 1000 if value > _EPOCH_MAX else value, UTC)
        else:
            found = _read_moment(str(value).strip())
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _read_moment(text: str) -> datetime:
    if text.isdigit() and len(text) == len("20260102030405"):
        return datetime.strptime(text, _STAMP).replace(tzinfo=UTC)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return parsedate_to_datetime(text)


def _written(value: object) -> str | None:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return _whole(value)


def _first(record: Mapping[str, Any], names: Sequence[str]) -> Any:
    for name in names:
        found = record.get(name)
        if found is None and "." in name:
            found = _field(record, name)
        if found is not None and found != "":
            return found
    return None


def _field(record: Mapping[str, Any], name: str) -> Any:
    if name in record:
        return record[name]
    head, dot, rest = name.partition(".")
    inner = record.get(head) if dot else None
    return _field(inner, rest) if isinstance(inner, Mapping) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _whole(value: object) -> str | None:
    """The text without halves of surrogate pairs, which JSON can hold and no table."""
    text = _text(value)
    return text.encode("utf-8", "ignore").decode() or None if text else None
