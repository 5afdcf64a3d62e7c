"""Sums over the statistics, as plain values for plots: by day and source, by language, by agency, by code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from etl.report.periods import Timeline

FIELDS = {
    "with_headline": "headline",
    "with_lead": "lead",
    "with_authors": "authors",
    "with_published_date": "publication date",
    "with_published_at": "publication time",
    "with_url": "address",
    "with_language": "language",
    "with_image_credit": "picture credit",
    "with_agency": "agency",
    "with_related": "related items",
}
"""Columns of the statistics that count articles which have something, and what that is called on the pages."""

NO_LANGUAGE = "(unknown)"


def sums(table: pa.Table, keys: Sequence[str], columns: Sequence[str]) -> list[dict[str, Any]]:
    """Sum columns by keys; rows in the order of the keys."""
    if not keys:
        return [{name: pc.sum(table[name]).as_py() or 0 for name in columns}]
    found = table.group_by(list(keys)).aggregate([(name, "sum") for name in columns])
    found = found.select([*keys, *(f"{name}_sum" for name in columns)]).rename_columns([*keys, *columns])
    rows: list[dict[str, Any]] = found.sort_by([(key, "ascending") for key in keys]).to_pylist()
    return rows


def largest_first(rows: Sequence[dict[str, Any]], by: str) -> list[dict[str, Any]]:
    """Rows by a count, the largest first; equal ones keep their order."""
    return sorted(rows, key=lambda row: -row[by])


def over_time(
    table: pa.Table, key: str, value: str, line: Timeline, *, most: int, name: Callable[[str], str]
) -> dict[str, dict[date, int]]:
    """Sum a count by period, for the `most` largest values of a key (one more where that is all) and for the others."""
    ranked = [row[key] for row in largest_first(sums(table, [key], [value]), value) if row[value]]
    named = ranked if len(ranked) <= most + 1 else ranked[:most]
    counted: dict[str, dict[date, int]] = {name(each): defaultdict(int) for each in named}
    rest: dict[date, int] = defaultdict(int)
    kept = set(named)
    for row in sums(table, ["ingest_date", key], [value]):
        start = line.start_of(row["ingest_date"])
        (counted[name(row[key])] if row[key] in kept else rest)[start] += row[value]
    others = len(ranked) - len(named)
    if others:
        counted[f"{others:,} others"] = rest
    return counted


def shares_over_time(table: pa.Table, part: str, whole: Sequence[str], line: Timeline) -> dict[date, tuple[int, int]]:
    """By period, the sum of a column and that of those which make up the whole."""
    found: dict[date, tuple[int, int]] = {}
    for row in sums(table, ["ingest_date"], list(dict.fromkeys([part, *whole]))):
        start = line.start_of(row["ingest_date"])
        before = found.get(start, (0, 0))
        found[start] = (before[0] + row[part], before[1] + sum(row[name] for name in whole))
    return found
