"""Say when an article was published and changed: by what the page states for machines, its date lines, its dateline."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from etl.transform.blocks import Label
from etl.transform.clues import Clue, Line
from etl.transform.credits import read_dateline
from etl.transform.dates import Stamp, is_date_line, month_first_in, read_stamps
from etl.transform.machine_dates import read_metadata_stamp
from etl.transform.metadata import Evidence, Metadata
from etl.transform.relative import read_relative

_DAY = timedelta(days=1)
_IN_ADDRESS = "url"
_Found = tuple[Stamp | None, str | None]
_NEAR, _AFTER = 12, 6
"""Lines before and after the article that are looked through for a date that no label names."""
_OTHERS = 6
_OPENING = 24
"""Characters in which a date that opens a paragraph begins: `29.11.2022 – ...`."""


class Publication(NamedTuple):
    """Dates of a page, None where it has none."""

    published: Stamp | None = None
    evidence: str | None = None
    """The line, or the metadata, that `published` was read from."""
    modified: Stamp | None = None


def read_publication(
    lines: list[Line],
    labels: list[Label],
    metadata: Metadata,
    *,
    language: str | None,
    url: str | None,
    collected_at: datetime | None,
) -> Publication:
    """Publication and last change; no date after the collection counts, relative dates only where that is known."""
    latest = collected_at.date() + _DAY if collected_at else date.max  # zones are up to a day apart
    order = month_first_in(urlsplit(url).hostname or "") if url else None
    month_first = order if order is not None or language == "en" else False
    published, evidence = _stated(metadata.published, latest, month_first=month_first)
    modified, _ = _stated(metadata.modified, latest, month_first=month_first)
    for wanted in (Label.DATE, Label.BYLINE):
        for line, label in zip(lines, labels, strict=True):
            if label is not wanted:
                continue
            for stamp in read_stamps(line.block.text, month_first=month_first, latest=latest):
                if stamp.updated:
                    modified = modified or stamp
                elif published is None:
                    published, evidence = stamp, line.block.text
    if published is None:
        published, evidence = _beside(lines, labels, latest, month_first=month_first)
    if published is None and collected_at is not None:
        published, evidence = _relative(lines, labels, collected_at)
    if published is None:
        published, evidence = _opening(lines, labels, latest, month_first=month_first)
    return Publication(published, evidence, modified)


def _stated(found: tuple[Evidence, ...], latest: date, *, month_first: bool | None) -> _Found:
    """The most trusted value; where it is in UTC and the page's address has the day beside it, that is the day."""
    stamps = [(stamp, e) for e in found if (stamp := read_metadata_stamp(e.value, month_first=month_first))]
    stamps = [(stamp, e) for stamp, e in stamps if stamp.day <= latest]
    if not stamps:
        return None, None
    stamp, evidence = stamps[0]
    addressed = next((s.day for s, e in stamps if e.source == _IN_ADDRESS), stamp.day)
    if stamp.offset_minutes == 0 and abs(addressed - stamp.day) == _DAY:
        stamp = replace(stamp, day=addressed)
    return stamp, f"{evidence.source}: {evidence.value}"


def _beside(lines: list[Line], labels: list[Label], latest: date, *, month_first: bool | None) -> _Found:
    """A date among a few words, right before the article or right after it."""
    bodies = [index for index, label in enumerate(labels) if label is Label.BODY]
    if not bodies:
        return None, None
    near = [*range(max(0, bodies[0] - _NEAR), bodies[0]), *range(bodies[-1] + 1, min(len(lines), bodies[-1] + _AFTER))]
    for index in near:
        text = lines[index].block.text
        if labels[index] is Label.NOISE and is_date_line(text, others=_OTHERS):
            stamps = read_stamps(text, month_first=month_first, latest=latest)
            if stamps and not stamps[0].updated:
                return stamps[0], text
    return None, None


def _relative(lines: list[Line], labels: list[Label], collected_at: datetime) -> _Found:
    for line, label in zip(lines, labels, strict=True):
        if label is Label.BODY:
            break
        if label is Label.DATE or line.clue is Clue.AGO:
            stamp = read_relative(line.block.text, collected_at)
            if stamp and not stamp.updated:
                return stamp, line.block.text
    return None, None


def _opening(lines: list[Line], labels: list[Label], latest: date, *, month_first: bool | None) -> _Found:
    """The date in a dateline, or one that opens a paragraph."""
    for line, label in zip(lines, labels, strict=True):
        if label not in (Label.LEAD, Label.BODY):
            continue
        text = line.block.text
        dateline = read_dateline(text)
        head = text[: dateline.end] if dateline else text[:_OPENING]
        for stamp in read_stamps(head, month_first=month_first, latest=latest):
            if dateline or (stamp.start == 0 and text[stamp.end :].lstrip()[:1] in ("–", "-", "—", "|", ":")):
                return stamp, head if dateline else text[: stamp.end]
    return None, None
