"""The page of a day: what its newest run came to, what the tables hold of it, what was rejected and how to look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from etl.report import outcomes, themes
from etl.report.changes import changes
from etl.report.corpus_page import Section, tiles
from etl.report.counting import sums
from etl.report.drift import Alarm
from etl.report.examples import Rejected
from etl.report.periods import in_words
from etl.report.rendering import render
from etl.report.standing import Standing
from etl.report.statistics import Statistics
from etl.report.wording import count, percent, share_of

_DAYS_BEFORE = 27
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Day:
    """What the page is made from."""

    standing: Standing
    statistics: Statistics
    """Of the corpus; the page shows this day of it."""
    results: pa.Table
    """What the rules found in the run `judged`, see `outcomes.read_results`."""
    judged: str | None = None
    """The run whose judgement the page shows."""
    rejected: Sequence[Rejected] = ()
    """Of the newest run."""
    notes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Of the rules, by table and name."""
    alarms: Sequence[Alarm] = ()
    facts: Sequence[tuple[str, str]] = ()
    """Of the run: names and values."""
    docs: str | None = None
    """Address of its Data Docs, relative to the page."""
    before: date | None = None
    after: date | None = None
    made_from: str = ""
    """Tells whether the page is up to date."""


def day_page(day: Day) -> str:
    """The page as HTML; the same day gives the same page."""
    standing = day.standing
    mine = of_day(day.statistics, standing.day)
    published = bool(mine.days.num_rows)
    return render(
        "day.html",
        day=standing.day,
        name=f"{_WEEKDAYS[standing.day.weekday()]}, {in_words(standing.day)}",
        standing=standing,
        headline=_headline(standing, mine),
        condition=_condition(standing),
        mood=_mood(standing),
        tiles=tiles(mine) if published else [],
        sections=_sections(day, mine) if published else [],
        codes=themes.rejects_by_code({each.code: each.count for each in day.rejected}),
        rejected=day.rejected,
        alarms=changes(day.alarms),
        findings=outcomes.findings(day.results, day.notes),
        rules=_rules(day),
        judged=day.judged,
        facts=day.facts,
        docs=day.docs,
        before=day.before,
        after=day.after,
        made_from=day.made_from,
    )


def of_day(statistics: Statistics, day: date) -> Statistics:
    """The statistics of one day."""
    tables = (statistics.days, statistics.sources, statistics.languages, statistics.agencies, statistics.rejects)
    return Statistics(*(table.filter(pc.equal(table["ingest_date"], pa.scalar(day, pa.date32()))) for table in tables))


def days_beside(statistics: Statistics, day: date) -> dict[date, int | None]:
    """Articles of a day and of those in the weeks before it, not before the corpus begins; None where unpublished."""
    first = pc.min(statistics.days["ingest_date"]).as_py()
    if first is None:
        return {}
    back = min((day - first).days, _DAYS_BEFORE)
    starts = [day - timedelta(days=days) for days in range(back, -1, -1)]
    near = statistics.days.filter(pc.is_in(statistics.days["ingest_date"], value_set=pa.array(starts, pa.date32())))
    articles = {row["ingest_date"]: row["articles"] for row in near.to_pylist()}
    return {start: articles.get(start) for start in starts}


def _headline(standing: Standing, mine: Statistics) -> str:
    if standing.state in ("blocked", "failed"):
        held = (
            "the tables still hold what was published before"
            if standing.published_run
            else "nothing of the day is in the tables"
        )
        return f"The newest run {'was blocked' if standing.state == 'blocked' else 'failed'}; {held}."
    if standing.state == "running":
        return "A run is at work, or was broken off."
    if standing.state == "new":
        return "Never run."
    total = sums(mine.sources, [], ["articles", "rejects"])[0]
    if standing.state == "empty" or not total["articles"] + total["rejects"]:
        return "No files had landed."
    sources = len({row["source"] for row in sums(mine.sources, ["source"], ["articles"]) if row["articles"]})
    share = percent(share_of(total["rejects"], total["articles"] + total["rejects"]))
    rejected = f"{count(total['rejects'], 'document')} rejected ({share})" if total["rejects"] else "nothing rejected"
    return f"{count(total['articles'], 'article')} from {count(sources, 'source')}, {rejected}."


def _condition(standing: Standing) -> str:
    if standing.state in ("stale", "outdated"):
        return f"Published, but {standing.state}: {standing.why}."
    if standing.state in ("published", "empty"):
        return "Published and up to date." if standing.state == "published" else "Recorded as empty."
    return standing.why or standing.state


def _mood(standing: Standing) -> str:
    if standing.state in ("published", "empty"):
        return " calm"
    return " bad" if standing.state == "failed" else ""


def _sections(day: Day, mine: Statistics) -> list[Section]:
    beside = themes.neighbours(days_beside(day.statistics, day.standing.day), day.standing.day)
    languages = themes.by_language(mine.languages)
    if not mine.sources.num_rows:
        return [Section("volumes", "Volumes", [beside])]
    return [
        Section(
            "volumes", "Volumes", [beside, themes.by_source(mine.sources), languages, themes.lengths(mine.sources)]
        ),
        Section(
            "fields", "Filled fields", [themes.fill_rates(mine.sources), themes.fill_rates_by_source(mine.sources)]
        ),
        Section("agencies", "Agencies", [themes.top_agencies(mine.agencies), themes.agencies_by_source(mine.sources)]),
    ]


def _rules(day: Day) -> list[tuple[str, str, int, int, bool]]:
    columns = ["table", "rule", "policy", "evaluated", "unexpected", "success"]
    return [
        (f"{table}.{rule}", policy, evaluated, unexpected, success)
        for table, rule, policy, evaluated, unexpected, success in zip(
            *(day.results[name].to_pylist() for name in columns), strict=True
        )
    ]
