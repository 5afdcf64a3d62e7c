"""What the credits of a labelled page are for."""

import pytest

from etl.transform.blocks import Block, Label
from etl.transform.clues import Line, read_line_clue
from etl.transform.scopes import read_suppliers

P = (
    "The town council of Eastmere decided on Monday evening to buy the abandoned glass works by the river and to turn "
    "them into workshops for small firms, as Reuters had reported."
)
B, C, D, I, L, N, S, W = (  # noqa: E741 - the letters of the labels
    Label.BODY,
    Label.CAPTION,
    Label.DATE,
    Label.IMAGE_CREDIT,
    Label.LEAD,
    Label.NOISE,
    Label.SOURCE_CREDIT,
    Label.BYLINE,
)


PICTURES = [("image", "picture-alliance", "picture alliance")]


def suppliers(*page: tuple[str, Label]) -> list[tuple[str, str, str]]:
    lines: list[Line] = [read_line_clue(Block(text, gap=True, indent=0, listed=False)) for text, _ in page]
    rows = read_suppliers(lines, [label for _, label in page])
    return [(row.scope, row.agency_code, row.evidence) for row in rows]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ([(P, B), ("(APA/dpa)", S)], [("text", "apa", "APA"), ("text", "dpa", "dpa")]),
        ([(P, B), (f"{P} (dpa)", B)], [("text", "dpa", "dpa")]),
        ([(P, B), ("© 2026 AFP", I)], [("text", "afp", "AFP")]),
        ([(P, B), ("Jane Roe/TT", I)], [("text", "tt", "TT")]),
        ([(P, B), ("ATS", N)], [("text", "sda", "ATS")]),
        ([(P, B), ("The plan is new. (dpa)", C)], [("text", "dpa", "dpa")]),
        ([("Quelle: dpa", S), (P, B)], [("byline", "dpa", "dpa")]),
        ([("/ritzau/", S), (P, B)], [("byline", "ritzau", "ritzau")]),
        ([("Von Leonore Pichler mit AP", W), (P, B)], [("byline", "ap", "AP")]),
        ([("PTI | Hyderabad, March 4, 2026", D), (P, B)], [("byline", "pti", "PTI")]),
        ([("Oct 9, 2026 | Source: IANS", C), (P, B)], [("byline", "ians", "IANS")]),
        ([(f"PORT KERRA (AP) — {P}", B)], [("dateline", "ap", "AP")]),
        ([("PORT KERRA (AP) — The latest on a fire:", N), (P, B)], [("dateline", "ap", "AP")]),
        ([("The glass works in winter. Photo: Jane Roe/AP", C), (P, B)], [("image", "ap", "AP")]),
        ([("Jane Roe/Getty Images", I), (P, B)], [("image", "getty", "Getty Images")]),
        ([("The glass works in winter", C), ("Quelle: dpa", S), (P, B)], [("image", "dpa", "dpa")]),
        ([(P, B), ("Quelle: dpa", S), (P, B), (P, B), (P, B)], [("image", "dpa", "dpa")]),
        ([(P, B), ("(dpa)", S), (P, B), (P, B), (P, B)], [("text", "dpa", "dpa")]),
        ([(P, B), ("abc/dpa", S), (P, B), (P, B), (P, B)], [("text", "dpa", "dpa")]),
        ([(P, B), (P, B), ("PA)", S), (P, B)], [("image", "pa", "PA")]),
        ([("The glass works by the river", N), ("AFP", S), (P, B)], [("image", "afp", "AFP")]),
        ([(f"{P} 연합뉴스", L), (P, B)], [("image", "yonhap", "연합뉴스")]),
        ([(f"{P} (dpa)", L), (P, B)], [("text", "dpa", "dpa")]),
        ([(f"{P} 연합뉴스", B), (P, B), (P, B)], [("image", "yonhap", "연합뉴스")]),
        ([(f"{P} (dpa)", B), (P, B), (P, B)], [("text", "dpa", "dpa")]),
        ([(f"{P} dpa", B)], [("text", "dpa", "dpa")]),
        ([(f"{P} Photo: Jane Roe/Pixabay", B), (P, B)], [("image", "pixabay", "Pixabay")]),
        ([(f"{P} Jane Roe, dpa", B), (P, B)], []),
        ([(P, B), (f"{P} Jane Roe (dpa/picture alliance)", C), (P, B)], [("image", "dpa", "dpa"), *PICTURES]),
    ],
)
def test_scopes(page: list[tuple[str, Label]], expected: list[tuple[str, str, str]]) -> None:
    assert suppliers(*page) == expected


@pytest.mark.parametrize("text", ["AA", "TT", "PA"])
def test_two_letters_alone_may_be_a_button(text: str) -> None:
    assert suppliers((P, B), (text, N)) == []


def test_every_line_has_its_own_rows() -> None:
    rows = suppliers(("Photo: Jane Roe/AP", I), (P, B), ("Photo: Jane Roe/AP", I), (P, B), ("With AP", S))
    assert [scope for scope, _, _ in rows] == ["image", "image", "text"]


def test_a_page_without_text_has_its_credits_all_the_same() -> None:
    assert suppliers(("Photo: Jane Roe/AP", I)) == [("image", "ap", "AP")]
