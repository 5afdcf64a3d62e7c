"""Writers and readers at the same time: whoever resolves `current` once sees all tables of one state."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pytest

from etl.load.day import load_day, merge_day
from etl.load.probe import prepare_warehouse
from etl.load.publish import publish_days
from etl.warehouse import Warehouse, open_warehouse
from tests.load.staging import DAY, make_run, stage_day

TURNS = 12
OTHER_DAY = "2015-10-22"

Facts = dict[str, set[str]]


def write_for(warehouse: Path, writer: int) -> None:
    """Publish two days again and again, with an ever different number of documents."""
    for turn in range(TURNS):
        number = 10 * turn + writer + 2
        day = (DAY, OTHER_DAY)[turn % 2]
        run = make_run(warehouse, number, day=day, force=True, keep_snapshots=1000)
        stage_day(6 + number % 7, parts=2, day=day, text=f"Text of run {number}").write(run)
        load_day(run)


def write_both(warehouse: Path, _writer: int) -> None:
    """Publish both days together again and again, with an ever different number of documents, the same in both."""
    for turn in range(TURNS):
        pairs = []
        for day in (DAY, OTHER_DAY):
            run = make_run(warehouse, turn + 2, day=day, force=True, keep_snapshots=1000)
            stage_day(6 + turn % 7, parts=2, day=day, text=f"Text of turn {turn}").write(run)
            pairs.append((run, merge_day(run)))
        publish_days(pairs)


def by_pandas(opened: Warehouse, table: str, column: str) -> list[str]:
    return list(pd.read_parquet(opened.table_path(table))[column])


def by_pyarrow(opened: Warehouse, table: str, column: str) -> list[str]:
    values: list[str] = ds.dataset(opened.table_path(table), partitioning="hive").to_table()[column].to_pylist()
    return values


def by_duckdb(opened: Warehouse, table: str, column: str) -> list[str]:
    with duckdb.connect() as connection:
        rows = connection.execute(f"select {column} from read_parquet('{opened.glob(table)}')").fetchall()  # noqa: S608
    return [row[0] for row in rows]


def by_polars(opened: Warehouse, table: str, column: str) -> list[str]:
    return pl.read_parquet(opened.glob(table))[column].to_list()


READERS: list[Callable[[Warehouse, str, str], list[str]]] = [by_pandas, by_pyarrow, by_duckdb, by_polars]


def agree(read: Callable[[Warehouse, str, str], list[str]], opened: Warehouse) -> None:
    """Three tables read one after the other tell of the same runs of the days."""
    articles = read(opened, "articles", "article_id")
    time.sleep(0.05)  # Long enough for a publish in between.
    assert set(read(opened, "agencies", "article_id")) <= set(articles)
    assert sum(map(int, read(opened, "runs", "articles"))) == len(articles) == len(set(articles))
    assert len(articles) == sum(facts.tables["articles"].rows for facts in opened.facts.values())


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """A warehouse that holds two days."""
    prepare_warehouse(tmp_path / "warehouse")
    for day in (DAY, OTHER_DAY):
        run = make_run(tmp_path / "warehouse", day=day)
        stage_day(12, day=day).write(run)
        load_day(run)
    return tmp_path / "warehouse"


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
def test_every_engine_counts_and_types_alike(read: Callable[..., list[str]], warehouse: Path) -> None:
    opened = open_warehouse(warehouse)
    assert len(read(opened, "articles", "article_id")) == opened.read("articles").num_rows == 20
    for table in ("articles", "related_items", "agencies", "rejects", "runs"):
        days = [str(day)[:10] for day in read(opened, table, "ingest_date")]
        assert days == [str(day) for day in opened.read(table)["ingest_date"].to_pylist()]
    agree(read, opened)


def test_duckdb_and_polars_know_the_day_as_a_date(warehouse: Path) -> None:
    opened = open_warehouse(warehouse)
    query = f"select count(*) from read_parquet('{opened.glob('articles')}') where ingest_date = date '{DAY}'"  # noqa: S608
    with duckdb.connect() as connection:
        assert connection.execute(query).fetchall() == [(10,)]
    assert pl.scan_parquet(opened.glob("articles")).collect_schema()["ingest_date"] == pl.Date
    dates = ds.dataset(opened.table_path("articles")).to_table(columns=["ingest_date"])["ingest_date"]
    assert pc.unique(dates).to_pylist() == [pd.Timestamp(DAY).date(), pd.Timestamp(OTHER_DAY).date()]


def start_writers(warehouse: Path, function: str, count: int) -> list[subprocess.Popen[str]]:
    script = (
        "import sys; from pathlib import Path; from tests.load import test_readers as t; "
        f"t.{function}(Path(sys.argv[1]), int(sys.argv[2]))"
    )
    command = [sys.executable, "-c", script, str(warehouse)]
    return [subprocess.Popen([*command, str(n)], stderr=subprocess.PIPE, text=True) for n in range(count)]


def end_writers(writers: list[subprocess.Popen[str]]) -> None:
    for writer in writers:
        assert writer.communicate()[1] == ""
        assert writer.returncode == 0


def test_readers_see_whole_states_while_others_publish(warehouse: Path) -> None:
    writers = start_writers(warehouse, "write_for", 2)
    first = open_warehouse(warehouse).snapshot
    seen = set()
    while any(writer.poll() is None for writer in writers):
        for read in READERS:
            opened = open_warehouse(warehouse)
            agree(read, opened)
            seen.add(opened.snapshot)
    end_writers(writers)
    assert open_warehouse(warehouse).snapshot > first + 5
    assert len(seen) > 2


def test_readers_see_days_that_are_published_together_change_together(warehouse: Path) -> None:
    writers = start_writers(warehouse, "write_both", 1)
    first = open_warehouse(warehouse).snapshot
    seen = set()
    while any(writer.poll() is None for writer in writers):
        for read in READERS:
            opened = open_warehouse(warehouse)
            agree(read, opened)
            counts = read(opened, "runs", "documents")
            assert len(counts) == 2
            assert len(set(counts)) == 1
            seen.add(opened.snapshot)
    end_writers(writers)
    assert open_warehouse(warehouse).snapshot == first + TURNS
    assert len(seen) > 2
