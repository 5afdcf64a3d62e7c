"""Related items of HTML pages: boxes, links, labels and teasers in one line, addresses."""

from __future__ import annotations

import pytest

from etl.transform.blocks import Label
from etl.transform.labels import label_blocks
from etl.transform.marked_related import item_url
from etl.transform.page import read_web_page
from etl.transform.record import Document, RelatedItem
from etl.transform.related import read_items
from tests.transform.harbour import FIRST, PARAGRAPHS, SECOND, TEASER

URL = "https://www.tollan-news.example/harbour/lock-closes"


def read(below: str = "", inside: str = "", beside: str = "") -> tuple[list[RelatedItem], list[str]]:
    """Items and body of a page with `below` under its text, `inside` it and `beside` the whole article."""
    first, second, *others = (f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    page = f"""<html><head><title>Tollan closes its lock</title></head><body>
    <nav><ul><li><a href="/">Home</a></li><li><a href="/sports">Sports</a></li></ul></nav>
    <main><article class="story"><h1>Tollan closes its lock</h1><div class="story-text">
    {first}{second}{inside}{"".join(others)}</div>{below}</article>{beside}</main>
    <footer class="footer"><p>© 2026 Tollan News. All rights reserved.</p></footer></body></html>"""
    read = read_web_page(Document(page, "0" * 32, "a.html", 0, len(page), "text/html", "utf-8", url=URL))
    lines, labels = label_blocks(read.blocks, read.metadata)
    body = [line.block.text for line, label in zip(lines, labels, strict=True) if label in (Label.BODY, Label.LEAD)]
    return read_items(lines, labels, URL), body


CARDS = {
    "cards": f"""<div class="box"><h3>Read also</h3>
        <div class="item"><span class="kicker">Region</span><h4><a href="/region/ferry">{FIRST}</a></h4>
        <p>{TEASER}</p></div>
        <div class="item"><span class="kicker">Work</span><h4><a href="/jobs/yard">{SECOND}</a></h4></div></div>""",
    "whole cards are links": f"""<section><h2>Related stories</h2>
        <a href="/region/ferry"><div class="kicker">Region</div><h3>{FIRST}</h3><p>{TEASER}</p></a>
        <a href="/jobs/yard"><div class="kicker">Work</div><h3>{SECOND}</h3></a></section>""",
    "label and title in one line": f"""<div><h3>Mehr zum Thema</h3><div class="c">
        <span>Region</span><a href="/region/ferry">{FIRST}</a><p>{TEASER}</p></div>
        <div class="c"><span>Work</span><a href="/jobs/yard">{SECOND}</a></div></div>""",
    "label and title in one link": f"""<div><h3>Leggi anche</h3><ul>
        <li><a href="/region/ferry"><b>Region</b><span>{FIRST}</span></a><div>{TEASER}</div></li>
        <li><a href="/jobs/yard"><b>Work</b><span>{SECOND}</span></a></li></ul></div>""",
}


@pytest.mark.parametrize("kind", CARDS)
def test_cards_with_sections_and_teasers(kind: str) -> None:
    items, body = read(CARDS[kind])
    assert items == [
        RelatedItem(FIRST, "Region", TEASER, None, "https://www.tollan-news.example/region/ferry"),
        RelatedItem(SECOND, "Work", None, None, "https://www.tollan-news.example/jobs/yard"),
    ]
    assert body == list(PARAGRAPHS)


ONE, TWO = f"<a href='/f'>{FIRST}</a>", f"<a href='/s'>{SECOND}</a>"
LISTS = {
    "list": f"<h3>À lire aussi</h3><ul><li>{ONE}</li><li>{TWO}</li></ul>",
    "dates behind": f"<h3>Related</h3><ul><li>{ONE} 17 Feb</li><li>{TWO} 9 Feb</li></ul>",
    "dates below": f"""<div><div>Lees meer</div><div>{ONE}<div>27 februari, 2 min. leestijd</div></div>
        <div>{TWO}<div>19 februari, 4 min. leestijd</div></div></div>""",
    "line breaks": f"<table><tr><td>ALSO READ<br>{ONE}<br>{TWO}</td></tr></table>",
    "one paragraph": f"<h3>Leia também</h3><p>{ONE}<br>{TWO}</p>",
    "heading is a link": f"<h3><a href='/topics/lock'>More on this topic</a></h3><ul><li>{ONE}</li><li>{TWO}</li></ul>",
    "twice": f"""<h3>Related articles</h3><div><a href='/f'><span>{FIRST}</span><span>{FIRST}</span></a></div>
        <div><a href='/s'><span>{SECOND}</span><span>{SECOND}</span></a></div>""",
    "no links": f"<div class='more'><h3>Te puede interesar</h3><div>{FIRST}</div><div>{SECOND}</div></div>",
}


@pytest.mark.parametrize("kind", LISTS)
def test_lists_of_titles(kind: str) -> None:
    items, body = read(LISTS[kind])
    assert [item.title for item in items] == [FIRST, SECOND]
    assert [item.url for item in items] == (
        [None, None] if kind == "no links" else [f"https://www.tollan-news.example/{page}" for page in "fs"]
    )
    assert body == list(PARAGRAPHS)


def test_a_teaser_in_the_link() -> None:
    [item], _ = read(f"<h3>Read also</h3><div><a href='/f'><strong>{FIRST}</strong> <span>{TEASER}</span></a></div>")
    assert (item.title, item.teaser) == (FIRST, TEASER)


@pytest.mark.parametrize(
    "line",
    [
        f"<p><a href='/f'>Lesen Sie auch: {FIRST}</a></p>",
        f"<p>Read more: <a href='/f'>{FIRST}</a></p>",
        f"<aside>Mehr zum Thema<a href='/f'>{FIRST}</a></aside>",
        f"<p><a href='/f'>{FIRST}</a></p>",
    ],
)
def test_one_line_inside_the_text(line: str) -> None:
    items, body = read(inside=line)
    assert [(item.title, item.url) for item in items] == [(FIRST, "https://www.tollan-news.example/f")]
    assert body == list(PARAGRAPHS)


def test_a_box_inside_the_text_with_a_teaser() -> None:
    [item], body = read(inside=f"<div class='ref'><a href='/f'>Lire aussi {FIRST}</a><div>{TEASER}</div></div>")
    assert (item.title, item.teaser) == (FIRST, TEASER)
    assert body == list(PARAGRAPHS)


def test_links_inside_the_sentences_are_not_items() -> None:
    text = (
        "The region paid for <a href='/f'>the ferry of the other shore of the river Toll</a> too, said its spokesman."
    )
    items, body = read(inside=f"<p>{text}</p>")
    assert items == []
    assert len(body) == len(PARAGRAPHS) + 1


ELSEWHERE = {
    "most read": f"<div><h3>Most read</h3><ul><li>{ONE}</li><li>{TWO}</li></ul></div>",
    "popular": f"<div class='popular'><h3>More stories</h3><p>{ONE}</p><p>{TWO}</p></div>",
    "side": f"<aside class='sidebar'><h3>More stories</h3><p>{ONE}</p><p>{TWO}</p></aside>",
    "footer": f"<div class='footer'><h3>Related</h3><p>{ONE}</p><p>{TWO}</p></div>",
    "share": "<div class='share'><a href='https://share.example/1'>Share this story with all of your friends</a></div>",
}


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_boxes_of_the_whole_site_are_not_related(kind: str) -> None:
    items, body = read(beside=ELSEWHERE[kind])
    assert items == []
    assert body == list(PARAGRAPHS)


def test_a_box_ends_with_its_element() -> None:
    box = f"<div><div><h3>Related articles</h3><ul><li><a href='/f'>{FIRST}</a></li></ul></div></div>"
    after = f"<h2>Choice of the editors</h2><div><a href='/s'>{SECOND}</a></div>"
    items, _ = read(box, beside=after)
    assert [item.title for item in items] == [FIRST]


@pytest.mark.parametrize(
    ("href", "base", "url"),
    [
        ("/a/b.html", URL, "https://www.tollan-news.example/a/b.html"),
        ("b.html", URL, "https://www.tollan-news.example/harbour/b.html"),
        ("//m.tollan-news.example/b", URL, "https://m.tollan-news.example/b"),
        ("https://other.example/x?y=1", None, "https://other.example/x?y=1"),
        ("/a/b.html", None, None),
        ("/", URL, None),
        ("#top", URL, None),
        ("javascript:void(0)", URL, None),
        ("mailto:desk@tollan-news.example", URL, None),
        ("http://[broken", URL, None),
        (None, URL, None),
    ],
)
def test_addresses_are_absolute_or_missing(href: str | None, base: str | None, url: str | None) -> None:
    assert item_url(href, base) == url
