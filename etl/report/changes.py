"""Drift alarms as the pages tell them: what has changed about a source since a day, and how that looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from etl.report.counting import shares_over_time
from etl.report.drift import SHARES, Alarm
from etl.report.periods import in_words, timeline
from etl.report.plots import Numbers, Plot, share_over_time
from etl.report.wording import share_of, source_name

ALL_SOURCES = "all sources together"
_AROUND = timedelta(days=40)
"""What is drawn before and after a change."""


@dataclass(frozen=True, slots=True)
class Change:
    """Alarms of one source that begin on one day: a new layout of its pages sets off several."""

    source: str
    since: date
    seen: date
    """The day on which the first of them could be told."""
    notes: tuple[str, ...]
    alarms: tuple[Alarm, ...]


def changes(alarms: Sequence[Alarm]) -> list[Change]:
    """Alarms put together by source and first day, the newest first."""
    groups: dict[tuple[date, str], list[Alarm]] = {}
    for alarm in alarms:
        groups.setdefault((alarm.ingest_date, alarm.source), []).append(alarm)
    found = [
        Change(
            source or ALL_SOURCES,
            since,
            min(alarm.seen for alarm in group),
            tuple(alarm.note for alarm in group),
            tuple(group),
        )
        for (since, source), group in groups.items()
    ]
    return sorted(sorted(found, key=lambda change: change.source), key=lambda change: change.since, reverse=True)


def picture(sources: pa.Table, change: Change) -> Plot | None:
    """The share that has changed most, some weeks before and after; None where only text lengths have changed."""
    drawn = [alarm for alarm in change.alarms if alarm.measure in SHARES]
    if not drawn:
        return None
    alarm = max(drawn, key=lambda alarm: (abs(alarm.found - alarm.usual), alarm.measure))
    named = [each for each in sources["source"].unique().to_pylist() if source_name(each) == alarm.source]
    first, last = alarm.ingest_date - _AROUND, alarm.ingest_date + _AROUND
    near = pc.and_(pc.greater_equal(sources["ingest_date"], first), pc.less_equal(sources["ingest_date"], last))
    rows = sources.filter(pc.and_(near, pc.is_in(sources["source"], value_set=pa.array(named, pa.string()))))
    line = timeline(rows["ingest_date"].to_pylist())
    part, whole = _columns(alarm.measure)
    found = shares_over_time(rows, part, whole, line)
    shares = {start: of / total for start, (of, total) in found.items() if total}
    table = [[line.name(start), total, of, share_of(of, total)] for start, (of, total) in sorted(found.items())]
    numbers = Numbers(
        [line.grain, "articles" if len(whole) == 1 else "documents", SHARES[alarm.measure], "share"], table
    )
    message = f"{alarm.note}, since {in_words(alarm.ingest_date)}."
    title = f"{change.source}: {SHARES[alarm.measure]}"
    return share_over_time(title, message, line, shares, numbers, full=True, marked=line.start_of(alarm.ingest_date))


def _columns(measure: str) -> tuple[str, list[str]]:
    """The columns of the statistics that make up a share."""
    if measure == "rejects":
        return "rejects", ["articles", "rejects"]
    return ("truncated" if measure == "truncated" else f"with_{measure}"), ["articles"]
