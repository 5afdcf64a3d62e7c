"""Documents into pages: text, HTML, and HTML whose text is only stated or filled in by scripts."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from etl.transform.page import read_web_page
from etl.transform.parse import parse
from etl.transform.record import Article, Document, Record, Refusal

PROSE = (
    "The harbour master said on Monday that the ferries would sail again as soon as the storm had passed the islands."
)
TEXT = [
    PROSE,
    "Nine islands have been cut off since the middle of last week, and shops on the largest of them ran out of bread.",
    "Fishermen carried medicine and letters across the sound whenever the wind allowed it, which it did twice.",
    "The company that runs the ships blamed the age of its fleet; the oldest of the four was built in the year 1974.",
    "A new ship has been ordered from a yard in the south, but it will not be ready before the spring after next.",
    "Until then the council wants to hire a vessel from the mainland and to pay for it out of the reserve for storms.",
]


def document(html: str, *, collected_at: datetime | None = None) -> Document:
    return Document(
        text=html,
        document_id="0" * 32,
        source_uri="2026-03-04/page.html",
        source_offset=0,
        source_length=len(html),
        media_type="text/html",
        charset="utf-8",
        url="https://kerra.example/2026/03/04/ferries",
        collected_at=collected_at,
    )


def article(html: str, **options: datetime) -> Article:
    found = parse(document(html, **options))
    assert isinstance(found, Record), found
    return found.article


def whole(found: Article) -> str:
    return f"{found.lead}\n\n{found.body}" if found.lead else found.body


def paragraphs(texts: list[str]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def test_media_type_decides_how_a_document_is_read() -> None:
    html = document(f"<p>{PROSE}</p>")
    assert [block.text for block in read_web_page(html).blocks] == [PROSE]
    assert "<p>" in read_web_page(replace(html, media_type="text/plain")).blocks[0].text


def test_text_that_is_only_stated_for_machines_is_taken() -> None:
    stated = json.dumps({"@type": "NewsArticle", "headline": "Ferries sail", "articleBody": "\n".join(TEXT)})
    html = f'<head><script type="application/ld+json">{stated}</script></head><body><p>Loading.</p></body>'
    assert whole(article(html)) == "\n\n".join(TEXT)
    assert article(html).headline == "Ferries sail"


@pytest.mark.parametrize("levels", [1, 2])
def test_text_that_scripts_fill_in_is_taken(levels: int) -> None:
    state = paragraphs(TEXT)
    for _ in range(levels):
        state = json.dumps({"content": state})
    html = f"<body><div id=root></div><script>window.state = {state.replace('<', chr(92) + 'u003c')}</script></body>"
    if levels == 2:
        html = html.replace("window.state", "push([1,") + ")"
    assert whole(article(html)) == "\n\n".join(TEXT)


def test_pages_without_any_text_are_refused() -> None:
    for html in ("<body><script>var a = 1</script></body>", "<html></html>", "<nav><a href=/>Start</a></nav>"):
        found = parse(document(html))
        assert isinstance(found, Refusal)
        assert found.code == "not_an_article"


def test_authors_stated_for_machines_come_before_bylines_and_agencies_are_none() -> None:
    stated = json.dumps({"@type": "NewsArticle", "headline": "Ferries sail", "author": [{"name": "Harriet Colmore"}]})
    head = f'<head><script type="application/ld+json">{stated}</script></head>'
    body = f"<body><h1>Ferries sail</h1><p class=byline>By Tom Adeyemi</p>{paragraphs(TEXT)}</body>"
    assert article(head + body).authors == ("Harriet Colmore",)
    assert article(body).authors == ("Tom Adeyemi",)
    assert article(head.replace("Harriet Colmore", "Reuters") + body).authors == ("Tom Adeyemi",)


def test_dates_of_the_page() -> None:
    head = '<meta property="article:published_time" content="2026-03-03T23:30:00Z">'
    body = f"<h1>Ferries sail again</h1><p class=date>3 March 2026</p>{paragraphs(TEXT)}"
    found = article(head + body)
    assert found.published_date == date(2026, 3, 4)  # the address has the day; the stated time is in UTC
    assert found.published_at == datetime(2026, 3, 3, 23, 30, tzinfo=UTC)
    assert found.published_evidence == "meta article:published_time: 2026-03-03T23:30:00Z"


def test_relative_dates_need_the_time_of_collection() -> None:
    body = f"<h1>Ferries sail again</h1><p class=date>2 hours ago</p>{paragraphs(TEXT)}"
    page = replace(document(body), url="https://kerra.example/ferries")
    found = parse(replace(page, collected_at=datetime(2026, 3, 5, 12, tzinfo=UTC)))
    unknown = parse(page)
    assert isinstance(found, Record)
    assert isinstance(unknown, Record)
    assert found.article.published_date == date(2026, 3, 5)
    assert unknown.article.published_date is None


def test_no_date_after_the_collection() -> None:
    head = '<meta property="article:published_time" content="2027-03-03T10:00:00Z">'
    found = article(head + paragraphs(TEXT), collected_at=datetime(2026, 3, 5, tzinfo=UTC))
    assert found.published_date != date(2027, 3, 3)


def test_tags_nested_without_end_do_not_hang() -> None:
    for opening in ("<div>", "<b>", "<x-y>", "<DIV class=a>"):
        html = opening * 200_000 + paragraphs(TEXT)
        begin = time.process_time()
        found = parse(document(html))
        assert time.process_time() - begin < 10
        assert isinstance(found, Record)
        assert TEXT[3] in found.article.body


def test_links_of_related_items_start_from_the_page() -> None:
    related = (
        "<aside class=related><h3>Read also</h3><ul><li><a href='/2026/lights'>Lights of the bay</a></li></ul></aside>"
    )
    found = parse(document(f"<h1>Ferries sail again</h1>{paragraphs(TEXT)}{related}"))
    assert isinstance(found, Record)
    assert [item.url for item in found.related_items] == ["https://kerra.example/2026/lights"]
