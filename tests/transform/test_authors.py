"""Authors that pages state for machines."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.transform.agencies import find_agencies
from etl.transform.authors import read_author_values

VALUES = st.lists(
    st.one_of(
        st.text(max_size=60),
        st.sampled_from(["Anna Karl", "AFP", "Reuters Staff", "By Anna Karl and dpa", "https://x.org/a", "PA Media"]),
    ),
    max_size=5,
)


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (["Anna Karl"], ["Anna Karl"]),
        (["Anna Karl", "Peter Wild", "Anna Karl"], ["Anna Karl", "Peter Wild"]),
        (["Anna Karl and Peter Wild"], ["Anna Karl", "Peter Wild"]),
        (["Anna Karl; Peter Wild|Ann Lee"], ["Anna Karl", "Peter Wild", "Ann Lee"]),
        (["Anna Karl,Peter Wild"], ["Anna Karl", "Peter Wild"]),
        (["By Anna Karl"], ["Anna Karl"]),
        (["von: Anna Karl"], ["Anna Karl"]),
        (["View all posts by Anna Karl"], ["Anna Karl"]),
        (["Anna Karl (ak)", "Peter Wild (pw.)"], ["Anna Karl", "Peter Wild"]),
        (["Anna Karl, Sport-Redakteurin"], ["Anna Karl"]),
        (["Anna Karl, Vilniaus universiteto profesorė, Eastmere.lt"], ["Anna Karl"]),
        (["Prof. Dr. Anna Karl"], ["Anna Karl"]),
        (["Anna Karl <anna@eastmere.example>"], ["Anna Karl"]),
        (["ANNA KARL", "PETER WILD"], ["Anna Karl", "Peter Wild"]),
        (["Anna Karl", "EASTMERE RADIO"], ["Anna Karl"]),
        (["anna karl"], ["Anna Karl"]),
        (["Anna karl"], ["Anna Karl"]),
        (["Anna Karl from University of Eastmere"], ["Anna Karl"]),
        (["Nicolas Roa C."], ["Nicolas Roa C."]),
        (["김민수 기자"], ["김민수"]),
        (["山田 太郎"], ["山田 太郎"]),
        (["राम कुमार"], ["राम कुमार"]),
        (["riverfan"], ["riverfan"]),
        (["Anna Karl", "riverfan"], ["Anna Karl"]),
    ],
)
def test_persons(values: list[str], names: list[str]) -> None:
    assert read_author_values(values) == names


@pytest.mark.parametrize(
    "value",
    [
        "",
        "AFP",
        "AP",
        "dpa",
        "Reuters Staff",
        "The Associated Press",
        "Associated Press in Eastmere",
        "AP National Writer",
        "Deutsche Presse-Agentur (dpa)",
        "PA Media",
        "Redaktion",
        "XY-Redaktion",
        "Redacción Eastmere",
        "Eastmere Web Desk",
        "Eastmere staff reporter",
        "Admin",
        "XTV",
        "eastmere.com",
        "www.eastmere.com",
        "https://social.example/eastmere",
        "anna@eastmere.example",
        "@anna",
        "青葉新聞",
        "Learn more today",
        "Anna Karl " * 60,
    ],
)
def test_who_is_no_person(value: str) -> None:
    assert read_author_values([value]) == []


@pytest.mark.parametrize("value", ["Anna Karl / AFP", "AFP/Anna Karl", "Anna Karl und dpa", "Reuters, Anna Karl"])
def test_persons_beside_agencies(value: str) -> None:
    assert read_author_values([value]) == ["Anna Karl"]


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_no_agency_no_address_and_each_name_once(values: list[str]) -> None:
    names = read_author_values(values)
    assert len(names) == len(set(names))
    for name in names:
        assert name.strip() == name != ""
        assert "@" not in name
        assert "://" not in name
        assert all(mention.ambiguous for mention in find_agencies(name))
