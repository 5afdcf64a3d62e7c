"""Reject rows of validate: duplicate documents, and every row that a quarantine rule takes out, with the whole row.

The rows' texts are read back from the staged files in slices of rejects, so that a day on which half of the articles
fail needs no more memory than one on which none does.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from etl.tables import AGENCIES, ARTICLES, INGEST_DATE, REJECTS, RELATED_ITEMS, Table, arrow_schema, staged_schema
from etl.validate.judge import Outcome
from etl.validate.rows import CHILD_TABLES, Day, Ints, Rows
from etl.workspace import PartWriter, part_number

if TYPE_CHECKING:
    import pandas as pd

_DROPPED = pa.schema([("table", pa.string()), ("part", pa.int32()), ("row", pa.int64())])

_SHOWN = 100
"""Characters of a judged value that a message quotes."""

_SLICE = 2048
"""Rejects whose rows are in memory at a time."""

_INDEX = pa.schema([*(f for f in staged_schema(REJECTS) if f.name != "row_json"), pa.field("index", pa.int64())])
"""A reject before its row is read: all columns but the row, which is given by its index in the frame of `row_table`."""


def duplicate_rejects(duplicates: pa.Table) -> pa.Table:
    """One document reject for each copy set aside (`Day.duplicates`)."""
    rows = [
        {
            "source_uri": copy["source_uri"],
            "source_offset": copy["source_offset"],
            "code": "duplicate_document",
            "row_table": "documents",
            "row_key": "",
            "document_id": copy["article_id"],
            "stage": "validate",
            "message": f"the same bytes as `{copy['kept_uri']}` at offset {copy['kept_offset']}, which was kept",
            "source_length": copy["source_length"],
        }
        for copy in duplicates.to_pylist()
    ]
    return pa.Table.from_pylist(rows, schema=_INDEX)


def rule_rejects(outcome: Outcome, rows: Rows, slim: pd.DataFrame) -> pa.Table:
    """One reject for each row that a quarantine rule found."""
    rule = outcome.rule
    keys = rows.keys(outcome.rows)
    judged = [(name, slim[name].iloc[outcome.rows].tolist()) for name in rule.columns]
    messages = [
        f"{', '.join(f'{name} = {_shown(values[n])}' for name, values in judged)}: {rule.notes}"
        for n in range(len(outcome.rows))
    ]
    columns = {name: keys[name] for name in ("source_uri", "source_offset", "row_key", "source_length")} | {
        "code": pa.repeat(f"rule:{rule.name}", len(messages)),
        "row_table": pa.repeat(rule.table, len(messages)),
        "document_id": keys["article_id"],
        "stage": pa.repeat("validate", len(messages)),
        "message": pa.array(messages, pa.string()),
        "index": pa.array(outcome.rows),
    }
    return pa.table([columns[name] for name in _INDEX.names], schema=_INDEX)


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return "null" if math.isnan(value) else f"{value:.6g}"
    text = "null" if value is None else str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def write_rejects(path: Path, tables: Iterable[pa.Table], day: Day) -> int:
    """Write the rejects, sorted by the key of the registry, each with its row as JSON; gives their number."""
    index = pa.concat_tables([_INDEX.empty_table(), *tables])
    index = index.sort_by([(name, "ascending") for name in REJECTS.key])
    with PartWriter(path, staged_schema(REJECTS)) as file:
        for start in range(0, index.num_rows, _SLICE):
            some = index.slice(start, _SLICE)
            for reject, row_json in zip(some.drop_columns("index").to_pylist(), _row_json(some, day), strict=True):
                file.write({**reject, "row_json": row_json}, size=len(row_json or ""))
    return file.count


def _row_json(rejects: pa.Table, day: Day) -> list[str | None]:
    tables = rejects["row_table"].to_pylist()
    indexes = rejects["index"].to_pylist()
    wanted = {
        name: np.unique([i for i, table in zip(indexes, tables, strict=True) if table == name]).astype(np.int64)
        for name in day.rows
    }
    articles = wanted[ARTICLES.name]
    family = {table.name: np.flatnonzero(np.isin(day.rows[table.name].owner, articles)) for table in CHILD_TABLES}
    rows = {
        name: read_rows(day.rows[name], np.union1d(wanted[name], family.get(name, wanted[name]))) for name in wanted
    }
    children: dict[str, dict[int, list[dict[str, Any]]]] = {}
    for name, positions in family.items():
        of_article = children.setdefault(name, {})
        for i in positions.tolist():
            of_article.setdefault(int(day.rows[name].owner[i]), []).append(rows[name][i])
    found: list[str | None] = []
    for name, i in zip(tables, indexes, strict=True):
        if name == ARTICLES.name:
            related, agencies = (children[table.name].get(i, []) for table in CHILD_TABLES)
            by_position = [sorted(items, key=lambda row: row["position"]) for items in (related, agencies)]
            whole = {"article": rows[name][i], RELATED_ITEMS.name: by_position[0], AGENCIES.name: by_position[1]}
            found.append(_json(whole))
        else:
            found.append(_json(rows[name][i]) if name in rows else None)
    return found


def read_rows(rows: Rows, indexes: Ints) -> dict[int, dict[str, Any]]:
    """Read whole judged rows by their index, without the columns that only staged files have."""
    found: dict[int, dict[str, Any]] = {}
    columns = [name for name in rows.table.column_names if name != INGEST_DATE.name]
    part, physical = rows.places(rows.staged[indexes])
    for number in np.unique(part).tolist():
        with pq.ParquetFile(rows.files[number]) as file:
            ends = np.cumsum([file.metadata.row_group(g).num_rows for g in range(file.num_row_groups)])
            group = np.searchsorted(ends, physical, side="right")
            for g in np.unique(group[part == number]).tolist():
                here = np.flatnonzero((part == number) & (group == g))
                table = file.read_row_group(g, columns=columns, use_threads=False)
                some = table.take(pa.array(physical[here] - (ends[g] - table.num_rows))).to_pylist()
                found.update(zip(indexes[here].tolist(), (_plain(row, rows.table) for row in some), strict=True))
    return found


def _plain(row: dict[str, Any], table: Table) -> dict[str, Any]:
    """The row with dates as ISO 8601 texts and float32 as the shortest decimal that gives it again."""
    plain: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, date | datetime):
            plain[name] = value.isoformat()
        elif isinstance(value, float) and arrow_schema(table).field(name).type == pa.float32():
            plain[name] = float(str(np.float32(value)))
        else:
            plain[name] = value
    return plain


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def dropped_rows(day: Day, outcomes: Iterable[Outcome]) -> tuple[pa.Table, dict[str, int]]:
    """The staged rows that load leaves out (table, part, row), sorted, and how many rows of each table remain.

    These are the rows of duplicate documents, the rows taken out by a rule, and the child rows of articles that go.
    """
    goes = {name: np.zeros(len(rows.staged), np.bool_) for name, rows in day.rows.items()}
    for outcome in outcomes:
        goes[outcome.rule.table][outcome.rows] = True
    tables = []
    for name, rows in day.rows.items():
        strays = np.zeros(rows.owners.num_rows - rows.articles, np.bool_)
        goes[name] |= np.concatenate([goes[ARTICLES.name], strays])[rows.owner]
        dropped = ~rows.survives
        dropped[rows.staged[goes[name]]] = True
        part, row = rows.places(np.flatnonzero(dropped))
        numbers = np.array([part_number(file) for file in rows.files], np.int32)[part]
        tables.append(pa.table([pa.repeat(name, len(row)), pa.array(numbers), pa.array(row)], schema=_DROPPED))
    order = [(name, "ascending") for name in _DROPPED.names]
    return pa.concat_tables(tables).sort_by(order), {name: int((~flags).sum()) for name, flags in goes.items()}
