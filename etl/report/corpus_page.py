"""The page of the corpus: how its days stand, what it holds, and what deserves a look."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import pyarrow as pa

from etl.report import outcomes, themes
from etl.report.calendar import calendar
from etl.report.changes import Change, changes, picture
from etl.report.counting import sums
from etl.report.drift import Alarm
from etl.report.examples import Rejected
from etl.report.periods import Timeline, in_words, ranges, timeline
from etl.report.plots import Plot
from etl.report.rendering import render
from etl.report.standing import TROUBLES, Standing
from etl.report.statistics import Statistics
from etl.report.wording import count, listed, percent, share_of

_RECENT = timedelta(days=28)
"""A change of a source asks for attention so long."""
_MOST_DRAWN = 3
_MOST_SHOWN = 10
"""Days in need of something that are listed at once."""


@dataclass(frozen=True, slots=True)
class Versions:
    """Code, suites and settings that days were made with."""

    parser: str
    suites: str
    schema: int
    settings: str
    days: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Corpus:
    """What the page is made from."""

    statistics: Statistics
    standings: Sequence[Standing]
    results: pa.Table
    """Of the rules, see `outcomes.read_results`."""
    snapshot: int | None = None
    rejected: Sequence[Rejected] = ()
    alarms: Sequence[Alarm] = ()
    warnings: Sequence[Alarm] = ()
    versions: Sequence[Versions] = ()
    notes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Of the rules, by table and name."""
    pages: Collection[str] = ()
    """Days that have a page."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page."""

    anchor: str
    title: str
    plots: Sequence[Plot]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Days that need the same to be done."""

    state: str
    days: str
    why: str
    href: str | None


def corpus_page(corpus: Corpus) -> str:
    """The page as HTML; the same corpus gives the same page."""
    # Folders that were never run have nothing to draw, and one of another century would make all else a speck.
    line = timeline(standing.day for standing in corpus.standings if standing.run_id)
    recent, earlier = recent_changes(corpus)
    troubles = _troubles(corpus.standings, corpus.pages)
    return render(
        "corpus.html",
        headline=headline(corpus),
        condition=condition(corpus),
        mood="" if troubles or recent else " calm",
        troubles=troubles[:_MOST_SHOWN],
        more_troubles=troubles[_MOST_SHOWN : 10 * _MOST_SHOWN],
        unshown_troubles=len(troubles[10 * _MOST_SHOWN :]),
        recent=recent,
        earlier=earlier,
        pictures=[plot for change in recent[:_MOST_DRAWN] if (plot := picture(corpus.statistics.sources, change))],
        warnings=changes(corpus.warnings),
        day_links={day: f"days/{day}.html" for day in corpus.pages},
        tiles=tiles(corpus.statistics),
        calendar=calendar(corpus.standings, corpus.pages),
        published=corpus.statistics.days.num_rows > 0,
        sections=_sections(corpus, line),
        rejected=corpus.rejected,
        findings=outcomes.findings(corpus.results, corpus.notes),
        snapshot=corpus.snapshot,
        versions=corpus.versions,
    )


def headline(corpus: Corpus) -> str:
    """The corpus in a sentence."""
    days = [row for row in corpus.statistics.days.to_pylist() if not row["empty"]]
    if not days:
        return "Nothing is published yet."
    articles = sum(row["articles"] for row in days)
    sources = len(
        {row["source"] for row in sums(corpus.statistics.sources, ["source"], ["articles"]) if row["articles"]}
    )
    first, last = min(row["ingest_date"] for row in days), max(row["ingest_date"] for row in days)
    span = (
        f"on {in_words(first)}"
        if first == last
        else f"over {count(len(days), 'day')}, {in_words(first)} to {in_words(last)}"
    )
    return f"{count(articles, 'article')} from {count(sources, 'source')} {span}."


def condition(corpus: Corpus) -> str:
    """How the days stand, in a sentence."""
    counts = {state: sum(standing.state == state for standing in corpus.standings) for state in TROUBLES}
    parts = [f"{number:,} {state}" for state, number in counts.items() if number]
    told = f"Days that need a look: {', '.join(parts)}." if parts else "Every day is published and up to date."
    if not corpus.standings:
        told = "No day was ever run."
    changed = list(dict.fromkeys(change.source for change in recent_changes(corpus)[0]))
    if changed:
        told += f" {count(len(changed), 'source')} changed lately: {listed(changed)}."
    return told


def recent_changes(corpus: Corpus) -> tuple[list[Change], list[Change]]:
    """Changes of sources that were seen within the last weeks that are published, and those before."""
    found = changes(corpus.alarms)
    last = max((standing.day for standing in corpus.standings if standing.published_run), default=date.min)
    recent = [change for change in found if last - change.seen < _RECENT]
    return recent, [change for change in found if change not in recent]


def _troubles(standings: Sequence[Standing], pages: Collection[str]) -> list[Trouble]:
    """What is to be done; days with one reason (a new parser makes all of them outdated) are told together."""
    groups: dict[tuple[str, str], list[date]] = {}
    for standing in standings:
        if standing.state in TROUBLES:
            groups.setdefault((standing.state, standing.why or ""), []).append(standing.day)
    newest_first = sorted(groups.items(), key=lambda item: item[1][-1], reverse=True)
    ordered = sorted(newest_first, key=lambda item: TROUBLES.index(item[0][0]))
    return [
        Trouble(
            state,
            _days_in_words(days),
            why,
            f"days/{days[0]}.html" if len(days) == 1 and days[0].isoformat() in pages else None,
        )
        for (state, why), days in ordered
    ]


def _days_in_words(days: Sequence[date]) -> str:
    found = [
        in_words(first) if first == last else f"{in_words(first)} to {in_words(last)}" for first, last in ranges(days)
    ]
    return listed(found) if len(days) == 1 else f"{count(len(days), 'day')}: {listed(found)}"


def tiles(statistics: Statistics) -> list[tuple[str, str]]:
    """The largest numbers: what each is, and the number."""
    total = sums(statistics.sources, [], ["articles", "words", "with_agency", "related_items", "rejects"])[0]
    documents = total["articles"] + total["rejects"]
    languages = {row["language"] for row in sums(statistics.languages, ["language"], ["articles"])} - {""}
    return [
        ("article" if total["articles"] == 1 else "articles", f"{total['articles']:,}"),
        ("words", _short(total["words"])),
        ("language" if len(languages) == 1 else "languages", f"{len(languages):,}"),
        ("with text of an agency", percent(share_of(total["with_agency"], total["articles"]))),
        ("related items", f"{total['related_items']:,}"),
        ("documents rejected", percent(share_of(total["rejects"], documents))),
    ]


def _short(number: int) -> str:
    """`1.2 million` where digits would not be read."""
    for size, name in ((1_000_000_000, "billion"), (1_000_000, "million")):
        if number >= size:
            return f"{number / size:.1f} {name}"
    return f"{number:,}"


def _sections(corpus: Corpus, line: Timeline) -> list[Section]:
    statistics = corpus.statistics
    sources = statistics.sources
    rules = Section("rules", "Rules", [outcomes.verdicts_over_time(corpus.results, line)])
    if not statistics.days.num_rows:
        return [rules] if corpus.results.num_rows else []
    volumes = [
        themes.volumes(sources, line),
        themes.by_source(sources),
        themes.by_language(statistics.languages),
        themes.lengths(sources),
    ]
    codes = {row["code"]: row["rejects"] for row in sums(statistics.rejects, ["code"], ["rejects"])}
    fields = [
        themes.fill_rates(sources),
        themes.fill_rates_over_time(sources, line),
        themes.fill_rates_by_source(sources),
    ]
    agencies = [
        themes.agencies_over_time(sources, line),
        themes.top_agencies(statistics.agencies),
        themes.agencies_by_source(sources),
    ]
    return [
        Section("volumes", "Volumes", volumes),
        Section("fields", "Filled fields", fields),
        Section("agencies", "Agencies", agencies),
        Section("rejects", "Rejects", [themes.rejects_over_time(sources, line), themes.rejects_by_code(codes)]),
        rules,
    ]
