import pytest

from etl.transform.evidence import Source
from etl.transform.record import Document, Stated

PAGE = r"""<html><head><meta name="date" content="2026-05-04">
<script type="application/ld+json">{"datePublished": "2026-05-04", "author": "Ren\u00e9 \"Agence\/France\""}
</script></head>
<body><p>Der Rat tagt.</p>
<p><i>Austria&nbsp;Presse<br> Agentur</i> (<b>A</b>PA/d<wbr>pa) R&eacute;daction</p></body></html>"""


def source(text: str, media_type: str = "text/plain", url: str | None = None, stated: Stated | None = None) -> Source:
    return Source(Document(text, "0" * 32, "a", 0, len(text), media_type, "utf-8", url=url, stated=stated))


@pytest.mark.parametrize(
    "words",
    ["Der Rat tagt.", "Austria Presse Agentur", "APA", "dpa", "Rédaction", "2026-05-04", 'René "Agence/France"'],
)
def test_words_of_a_page_are_found_through_its_markup(words: str) -> None:
    assert source(PAGE, "text/html").holds(words)


@pytest.mark.parametrize("words", ["AFP", "Der Rat tagte.", "Agentur Presse"])
def test_words_that_stand_nowhere_are_not_found(words: str) -> None:
    assert not source(PAGE, "text/html").holds(words)


def test_words_of_plain_text_stand_as_they_are() -> None:
    assert source("Wien (APA) <b>").holds("APA")
    assert not source("Wien (A PA)").holds("APA")
    assert not source("Wien (A&amp;PA)").holds("A&PA")


def test_evidence_of_a_date_is_a_line_or_a_value_of_metadata() -> None:
    page = source(PAGE, "text/html", url="https://bote.example/a?day=4-5-2026")
    assert page.holds_evidence("Der Rat tagt.") is True
    assert page.holds_evidence("meta date: 2026-05-04") is True
    assert page.holds_evidence("meta date: 2026-05-05") is False
    assert page.holds_evidence(None) is None


def test_evidence_from_beside_the_text_is_not_looked_up() -> None:
    assert source("x", url="https://bote.example/2026/05/04/").holds_evidence("url: 2026-05-04") is None
    assert source("x", stated=Stated(published="4.5.2026")).holds_evidence("published: 4.5.2026") is None
