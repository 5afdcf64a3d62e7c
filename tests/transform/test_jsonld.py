"""JSON-LD: broken scripts, graphs and values."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.transform.jsonld import index_of, mend, read_nodes, types_of, values_of

KEYS = st.from_regex(r"[@a-zA-Z0-9_.-]{1,40}", fullmatch=True)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("script", "meant"),
    [
        ('{"a": "b",}', {"a": "b"}),
        ('{"a": [1, 2,],}', {"a": [1, 2]}),
        ('{"a": "b" "c": "d"}', {"a": "b", "c": "d"}),
        ('{"a": "she said "no", and left", "c": 1}', {"a": 'she said "no", and left', "c": 1}),
        ('{"a": "<img width="300" alt="" src="x" />","b":2}', {"a": '<img width="300" alt="" src="x" />', "b": 2}),
        ('{"a": ["one "two" three", "four"]}', {"a": ['one "two" three', "four"]}),
        ('{"a": "one\ntwo\tthree"}', {"a": "one\ntwo\tthree"}),
        ('<!--\n{"a": 1}\n-->', {"a": 1}),
        ('//<![CDATA[\n{"a": 1}\n//]]>', {"a": 1}),
        ('/* page */ {"a": 1, // why not\n "b": "http://x/"}', {"a": 1, "b": "http://x/"}),
        ('{"a": 1};', {"a": 1}),
        ('{"a": {"b": "cut of', {"a": {"b": "cut of"}}),
        ('{"a": [{"b": 1', {"a": [{"b": 1}]}),
        ('{"a":', {"a": None}),
        ('{"a": 1}}', {"a": 1}),
        (r'{"a": "C:\temp \'x\'"}', {"a": "C:\temp \\'x\\'"}),
        ('{a: 1, "b": undefined}', {"a": 1, "b": "undefined"}),
        ("{&quot;a&quot;: &quot;b&quot;}", {"a": "b"}),
    ],
)
def test_broken_json_is_read_as_meant(script: str, meant: dict[str, Any]) -> None:
    assert read_nodes([script]) == [meant]


def test_several_values_in_a_script_and_several_scripts() -> None:
    assert read_nodes(['{"a": 1}{"b": 2}', "no json", '[{"c": 3}]']) == [{"a": 1}, {"b": 2}, {"c": 3}]


def test_graphs_and_main_entities_are_opened_but_not_lists_of_other_articles() -> None:
    script = {
        "@graph": [{"@type": "WebPage", "mainEntity": {"@type": "NewsArticle", "headline": "Own"}}],
        "itemListElement": [{"@type": "NewsArticle", "headline": "Another"}],
    }
    headlines = [node.get("headline") for node in read_nodes([json.dumps(script)]) if "NewsArticle" in types_of(node)]
    assert headlines == ["Own"]


def test_types_are_bare_of_their_vocabulary() -> None:
    assert types_of({"@type": ["http://schema.org/NewsArticle", "schema:Article", 3]}) == ["NewsArticle", "Article"]
    assert types_of({}) == []


def test_values_of_every_shape() -> None:
    index = index_of([{"@id": "#a"}, {"@id": "#a", "@type": "Person", "name": "Ada Brandt"}])
    value = ["Jo Lind", {"name": ["Mia Roth"]}, {"@id": "#a"}, {"@id": "#b"}, {"@value": "x"}, None, True, 7]
    assert list(values_of(value, index)) == ["Jo Lind", "Mia Roth", "Ada Brandt", "x", "true", "7"]


def test_a_node_that_names_itself_ends() -> None:
    node: dict[str, Any] = {"@id": "#a", "author": {"@id": "#a"}}
    node["name"] = [node]
    assert list(values_of(node, index_of([node]))) == []


@given(st.text())
def test_any_text_is_mended_to_json(script: str) -> None:
    json.loads(mend(script), strict=False)
    read_nodes([script])


@given(st.text(st.sampled_from('{}[]",:\\/*<!-> \nau1&;'), max_size=60))
def test_any_signs_are_mended_to_json(script: str) -> None:
    json.loads(mend(script), strict=False)


@given(JSON)
def test_mending_sound_json_changes_nothing(value: Any) -> None:
    assert json.loads(mend(json.dumps(value))) == [value]


@pytest.mark.parametrize("unit", ['"', '{"', '" ', '{"a":', '\\"', "/*", "[[]", '{"a":"', '" ,', "<!--", '","a":"'])
def test_time_to_mend_grows_with_the_script_only(unit: str) -> None:
    started = time.process_time()
    read_nodes([unit * (300_000 // len(unit))])
    assert time.process_time() - started < 5
