"""Time on the pages, what the rules found over time, and a corpus of 3,000 days."""

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from etl.pipeline import due_days
from etl.report import gathering, themes, write
from etl.report.corpus_page import Corpus, corpus_page
from etl.report.counting import over_time
from etl.report.outcomes import findings, verdicts
from etl.report.periods import ranges, timeline
from etl.report.standing import Standing
from etl.report.statistics import DAYS, LANGUAGES, REASONS, SOURCES, SUPPLIERS, Statistics
from etl.report.wording import NO_SOURCE, listed, percent, shown, source_name, told
from etl.settings import Settings
from etl.validate.history import RESULTS
from tests.report.conftest import PUBLISHED, Written

FIRST = date(2015, 1, 1)


def days(number: int) -> list[date]:
    return [FIRST + timedelta(days=offset) for offset in range(number)]


@pytest.mark.parametrize(
    ("number", "grain", "periods", "first", "last"),
    [
        (1, "day", 1, "1 Jan 2015", "1 Jan 2015"),
        (66, "day", 66, "1 Jan 2015", "7 Mar 2015"),
        (67, "week", 10, "week of 29 Dec 2014", "week of 2 Mar 2015"),
        (500, "month", 17, "Jan 2015", "May 2016"),
        (3000, "month", 99, "Jan 2015", "Mar 2023"),
        (10_000, "year", 28, "2015", "2042"),
    ],
)
def test_long_times_are_cut_into_few_periods(number: int, grain: str, periods: int, first: str, last: str) -> None:
    line = timeline(days(number))
    assert (line.grain, len(line.starts)) == (grain, periods)
    assert (line.name(line.starts[0]), line.name(line.starts[-1])) == (first, last)
    assert {line.start_of(day) for day in days(number)} == set(line.starts)
    assert 1 <= len(line.ticks(5)) <= 5


def test_an_axis_of_years_is_labelled_with_years() -> None:
    assert list(timeline(days(3000)).ticks(5).values()) == ["2015", "2017", "2019", "2021", "2023"]
    assert list(timeline([date(2015, 12, 30), date(2016, 1, 2)]).ticks(5).values()) == [
        "30 Dec",
        "31 Dec",
        "1 Jan 2016",
        "2 Jan",
    ]


def test_days_in_words() -> None:
    assert ranges([FIRST, FIRST + timedelta(1), FIRST + timedelta(5)]) == [
        (FIRST, FIRST + timedelta(1)),
        (FIRST + timedelta(5), FIRST + timedelta(5)),
    ]
    assert [percent(share) for share in (None, 0.0, 0.0001, 0.004, 0.34, 0.996, 0.99999, 1.0)] == [
        "–", "0%", "under 0.1%", "0.4%", "34%", "99.6%", "over 99.9%", "100%",
    ]  # fmt: skip
    assert [listed(list("abcde")[:number]) for number in range(5)] == [
        "",
        "a",
        "a and b",
        "a, b and c",
        "a, b, c and 1 more",
    ]


def test_text_that_hides_or_turns_is_written_out() -> None:
    assert shown("a\u202eb\x00c\u200b") == "a\\u202eb\\x00c\\u200b"
    assert len(shown("x" * 1000)) == 200
    assert told("why\nwhat to do" + "!" * 1000).startswith("why what to do!!!")
    assert told("!" * 1000) == "!" * 1000


def sources(rows: list[tuple[date, str, int]]) -> pa.Table:
    zeros = dict.fromkeys(SOURCES.names, 0)
    return pa.Table.from_pylist(
        [zeros | {"ingest_date": day, "source": source, "articles": articles} for day, source, articles in rows],
        SOURCES,
    )


def test_the_largest_sources_are_shown_apart_and_the_others_together() -> None:
    table = sources([(FIRST, f"s{number}", 100 - number) for number in range(9)])
    found = over_time(table, "source", "articles", timeline(days(1)), most=6, name=source_name)
    assert list(found) == ["s0", "s1", "s2", "s3", "s4", "s5", "3 others"]
    assert found["3 others"] == {FIRST: 94 + 93 + 92}
    few = sources([(FIRST, name, 1) for name in ("", "a")])
    assert list(over_time(few, "source", "articles", timeline(days(1)), most=6, name=source_name)) == [NO_SOURCE, "a"]


def test_sources_that_are_called_like_no_source_or_like_several_stay_apart() -> None:
    names = ["", NO_SOURCE, '"(no source)"', "3 others", *(f"s{number}" for number in range(6))]
    table = sources([(FIRST, name, 100 - number) for number, name in enumerate(names)])
    found = over_time(table, "source", "articles", timeline(days(1)), most=7, name=source_name)
    assert list(found) == [NO_SOURCE, '"(no source)"', '""(no source)""', '"3 others"', "s0", "s1", "s2", "3 others"]
    assert sum(values[FIRST] for values in found.values()) == sum(range(91, 101))
    plot = themes.volumes(table, timeline(days(1)))
    assert [row[-1] for row in plot.numbers.rows] == [sum(range(91, 101))]
    assert len({row[0] for row in themes.by_source(table).numbers.rows}) == len(names)


def result(day: date, rule: str, policy: str, unexpected: int, *, success: bool) -> dict[str, object]:
    base: dict[str, object] = {"run_id": f"{day}.0001", "severity": "warning", "observed": "", "evaluated": 100}
    return base | {
        "ingest_date": day,
        "table": "articles",
        "rule": rule,
        "policy": policy,
        "unexpected": unexpected,
        "success": success,
    }


def test_the_worst_that_the_rules_found_decides_about_a_day() -> None:
    first, second, third, fourth = days(4)
    rows = [
        result(first, "a", "warn", 3, success=True),
        result(first, "b", "block", 0, success=True),
        result(second, "a", "warn", 9, success=False),
        result(third, "a", "warn", 9, success=False),
        result(third, "c", "quarantine", 1, success=True),
        result(fourth, "c", "quarantine", 60, success=False),
    ]
    table = pa.Table.from_pylist(rows, RESULTS)
    assert list(verdicts(table).values()) == ["passed", "warned", "set aside", "blocked"]
    found = findings(table, {("articles", "a"): "what a asks for"})
    assert [(rule.rule, rule.unexpected, rule.days, rule.passed) for rule in found] == [
        ("c", 61, 2, False),
        ("a", 21, 3, False),
    ]
    assert (found[1].note, found[1].share, found[1].last_day) == ("what a asks for", "7%", third)


@pytest.mark.parametrize(
    ("observed", "shown"),
    [
        ("0.08696", "9%"),
        ("1.0", "100%"),
        ("0.0", "0%"),
        ("1234", "1,234"),
        ("1", "1"),
        ("crashed: why", "crashed: why"),
    ],
)
def test_a_rule_about_the_day_shows_the_share_or_the_count_that_it_observed(observed: str, shown: str) -> None:
    rows = [result(FIRST, "lost", "warn", 1, success=False) | {"table": "day", "evaluated": 1, "observed": observed}]
    (found,) = findings(pa.Table.from_pylist(rows, RESULTS), {})
    assert found.share == shown


def test_a_corpus_of_3000_days_is_a_page_of_under_3_mb() -> None:
    every = days(3000)
    names = [f"source-{number:02}" for number in range(20)]
    counted = sources([(day, name, 10) for day in every for name in names])
    statistics = Statistics(
        days=pa.table([every, [200] * 3000, [200] * 3000, [False] * 3000], schema=DAYS),
        sources=counted,
        languages=pa.Table.from_pylist(
            [{"ingest_date": FIRST, "source": "", "language": "de", "articles": 9}], LANGUAGES
        ),
        agencies=SUPPLIERS.empty_table(),
        rejects=REASONS.empty_table(),
    )
    rows = {"articles": 200}
    standings = [
        Standing(day, "failed" if at % 3 == 0 else "published", f"no space on {day}", f"{day}.0001", None, rows)
        for at, day in enumerate(every)
    ]
    pages = {day.isoformat() for day in every}
    html = corpus_page(Corpus(statistics, standings, RESULTS.empty_table(), pages=pages))
    assert len(html) < 3_000_000
    assert html.count('href="days/') > 3000
    assert "600,000 articles from 20 sources over 3,000 days, 1 Jan 2015 to 19 Mar 2023." in html
    assert "Drawn are 12 of 20." in html


def test_a_page_that_became_old_while_it_was_written_is_written_again(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where another run has published in between: the older page must not be what remains."""
    looked, real = [], gathering.look
    renamed: list[str] = []

    def look(_warehouse: object) -> gathering.Seen:
        seen = real(written.settings.warehouse)
        looked.append(seen)
        fewer = seen.standings[:-1] if len(looked) == 1 else seen.standings
        return gathering.Seen(seen.opened, fewer, seen.judged)

    def keep(_file: object, text: str) -> None:
        renamed.append(text)

    monkeypatch.setattr(gathering, "look", look)
    monkeypatch.setattr(write, "_write", keep)
    write.write_corpus(written.settings)
    assert len(renamed) == 2
    assert "7 May 2026: new" not in renamed[0]
    assert "7 May 2026: new" in renamed[1]


def test_the_daily_maintenance_leaves_what_it_finds_to_the_pages(written: Written) -> None:
    kept = written.folder / "due.json"
    before = kept.read_bytes()
    kept.unlink()
    assert len(due_days(written.settings, datetime(2026, 6, 1, tzinfo=UTC))) == 2
    assert kept.read_bytes() == before


def test_what_was_found_about_a_day_is_forgotten_once_it_is_run_again(written: Written) -> None:
    settings: Settings = written.settings
    states = {standing.day.isoformat(): standing.state for standing in gathering.look(settings.warehouse).standings}
    assert states[PUBLISHED] == "stale"
    newer = settings.warehouse / "_runs" / f"{PUBLISHED}.0002"
    newer.mkdir()
    (newer / "outcome.json").write_text('{"outcome": "unchanged", "message": "unchanged"}', encoding="utf-8")
    try:
        states = {standing.day.isoformat(): standing.state for standing in gathering.look(settings.warehouse).standings}
        assert states[PUBLISHED] == "published"
    finally:
        (newer / "outcome.json").unlink()
        newer.rmdir()
