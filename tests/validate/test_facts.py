"""Rules about a whole day: what they look at, and that they warn or block as their suite says."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.contract import Run
from etl.errors import RuleBlocked
from etl.tables import REJECTS, staged_schema
from etl.validate.day import validate_day
from etl.validate.history import results_file
from etl.workspace import Workspace, write_part
from tests.validate.synthetic import DAY, Row, Staged, edited_suites, make_run, sound_day


def results(run: Run) -> dict[str, tuple[str, bool]]:
    rows = pq.read_table(results_file(Workspace.of(run).warehouse, run["run_id"])).to_pylist()
    return {row["rule"]: (row["observed"], row["success"]) for row in rows if row["table"] == "day"}


def poor_day() -> Staged:
    staged = sound_day(10)
    for number in range(4):
        staged.articles[number]["headline"] = None
    staged.articles[4]["is_truncated"] = True
    staged.articles[5].update(language=None, language_score=None)
    staged.articles[6]["headline"] = "x" * 301  # is rejected, and counts as one with a headline
    staged.add(staged.articles[7] | {"source_uri": f"{DAY}/z/copy.txt", "headline": None})
    return staged


def reject(number: int, table: str = "documents") -> Row:
    row = {"source_uri": f"{DAY}/{number}", "source_offset": 0, "code": "empty", "row_table": table, "row_key": ""}
    return row | {"stage": "extract", "message": "no text"}


def write(run: Run) -> None:
    poor_day().write(run)
    rejects = pa.Table.from_pylist([reject(n) for n in range(6)], schema=staged_schema(REJECTS))
    write_part(Workspace.of(run).part("extract", "rejects", 0), rejects)


def test_the_shares_of_a_day_are_those_of_its_documents_without_copies(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    write(run)
    validate_day(run)
    assert results(run) == {
        "rejected_share": (f"{7 / 16:.4g}", False),
        "duplicate_share": (f"{1 / 17:.4g}", True),
        "headline_share": ("0.6", False),
        "published_date_share": ("1.0", True),
        "language_share": ("0.9", False),
        "truncated_share": ("0.1", True),
    }


def test_a_rule_of_the_day_blocks_where_its_suite_says_so(tmp_path: Path) -> None:
    def block(entry: Row) -> None:
        entry["meta"]["policy"] = "block"

    run = make_run(tmp_path, suites=edited_suites(tmp_path, {("day", "headline_share"): block}))
    write(run)
    with pytest.raises(RuleBlocked, match=r"rule `headline_share` of `day`: observed 0.6, wanted min_value 0.9: N"):
        validate_day(run)


def test_counts_of_a_day_are_told_whole(tmp_path: Path) -> None:
    def at_least(column: str) -> Callable[[Row], object]:
        return lambda entry: entry.update(kwargs={"column": column, "min_value": 30_000})

    rules = {("day", "rejected_share"): at_least("documents"), ("day", "duplicate_share"): at_least("articles")}
    run = make_run(tmp_path, suites=edited_suites(tmp_path, rules))
    sound_day(12_345).write(run)
    validate_day(run)
    assert results(run)["rejected_share"] == results(run)["duplicate_share"] == ("12345", False)


def test_an_empty_day_has_no_shares_and_passes(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    Staged().write(run)
    validate_day(run)
    assert set(results(run).values()) == {("", True)}
