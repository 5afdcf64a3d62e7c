"""What is planted comes out, nothing else, and Great Expectations counts what stands in `rejects`."""

import json
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from benchmarks.validation.sql import judge, read_rules
from benchmarks.validation.staging import rejected, rows_of, stage
from etl.contract import Run
from etl.validate.day import validate_day
from etl.validate.history import results_file
from etl.validate.suites import Rule, load_suites
from etl.workspace import Workspace
from tests.validate.plantings import PLANTINGS
from tests.validate.synthetic import make_run, sound_day

RULES = [rule for suite in load_suites(None).values() for rule in suite.rules]
TABLES = ("articles", "related_items", "agencies")


def unexpected(run: Run) -> dict[tuple[str, str], int]:
    rows = pq.read_table(results_file(Workspace.of(run).warehouse, run["run_id"])).to_pylist()
    return {(row["table"], row["rule"]): row["unexpected"] for row in rows}


@pytest.mark.parametrize(
    "rule", [r for r in RULES if r.policy == "quarantine"], ids=lambda rule: f"{rule.table}.{rule.name}"
)
def test_every_quarantine_rule_has_a_planting(rule: Rule) -> None:
    assert PLANTINGS[rule.table].get(rule.name), f"plant a row that only `{rule.name}` finds in plantings.py"


def test_each_planted_row_is_found_by_its_rule_and_by_no_other(tmp_path: Path) -> None:
    staged = sound_day(100)
    rows = {"articles": staged.articles, "related_items": staged.related_items[100:], "agencies": staged.agencies[50:]}
    policies = {(rule.table, rule.name): rule.policy for rule in RULES}
    planted, expected = Counter[tuple[str, str]](), []
    for table in TABLES:
        faults = [(rule, changes) for rule, listed in PLANTINGS[table].items() for changes in listed]
        assert len(faults) <= 50
        for row, (rule, changes) in zip(rows[table], faults, strict=False):
            row.update(changes)
            planted[table, rule] += 1
            if policies[table, rule] == "quarantine":
                key = row["article_id"] if table == "articles" else f"{row['article_id']}/{row['position']}"
                expected.append((table, key, rule))
    run = make_run(tmp_path)
    staged.write(run)

    verdict = validate_day(run)

    assert rejected(run) == sorted(expected)
    assert verdict["articles"] == 100 - sum(table == "articles" for table, _, _ in expected)
    counts = unexpected(run)
    in_rejects = Counter((table, rule) for table, _, rule in rejected(run))
    for judged in RULES:
        name = (judged.table, judged.name)
        if judged.policy == "quarantine":
            assert counts[name] == in_rejects[name] == planted[name] > 0
        elif name in planted:
            assert counts[name] >= planted[name]
        elif judged.policy == "block":
            assert counts[name] == 0


def test_one_bad_article_in_ten_comes_out_as_exactly_those(tmp_path: Path) -> None:
    run, planted = make_run(tmp_path), tmp_path / "expected.json"
    stage(run, 20_000, 2_000, planted)

    verdict = validate_day(run)

    expected = [tuple(row) for row in json.loads(planted.read_text(encoding="utf-8"))]
    assert Counter(table for table, _, _ in expected) == {"articles": 2000, "related_items": 1000, "agencies": 1000}
    assert rejected(run) == expected
    assert verdict["articles"] == 18_000
    found, rows = judge(run, read_rules(), rows_of(20_000))
    assert found == {rule: number for rule, number in unexpected(run).items() if rule[0] in TABLES}
    by_sql = {tuple(row.values()) for row in rows.to_pylist()}
    assert set(expected) <= by_sql
