"""The head of a page: headline, kicker, lead, byline and date, from page texts and from HTML."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.transform import headline_choice, leads
from etl.transform.blocks import Label, read_blocks
from etl.transform.headline_choice import choose_headline, signs_of
from etl.transform.heads import may_be_kicker, settle_headline
from etl.transform.labels import label_blocks, label_by_rules
from etl.transform.metadata import Metadata
from etl.transform.parse import parse
from etl.transform.record import Article, Document, Record

Read = Callable[[str], Record]

HEADLINE = "Ferries to Saltby sail again after nine days of storm"
LEAD = "The storm kept the flour of the baker at the pier. Now the council talks about a larger ferry."
BODY = [
    """The first ferry since last week left the harbour of Saltby on Tuesday morning, with forty passengers and three
    tonnes of flour on board. The storm had kept the boats at the pier for nine days.""",
    """Harbour master Enid Croft said the pier had lost a dozen planks and one lamp, and that sailors had spent the time
    playing cards. She expects the timetable to be kept from Thursday on, weather permitting.""",
    """On the island the baker had run out of flour on Sunday. He sold biscuits until Monday noon, and after that he sat
    in front of his shop and told customers the story of the winter of 1963, when the sea froze.""",
    """The council will discuss next week whether a larger ferry should be bought. Two yards have made offers, and both
    of them want to be paid before the spring.""",
]
BODY = [" ".join(paragraph.split()) for paragraph in BODY]


def page(*head: str, body: list[str] | None = None) -> str:
    return "\n\n".join((*head, *(body or BODY)))


def article_of_html(html: str) -> Article:
    document = Document(html, "0" * 32, "2026-03-04/page.html", 0, len(html), "text/html", "utf-8")
    record = parse(document)
    assert isinstance(record, Record), record
    return record.article


@pytest.mark.parametrize(
    "head",
    [
        (HEADLINE,),
        ("The Saltby Gazette", "Local", HEADLINE),
        ("Skip to content", "News | Sport | Weather | Obituaries", HEADLINE, "By Enid Croft"),
        ("Local", HEADLINE, "By Tom Adeyemi", "4 March 2026, 9.15"),
        (f"{HEADLINE} | The Saltby Gazette", HEADLINE),
        ("Gale warning lifted", "Baker wins prize", "Local", HEADLINE, "4 March 2026"),
    ],
)
def test_the_headline_is_found_among_what_stands_above_the_text(head: tuple[str, ...], read: Read) -> None:
    assert read(page(*head)).article.headline == HEADLINE


def test_a_notice_above_the_headline_hides_neither_it_nor_the_lead(read: Read) -> None:
    notice = "We and our 243 partners store cookies on your device to show you personal advertising, if you consent."
    article = read(page(notice, "Local", HEADLINE, LEAD, "By Tom Adeyemi")).article
    assert (article.headline, article.kicker, article.lead) == (HEADLINE, "Local", LEAD)
    assert article.body == "\n\n".join(BODY)


def test_a_text_without_a_headline_gets_none(read: Read) -> None:
    assert read(page()).article.headline is None


def test_a_headline_below_a_paragraph_is_a_sub_heading(read: Read) -> None:
    inner = "What the storm did to the ferry and to the harbour"
    record = read(page(*BODY[:2], inner, *BODY[2:]))
    assert record.article.headline is None
    assert inner in record.article.body


def test_settling_finds_the_headline_above_the_paragraph() -> None:
    lines, labels = label_by_rules(read_blocks(page(HEADLINE, BODY[0], "A dozen planks", *BODY[1:])))
    for index, line in enumerate(lines):
        if line.block.text == HEADLINE:
            labels[index] = Label.NOISE
        elif line.block.text == "A dozen planks":
            labels[index] = Label.HEADLINE
        else:
            labels[index] = Label.BODY
    for likely, expected in ((0.6, Label.SUBHEADING), (0.01, Label.NOISE)):
        settled = list(labels)
        settle_headline(lines, settled, [likely] * len(lines))
        assert settled[:3] == [Label.HEADLINE, Label.BODY, expected]


def test_a_title_right_under_a_related_heading_is_not_the_headline(read: Read) -> None:
    text = f"{HEADLINE}\n\nRelated articles\n\nWhy the ferry to Saltby is older than the harbour\n\n" + "\n\n".join(
        BODY
    )
    assert read(text).article.headline == HEADLINE


@pytest.mark.parametrize("text", ["Local", "Northern Counties League", "社会"])
def test_kickers_are_short(text: str) -> None:
    assert may_be_kicker(text)


@pytest.mark.parametrize(
    "text",
    [
        "Home » Sport » Rowing",
        "3304 views 13 mins 0 comments",
        "$$SECTION$$",
        "What the baker of Saltby told his customers on Sunday",
    ],
)
def test_kickers_are_no_breadcrumbs_counters_or_sentences(text: str) -> None:
    assert not may_be_kicker(text)


@pytest.mark.parametrize(
    "head",
    [
        (HEADLINE, LEAD, "By Tom Adeyemi", "4 March 2026"),
        ("Local", HEADLINE, LEAD, "4 March 2026, 9.15", "The harbour of Saltby. Photo: Enid Croft"),
    ],
)
def test_a_standfirst_above_byline_and_date_is_the_lead(head: tuple[str, ...], read: Read) -> None:
    article = read(page(*head)).article
    assert article.lead == LEAD
    assert LEAD not in article.body


def test_a_first_paragraph_like_the_others_is_no_lead(read: Read) -> None:
    article = read(page(HEADLINE, "By Tom Adeyemi", "4 March 2026")).article
    assert article.lead is None
    assert article.body.startswith(BODY[0])


def test_a_dateline_opens_the_text_and_no_lead(read: Read) -> None:
    opening = "SALTBY (Reuters) - Ferries sail again."
    assert read(page(HEADLINE, "By Tom Adeyemi", opening)).article.lead is None


def test_the_only_paragraph_is_no_lead(read: Read) -> None:
    assert read(page(HEADLINE, body=BODY[:1])).article.body == BODY[0]


def test_points_of_a_summary_are_the_lead(read: Read) -> None:
    points = ["The ferry sails again.", "A dozen planks are lost.", "The council wants a larger boat."]
    summary = "\n".join(f"  • {point}" for point in points)
    article = read(page(HEADLINE, "By Tom Adeyemi", "In brief", summary)).article
    assert article.lead == "\n\n".join(points)
    assert article.body == "\n\n".join(BODY)


def test_points_under_the_lead_belong_to_it(read: Read) -> None:
    points = ["The ferry sails again on Thursday.", "The council wants a larger boat."]
    summary = "\n".join(f"  • {point}" for point in points)
    article = read(page(HEADLINE, LEAD, "At a glance", summary, "By Tom Adeyemi")).article
    assert article.lead == "\n\n".join([LEAD, *points])


def test_weights_cover_the_signs() -> None:
    tables = tomllib.loads(headline_choice.WEIGHTS.read_text(encoding="utf-8"))
    assert list(tables["headline"]) == list(headline_choice.SIGNS)
    assert list(tables["is_headline"]) == [*headline_choice.SIGNS, "bias"]
    assert list(tables["lead"]) == [*leads.sign_names(marked=False), "none"]
    assert list(tables["lead_marked"]) == [*leads.sign_names(marked=True), "none"]


def test_signs_say_nothing_of_the_words() -> None:
    text = page("Local", HEADLINE, LEAD, "By Tom Adeyemi")
    other = (
        text.replace("ferry", "gerry").replace("Ferries", "Gerries").replace("storm", "sturm").replace("flour", "frost")
    )
    rows = []
    for version in (text, other):
        lines, _ = label_by_rules(read_blocks(version))
        rows.append(signs_of(lines, list(range(4))))
    assert rows[0] == rows[1]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=200), min_size=1, max_size=30))
def test_any_lines_are_labelled(texts: list[str]) -> None:
    blocks = read_blocks("\n".join(texts))
    if blocks:
        lines, labels = label_blocks(blocks, Metadata())
        assert len(lines) == len(labels) == len(blocks)
        chosen = choose_headline(lines)
        assert chosen is None or 0 <= chosen < len(lines)


def test_a_page_of_short_lines_takes_no_longer_than_its_length() -> None:
    lines, _ = label_by_rules(read_blocks("\n".join(f"Entry number {n} of the list of ferries" for n in range(20_000))))
    started = time.process_time()
    choose_headline(lines)
    assert time.process_time() - started < 1


HTML_BODY = "".join(f"<p>{paragraph}</p>" for paragraph in BODY)


def test_lead_byline_and_kicker_by_markup() -> None:
    article = article_of_html(
        f"""<html><head><title>{HEADLINE} - The Saltby Gazette</title>
        <meta property="og:site_name" content="The Saltby Gazette"></head><body><header>The Saltby Gazette</header>
        <article><div class="box"><div>Local</div><h1>{HEADLINE}</h1><div class="standfirst">{LEAD}</div></div>
        <div class="author">By Tom Adeyemi</div>{HTML_BODY}</article></body></html>"""
    )
    assert (article.headline, article.kicker, article.lead) == (HEADLINE, "Local", LEAD)
    assert article.authors == ("Tom Adeyemi",)
    assert article.body == "\n\n".join(BODY)


def test_a_paragraph_that_is_the_description_is_the_lead() -> None:
    article = article_of_html(
        f"""<html><head><meta property="og:description" content="{LEAD}"></head><body><article>
        <h1>{HEADLINE}</h1><p><b>{LEAD}</b></p>{HTML_BODY}</article></body></html>"""
    )
    assert article.lead == LEAD


def test_a_description_that_is_the_first_paragraph_makes_no_lead_of_it() -> None:
    article = article_of_html(
        f"""<html><head><meta property="og:description" content="{BODY[0][:110]}"></head><body><article>
        <h1>{HEADLINE}</h1>{HTML_BODY}</article></body></html>"""
    )
    assert article.lead is None


def test_a_menu_above_the_headline_is_no_kicker() -> None:
    article = article_of_html(
        f"""<html><body><div class="menu"><a href="/">Start</a> <a href="/a">Sport</a> <a href="/x">Our ships</a></div>
        <article><h1>{HEADLINE}</h1>{HTML_BODY}</article></body></html>"""
    )
    assert article.kicker is None


@pytest.mark.parametrize(
    "heading",
    [
        f'<h1><span class="overline">Local</span>{HEADLINE}</h1>',
        f"<h1><small>Local</small><br>{HEADLINE}</h1>",
        f'<h1><span><span class="article__kicker">Local:</span> <span class="text">{HEADLINE}</span></span></h1>',
    ],
)
def test_a_kicker_inside_the_heading_is_no_part_of_the_headline(heading: str) -> None:
    article = article_of_html(f"<html><body><article>{heading}{HTML_BODY}</article></body></html>")
    assert article.headline == HEADLINE
    assert (article.kicker or "").rstrip(":") == "Local"


def test_a_kicker_stays_where_the_titles_repeat_it() -> None:
    article = article_of_html(
        f"""<html><head><meta property="og:title" content="Weather: {HEADLINE}"></head><body><article>
        <h1><span class="kicker">Weather<span class="hidden">:</span></span> {HEADLINE}</h1>{HTML_BODY}</article>"""
    )
    assert article.headline == f"Weather: {HEADLINE}"


def test_one_title_for_all_pages_is_not_the_headline() -> None:
    article = article_of_html(
        f"""<html><head><title>Gazette online - latest</title></head><body><table><tr><td>
        <font size="5"><b>{HEADLINE}</b></font><br><br>{"<br><br>".join(BODY)}</td></tr></table></body></html>"""
    )
    assert article.headline == HEADLINE
