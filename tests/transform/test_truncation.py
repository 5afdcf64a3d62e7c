"""Pages that show only the beginning of an article, and offers to read on that are no part of it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from selectolax.lexbor import LexborHTMLParser

from etl.transform.blocks import read_blocks
from etl.transform.dom import read_dom
from etl.transform.labels import label_by_rules
from etl.transform.parse import is_scrap, parse
from etl.transform.record import Article, Document, Record

Read = Callable[[str], Record]

HEADLINE = "Brass band practises on the ferry until the captain gives in"
BODY = [
    """The brass band of Saltby has found a new place for its rehearsals: the car deck of the evening ferry, where the
    echo is long and the neighbours are cod. Captain Croft at first would not hear of it.""",
    """By now she plays the tuba herself, two evenings a week, and says that the fog horn has never sounded so lonely.
    The shipping company has asked for a written explanation, which is being set to music.""",
    """Passengers are divided. Commuters who used to sleep on the way home have asked for slower marches, while a school
    class from the mainland missed its stop twice because the last movement was not over yet.""",
    """The conductor, who repairs engines by day, says that no hall in the county keeps time as well as a diesel does.
    He hopes to play on the morning ferry too as soon as the cook has learned the cymbals.""",
]
BODY = [" ".join(paragraph.split()) for paragraph in BODY]
OFFERS = [
    ("Subscribe to continue reading", "Get the Gazette for one pound a week and cancel whenever you like."),
    ("Sie möchten weiterlesen?", "Dieser Artikel ist Teil unseres Plus-Angebots. Schon Abonnent? Hier anmelden"),
    ("Il vous reste 78 % de cet article à lire", "Abonnez-vous pour lire la suite, sans engagement de durée."),
]


def text_of(*parts: str) -> str:
    return "\n\n".join((HEADLINE, *parts))


def article_of(body: str, head: str = "") -> Article:
    html = f"<html><head>{head}</head><body><article><h1>{HEADLINE}</h1>{body}</article></body></html>"
    record = parse(Document(html, "0" * 32, "2026-03-04/page.html", 0, len(html), "text/html", "utf-8"))
    assert isinstance(record, Record), record
    return record.article


@pytest.mark.parametrize("offer", OFFERS)
def test_an_offer_where_the_text_ends_tells_and_is_no_text(offer: tuple[str, str], read: Read) -> None:
    for article in (read(text_of(*BODY, *offer)).article, article_of("".join(f"<p>{p}</p>" for p in (*BODY, *offer)))):
        assert article.is_truncated
        assert article.body == "\n\n".join(BODY)


def test_an_offer_further_down_is_an_advertisement(read: Read) -> None:
    below = ["Print", "Share", "Contact us", "Terms of use", "Home", "Already a subscriber? Log in"]
    assert not read(text_of(*BODY, *below)).article.is_truncated


def test_an_offer_that_text_goes_on_behind_hides_none_of_it(read: Read) -> None:
    more = [paragraph.replace("ferry", "boat").replace("The ", "A ") for paragraph in BODY]
    article = read(text_of(BODY[0], "Subscribe to continue reading", *BODY[1:], *more)).article
    assert not article.is_truncated
    assert all(paragraph in f"{article.lead} {article.body}" for paragraph in BODY)


def test_a_sentence_about_subscribers_is_text(read: Read) -> None:
    end = "The newspaper reported that its offer for subscribers only had been answered by two seagulls and a postman."
    article = read(text_of(*BODY, end)).article
    assert not article.is_truncated
    assert article.body.endswith(end)


def test_an_ellipsis_ends_a_teaser_but_not_every_long_text(read: Read) -> None:
    assert read(text_of(f"{BODY[0][:-1]} …")).article.is_truncated
    assert not read(
        text_of(*BODY, *BODY, "And so they play on, the captain and her band, until the fog lifts...")
    ).article.is_truncated


NOT_FREE = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false}</script>'


def test_a_text_that_breaks_off_on_a_page_that_is_not_free() -> None:
    cut = "".join(f"<p>{p}</p>" for p in (*BODY[:3], BODY[3][:150]))
    assert article_of(cut, NOT_FREE).is_truncated
    assert not article_of(cut).is_truncated


def test_a_whole_text_on_a_page_that_is_not_free() -> None:
    assert not article_of("".join(f"<p>{p}</p>" for p in BODY), NOT_FREE).is_truncated


def test_a_page_that_shows_the_text_it_states_is_whole() -> None:
    stated = json.dumps({"@type": "NewsArticle", "articleBody": " ".join(BODY)})
    body = "".join(f"<p>{p}</p>" for p in BODY) + "<div>Subscribe to continue reading</div>"
    assert article_of(body).is_truncated
    assert not article_of(body, f'<script type="application/ld+json">{stated}</script>').is_truncated


def test_a_short_paragraph_is_a_scrap_on_an_html_page_only() -> None:
    lines, _ = label_by_rules(read_dom(LexborHTMLParser(f"<body><p>{BODY[0]}</p></body>")))
    assert is_scrap(lines, [BODY[0]], None)
    assert not is_scrap(lines, BODY, None)
    assert not is_scrap(label_by_rules(read_blocks(BODY[0]))[0], [BODY[0]], None)
