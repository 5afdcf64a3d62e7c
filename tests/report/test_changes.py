"""Sources that have changed, as the pages tell them."""

from datetime import date, timedelta

import pyarrow as pa
import pytest

from etl.report.changes import changes, picture
from etl.report.corpus_page import Corpus, corpus_page
from etl.report.day_page import Day, day_page
from etl.report.drift import Alarm, alarms
from etl.report.gathering import Known
from etl.report.standing import Standing
from etl.report.statistics import DAYS, LANGUAGES, REASONS, SOURCES, SUPPLIERS, Statistics
from etl.settings import Settings
from etl.validate.history import RESULTS

FIRST, CHANGED, LAST = date(2026, 4, 1), date(2026, 5, 20), date(2026, 5, 31)
EVERY = [FIRST + timedelta(days=offset) for offset in range((LAST - FIRST).days + 1)]
HOSTILE = "<script>alert(1)"


@pytest.fixture(scope="module")
def known() -> Known:
    """Two sources; one has no leads any more from a day on."""
    rows = [
        dict.fromkeys(SOURCES.names, 0)
        | {"ingest_date": day, "source": source, "articles": 40, "words": 16_000, "with_headline": 40}
        | {"with_lead": 0 if source == HOSTILE and day >= CHANGED else 30}
        for day in EVERY
        for source in (HOSTILE, "bote")
    ]
    statistics = Statistics(
        days=pa.table([EVERY, [80] * len(EVERY), [80] * len(EVERY), [False] * len(EVERY)], schema=DAYS),
        sources=pa.Table.from_pylist(rows, SOURCES),
        languages=LANGUAGES.empty_table(),
        agencies=SUPPLIERS.empty_table(),
        rejects=REASONS.empty_table(),
    )
    return Known(statistics, alarms(statistics, Settings()))


def standing(day: date) -> Standing:
    return Standing(day, "published", None, f"{day}.0001", f"{day}.0001", {"articles": 80})


def corpus_until(known: Known, last: date) -> str:
    standings = [standing(FIRST + timedelta(days=offset)) for offset in range((last - FIRST).days + 1)]
    pages = {CHANGED.isoformat()}
    return corpus_page(Corpus(known.statistics, standings, RESULTS.empty_table(), alarms=known.alarms, pages=pages))


def test_a_source_that_changed_lately_is_told_and_drawn(known: Known) -> None:
    page = corpus_until(known, LAST)
    assert "1 source changed lately: &lt;script&gt;alert(1)." in page
    assert f'since <a href="days/{CHANGED}.html">20 May 2026</a>' in page
    assert page.count("<li>0% articles with a lead, usually 75%</li>") == 1
    assert "<h3>&lt;script&gt;alert(1): articles with a lead</h3>" in page
    assert "<line" in page
    assert "l-warn" in page.partition("articles with a lead</h3>")[2].partition("</figure>")[0]
    assert "<script" not in page


def test_a_change_of_long_ago_asks_for_nothing(known: Known) -> None:
    page = corpus_until(known, CHANGED + timedelta(days=60))
    assert "Every day is published and up to date." in page
    assert "changed lately" not in page
    assert "1 earlier change of sources" in page


def test_the_day_of_the_change_tells_of_it_and_no_other(known: Known) -> None:
    pages = {
        day: day_page(Day(standing(day), known.statistics, RESULTS.empty_table(), alarms=known.of(day)))
        for day in (CHANGED, CHANGED + timedelta(days=5))
    }
    assert ["usually 75%" in page for page in pages.values()] == [True, False]


def test_alarms_of_one_source_and_day_are_one_change() -> None:
    def alarm(source: str, day: date, measure: str, seen: date) -> Alarm:
        return Alarm(source, day, seen, measure, 0.9, 0.1, f"{measure} changed")

    later = CHANGED + timedelta(days=1)
    found = changes(
        [
            alarm("bote", FIRST, "lead", FIRST),
            alarm("bote", CHANGED, "lead", later),
            alarm("bote", CHANGED, "words", CHANGED),
            alarm("", CHANGED, "rows", CHANGED),
            alarm("(no source)", CHANGED, "lead", CHANGED),
        ]
    )
    assert [(change.source, change.since, change.seen, len(change.notes)) for change in found] == [
        ("(no source)", CHANGED, CHANGED, 1),
        ("all sources together", CHANGED, CHANGED, 1),
        ("bote", CHANGED, CHANGED, 2),
        ("bote", FIRST, FIRST, 1),
    ]


def test_an_alarm_stands_for_the_warning_that_says_the_same(known: Known) -> None:
    warned = known.alarms[0]
    rows = Alarm("", CHANGED, CHANGED, "articles", 80.0, 10.0, "10 articles, usually 80")
    both = Known(known.statistics, known.alarms, [warned, rows])
    assert [alarm.measure for alarm in both.of(CHANGED)] == ["lead", "articles"]
    page = day_page(Day(standing(CHANGED), known.statistics, RESULTS.empty_table(), alarms=both.of(CHANGED)))
    assert "<strong>all sources together</strong> on 20 May 2026" in page


def test_only_lengths_of_texts_have_no_share_to_draw(known: Known) -> None:
    [change] = changes([Alarm("bote", CHANGED, CHANGED, "words", 400.0, 100.0, "100 words per article, usually 400")])
    assert picture(known.statistics.sources, change) is None
