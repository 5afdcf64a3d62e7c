"""`validation_results` through `open_warehouse`, and the queries of docs/quality-over-time.md as they stand there."""

import datetime as dt
import re
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

import etl
from benchmarks.report_statistics import make_warehouse
from etl.validate.history import RESULTS, results_file
from etl.warehouse import Warehouse
from etl.workspace import write_part
from tests.conftest import PROJECT

PAGE = PROJECT / "docs" / "quality-over-time.md"
Row = dict[str, Any]
JANUARY, FEBRUARY = "2026-01-30", "2026-02-01"


def result(
    run_id: str, rule: str, unexpected: int, policy: str = "quarantine", *, success: bool = True
) -> dict[str, Any]:
    """A row of 200 that were looked at."""
    day = dt.date.fromisoformat(run_id.partition(".")[0])
    known = {"run_id": run_id, "ingest_date": day, "table": "articles", "rule": rule, "severity": "warning"}
    found = {"policy": policy, "evaluated": 200, "unexpected": unexpected, "success": success, "observed": "x"}
    return known | found


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """A blocked run and its repetition in January, one run in February."""
    make_warehouse(tmp_path, 1, 10, 1)
    rows = [
        result(f"{JANUARY}.0001", "url", 150, success=False),
        result(f"{JANUARY}.0001", "row_count", 0, "block"),
        result(f"{JANUARY}.0002", "url", 3),
        result(f"{JANUARY}.0002", "row_count", 0, "block"),
        result(f"{JANUARY}.0002", "noise", 90, "warn", success=False),
        result(f"{FEBRUARY}.0001", "url", 1),
        result(f"{FEBRUARY}.0001", "row_count", 200, "block", success=False),
    ]
    for run_id in {row["run_id"] for row in rows}:
        mine = [row for row in rows if row["run_id"] == run_id]
        write_part(results_file(tmp_path, run_id), pa.Table.from_pylist(mine, schema=RESULTS))
    return etl.open_warehouse(tmp_path)


def test_all_runs_read_as_one_table(warehouse: Warehouse) -> None:
    read = warehouse.read("validation_results")
    assert read.schema.equals(RESULTS)
    assert [run[:10] for run in read["run_id"].to_pylist()] == [JANUARY] * 5 + [FEBRUARY] * 2
    assert warehouse.read("validation_results", ["rule"], JANUARY).to_pydict() == {
        "rule": ["url", "row_count", "url", "row_count", "noise"]
    }
    assert warehouse.read("validation_results", day="2026-05-05").num_rows == 0
    assert duckdb.read_parquet(warehouse.glob("validation_results")).shape == (7, len(RESULTS))


def queries(warehouse: Warehouse) -> list[str]:
    found = re.findall(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [query.replace("{results}", warehouse.glob("validation_results")) for query in found]


def test_how_often_rules_fail_by_month(warehouse: Warehouse) -> None:
    by_month, _ = queries(warehouse)
    assert duckdb.execute(by_month).fetchall() == [
        ("2026-01", "articles", "noise", 90, 45.0, 1),
        ("2026-01", "articles", "url", 3, 1.5, 0),
        ("2026-02", "articles", "row_count", 200, 100.0, 1),
        ("2026-02", "articles", "url", 1, 0.5, 0),
    ]


def test_what_has_blocked_days_and_whether_they_got_through(warehouse: Warehouse) -> None:
    _, blocked = queries(warehouse)
    assert duckdb.execute(blocked).fetchall() == [
        (dt.date(2026, 1, 30), f"{JANUARY}.0001", "articles", "url", 150, 200, True),
        (dt.date(2026, 2, 1), f"{FEBRUARY}.0001", "articles", "row_count", 200, 200, False),
    ]


def test_the_page_names_every_column() -> None:
    described = re.findall(r"^\| ([\w, ]+) \| ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert ", ".join(described[1:]).split(", ") == RESULTS.names
