"""The rules as hand-written SQL, run by DuckDB over the same part files: what each finds, and in which rows."""

from __future__ import annotations

import tomllib
from encodings.aliases import aliases
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from etl.contract import Run
from etl.tables import RECORD_TABLES
from etl.transform.agencies import suppliers
from etl.validate.suites import load_suites
from etl.workspace import Workspace

if TYPE_CHECKING:
    import duckdb

_RULES = Path(__file__).with_name("rules.toml")

Rules = dict[str, dict[str, dict[str, str]]]
"""The SQL of every rule, by table, `rows` or `whole`, and rule; under `shared` what several rules use, by name."""
Found = dict[tuple[str, str], int]
"""Failing rows by table and rule."""


def read_rules() -> Rules:
    """The rules as SQL that can be run.

    Raises:
        SystemExit: a rule of the suites has no SQL, or there is SQL of no rule.
    """
    listed: dict[str, Any] = tomllib.loads(_RULES.read_text(encoding="utf-8"))
    values = _values() | {"noise": listed.pop("noise")}
    for table in RECORD_TABLES:
        suite = {rule.name for rule in load_suites(None)[table.name].rules}
        ours = {*listed[table.name]["rows"], *listed[table.name]["whole"]}
        if suite != ours:
            message = f"{_RULES.name}: the rules of `{table.name}` differ from its suite: {sorted(suite ^ ours)}"
            raise SystemExit(message)
    return {
        table: {kind: {rule: _filled(sql, values) for rule, sql in rules.items()} for kind, rules in kinds.items()}
        for table, kinds in listed.items()
    }


def _filled(sql: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        sql = sql.replace(f"${name}", value)
    return sql


def _values() -> dict[str, str]:
    """What stands for `$codes`, `$kinds` and `$charsets`, as lists of SQL."""
    lists = {
        "codes": [supplier.code for supplier in suppliers()],
        "kinds": [f"{supplier.code} {supplier.kind}" for supplier in suppliers()],
        "charsets": sorted({*aliases, *(name.replace("_", "-") for name in aliases.values())}),
    }
    return {name: "[" + ", ".join(f"'{value}'" for value in values) + "]" for name, values in lists.items()}


def judge(run: Run, rules: Rules, expected_rows: dict[str, int]) -> tuple[Found, pa.Table]:
    """Apply every rule to the staged rows of a day without copies, with the memory that DuckDB takes of itself.

    Returns:
        What each rule finds, and the rows that the rules by row find: `row_table`, `row_key`, `rule`.
    """
    import duckdb  # noqa: PLC0415 - the benchmark counts what importing it costs

    workspace = Workspace.of(run)
    connection = duckdb.connect(config={"preserve_insertion_order": "false"})
    connection.execute("SET enable_progress_bar = false")
    found: Found = {}
    rows = []
    for table in RECORD_TABLES:
        files = str(workspace.work / "transform" / f"{table.name}-*.parquet")
        connection.execute(f"CREATE VIEW {table.name} AS SELECT * FROM read_parquet('{files}')")  # noqa: S608
    for table in RECORD_TABLES:
        mine = rules[table.name]
        failing = _failing_rows(connection, table.name, mine["rows"], mine["shared"], run["day"])
        found |= {(table.name, rule): 0 for rule in mine["rows"]}
        counted = connection.execute("SELECT rule, count(*) FROM failing GROUP BY rule").fetchall()
        found |= {(table.name, rule): number for rule, number in counted}
        rows.append(failing)
        for rule, sql in mine["whole"].items():
            query = sql.replace("$expected", str(expected_rows[table.name]))
            row = connection.execute(query).fetchone()
            found[table.name, rule] = int(row[0]) if row else 0
    return found, pa.concat_tables(rows)


def _failing_rows(
    connection: duckdb.DuckDBPyConnection, table: str, rules: dict[str, str], shared: dict[str, str], day: str
) -> pa.Table:
    """All conditions in one scan, so that each column is read once."""
    key = "article_id" if table == "articles" else "article_id || '/' || position"
    reasons = ", ".join(f"CASE WHEN {sql} THEN '{rule}' END" for rule, sql in rules.items()).replace("$day", day)
    source = f"(SELECT {', '.join(['*', *(f'{sql} AS {name}' for name, sql in shared.items())])} FROM {table})"  # noqa: S608
    query = f"""CREATE OR REPLACE TEMP TABLE failing AS SELECT row_key, unnest(reasons) AS rule FROM (
        SELECT {key} AS row_key, list_filter([{reasons}], lambda r: r IS NOT NULL) AS reasons FROM {source})
        WHERE len(reasons) > 0"""  # noqa: S608 - our own file and names
    connection.execute(query)
    rows: pa.Table = connection.sql(
        f"SELECT '{table}' AS row_table, row_key, rule FROM failing"  # noqa: S608
    ).to_arrow_table()
    return rows
