"""The labeller: rules, features, the network, and how their answers come together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from etl.transform import model
from etl.transform.blocks import Block, Label, read_blocks
from etl.transform.clues import read_line_clue
from etl.transform.dom import read_dom
from etl.transform.features import columns, features, squeezed
from etl.transform.labels import label_blocks, label_by_rules
from etl.transform.metadata import Metadata
from etl.transform.model import network
from etl.transform.revise import revised

PROSE = (
    "The harbour master said on Monday that the ferries would sail again as soon as the storm had passed the islands."
)
HTML = f"""<html><body><div class="consent"><p>We and our partners use cookies to show you personal advertising, which
you can accept or refuse.</p></div><main><article><h1>Ferries to sail again after the storm</h1>
<p class="standfirst">Islanders have waited nine days for bread, letters and diesel.</p>
<div class="body"><p>{PROSE}</p><p>{PROSE[:90]}.</p><p>{PROSE} Nobody was hurt.</p></div></article>
<section class="comments"><h2>Comments</h2><p>{PROSE} I never liked them.</p><p>{PROSE} Me neither.</p></section>
</main></body></html>"""


def test_columns_and_matrix_agree() -> None:
    for marked, blocks in ((False, read_blocks(PROSE)), (True, read_dom(LexborHTMLParser(HTML)))):
        lines, labels = label_by_rules(blocks)
        matrix = features(lines, labels)
        assert matrix.shape == (len(blocks), len(columns(marked=marked)))
        assert len(set(columns(marked=marked))) == matrix.shape[1]
        assert np.isfinite(matrix).all()


def test_features_say_nothing_of_the_words() -> None:
    other = PROSE.replace("harbour", "karbour").replace("storm", "sturm").replace("ferries", "gerries")
    mine, theirs = (features(*label_by_rules(read_blocks(text))) for text in (PROSE, other))
    assert np.array_equal(mine, theirs)


def test_network_answers_the_same_however_rows_are_sliced(monkeypatch: pytest.MonkeyPatch) -> None:
    lines, labels = label_by_rules(read_dom(LexborHTMLParser(HTML)))
    matrix = features(lines, labels)
    whole = network(marked=True).probabilities(matrix)
    monkeypatch.setattr(model, "_ROWS", 3)
    assert network(marked=True).probabilities(matrix) == pytest.approx(whole, abs=1e-12)
    assert all(0 <= value <= 1 for value in whole)


def test_weights_of_other_columns_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    network.cache_clear()
    monkeypatch.setattr(model, "columns", lambda *, marked: ("one",))  # noqa: ARG005
    with pytest.raises(ValueError, match="train it anew"):
        network(marked=False)
    network.cache_clear()


def test_page_with_markup_is_labelled() -> None:
    lines, labels = label_blocks(read_dom(LexborHTMLParser(HTML)), Metadata())
    found = {line.block.text: label for line, label in zip(lines, labels, strict=True)}
    assert found["Ferries to sail again after the storm"] is Label.HEADLINE
    assert found["Islanders have waited nine days for bread, letters and diesel."] is Label.LEAD
    assert found[PROSE] is Label.BODY
    assert found[f"{PROSE} Nobody was hurt."] is Label.BODY
    assert Label.BODY not in [label for text, label in found.items() if "cookies" in text or "neither" in text]


@pytest.mark.parametrize(
    ("label", "likely", "expected"),
    [
        (Label.BODY, 0.9, Label.BODY),
        (Label.BODY, 0.1, Label.NOISE),
        (Label.NOISE, 0.9, Label.BODY),
        (Label.RELATED_TEASER, 0.9, Label.BODY),
        (Label.HEADLINE, 0.9, Label.HEADLINE),
        (Label.SOURCE_CREDIT, 0.9, Label.SOURCE_CREDIT),
    ],
)
def test_rules_and_network_come_together(label: Label, likely: float, expected: Label) -> None:
    line = read_line_clue(Block(PROSE, gap=True, indent=0, listed=False))
    assert revised([line], [label], [likely]) == [expected]


def test_texts_are_compared_by_letters_and_digits() -> None:
    assert squeezed("“Fähre 7” – Straße!") == squeezed("fähre7 STRASSE")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=120), min_size=1, max_size=12))
def test_any_lines_are_labelled(lines: list[str]) -> None:
    blocks = read_blocks("\n".join(lines))
    if blocks:
        assert len(label_blocks(blocks, Metadata())[1]) == len(blocks)


def test_an_article_that_the_page_holds_twice_is_one() -> None:
    body = f'<div class="body"><p>{PROSE}</p><p>{PROSE} Nobody was hurt.</p></div>'
    blocks = read_dom(LexborHTMLParser(f"<body><h1>Ferries to sail again</h1>{body}{body}</body>"))
    lines, labels = label_blocks(blocks, Metadata())
    taken = [line.block.text for line, label in zip(lines, labels, strict=True) if label in (Label.BODY, Label.LEAD)]
    assert sorted(taken) == sorted([PROSE, f"{PROSE} Nobody was hurt."])
