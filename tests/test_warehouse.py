"""Reading a warehouse: one snapshot, resolved once, whole or by column and day."""

import subprocess
import sys
from pathlib import Path

import pytest

import etl
from etl.errors import SnapshotMissing
from etl.load.day import load_day
from etl.load.probe import prepare_warehouse
from etl.tables import TABLES, arrow_schema
from etl.warehouse import open_warehouse
from tests.load.staging import DAY, make_run, stage_day

NEXT_DAY = "2015-11-02"


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """Two days, the first of them published twice: three snapshots."""
    prepare_warehouse(tmp_path / "warehouse")
    for number, day, documents in ((1, DAY, 12), (1, NEXT_DAY, 6), (2, DAY, 14)):
        run = make_run(tmp_path / "warehouse", number, day=day)
        stage_day(documents, day=day).write(run)
        load_day(run)
    return tmp_path / "warehouse"


def test_it_shows_the_newest_snapshot(warehouse: Path) -> None:
    opened = etl.open_warehouse(warehouse)
    assert opened.snapshot == 3
    assert opened.path == (warehouse / "_snapshots" / "000003").resolve()
    assert opened.days() == [DAY, NEXT_DAY]
    assert opened.facts[DAY].documents == 15
    assert opened.facts[DAY].run_id == f"{DAY}.0002"
    assert opened.facts[NEXT_DAY].tables["articles"].rows == 4
    assert opened.table_path("articles") == opened.path / "articles"
    assert opened.glob("articles") == f"{opened.path}/articles/**/*.parquet"


def test_a_string_and_a_link_to_the_warehouse_do_as_well(warehouse: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(warehouse)
    assert open_warehouse(str(tmp_path / "link")).path == open_warehouse(warehouse).path


def test_read_in_order_of_day_and_key_with_the_schema_of_the_registry(warehouse: Path) -> None:
    opened = open_warehouse(warehouse)
    for table in TABLES.values():
        read = opened.read(table.name)
        assert read.schema.equals(arrow_schema(table), check_metadata=True)
        order = [(name, "ascending") for name in ("ingest_date", *table.key)]
        assert read.equals(read.sort_by(order))
    assert opened.read("articles").num_rows == 16


def test_read_by_column_and_day(warehouse: Path) -> None:
    read = open_warehouse(warehouse).read("articles", ["headline", "article_id"], NEXT_DAY)
    assert read.column_names == ["headline", "article_id"]
    assert read.num_rows == 4
    assert all(NEXT_DAY in headline for headline in read["headline"].to_pylist())


def test_an_opened_warehouse_does_not_move(warehouse: Path) -> None:
    opened = open_warehouse(warehouse)
    run = make_run(warehouse, 3, force=True)
    stage_day(0).write(run)
    load_day(run)
    assert opened.read("articles").num_rows == 16
    assert open_warehouse(warehouse).read("articles").num_rows == 4


def test_an_earlier_snapshot(warehouse: Path) -> None:
    assert open_warehouse(warehouse, 1).days() == [DAY]
    assert open_warehouse(warehouse, 2).facts[DAY].documents == 13


def test_what_is_not_there_is_said_with_a_remedy(warehouse: Path, tmp_path: Path) -> None:
    with pytest.raises(SnapshotMissing, match="publish a day with `news-etl run` first"):
        open_warehouse(tmp_path / "nowhere")
    with pytest.raises(SnapshotMissing, match="has no snapshot 9; it has 1, 2, 3"):
        open_warehouse(warehouse, 9)
    opened = open_warehouse(warehouse)
    with pytest.raises(SnapshotMissing, match=r"has no day `2016-01-01` \(it has 2015-10-21 to 2015-11-02\)"):
        opened.read("articles", day="2016-01-01")
    with pytest.raises(SnapshotMissing, match=r"no table `article`; tables: articles, .*, validation_results"):
        opened.read("article")


def test_a_snapshot_that_was_never_published_cannot_be_opened(warehouse: Path) -> None:
    (warehouse / "_snapshots" / "000004" / "articles").mkdir(parents=True)
    assert open_warehouse(warehouse).snapshot == 3
    with pytest.raises(SnapshotMissing, match="has no snapshot 4"):
        open_warehouse(warehouse, 4)


def test_importing_the_package_loads_no_heavy_library() -> None:
    script = "import etl, sys; print([m for m in ('pyarrow', 'pandas', 'numpy', 'pydantic') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    with pytest.raises(AttributeError, match="no attribute `open_warehose`"):
        etl.open_warehose  # noqa: B018
