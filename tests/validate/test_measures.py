from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.tables import ARTICLES, RELATED_ITEMS
from etl.validate.measures import Measure, problems

DAY = date(2015, 10, 20)

ROWS = pa.record_batch(
    {
        "body": pa.array(
            ["a b\n\n• Drucken:\n\nText Drucken", "", None, "\x01\ufffdab", "Drucken\nmehr  erfahren", " \n"]
        ),
        "authors": pa.array([["a1", "b"], [], ["xyz@"], ["1", "2"], [], [""]], pa.list_(pa.string())),
        "published_at": pa.array(
            [
                datetime(2015, 10, 21, 23, 30, tzinfo=UTC),
                None,
                datetime(1960, 1, 1, 0, 0, tzinfo=UTC),
                None,
                None,
                None,
            ],
            pa.timestamp("us", "UTC"),
        ),
        "published_date": pa.array([date(2015, 10, 22), None, date(1959, 12, 31), None, None, None]),
        "minutes": pa.array([60, None, -5, None, None, None], pa.int32()),
        "words": pa.array([6, 0, None, 2, 5, 0], pa.int32()),
        "code": pa.array(["apa", "APA", None, "editorial", "getty", "apa"]),
        "kind": pa.array(["wire", "wire", "wire", "editorial", "wire", "photo"]),
        "charset": pa.array(["utf-8", "klingon", None, "windows-1252", "cp1252", ""]),
    }
)

EXPECTED: list[tuple[str, dict[str, Any], list[Any]]] = [
    ("length", {"column": "body"}, [29, 0, None, 4, 22, 0]),
    ("contains", {"column": "body", "pattern": r"\S"}, [True, False, None, True, True, False]),
    ("matches", {"column": "body", "pattern": "[ab]"}, [2, 0, None, 2, 1, 0]),
    ("share_of_matches", {"column": "body", "pattern": r"[\x00-\x08\x{fffd}]"}, [0, 0, None, 0.5, 0, 0]),
    ("lines_among", {"column": "body", "lines": ["drucken", "mehr  erfahren"]}, [1, 0, None, 0, 2, 0]),
    ("share_of_lines_among", {"column": "body", "lines": ["drucken"]}, [1 / 3, 0, None, 0, 0.5, 0]),
    ("pieces", {"column": "body", "separator": "\n\n"}, [3, 0, None, 1, 1, 1]),
    ("elements", {"column": "authors"}, [2, 0, 1, 2, 0, 1]),
    ("elements_matching", {"column": "authors", "pattern": r"^$|[\d@]"}, [1, 0, 1, 2, 0, 1]),
    ("longest_element", {"column": "authors"}, [2, 0, 4, 1, 0, 0]),
    ("ratio", {"column": "minutes", "other": "words"}, [10, None, None, None, None, None]),
    ("ratio", {"column": "words", "other": "words"}, [1, None, None, 1, 1, None]),
    ("registered", {"column": "code"}, [True, False, None, True, True, True]),
    ("registered", {"column": "code", "kind": "kind"}, [True, True, None, True, False, False]),
    ("decodes", {"column": "charset"}, [True, False, None, True, True, False]),
    ("nulls", {"columns": ["body", "minutes"]}, [0, 1, 1, 1, 1, 1]),
    ("year", {"column": "published_at"}, [2015, None, 1960, None, None, None]),
    ("days_after_landing", {"column": "published_at"}, [1, None, -20381, None, None, None]),
    ("days_between", {"column": "published_at", "other": "published_date"}, [-1, None, 1, None, None, None]),
    (
        "days_between",
        {"column": "published_at", "other": "published_date", "minutes": "minutes"},
        [0, None, 0, None, None, None],
    ),
]


@pytest.mark.parametrize(("function", "parameters", "expected"), EXPECTED)
def test_a_measure_gives_one_value_per_row(function: str, parameters: dict[str, Any], expected: list[Any]) -> None:
    measure = Measure(function, parameters)
    assert measure.compute(ROWS, DAY).to_pylist() == pytest.approx(expected)


@pytest.mark.parametrize(("function", "parameters", "expected"), EXPECTED)
def test_a_measure_does_not_depend_on_how_rows_are_sliced(
    function: str, parameters: dict[str, Any], expected: list[Any]
) -> None:
    measure = Measure(function, parameters)
    slices = [ROWS.slice(start, size) for start, size in ((0, 0), (0, 2), (2, 1), (3, 3))]
    found = [value for piece in slices for value in measure.compute(piece, DAY).to_pylist()]
    assert found == pytest.approx(expected)
    types = {str(measure.compute(piece, DAY).type) for piece in slices}
    assert len(types) == 1


@given(st.lists(st.text(alphabet="ab •:\nÄä", max_size=12), max_size=5), st.sampled_from(["ab", "a b", "Ä"]))
def test_lines_among_agrees_with_a_plain_loop(texts: list[str], mark: str) -> None:
    def plain(text: str) -> int:
        lines = (line.lstrip(" •").rstrip(" :").lower() for line in text.split("\n"))
        return sum(line == mark.lower() for line in lines)

    rows = pa.record_batch({"body": pa.array(texts, pa.string())})
    assert Measure("lines_among", {"column": "body", "lines": [mark]}).compute(rows, DAY).to_pylist() == [
        plain(text) for text in texts
    ]


@pytest.mark.parametrize(
    ("name", "definition", "said"),
    [
        ("headline", {"function": "length", "column": "headline"}, "name of a column"),
        ("x", {"function": "lenght", "column": "headline"}, "one of children"),
        ("x", "length", "must be an object"),
        ("x", {"function": "length"}, "takes column; given: nothing"),
        ("x", {"function": "length", "column": "headline", "max": 3}, "takes column; given: column, max"),
        ("x", {"function": "length", "column": "heading"}, "no column `heading`"),
        ("x", {"function": "length", "column": "ingest_date"}, "no column `ingest_date`"),
        ("x", {"function": "length", "column": "authors"}, "has type strings, not string"),
        ("x", {"function": "matches", "column": "body", "pattern": "("}, "not a regular expression"),
        ("x", {"function": "matches", "column": "body", "pattern": ""}, "must be a regular expression"),
        ("x", {"function": "lines_among", "column": "body", "lines": ["a", " "]}, "none of them blank"),
        ("x", {"function": "nulls", "columns": []}, "list of column names"),
        ("x", {"function": "pieces", "column": "body", "separator": ""}, "`separator` must be a text"),
        ("x", {"function": "children", "table": "rejects"}, "`table` must be one of related_items, agencies"),
        ("x", {"function": "copies", "columns": ["authors"]}, "has type strings"),
        ("x", {"function": "ratio", "column": "word_count"}, "takes column, other; given: column"),
        ("x", {"function": "has_article"}, "is for related_items and agencies only"),
    ],
)
def test_a_bad_definition_is_named(name: str, definition: Any, said: str) -> None:
    assert said in next(problems(name, definition, ARTICLES))


def test_sound_definitions_raise_no_objection() -> None:
    assert not list(problems("x", {"function": "length", "column": "title"}, RELATED_ITEMS))
    assert not list(problems("x", {"function": "repeats_headline"}, RELATED_ITEMS))
