"""The labelled pages are sound, and their marks are read as README.md says."""

from collections import Counter

import pytest

from tests.quality.corpus import Page, agency_codes, load_pages, mistakes, place_lines, stored_texts
from tests.quality.marks import Reader, without_marks

FACTS = {"lang": "en", "title": "Town floods", "authors": "Ada Poe; Ben Orr"}


def page(marked: str) -> Page:
    return Page("site", "slug", FACTS, marked)


def test_blocks_count_by_themselves_and_inner_marks_win() -> None:
    made = page(
        '<h1 data-gold="H">Town floods</h1>'
        '<div data-gold="P"><p>One\n two.</p><p>Three. <b data-gold="A">(ap)</b></p></div>'
    )
    assert made.gold()["gold"]["blocks"] == [["p", "One two."], ["p", "Three."]]
    assert made.gold()["gold"]["authors"] == ["Ada Poe", "Ben Orr"]


def test_marks_leave_no_trace() -> None:
    marked = '<p class="a" data-gold="P">x <span data-gold="A">y <span class="b">z</span></span></p>'
    assert without_marks(marked) == '<p class="a">x y <span class="b">z</span></p>'


def test_a_doubled_title_is_one_item_with_its_section_and_teaser() -> None:
    made = page(
        '<p data-gold="Q">Sea</p><p data-gold="T">Big wave</p><p data-gold="T">Big wave</p>'
        '<p data-gold="U">Ten metres.</p>'
        '<p data-gold="R">More</p><p data-gold="T">Small wave</p>'
    )
    found = [(item.title, item.section, item.teaser) for item in made.related]
    assert found == [("Big wave", "Sea", "Ten metres."), ("Small wave", None, None)]


def test_evidence_that_is_not_in_its_element_is_a_mistake() -> None:
    assert Reader().read('<p data-agency="ap:text:AP">No credit.</p>').errors
    assert not Reader().read('<p data-agency="ap:text:AP">By AP.</p>').errors


def test_lines_are_placed_in_order_where_words_repeat() -> None:
    marked = (
        '<p>Sport</p><p>Home</p><h1 data-gold="H">Sport wins</h1>'
        '<p data-gold="K">Sport</p><p data-gold="P">The end.</p>'
    )
    row = page(marked).label_row("Sport wins\nSport\n  • The end.\n")
    assert row["labels"] == ["H", "K", "P"]
    assert place_lines(["not there"], page(marked).reading) == [None]


@pytest.fixture(scope="module")
def pages() -> list[Page]:
    return list(load_pages())


def test_the_pages_are_without_mistakes(pages: list[Page]) -> None:
    codes = agency_codes()
    assert {page.id: found for page in pages if (found := list(mistakes(page, codes)))} == {}


def test_each_page_has_the_text_that_was_made_from_it(pages: list[Page]) -> None:
    texts = stored_texts()
    assert texts.keys() == {page.id for page in pages}
    assert {page.id: lost for page in pages if (lost := page.label_row(texts[page.id])["lost_lines"])} == {}


def test_the_set_is_as_large_and_as_varied_as_promised(pages: list[Page]) -> None:
    languages = Counter(page.lang for page in pages)
    assert len(pages) >= 120
    assert len(languages) >= 10
