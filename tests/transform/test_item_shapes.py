"""Blocks of related items: every shape that pages set them in."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.transform.blocks import read_blocks
from etl.transform.clues import read_line_clue
from etl.transform.item_shapes import ROLES, read_shapes, score_lines
from etl.transform.record import Record
from tests.transform.harbour import ARTICLE, FIRST, PARAGRAPHS, SECOND, TEASER

Item = tuple[str, str | None, str | None, str | None]
OTHER_TEASER = "Nobody in the valley wants to learn the trade any more, says its owner."

SHAPES: dict[str, tuple[str, list[Item]]] = {
    "section, title, teaser": (
        f"""
        Region

        {FIRST}

        {TEASER}
        Economy

        {SECOND}

        {OTHER_TEASER}
        """,
        [
            (FIRST, "Region", TEASER, None),
            (SECOND, "Economy", OTHER_TEASER, None),
        ],
    ),
    "picture of one item": (
        f"""
        Region

        {FIRST}

        {TEASER}
        A welder at work in the dry dock of Tollan in front of a red hull
        Economy

        {SECOND}

        {OTHER_TEASER}
        """,
        [
            (FIRST, "Region", TEASER, None),
            (SECOND, "Economy", OTHER_TEASER, "A welder at work in the dry dock of Tollan in front of a red hull"),
        ],
    ),
    "kicker, title, teaser, date": (
        f"""
        Shipping
        {FIRST}
        {TEASER}
        03.02.2026
        Labour
        {SECOND}
        {OTHER_TEASER}
        28.01.2026
        """,
        [
            (FIRST, "Shipping", TEASER, None),
            (SECOND, "Labour", OTHER_TEASER, None),
        ],
    ),
    "time, minutes, title, teaser": (
        f"""
        11:05
        4 min.
        {FIRST}
        {TEASER}
        12:28
        3 min.
        {SECOND}
        {OTHER_TEASER}
        """,
        [
            (FIRST, None, TEASER, None),
            (SECOND, None, OTHER_TEASER, None),
        ],
    ),
    "picture credit, title, teaser": (
        f"""
        ferry-at-the-pier
        © Nils Corm
        {FIRST}
        {TEASER}
        welder-in-the-dock
        © Ada Brill
        {SECOND}
        {OTHER_TEASER}
        """,
        [
            (FIRST, None, TEASER, "ferry-at-the-pier"),
            (SECOND, None, OTHER_TEASER, "welder-in-the-dock"),
        ],
    ),
    "title twice in a line, author below": (
        f"""
        A grey ferry in the fog

        {FIRST} {FIRST}

        {TEASER}

        Martin Hollis

        A welder at work

        {SECOND} {SECOND}

        {OTHER_TEASER}

        Anna Brandt
        """,
        [
            (FIRST, None, TEASER, "A grey ferry in the fog"),
            (SECOND, None, OTHER_TEASER, "A welder at work"),
        ],
    ),
    "bullets": (
        f"""
        • {FIRST}
        • {SECOND}
        """,
        [
            (FIRST, None, None, None),
            (SECOND, None, None, None),
        ],
    ),
    "bullets with a line below one": (
        f"""
        • {FIRST}
        • {SECOND}
          The owner says that the valley has no young people left
        """,
        [
            (FIRST, None, None, None),
            (SECOND, None, "The owner says that the valley has no young people left", None),
        ],
    ),
    "titles only": (
        f"""
        {FIRST}

        Who pays for the new lock of Tollan?

        {SECOND}
        """,
        [
            (FIRST, None, None, None),
            ("Who pays for the new lock of Tollan?", None, None, None),
            (SECOND, None, None, None),
        ],
    ),
    "sections, one teaser": (
        f"""
        Region
        {FIRST}
        Economy
        {SECOND}
        Nobody in the valley wants to learn the trade any more.
        Culture
        The last rope maker of the valley gives up
        """,
        [
            (FIRST, "Region", None, None),
            (SECOND, "Economy", "Nobody in the valley wants to learn the trade any more.", None),
            ("The last rope maker of the valley gives up", "Culture", None, None),
        ],
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_items_of_every_shape(shape: str, read: Callable[[str], Record]) -> None:
    text, expected = SHAPES[shape]
    record = read(f"{ARTICLE}\n\nRelated articles\n\n{dedent(text).strip()}")
    assert [(i.title, i.section, i.teaser, i.image_caption) for i in record.related_items] == expected
    article = record.article
    assert "\n\n".join(part for part in (article.lead, article.body) if part) == "\n\n".join(PARAGRAPHS)


@given(
    st.lists(
        st.sampled_from([*PARAGRAPHS, FIRST, SECOND, "Region", "10:15", "• Bus", "A: b", "x", "木曜日の朝"]),
        max_size=40,
    )
)
def test_every_line_of_a_block_has_one_role(texts: list[str]) -> None:
    lines = [read_line_clue(block) for block in read_blocks("\n".join(texts))]
    roles, score = read_shapes(lines, score_lines(lines))
    assert len(roles) == len(lines)
    assert set(roles) <= set(ROLES)
    assert ("T" in roles) == (score > 0)
