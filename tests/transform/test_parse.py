"""What a record promises for any page, and what single shapes of pages give."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl.transform.parse import parse
from etl.transform.record import Document, Record, Refusal

Read = Callable[[str], Record]
Refuse = Callable[[str], Refusal]

P1 = (
    "The town council of Eastmere decided on Monday evening to buy the abandoned glass works by the river and to turn "
    "them into workshops for small firms. Eleven members voted in favour."
)
P2 = (
    "The mayor, Joan Halloran, said that the price of two million was fair and that the roof could be mended before "
    "winter. Work is to begin in April, she said, when the contracts have been signed."
)
P3 = (
    "Neighbours have mixed feelings about the plan. Some hope for jobs, others fear the noise of lorries in the narrow "
    "streets around the church, where children walk to school every morning."
)
LINES = st.sampled_from(
    [
        P1,
        P2,
        P3,
        "",
        "Council buys glass works",
        "By Joan Smith",
        "(AP)",
        "(APA/dpa)",
        "Photo: Jane Roe/Reuters",
        "Related Articles",
        "Lesen Sie auch: Das Ende der Glashütte",
        "More from Eastmere",
        "The long way to the river",
        "4 March 2026, 10:05",
        "Share",
        "Comments",
        "LONDON (AFP) - The river rose.",
        "A sentence that is short.",
        "Sign up for our newsletter",
        "Tags: river, glass",
        "12 comments",
    ]
)
PAGES = st.lists(LINES, min_size=1, max_size=30).map("\n".join)


def page(*lines: str) -> str:
    return "\n\n".join(lines)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.text(max_size=400), st.text(alphabet="().:/©|-–,\n\t Aa1dpFoto:Red", max_size=400), PAGES))
def test_any_text_gives_a_record_or_a_refusal(text: str) -> None:
    document = Document(text, "0" * 32, "a.txt", 0, len(text), "text/plain", "utf-8")
    first, second = parse(document), parse(document)
    assert first == second
    if isinstance(first, Record):
        assert first.article.body.strip()
        for agency in first.agencies:
            assert agency.evidence in text
            assert agency.agency_name


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PAGES)
def test_paragraphs_stand_in_the_text_in_that_order(text: str) -> None:
    result = parse(Document(text, "0" * 32, "a.txt", 0, len(text), "text/plain", "utf-8"))
    if isinstance(result, Record):
        position = 0
        for paragraph in result.article.body.split("\n\n"):
            position = text.index(paragraph, position) + len(paragraph)


def test_white_space_only_is_empty(refuse: Refuse) -> None:
    assert refuse(" \n\t\n\u00a0").code == "empty"


@pytest.mark.parametrize(
    "text",
    [
        "404\n\nPage not found\n\nThe page you are looking for does not exist any more. Please go back to the start.",
        "Menu\n\nSearch\n\nLog in\n\nWorld\n\nBusiness\n\nSports",
        "We use cookies to improve your experience. By clicking accept you agree to our privacy policy and terms.",
        "Council buys glass works\n\nRiver rises again\n\nSchool closes early\n\nMayor resigns over bridge",
        "We value your privacy\n\nWe and our 812 partners store information on your device, such as identifiers.",
    ],
    ids=["error page", "navigation", "consent page", "section front", "consent dialogue"],
)
def test_a_page_without_article_text_is_refused(text: str, refuse: Refuse) -> None:
    assert refuse(text).code == "not_an_article"


def test_a_lone_paragraph_is_the_body_not_the_lead(read: Read) -> None:
    article = read(page("Council buys glass works", P1)).article
    assert (article.lead, article.body) == (None, P1)


def test_article_goes_on_after_a_related_block(read: Read) -> None:
    record = read(page("Council buys glass works", P1, "Related Articles", "How glass came to Eastmere", P2, P3))
    assert record.article.body == page(P1, P2, P3)
    assert [item.title for item in record.related_items] == ["How glass came to Eastmere"]


def test_a_related_heading_whose_list_was_dropped_takes_nothing_with_it(read: Read) -> None:
    record = read(page("Council buys glass works", P1, "Mehr zum Thema", P2, P3))
    assert record.article.body == page(P1, P2, P3)
    assert record.related_items == ()


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("Lesen Sie auch: Das Ende der Glashütte", "Das Ende der Glashütte"),
        ("READ MORE: The last glass blower", "The last glass blower"),
        ("À lire aussi : Le dernier souffleur de verre", "Le dernier souffleur de verre"),
        ("Lea también: El último soplador", "El último soplador"),
        (">> Alle Termine der Glashütte im Überblick", "Alle Termine der Glashütte im Überblick"),
    ],
)
def test_a_one_line_teaser_is_a_related_item_and_not_in_the_body(line: str, title: str, read: Read) -> None:
    record = read(page("Council buys glass works", P1, line, P2, P3))
    assert [item.title for item in record.related_items] == [title]
    assert record.article.body == page(P1, P2, P3)


def test_agencies_that_the_story_quotes_are_not_credits(read: Read) -> None:
    quoting = P2.replace("said that", "told Reuters and the Associated Press (AP) that")
    assert read(page("Council buys glass works", P1, quoting, P3)).agencies == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (page("Title of the page", f"LONDON (Reuters) - {P1}", P2), [("reuters", "dateline", "Reuters")]),
        (page("Title of the page", "By the Associated Press", P1, P2), [("ap", "byline", "Associated Press")]),
        (page("Title of the page", P1, P2, "(APA/sda)"), [("apa", "text", "APA"), ("sda", "text", "sda")]),
        (page("Title of the page", P1, f"{P2} (dpa)"), [("dpa", "text", "dpa")]),
        (page("Title of the page", "Photo: Jane Roe/AFP", P1, P2), [("afp", "image", "AFP")]),
        (page("Title of the page", P1, P2, "abc/dpa"), [("dpa", "text", "dpa")]),
        (
            page("Title of the page", P1, P2, "red, ORF/Agenturen"),
            [("editorial", "text", "red"), ("agencies", "text", "Agenturen")],
        ),
        (page("Title of the page", P1, P2, "AA"), []),
    ],
)
def test_scopes_of_credits(text: str, expected: list[tuple[str, str, str]], read: Read) -> None:
    assert [(a.agency_code, a.scope, a.evidence) for a in read(text).agencies] == expected


def test_a_credit_glued_to_the_last_sentence_leaves_the_body(read: Read) -> None:
    assert read(page("Title of the page", P1, f"{P2} (dpa)")).article.body == page(P1, P2)


def test_updated_is_not_published(read: Read) -> None:
    article = read(page("Title of the page", "Updated March 5, 2026 8:00 am GMT", P1, P2)).article
    assert article.published_date is None
    assert str(article.modified_at) == "2026-03-05 08:00:00+00:00"


def test_a_time_without_zone_has_no_offset(read: Read) -> None:
    article = read(page("Title of the page", "4. März 2026, 10:05 Uhr", P1, P2)).article
    assert (str(article.published_date), article.published_offset_minutes) == ("2026-03-04", None)


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("04/03/2026 07:15", "None"),
        ("03/25/2025", "2025-03-25"),
        ("25/03/2025", "2025-03-25"),
        ("March 9, 2026", "None"),
    ],
    ids=["American or British", "American", "British", "after the collection"],
)
def test_dates_that_could_be_wrong_are_left_out(line: str, day: str, read: Read) -> None:
    assert str(read(page("Title of the page", line, P1, P2)).article.published_date) == day


def test_authors_are_persons_only(read: Read) -> None:
    article = read(
        page("Title of the page", "By Joan Smith and Émile Bégou, Reuters, joan@example.org", P1, P2)
    ).article
    assert article.authors == ("Joan Smith", "Émile Bégou")


def test_a_paywall_line_marks_the_article_truncated(read: Read) -> None:
    text = page("Title of the page", P1, P2, "Subscribe to continue reading this story")
    assert read(text).article.is_truncated
    assert not read(page("Title of the page", P1, P2)).article.is_truncated


def test_topics_are_listed_and_not_in_the_body(read: Read) -> None:
    article = read(page("Title of the page", P1, P2, "Tags: glass, river, Eastmere")).article
    assert article.topics == ("glass", "river", "Eastmere")
    assert article.body == page(P1, P2)


def test_comments_are_not_article_text(read: Read) -> None:
    comments = "I walked there as a child and the noise of the furnaces was something that nobody in town ever forgot."
    article = read(page("Title of the page", P1, P2, P3, "3 comments", "Ann said:", comments)).article
    assert article.body == page(P1, P2, P3)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 4_000_000,
        "Foto: " * 200_000,
        "(" * 300_000,
        "a. " * 300_000,
        "short line\n" * 100_000,
        f"{P1}\n\n" + "Mehr zum Thema\n" * 20_000,
        f"{P1}\n" * 5_000,
        "12.03.2026 " * 100_000,
        f"{P1}\n\nRelated Articles\n\n" + "Title of an item\n\nA teaser that says a little.\n\n" * 5_000,
        f"{P1}\n\nThese are the winners:\n\n" + "An entry of the list\n" * 20_000,
        "\n\n".join(f"A line of a menu, number {number}" for number in range(20_000)),
        f"{P1}\n\n{P2}\n\n{P3}\n\n" + "Tags\n" * 30_000 + f"\n{P1}{P2}",
    ],
    ids=[
        "huge line",
        "labels",
        "brackets",
        "sentences",
        "short lines",
        "headings",
        "repeats",
        "dates",
        "items",
        "list",
        "menu",
        "tags",
    ],
)
def test_hostile_texts_take_seconds_at_most(text: str) -> None:
    started = time.process_time()
    parse(Document(text, "0" * 32, "a.txt", 0, len(text), "text/plain", "utf-8"))
    assert time.process_time() - started < 30


def test_a_broken_address_of_the_page_breaks_nothing(document_of: Callable[[str], Document]) -> None:
    document = replace(document_of(page("Council buys glass works", P1, P2, P3)), url="https://[harbour.example/a")
    assert isinstance(parse(document), Record)
