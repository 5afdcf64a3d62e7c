"""Which of the dates of a page is its day of publication: stated ones against those shown, near against far."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from etl.transform.parse import parse
from etl.transform.record import Article, Document, Record

TEXT = [
    "The harbour master said in the morning that the ferries would sail again as soon as the storm had passed.",
    "Nine islands have been cut off since the middle of last week, and shops on the largest of them ran out of bread.",
    "Fishermen carried medicine and letters across the sound whenever the wind allowed it, which it did twice.",
    "The company that runs the ships blamed the age of its fleet; the oldest of the four was built long ago.",
]
HEADING = "<h1>Ferries to the islands sail again</h1>"


def article(*parts: str, head: str = "") -> Article:
    body = "".join(f"<p>{text}</p>" for text in TEXT)
    html = f"<html><head>{head}</head><body>{''.join(part.replace('TEXT', body) for part in parts)}</body></html>"
    found = parse(Document(html, "0" * 32, "a.html", 0, len(html), "text/html", "utf-8", url="https://kerra.example/a"))
    assert isinstance(found, Record), found
    return found.article


def node(**properties: str) -> str:
    stated = {"@type": "NewsArticle", "headline": "Ferries to the islands sail again", **properties}
    return f'<script type="application/ld+json">{json.dumps(stated)}</script>'


def meta(name: str, value: str) -> str:
    return f'<meta name="{name}" content="{value}">'


def test_the_date_below_the_headline_comes_before_those_of_the_edition_and_of_other_news() -> None:
    edition = "<div class=date>Edition of 12 October 2020</div><div class=date>9 October 2020</div>"
    found = article(edition, HEADING, "<p class=byline>By Tom Adeyemi on 7 May 2020</p>", "TEXT")
    assert found.published_date == date(2020, 5, 7)
    assert article(edition, "<p class=date>7 May 2020</p>", HEADING, "TEXT").published_date == date(2020, 5, 7)


def test_the_shown_day_outweighs_a_field_that_only_a_template_fills() -> None:
    shown = "<p class=date>27 January 2022</p>"
    found = article(HEADING, shown, "TEXT", head=meta("date", "2021-12-20T11:02:44+01:00"))
    assert (found.published_date, found.published_evidence) == (date(2022, 1, 27), "27 January 2022")


def test_the_shown_day_outweighs_json_ld_where_another_field_states_it_too() -> None:
    head = node(datePublished="2021-12-06T14:36:00+01:00", dateModified="2022-12-15T08:13:00Z")
    shown = "<p class=date>15 December 2022</p>"
    agreed = head + meta("article:published_time", "2022-12-15T09:13:00+01:00")
    assert article(HEADING, shown, "TEXT", head=agreed).published_date == date(2022, 12, 15)
    assert article(HEADING, shown, "TEXT", head=head).published_date == date(2021, 12, 6)  # it is that of the change


@pytest.mark.parametrize(
    "shown",
    ["Updated 15 December 2022", "3 February 2022", "24 December 2023", "12 May 2021"],
)
def test_days_of_changes_and_of_events_do_not_outweigh_json_ld(shown: str) -> None:
    head = node(datePublished="2021-12-06T14:36:00+01:00", dateModified="2022-12-15T08:13:00Z")
    found = article(HEADING, f"<p class=date>{shown}</p>", "TEXT", head=head)
    assert found.published_date == date(2021, 12, 6)


def test_a_moment_in_utc_keeps_its_time_and_takes_the_day_that_readers_see() -> None:
    head = node(datePublished="2022-05-04T00:44:52Z")
    found = article(HEADING, "<p class=date>3 May 2022, 21:44</p>", "TEXT", head=head)
    assert found.published_date == date(2022, 5, 3)
    assert found.published_at == datetime(2022, 5, 4, 0, 44, 52, tzinfo=UTC)


def test_dates_of_teasers_below_the_text_change_nothing() -> None:
    teaser = "<div class=related><h3>Bread for the islands</h3><p class=date>26 January 2022</p></div>"
    found = article(HEADING, "TEXT", teaser, head=meta("date", "2022-01-20"))
    assert found.published_date == date(2022, 1, 20)


@pytest.mark.parametrize(
    "opening",
    ["25.01.2022 – ", "25.01.2022 „Es wird wieder gut“, ", "Pressemitteilung vom 25. Januar 2022 | Kerra – "],
)
def test_a_date_that_opens_the_text_is_that_of_publication(opening: str) -> None:
    first = f"<p>{opening}die Fähren fahren wieder, sagte der Hafenmeister am Morgen vor den Leuten am Kai.</p>"
    assert article(HEADING, first, "TEXT").published_date == date(2022, 1, 25)


def test_a_date_in_a_sentence_is_not_that_of_publication() -> None:
    first = "<p>Am 25. Januar 2022 sank die Fähre – die Suche dauerte bis zum Abend und blieb ohne Erfolg.</p>"
    second = "<p>Bis zum 25. Januar 2022: So lange bleibt der Hafen der Insel für alle großen Schiffe gesperrt.</p>"
    assert article(HEADING, first, second, "TEXT").published_date is None
