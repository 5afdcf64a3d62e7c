"""Look-ups in the word lists."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.transform.lexicon import _any_of, casefold, fold, lexicon

PHRASES = st.lists(st.text("ab c+", min_size=1, max_size=5), min_size=1, max_size=8)


@given(PHRASES, st.text("ab c+", max_size=12))
def test_a_pattern_of_phrases_is_found_where_one_of_them_stands(phrases: list[str], text: str) -> None:
    assert bool(re.search(_any_of(phrases), text)) == any(phrase in text for phrase in phrases)


@given(st.text())
def test_ascii_is_folded_like_everything_else(text: str) -> None:
    assert casefold(text) == text.replace("’", "'").replace("‘", "'").casefold()


@pytest.mark.parametrize(
    ("text", "folded"),
    [("  • Mehr  zum Thema:", "mehr zum thema"), ("12 Kommentare", "0 kommentare"), ("L’ARTICLE »", "l'article")],
)
def test_lines_are_compared_without_signs_case_and_numbers(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_what_may_open_a_line_is_told_by_its_first_word() -> None:
    assert lexicon().may_open("Von Anna Beispiel")
    assert not lexicon().may_open("Gestern regnete es.")
