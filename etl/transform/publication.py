"""Say when an article was published and changed: by what the page states for machines, its date lines, its dateline."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from etl.transform.blocks import Label
from etl.transform.clues import Clue, Line
from etl.transform.credits import read_dateline
from etl.transform.dates import Stamp, is_date_line, month_first_in, read_stamps
from etl.transform.headlines import host_of
from etl.transform.machine_dates import read_metadata_stamp
from etl.transform.metadata import Evidence, Metadata
from etl.transform.relative import read_relative

_DAY = timedelta(days=1)
_YEAR = timedelta(days=366)
_IN_ADDRESS, _IN_TIME = "url", "time[datetime]"
_OF_OTHERS = frozenset({_IN_TIME, "dateCreated", "uploadDate"})
"""What may say when another thing was made, or only repeats what is shown."""
_Found = tuple[Stamp | None, str | None]
_Stated = list[tuple[Stamp, Evidence]]
_BELOW = 6
"""Lines below the headline in which an article's own date stands."""
_NEAR, _AFTER = 12, 6
"""Lines before and after the article that are looked through for a date that no label names."""
_OTHERS = 6
_OPENING_MAX, _OPENING_OTHERS = 60, 2
_OPENING = re.compile(r"\s*(?:\s[–—-]|[|:–—](?!\d)|\s[\"„“«»])\s*")
"""What ends the date that opens a paragraph: `29.11.2022 – ...`, `Pressemitteilung vom 29.11.2022 | ...`."""


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
    order = month_first_in(host_of(url)) if url else None
    month_first = order if order is not None or language == "en" else False
    stated = _stated(metadata.published, latest, month_first=month_first)
    changed = _stated(metadata.modified, latest, month_first=month_first)
    modified = changed[0][0] if changed else None
    published, evidence = _most_trusted(stated)
    headline = labels.index(Label.HEADLINE) if Label.HEADLINE in labels else -1
    shown: Stamp | None = None
    for index in _date_lines(labels, headline):
        text = lines[index].block.text
        for stamp in read_stamps(text, month_first=month_first, latest=latest):
            if stamp.updated:
                modified = modified or stamp
            elif shown is None:
                shown = stamp
                if published is None:
                    published, evidence = shown, text
                elif headline < index <= _last_of_head(labels, headline) and _outweighs(shown, stated, changed):
                    published, evidence = _corrected(published, evidence, shown, text)
    if published is None:
        published, evidence = _beside(lines, labels, latest, month_first=month_first)
    if published is None and collected_at is not None:
        published, evidence = _relative(lines, labels, collected_at)
    if published is None:
        published, evidence = _opening(lines, labels, latest, month_first=month_first)
    return Publication(published, evidence, modified)


def _stated(found: tuple[Evidence, ...], latest: date, *, month_first: bool | None) -> _Stated:
    """The values that are dates and not in the future, most trusted first."""
    stamps = [(stamp, e) for e in found if (stamp := read_metadata_stamp(e.value, month_first=month_first))]
    return [(stamp, e) for stamp, e in stamps if stamp.day <= latest]


def _most_trusted(stated: _Stated) -> _Found:
    """The first; where it is in UTC and the page's address has the day beside it, that is the day."""
    if not stated:
        return None, None
    stamp, evidence = stated[0]
    addressed = next((s.day for s, e in stated if e.source == _IN_ADDRESS), stamp.day)
    if stamp.offset_minutes == 0 and abs(addressed - stamp.day) == _DAY:
        stamp = replace(stamp, day=addressed)
    return stamp, f"{evidence.source}: {evidence.value}"


def _date_lines(labels: list[Label], headline: int) -> list[int]:
    """Lines that may say when: those below the headline in their order, then those above it, the nearest first.

    Above it sites show the day of the visit, the day of an edition, and their other news.
    """
    found = [index for index, label in enumerate(labels) if label in (Label.DATE, Label.BYLINE)]
    last = _last_of_head(labels, headline)
    below = [index for index in found if headline <= index <= last]
    above = [index for index in reversed(found) if index < headline]
    return [*below, *above, *(index for index in found if index > last)]


def _last_of_head(labels: list[Label], headline: int) -> int:
    """The last line that may belong to the head: some lines below the headline, and before the second paragraph."""
    end = min(len(labels), headline + 1 + _BELOW)
    paragraphs = [index for index in range(headline + 1, end) if labels[index] is Label.BODY]
    return paragraphs[1] if len(paragraphs) > 1 else end - 1


def _outweighs(shown: Stamp, stated: _Stated, changed: _Stated) -> bool:
    """Whether the day that readers are shown below the headline is believed, and not the one stated for machines.

    So it is where the page states it as well, less prominently. Else it must not be that of a change, nor later; and
    `meta` and `time` are filled by systems that know but the day a page was moved, while JSON-LD errs by its zone only.
    """
    first, evidence = stated[0]
    if shown.day == first.day:
        return False
    if any(stamp.day == shown.day for stamp, e in stated[1:] if e.source not in _OF_OTHERS):
        return True
    if changed and (shown.day == changed[0][0].day or shown.day > changed[0][0].day + _DAY):
        return False
    apart = abs(shown.day - first.day)
    return apart <= _DAY or evidence.source == _IN_TIME or (evidence.source.startswith("meta ") and apart <= _YEAR)


def _corrected(stated: Stamp, evidence: str | None, shown: Stamp, text: str) -> _Found:
    """The day that is shown, with the stated moment where that is in UTC and the day may be that of another zone."""
    if stated.offset_minutes == 0 and abs(shown.day - stated.day) == _DAY:
        return replace(stated, day=shown.day), evidence
    return shown, text


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
        ending = _OPENING.search(text, 0, _OPENING_MAX)
        head = text[: dateline.end if dateline else ending.start() if ending else 0]
        for stamp in read_stamps(head, month_first=month_first, latest=latest):
            barred = ending is not None and "|" in ending.group() and is_date_line(head, others=_OPENING_OTHERS)
            if dateline or barred or (stamp.start == 0 and stamp.end == len(head)):
                return stamp, head if dateline else text[: stamp.end]
    return None, None
