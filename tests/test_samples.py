"""The sample landing zone through the whole pipeline, against what a careful reader finds (samples/expected.json)."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest

from etl import open_warehouse
from etl.engines.local import LocalEngine
from etl.settings import Settings
from etl.warehouse import Warehouse
from tests.conftest import SAMPLES

EXPECTED: dict[str, Any] = json.loads((SAMPLES.parent / "expected.json").read_text(encoding="utf-8"))
FACTS = (
    "headline", "language", "agencies", "related", "published_date", "authors",
    "is_truncated", "source", "url", "charset",
)  # fmt: skip
TABLES = ("articles", "related_items", "agencies", "rejects", "runs")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The samples, published."""
    settings = Settings(landing=SAMPLES, warehouse=tmp_path_factory.mktemp("samples") / "warehouse")
    with LocalEngine(settings) as engine:
        for day in EXPECTED["days"]:
            engine.run_day(day)
    return open_warehouse(settings.warehouse)


@pytest.fixture(scope="module")
def pages(warehouse: Warehouse) -> dict[str, dict[str, Any]]:
    """What was found on each page, by source_uri, in the terms of expected.json."""
    related: dict[tuple[Any, str], list[str]] = {}
    for row in warehouse.read("related_items").to_pylist():
        related.setdefault((row["ingest_date"], row["article_id"]), []).append(row["title"])
    agencies: dict[tuple[Any, str], list[list[str]]] = {}
    for row in warehouse.read("agencies").to_pylist():
        credit = [row["agency_code"], row["scope"]]
        agencies.setdefault((row["ingest_date"], row["article_id"]), []).append(credit)
    found = {}
    for row in warehouse.read("articles").to_pylist():
        key = row["ingest_date"], row["article_id"]
        day = row["published_date"]
        found[row["source_uri"]] = row | {
            "agencies": agencies.get(key, []),
            "related": related.get(key, []),
            "published_date": day and day.isoformat(),
        }
    return found


@pytest.mark.parametrize("day", EXPECTED["days"])
def test_every_file_of_the_day_has_its_outcome(warehouse: Warehouse, day: str) -> None:
    expected = EXPECTED["days"][day]
    [run] = warehouse.read("runs", day=day).to_pylist()
    assert (run["files"], run["articles"]) == (expected["files"], expected["articles"])
    assert json.loads(run["reject_counts"]) == expected["rejects"]
    languages = Counter(warehouse.read("articles", ["language"], day=day).column("language").to_pylist())
    assert languages == expected["languages"]


def test_every_rejected_file_has_the_right_code(warehouse: Warehouse) -> None:
    found = {row["source_uri"]: row["code"] for row in warehouse.read("rejects").to_pylist()}
    assert found == EXPECTED["rejects"]


@pytest.mark.parametrize("fact", FACTS)
def test_pages_say_what_a_reader_finds(pages: dict[str, dict[str, Any]], fact: str) -> None:
    wrong = {
        uri: (pages[uri][fact], expected[fact])
        for uri, expected in EXPECTED["pages"].items()
        if fact in expected and pages[uri][fact] != expected[fact]
    }
    assert not wrong


def test_body_is_free_of_what_is_not_the_article(pages: dict[str, dict[str, Any]]) -> None:
    for uri, page in pages.items():
        paragraphs = page["body"].split("\n\n")
        assert all(paragraph == paragraph.strip() and paragraph for paragraph in paragraphs), uri
        assert not set(paragraphs) & {*page["related"], page["headline"], page["lead"]}, uri


@pytest.mark.parametrize("table", TABLES)
def test_all_readers_count_the_same(warehouse: Warehouse, table: str) -> None:
    folder, pattern = warehouse.table_path(table), warehouse.glob(table)
    rows = warehouse.read(table).num_rows
    assert rows > 0
    assert len(pd.read_parquet(folder)) == rows
    assert pq.read_table(folder).num_rows == rows
    assert pl.scan_parquet(pattern).select(pl.len()).collect().item() == rows
    assert duckdb.execute(f"select count(*) from '{pattern}'").fetchall() == [(rows,)]  # noqa: S608 (our own path)


def test_published_columns_carry_their_descriptions(warehouse: Warehouse) -> None:
    file = next(Path(warehouse.table_path("articles")).glob("**/*.parquet"))
    field = pq.read_schema(file).field("lead")
    assert b"Standfirst" in field.metadata[b"description"]
