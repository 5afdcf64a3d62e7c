"""The scorer says what a reader of its definitions would expect."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.quality.rouge import rouge_lsum
from tests.quality.scoring import Counts, Gold, Labels, RelatedGold, score_page, total

WORDS = st.lists(st.sampled_from("abcde"), min_size=1, max_size=9)


def plain_union(references: list[list[str]], candidates: list[list[str]]) -> float:
    """ROUGE-LSum by full tables, as rouge_score does it."""
    have, hits = Counter(word for sentence in candidates for word in sentence), Counter[str]()
    for reference in references:
        places: set[int] = set()
        for candidate in candidates:
            table = [[0] * (len(candidate) + 1) for _ in range(len(reference) + 1)]
            for i, word in enumerate(reference, 1):
                for j, other in enumerate(candidate, 1):
                    longest = max(table[i - 1][j], table[i][j - 1])
                    table[i][j] = table[i - 1][j - 1] + 1 if word == other else longest
            i, j = len(reference), len(candidate)
            while i and j:
                if reference[i - 1] == candidate[j - 1]:
                    places.add(i - 1)
                    i, j = i - 1, j - 1
                elif table[i][j - 1] > table[i - 1][j]:
                    j -= 1
                else:
                    i -= 1
        hits.update(reference[place] for place in places)
    return 2 * (hits & have).total() / (have.total() + sum(map(len, references)))


@given(st.lists(WORDS, min_size=1, max_size=4), st.lists(WORDS, min_size=1, max_size=4))
def test_rouge_by_bits_is_rouge_by_tables(references: list[list[str]], candidates: list[list[str]]) -> None:
    blocks = [("p", " ".join(words)) for words in references]
    body = "\n".join(" ".join(words) for words in candidates)
    assert rouge_lsum(blocks, body) == pytest.approx(plain_union(references, candidates))


def test_what_may_lack_is_not_missed_and_does_not_count_as_noise() -> None:
    blocks = [("summary", "In short."), ("p", "The river rose."), ("optional", "Corrected.")]
    for body in ("The river rose.", "In short. The river rose.", "The river rose.\nCorrected."):
        assert rouge_lsum(blocks, body) == 1.0
    assert rouge_lsum(blocks, "In short.") == pytest.approx(4 / 7)  # a summary alone lacks the paragraph
    assert rouge_lsum(blocks, "") == 0.0


def test_characters_of_scripts_without_blanks_are_words() -> None:
    assert rouge_lsum([("p", "東京の駅。")], "東京駅") == pytest.approx(6 / 7)


LABELS = Labels(
    lines=(
        ("H", "River floods the old town"),
        ("L", "The mayor closes two bridges."),
        ("P", "The river rose all night long."),
        ("N", "Subscribe to our free newsletter today"),
    ),
    agencies=frozenset({("dpa", "dateline"), ("getty", "image")}),
    related=(
        RelatedGold("Read also: Dam holds for now", "Region", None),
        RelatedGold("Rain goes on", None, "All week."),
    ),
)
GOLD = Gold(
    "a", "own", "en", "site", (("p", "The river rose all night long."),), "River – floods", "2024-05-06", ("Ada Poe",)
)
RIGHT: dict[str, Any] = {
    "headline": "River floods the old town.",
    "lead": "The mayor closes two bridges.",
    "body": "The river rose all night long.",
    "agencies": [{"agency_code": "dpa", "scope": "text"}, {"agency_code": "getty", "scope": "image"}],
    "related_items": [
        {"title": "• Dam holds for now", "section": "Region", "teaser": None},
        {"title": "Rain goes on", "section": None, "teaser": "All week"},
    ],
}


def figures(gold: Gold, prediction: dict[str, Any]) -> dict[str, float]:
    return {measure: counts.score for measure, counts in score_page(gold, prediction).items()}


def test_a_right_prediction_is_right_by_every_label() -> None:
    found = figures(Gold("a", "own", "en", "site", labels=LABELS), RIGHT)
    assert found == dict.fromkeys(
        [
            *("agencies_text", "agencies_image", "related", "section", "sections", "teaser", "teasers"),
            *("headline", "lead", "lines"),
        ],
        1.0,
    )


@pytest.mark.parametrize(
    ("change", "lower"),
    [
        ({"agencies": RIGHT["agencies"][:1]}, {"agencies_image": 0.0}),
        ({"agencies": [*RIGHT["agencies"], {"agency_code": "afp", "scope": "byline"}]}, {"agencies_text": 2 / 3}),
        ({"related_items": RIGHT["related_items"][1:]}, {"related": 2 / 3, "sections": 0.0}),
        (
            {"related_items": [RIGHT["related_items"][0], {"title": "Rain goes on", "teaser": "Never."}]},
            {"teaser": 0.0, "teasers": 0.0},
        ),
        ({"body": "The river rose all night long.\nSubscribe to our free newsletter today"}, {"lines": 4 / 5}),
        ({"lead": None}, {"lead": 0.0, "lines": 2 / 3}),
        ({"headline": "Other"}, {"headline": 0.0}),
    ],
)
def test_each_mistake_lowers_its_measure(change: dict[str, Any], lower: dict[str, float]) -> None:
    found = figures(Gold("a", "own", "en", "site", labels=LABELS), RIGHT | change)
    assert {measure: score for measure, score in found.items() if score < 1} == pytest.approx(lower)


def test_title_date_and_names_allow_for_signs_and_openers_only() -> None:
    said = {"headline": "River — floods", "published_at": "2024-05-06T23:59", "authors": ["By Ada Poe", "Ben Orr"]}
    found = figures(GOLD, said)
    assert (found["title"], found["date"]) == (1.0, 1.0)
    assert found["authors"] == pytest.approx(2 / 3)
    assert figures(GOLD, {}) == {"body": 0.0, "title": 0.0, "date": 0.0, "authors": 0.0}


def test_pages_add_up() -> None:
    pages = [{"related": Counts(1, 2, 1)}, {"related": Counts(0, 0, 3), "title": Counts(1, 1, 1)}, {}]
    assert total(pages) == {"title": Counts(1, 1, 1), "related": Counts(1, 2, 4)}
    assert total(pages)["related"].score == pytest.approx(1 / 3)
