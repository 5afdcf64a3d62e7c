"""What the pages show in plots: volumes, languages, filled fields, agencies and rejects, of a day or of the corpus."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from etl.report.counting import (
    FIELDS,
    NO_LANGUAGE,
    largest_first,
    over_time,
    shares_over_time,
    sums,
)
from etl.report.drawing import REST, SERIES, WARN
from etl.report.periods import Timeline
from etl.report.plots import Bar, Cell, Numbers, Plot, bars, columns, shades, share_over_time
from etl.report.wording import count, listed, percent, share_of, source_name

_NO_AGENCIES = ("editorial", "generic")
"""Kinds of credits that name no agency."""
_MOST_ROWS = 20


def volumes(sources: pa.Table, line: Timeline) -> Plot:
    """Articles over time, by source."""
    found = over_time(sources, "source", "articles", line, most=len(SERIES), name=source_name)
    by_period = {start: sum(values.get(start, 0) for values in found.values()) for start in line.starts}
    total = sum(by_period.values())
    busiest = max(by_period, key=lambda start: (by_period[start], start), default=None)
    message = "No articles yet."
    if busiest is not None and total:
        filled = sorted(value for value in by_period.values() if value)
        message = (
            f"{count(total, 'article')}; a {line.grain} usually has {filled[len(filled) // 2]:,}, "
            f"the most are {by_period[busiest]:,} ({line.name(busiest)})."
        )
    rows: list[list[Cell]] = [
        [line.name(start), *(values.get(start, 0) for values in found.values()), by_period[start]]
        for start in line.starts
    ]
    numbers = Numbers([line.grain, *found, "all"], rows)
    return columns(
        f"Articles by {line.grain} and source",
        message,
        line,
        found,
        [*SERIES, REST][: len(found)],
        numbers=numbers,
        wide=True,
    )


def by_source(sources: pa.Table) -> Plot:
    """Articles by source."""
    rows = largest_first(sums(sources, ["source"], ["articles", "words", "rejects"]), "articles")
    total = sum(row["articles"] for row in rows)
    filled = [row for row in rows if row["articles"]]
    message = "No articles."
    if filled:
        first = source_name(filled[0]["source"])
        message = (
            f"{count(len(filled), 'source')}; the largest, {first}, holds {percent(filled[0]['articles'] / total)}."
        )
    found = [Bar(source_name(row["source"]), [row["articles"]], f"{row['articles']:,}") for row in filled]
    numbers = Numbers(
        ["source", "articles", "share", "words", "rejected documents"],
        [
            [
                source_name(row["source"]),
                row["articles"],
                share_of(row["articles"], total),
                row["words"],
                row["rejects"],
            ]
            for row in rows
        ],
    )
    return bars("Articles by source", message, found, numbers)


def by_language(languages: pa.Table) -> Plot:
    """Articles by language."""
    rows = largest_first(sums(languages, ["language"], ["articles"]), "articles")
    total = sum(row["articles"] for row in rows)
    named = [f"{row['language'] or NO_LANGUAGE} {percent(row['articles'] / total)}" for row in rows]
    message = f"{count(len(rows), 'language')}: {listed(named)}." if rows else "No articles."
    found = [Bar(row["language"] or NO_LANGUAGE, [row["articles"]], f"{row['articles']:,}") for row in rows]
    numbers = Numbers(
        ["language", "articles", "share"],
        [[row["language"] or NO_LANGUAGE, row["articles"], share_of(row["articles"], total)] for row in rows],
    )
    return bars("Articles by language", message, found, numbers)


def fill_rates(sources: pa.Table) -> Plot:
    """How many articles have each field."""
    total = sums(sources, [], ["articles", *FIELDS])[0]
    articles = total["articles"]
    rates = {name: share_of(total[column], articles) for column, name in FIELDS.items()}
    message = "No articles."
    if articles:
        always = [name for name, rate in rates.items() if rate == 1]
        never = [name for name, rate in rates.items() if rate == 0]
        parts = [
            f"every article has {listed(always, 5)}" if always else "",
            f"none has {listed(never, 5)}" if never else "",
        ]
        parts += [
            f"{percent(rates['lead'])} have a lead, {percent(rates['authors'])} authors"
            if not always and not never
            else ""
        ]
        message = "; ".join(part for part in parts if part).capitalize() + "."
    found = [Bar(name, [rate or 0.0], percent(rate)) for name, rate in rates.items()]
    numbers = Numbers(
        ["field", "articles that have it", "share"],
        [[name, total[column], rates[name]] for column, name in FIELDS.items()],
    )
    return bars("Filled fields", message, found, numbers, full=1.0)


def fill_rates_by_source(sources: pa.Table) -> Plot:
    """How many articles of each source have each field."""
    rows = largest_first(sums(sources, ["source"], ["articles", *FIELDS]), "articles")
    rows = [row for row in rows if row["articles"]]
    shares = {
        (source_name(row["source"]), column): row[column] / row["articles"]
        for row in rows[:_MOST_ROWS]
        for column in FIELDS
    }
    spread = {
        name: max(values) - min(values)
        for column, name in FIELDS.items()
        if (values := [row[column] / row["articles"] for row in rows])
    }
    message = "No articles."
    if len(rows) == 1:
        message = "One source only."
    elif rows:
        widest = max(spread, key=lambda name: spread[name])
        rates = _rates(rows, widest)
        message = f"Sources differ most in {widest}: from {percent(min(rates))} to {percent(max(rates))}."
        if not spread[widest]:
            message = "All sources have the same fields."
    numbers = Numbers(
        ["source", "articles", *FIELDS.values()],
        [
            [source_name(row["source"]), row["articles"], *(row[column] / row["articles"] for column in FIELDS)]
            for row in rows
        ],
    )
    names = [source_name(row["source"]) for row in rows[:_MOST_ROWS]]
    return shades("Filled fields by source", message, names, FIELDS, shares, numbers=numbers)


def _rates(rows: list[dict[str, int]], name: str) -> list[float]:
    column = next(column for column, called in FIELDS.items() if called == name)
    return [row[column] / row["articles"] for row in rows]


def fill_rates_over_time(sources: pa.Table, line: Timeline) -> Plot:
    """How many articles have each field, period by period."""
    by_field = {column: shares_over_time(sources, column, ["articles"], line) for column in FIELDS}
    shares = {
        (FIELDS[column], start.isoformat()): part / whole
        for column, found in by_field.items()
        for start, (part, whole) in found.items()
        if whole
    }
    periods = {start.isoformat(): line.name(start) for start in line.starts}
    change = {
        name: max(values) - min(values)
        for name in FIELDS.values()
        if (values := [share for (field, _), share in shares.items() if field == name])
    }
    message = "No articles yet."
    if change:
        most = max(change, key=lambda name: change[name])
        values = [share for (field, _), share in shares.items() if field == most]
        extent = f"between {percent(min(values))} and {percent(max(values))} of a {line.grain}'s articles"
        message = f"What varies most is {most}: {extent}." if change[most] else f"The same in every {line.grain}."
    rows = [[periods[key], *(shares.get((name, key)) for name in FIELDS.values())] for key in periods]
    numbers = Numbers([line.grain, *FIELDS.values()], rows)
    return shades(
        "Filled fields over time", message, list(FIELDS.values()), periods, shares, numbers=numbers, line=line
    )


def agencies_over_time(sources: pa.Table, line: Timeline) -> Plot:
    """The share of articles to which an agency supplied text."""
    found = shares_over_time(sources, "with_agency", ["articles"], line)
    articles, supplied = (sum(pair[at] for pair in found.values()) for at in (1, 0))
    message = "No articles yet."
    if articles:
        message = f"Agencies supplied text to {percent(supplied / articles)} of the articles."
    shares = {start: part / whole for start, (part, whole) in found.items() if whole}
    rows = [[line.name(start), whole, part, share_of(part, whole)] for start, (part, whole) in sorted(found.items())]
    numbers = Numbers([line.grain, "articles", "with text of an agency", "share"], rows)
    return share_over_time("Agencies' share over time", message, line, shares, numbers, full=True)


def agencies_by_source(sources: pa.Table) -> Plot:
    """The share of articles with an agency's text, source by source."""
    rows = [row for row in sums(sources, ["source"], ["articles", "with_agency"]) if row["articles"]]
    rows.sort(key=lambda row: (-row["with_agency"] / row["articles"], row["source"]))
    message = "No articles."
    if rows:
        all_articles = sum(row["articles"] for row in rows)
        supplied = sum(row["with_agency"] for row in rows)
        message = (
            f"Agencies supplied text to {percent(supplied / all_articles)} of the articles; "
            f"the most to {source_name(rows[0]['source'])} ({percent(rows[0]['with_agency'] / rows[0]['articles'])})."
        )
    found = [
        Bar(source_name(row["source"]), [share := row["with_agency"] / row["articles"]], percent(share)) for row in rows
    ]
    numbers = Numbers(
        ["source", "articles", "with text of an agency", "share"],
        [
            [source_name(row["source"]), row["articles"], row["with_agency"], row["with_agency"] / row["articles"]]
            for row in rows
        ],
    )
    return bars("Agencies' share by source", message, found, numbers, full=1.0)


def top_agencies(agencies: pa.Table) -> Plot:
    """Which agencies are credited, for text and for pictures."""
    named = agencies.filter(pc.invert(pc.is_in(agencies["kind"], value_set=pa.array(_NO_AGENCIES, pa.string()))))
    keys = ["agency_code", "agency_name", "kind"]
    text = named.filter(pc.not_equal(named["scope"], "image"))
    picture = named.filter(pc.equal(named["scope"], "image"))
    counted: dict[tuple[str, str, str], list[int]] = {}
    for at, table in enumerate((text, picture)):
        for row in sums(table, keys, ["articles"]):
            counted.setdefault((row["agency_code"], row["agency_name"], row["kind"]), [0, 0])[at] += row["articles"]
    ranked = sorted(counted.items(), key=lambda item: (-sum(item[1]), item[0]))
    total = sum(sum(values) for _, values in ranked)
    message = "No agency is credited."
    if ranked:
        (_, name, _), values = ranked[0]
        share = percent(sum(values) / total)
        message = f"{count(len(ranked), 'agency', 'agencies')} credited; {name} has {share} of the credits."
    found = [Bar(name, values, f"{sum(values):,}") for (_, name, _), values in ranked]
    rows: list[list[Cell]] = [[name, code, kind, *values] for (code, name, kind), values in ranked]
    numbers = Numbers(["agency", "code", "kind", "credits for text", "credits for pictures"], rows)
    legend = [(SERIES[0], "text"), (SERIES[1], "pictures")]
    return bars("Agencies credited most", message, found, numbers, legend)


def rejects_over_time(sources: pa.Table, line: Timeline) -> Plot:
    """The share of documents that became no article."""
    found = shares_over_time(sources, "rejects", ["articles", "rejects"], line)
    documents, rejected = (sum(pair[at] for pair in found.values()) for at in (1, 0))
    message = "No documents yet."
    if documents:
        message = f"{count(rejected, 'document')} of {documents:,} became no article ({percent(rejected / documents)})."
    shares = {start: part / whole for start, (part, whole) in found.items() if whole}
    rows = [[line.name(start), whole, part, share_of(part, whole)] for start, (part, whole) in sorted(found.items())]
    numbers = Numbers([line.grain, "documents", "rejected", "share"], rows)
    return share_over_time("Rejected documents over time", message, line, shares, numbers, full=False)


def rejects_by_code(counts: Mapping[str, int]) -> Plot:
    """Rejects by their reason."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    total = sum(counts.values())
    message = "Nothing was rejected."
    if ranked:
        named = [f"{code} ({number:,})" for code, number in ranked]
        message = f"{count(total, 'reject')} for {count(len(ranked), 'reason')}: {listed(named)}."
    found = [Bar(code, [number], f"{number:,}") for code, number in ranked]
    numbers = Numbers(["code", "rejects", "share"], [[code, number, number / total] for code, number in ranked])
    return bars("Rejects by reason", message, found, numbers, [(WARN, "rejects")])


def lengths(sources: pa.Table) -> Plot:
    """How long the articles of each source are."""
    rows = largest_first(sums(sources, ["source"], ["articles", "words", "truncated"]), "articles")
    rows = [row for row in rows if row["articles"]]
    words, articles, truncated = (sum(row[name] for row in rows) for name in ("words", "articles", "truncated"))
    message = "No articles."
    if rows:
        beginning = f"{percent(truncated / articles)} show only their beginning" if truncated else "none is cut short"
        message = f"An article has {round(words / articles):,} words on average; {beginning}."
    found = [
        Bar(source_name(row["source"]), [mean := row["words"] / row["articles"]], f"{round(mean):,}") for row in rows
    ]
    numbers = Numbers(
        ["source", "articles", "words", "words per article", "only the beginning"],
        [
            [
                source_name(row["source"]),
                row["articles"],
                row["words"],
                round(row["words"] / row["articles"]),
                row["truncated"],
            ]
            for row in rows
        ],
    )
    return bars("Words per article", message, found, numbers)


def neighbours(beside: Mapping[date, int | None], day: date) -> Plot:
    """Articles of the day beside those of the days before it; None where a day is not published."""
    line = Timeline("day", tuple(beside))
    values = {start: articles for start, articles in beside.items() if articles is not None}
    others = sorted(value for start, value in values.items() if start != day)
    mine = values.get(day, 0)
    message = f"{count(mine, 'article')}; there is no day before it to compare with."
    if others:
        message = f"{count(mine, 'article')}; the days before it usually have {others[len(others) // 2]:,}."
    numbers = Numbers(["day", "articles"], [[line.name(start), values.get(start)] for start in line.starts])
    title, series = "Beside the days before", {"articles": values}
    return columns(title, message, line, series, [SERIES[0]], numbers=numbers, wide=True, height=130, marked=day)
