"""`news-etl rules`: a table for people, JSON for programs, and refusals that say what to do."""

import json
import shutil
from pathlib import Path

import pytest

from etl.validate.judge import build_suite
from etl.validate.listing import listed_rules
from etl.validate.suites import load_suites, suites_folder
from tests.conftest import NewsEtl
from tests.validate.synthetic import Row, edited_suites

STAGED = "that of the rows staged"
RULES = [rule for suite in load_suites(None).values() for rule in suite.rules]


def test_every_rule_is_a_line_with_what_it_says(news_etl: NewsEtl) -> None:
    shown = news_etl("rules")
    heading, *lines, last = shown.stdout.splitlines()
    assert heading.split() == ["table", "rule", "policy", "severity", "tolerated", "what", "must", "hold", "why"]
    assert [line.split()[:4] for line in lines] == [[r.table, r.name, r.policy, r.severity] for r in RULES]
    assert last == f"{len(RULES)} rules in {suites_folder(None).absolute()}"
    (line,) = (line for line in lines if line.split()[1] == "headline_length")
    assert "100 rows or 50 %" in line
    assert "headline_length (length of headline): at least 1, at most 300" in line
    assert "A headline longer than this is a paragraph" in line


def test_json_holds_what_the_files_say(news_etl: NewsEtl) -> None:
    shown = news_etl("rules", "--table", "agencies", "--table", "day", "--policy", "warn", "--json")
    found = [json.loads(line) for line in shown.stdout.splitlines()]
    wanted = [r for r in RULES if r.table in ("agencies", "day") and r.policy == "warn"]
    assert [(r["table"], r["rule"]) for r in found] == [(r.table, r.name) for r in wanted]
    assert found[0]["kwargs"] == {"column": "position", "max_value": 15, "mostly": 0.99}
    assert found[0]["condition"] == "position: at most 15"


def test_a_bad_suite_is_refused_with_file_rule_and_remedy(news_etl: NewsEtl, tmp_path: Path) -> None:
    folder = shutil.copytree(suites_folder(None), tmp_path / "suites")
    file = folder / "agencies.json"
    file.write_text(
        file.read_text(encoding="utf-8").replace('"policy": "warn"', '"policy": "ignore"'), encoding="utf-8"
    )
    refused = news_etl("rules", "--suites", folder)
    assert refused.returncode == 1
    assert f"suite `{file}`, rule `credits_number`" in refused.stderr
    assert "`meta.policy` is `ignore`; it must be one of block, quarantine, warn" in refused.stderr
    assert news_etl("rules", "--table", "articel").returncode == 2


@pytest.mark.parametrize(
    ("kind", "kwargs", "said"),
    [
        ("column_values_to_be_between", {"min_value": 2, "strict_min": True, "max_value": None}, "position: above 2"),
        (
            "column_values_to_be_between",
            {"min_value": 2, "max_value": 9, "strict_max": True},
            "position: at least 2, below 9",
        ),
        ("column_values_to_be_in_set", {"value_set": [True, 1, "a"]}, "position: true, 1, a"),
        ("column_values_to_not_be_in_set", {"value_set": [0, 13]}, "position: none of 0, 13"),
        ("table_row_count_to_equal", {"value": 7}, "the number of rows is 7"),
        ("table_row_count_to_equal", {"value": {"$PARAMETER": "expected_rows"}}, f"the number of rows is {STAGED}"),
        ("table_row_count_to_be_between", {"min_value": 1, "max_value": None}, "the number of rows: at least 1"),
        ("column_pair_values_a_to_be_greater_than_b", {"or_equal": True}, "position is above or equal to country"),
        ("column_pair_values_a_to_be_greater_than_b", {"or_equal": False}, "position is above country"),
        ("column_pair_values_a_to_be_greater_than_b", {}, "position is above country"),
        (
            "column_max_to_be_between",
            {"min_value": 3, "max_value": None},
            "expect_column_max_to_be_between: column position, min_value 3, max_value null",
        ),
        (
            "column_distinct_values_to_contain_set",
            {"value_set": [1, 2]},
            "expect_column_distinct_values_to_contain_set: column position, value_set [1, 2]",
        ),
    ],
)
def test_an_edited_rule_is_told_as_it_is_judged(tmp_path: Path, kind: str, kwargs: Row, said: str) -> None:
    columns = {"column": "position"}
    if "pair" in kind:
        columns = {"column_A": "position", "column_B": "country"}
    elif "table" in kind:
        columns = {}
    edit = {"type": f"expect_{kind}", "kwargs": columns | kwargs}
    folder = edited_suites(tmp_path, {("agencies", "credits_number"): lambda entry: entry.update(edit)})
    agencies = load_suites(folder)["agencies"]
    build_suite(agencies)
    (told,) = (listed for listed, rule in listed_rules([agencies]) if rule.name == "credits_number")
    assert told.condition == said


def test_the_condition_of_a_rule_is_told_apart_from_what_it_judges(tmp_path: Path) -> None:
    def at_most(entry: Row) -> None:
        entry["type"] = "expect_column_values_to_be_between"
        entry["kwargs"].update(column="position", max_value=3)

    folder = edited_suites(tmp_path, {("agencies", "generic_without_country"): at_most})
    listed = listed_rules([load_suites(folder)["agencies"]])
    (told,) = (listed for listed, rule in listed if rule.name == "generic_without_country")
    assert told.condition == "position: at most 3, where kind is generic"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"type": "expect_column_to_be_nice"}, "knows no `expect_column_to_be_nice`"),
        ({"kwargs": {"column": "name_length", "mostly": 0.5, "least": 1}}, "refuses its `kwargs`"),
        ({"type": "expect_column_max_to_be_between"}, "judges no single rows"),
    ],
)
def test_what_great_expectations_would_refuse_is_refused_before_a_day_is_run(
    news_etl: NewsEtl, tmp_path: Path, change: Row, said: str
) -> None:
    folder = edited_suites(tmp_path, {("agencies", "name_length"): lambda entry: entry.update(change)})
    refused = news_etl("rules", "--suites", folder, "--table", "day", "--json")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"suite `{folder / 'agencies.json'}`, rule `name_length`" in refused.stderr
    assert said in refused.stderr


def test_help_teaches_how_to_edit(news_etl: NewsEtl) -> None:
    shown = " ".join(news_etl("rules", "--help").stdout.split())
    for word in ("kwargs", "mostly", "meta.policy", "tolerated_rows", "meta.measures", "docs/rules.md"):
        assert word in shown
