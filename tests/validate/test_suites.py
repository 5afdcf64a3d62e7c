import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.errors import SuiteInvalid
from etl.tables import INGEST_DATE, RECORD_TABLES, Table
from etl.transform.page import HTML
from etl.transform.standards import MEDIA_TYPES
from etl.validate.judge import build_suite
from etl.validate.suites import Rule, load_suites, suites_folder, suites_version
from tests.validate.synthetic import edited_suites

SUITES = load_suites(None)

tables = pytest.mark.parametrize("table", RECORD_TABLES, ids=lambda table: table.name)


def rules_of(table: Table, kind: str) -> list[Rule]:
    return [rule for rule in SUITES[table.name].rules if rule.type == kind]


@tables
def test_the_suite_requires_the_columns_that_the_registry_requires(table: Table) -> None:
    required = next(rule for rule in SUITES[table.name].rules if rule.name == "required_filled")
    columns = [c.name for c in table.columns if not c.nullable and c is not INGEST_DATE]
    assert required.measures["required_missing"].parameters["columns"] == columns
    assert required.policy == "block"


@tables
def test_the_suite_allows_the_codes_that_the_registry_allows(table: Table) -> None:
    sets = {r.columns[0]: r for r in rules_of(table, "expect_column_values_to_be_in_set")}
    for column in table.columns:
        if column.codes:
            assert tuple(sets[column.name].kwargs["value_set"]) == column.codes
            assert sets[column.name].policy == "block"


@tables
def test_the_suite_guards_the_key_of_the_registry_and_the_number_of_rows(table: Table) -> None:
    blocking = {rule.name: rule for rule in SUITES[table.name].rules if rule.policy == "block"}
    assert blocking["row_count"].kwargs["value"] == {"$PARAMETER": "expected_rows"}
    if table.key == ("article_id",):
        copies = blocking["article_id_unique"].measures["id_copies"]
        assert (copies.function, tuple(copies.parameters["columns"])) == ("copies", table.key)
    else:
        assert table.key == ("article_id", "position")
        functions = {m.function for r in blocking.values() for m in r.measures.values()}
        assert {"has_article", "continues_positions"} <= functions


@tables
def test_great_expectations_takes_the_suite(table: Table) -> None:
    suite = SUITES[table.name]
    assert len(build_suite(suite).expectations) == len(suite.rules)


def test_no_rule_reads_text_into_the_slim_frame() -> None:
    texts = {"body", "lead", "headline", "teaser", "title", "evidence"}
    assert not {name for suite in SUITES.values() for name in suite.columns} & texts


def edit(name: str, value: Any) -> Callable[[dict[str, Any]], object]:
    *path, last = name.split(".")

    def change(entry: dict[str, Any]) -> None:
        for step in path:
            entry = entry[step]
        if value is None:
            del entry[last]
        else:
            entry[last] = value

    return change


@pytest.mark.parametrize(
    ("rule", "change", "said"),
    [
        (
            "url_pattern",
            edit("meta.policy", None),
            "`meta.policy` is `None`; it must be one of block, quarantine, warn",
        ),
        ("url_pattern", edit("meta.policy", "drop"), "`meta.policy` is `drop`"),
        ("url_pattern", edit("meta.rule", "article_id_pattern"), "the name is used twice"),
        ("url_pattern", edit("meta.rule", "URL!"), "lower-case letters"),
        ("url_pattern", edit("meta.tolerated_rows", -1), "needs `meta.tolerated_rows`"),
        ("url_pattern", edit("meta.tolerated_rows", None), "needs `meta.tolerated_rows`"),
        ("url_pattern", edit("meta.measure", {}), "unknown `meta` key `measure`"),
        ("url_pattern", edit("kwargs.mostly", None), "needs `mostly`"),
        ("url_pattern", edit("kwargs.mostly", 1), "needs `mostly`"),
        ("url_pattern", edit("kwargs.column", "address"), "`articles` has no column `address`"),
        ("url_pattern", edit("kwargs.column", "url"), "`url` is text, a list or a time"),
        ("url_pattern", edit("kwargs.column", "body"), "`body` is text, a list or a time"),
        ("url_pattern", edit("kwargs.column", "published_date"), "`published_date` is text, a list or a time"),
        ("url_pattern", edit("severity", "high"), "`severity` is `high`"),
        ("url_pattern", edit("notes", " "), "`notes` must say in plain words"),
        ("url_pattern", edit("note", "x"), "unknown key `note`"),
        ("url_pattern", edit("meta", None), "a rule must be an object with `meta`"),
        ("row_count", edit("kwargs.value", {"$PARAMETER": "rows"}), "unknown parameter `rows`; known: expected_rows"),
        ("row_count", edit("meta.tolerated_rows", 3), "is for `quarantine` rules"),
        ("lead_length", edit("meta.measures.lead_length.function", "size"), "`function` is one of"),
        ("lead_length", edit("meta.measures.lead_length.column", "leed"), "no column `leed`"),
        ("lead_length", edit("kwargs.column", "word_count"), "measure `lead_length` is not judged"),
        ("lead_length", edit("meta.measures.headline_length", {}), "defined by an earlier rule already"),
        ("damaged_characters", edit("meta.measures.body_damage.pattern", "[a"), "not a regular expression"),
        ("noise_only", edit("meta.measures.body_noise.lines", []), "`lines` must be a list"),
    ],
)
def test_a_bad_rule_is_refused_with_file_and_rule(
    tmp_path: Path, rule: str, change: Callable[[dict[str, Any]], object], said: str
) -> None:
    folder = edited_suites(tmp_path, {("articles", rule): change})
    with pytest.raises(SuiteInvalid) as refusal:
        load_suites(folder)
    message = str(refusal.value)
    assert said in message
    assert str(folder / "articles.json") in message
    assert ", rule " in message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (edit("type", "expect_column_to_be_nice"), "Great Expectations knows no `expect_column_to_be_nice`"),
        (edit("kwargs.pattern", "x"), "refuses its `kwargs`"),
        (edit("type", "expect_column_unique_value_count_to_be_between"), "judges no single rows"),
    ],
)
def test_what_great_expectations_refuses_is_told_with_the_rule(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], said: str
) -> None:
    folder = edited_suites(tmp_path, {("articles", "url_pattern"): change})
    with pytest.raises(SuiteInvalid, match="rule `url_pattern`") as refusal:
        build_suite(load_suites(folder)["articles"])
    assert said in str(refusal.value)


def test_a_rule_of_the_day_takes_no_rows_out(tmp_path: Path) -> None:
    def quarantine(entry: dict[str, Any]) -> None:
        entry["kwargs"]["mostly"] = 0.5
        entry["meta"].update(policy="quarantine", tolerated_rows=1)

    folder = edited_suites(tmp_path, {("day", "headline_share"): quarantine})
    with pytest.raises(SuiteInvalid, match="rule `headline_share`: a day has no rows that could be taken out"):
        load_suites(folder)
    folder = edited_suites(tmp_path / "other", {("day", "headline_share"): edit("kwargs.column", "lead_share")})
    with pytest.raises(SuiteInvalid, match="`day` has no column `lead_share`"):
        load_suites(folder)


def test_a_rule_of_the_day_has_no_measures(tmp_path: Path) -> None:
    def measured(entry: dict[str, Any]) -> None:
        entry["kwargs"]["column"] = "kept"
        entry["meta"]["measures"] = {"kept": {"function": "ratio", "column": "articles", "other": "documents"}}

    folder = edited_suites(tmp_path, {("day", "headline_share"): measured})
    with pytest.raises(SuiteInvalid, match=r"rule `headline_share`: a day has no measures; remove `meta.measures`"):
        load_suites(folder)


def test_the_suite_knows_the_media_types_that_the_parser_reads() -> None:
    (rule,) = (rule for rule in SUITES["articles"].rules if rule.name == "media_type_known")
    assert {*rule.kwargs["value_set"]} == {"text/plain", HTML, *MEDIA_TYPES}


def write_suite(folder: Path, content: object) -> Path:
    shutil.copytree(suites_folder(None), folder)
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / "agencies.json").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not valid JSON"),
        ([], "must be an object with a list of `expectations`"),
        ({"name": "agencies", "expectations": []}, "has no rules"),
        ({"name": "agency", "expectations": [1]}, "`name` is `agency`"),
        ({"name": "agencies", "expectations": [1]}, "rule number 1: a rule must be an object"),
        ({"name": "agencies", "expectations": [1], "extra": 1}, "unknown key `extra`"),
    ],
)
def test_a_bad_suite_file_is_refused(tmp_path: Path, content: object, said: str) -> None:
    folder = write_suite(tmp_path / "suites", content)
    with pytest.raises(SuiteInvalid) as refusal:
        load_suites(folder)
    assert said in str(refusal.value)
    assert "agencies.json" in str(refusal.value)


def test_a_missing_suite_a_suite_of_no_table_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    folder = shutil.copytree(suites_folder(None), tmp_path / "suites")
    (folder / "article.json").write_text("{}", encoding="utf-8")
    with pytest.raises(SuiteInvalid, match="belongs to no table"):
        load_suites(folder)
    (folder / "article.json").unlink()
    (folder / "agencies.json").unlink()
    with pytest.raises(SuiteInvalid, match="is missing"):
        suites_version(folder)
    with pytest.raises(SuiteInvalid, match="setting `suites`"):
        suites_folder(tmp_path / "nowhere")


def test_the_version_tells_content_not_layout(tmp_path: Path) -> None:
    folder = shutil.copytree(suites_folder(None), tmp_path / "suites")
    version = suites_version(folder)
    assert version == suites_version(None)
    assert len(version) == 12
    file = folder / "articles.json"
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")), sort_keys=True), encoding="utf-8")
    assert suites_version(folder) == version
    file.write_text(file.read_text(encoding="utf-8").replace("300", "301"), encoding="utf-8")
    assert suites_version(folder) != version


@given(st.integers(0, 60))
def test_the_parts_of_a_suite_are_its_rules_in_order(columns: int) -> None:
    suite = SUITES["articles"]
    parts = suite.parts(columns)
    assert tuple(rule for part in parts for rule in part.rules) == suite.rules
    assert all(len(part.columns) <= columns or len(part.rules) == 1 for part in parts)
    assert [part.name for part in parts][:2] == ["articles", "articles-2"][: len(parts)]
