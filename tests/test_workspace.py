import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.contract import Run
from etl.errors import StagedFileMissing
from etl.workspace import (
    STAGED_ROW_GROUP,
    PartWriter,
    Workspace,
    iterate_part,
    parse_run_id,
    read_json,
    read_part,
    runs_of,
    write_json,
    write_part,
)

SCHEMA = pa.schema([pa.field("number", pa.int64(), nullable=False)])


def numbers(count: int) -> pa.Table:
    return pa.table({"number": list(range(count))}, schema=SCHEMA)


def files_below(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_a_runs_files_lie_in_the_warehouse_of_its_settings(tmp_path: Path) -> None:
    run = Run(
        run_id="2015-10-21.0003",
        day="2015-10-21",
        force=False,
        settings={"warehouse": str(tmp_path)},
        files=0,
        parser_version="1",
    )
    space = Workspace.of(run)
    assert space.part("extract", "documents", 7) == tmp_path / "_work/2015-10-21.0003/extract/documents-00007.parquet"
    assert space.history == tmp_path / "_runs/2015-10-21.0003"


def test_parts_come_in_the_order_of_batches_and_without_unfinished_ones(tmp_path: Path) -> None:
    space = Workspace(tmp_path, "2015-10-21.0001")
    for index in (10, 2, 0):
        write_part(space.part("transform", "articles", index), numbers(1))
    write_part(space.part("transform", "agencies", 0), numbers(1))
    (space.work / "transform" / ".articles-00001.parquet.0.tmp").write_bytes(b"half")
    assert [p.name[-13:-8] for p in space.parts("transform", "articles")] == ["00000", "00002", "00010"]
    assert space.parts("extract", "documents") == []


@given(st.dates(), st.integers(min_value=1, max_value=10**9))
def test_a_run_id_says_its_day_and_number(day: object, number: int) -> None:
    assert parse_run_id(f"{day}.{number:04d}") == (str(day), number)


@pytest.mark.parametrize("name", ["2015-10-21", "2015-10-21.1", "2015-10-21.0001.tmp", ".2015-10-21.0001", "notes.txt"])
def test_other_names_are_no_runs(name: str) -> None:
    assert parse_run_id(name) is None


def test_runs_are_ordered_by_day_then_number(tmp_path: Path) -> None:
    assert runs_of(tmp_path) == []
    for name in ("2015-10-22.0001", "2015-10-21.10000", "2015-10-21.0002", "2015-10-21.9999", "other.folder"):
        (tmp_path / "_runs" / name).mkdir(parents=True)
    assert runs_of(tmp_path, "2015-10-21") == ["2015-10-21.0002", "2015-10-21.9999", "2015-10-21.10000"]
    assert runs_of(tmp_path)[-1] == "2015-10-22.0001"


def test_a_part_file_reads_back_whole_and_in_slices(tmp_path: Path) -> None:
    path = tmp_path / "stage" / "t-00000.parquet"
    write_part(path, numbers(2 * STAGED_ROW_GROUP + 5))
    assert read_part(path) == numbers(2 * STAGED_ROW_GROUP + 5)
    assert [batch.num_rows for batch in iterate_part(path)] == [STAGED_ROW_GROUP, STAGED_ROW_GROUP, 5]
    assert files_below(tmp_path) == ["stage/t-00000.parquet"]


def test_a_missing_part_file_names_the_stage_to_run_again(tmp_path: Path) -> None:
    for read in (read_part, lambda path: next(iterate_part(path))):
        with pytest.raises(StagedFileMissing, match="run stage `extract` of this run again"):
            read(tmp_path / "extract" / "documents-00000.parquet")


def test_a_part_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "stage" / "t-00000.parquet"
    with PartWriter(path, SCHEMA) as part:
        for number in range(STAGED_ROW_GROUP + 1):
            part.write({"number": number})
            assert not path.exists()
        assert part.count == STAGED_ROW_GROUP + 1
    assert read_part(path) == numbers(STAGED_ROW_GROUP + 1)
    assert files_below(tmp_path) == ["stage/t-00000.parquet"]


def test_a_part_file_of_no_rows_has_the_schema(tmp_path: Path) -> None:
    path = tmp_path / "t-00000.parquet"
    with PartWriter(path, SCHEMA):
        pass
    assert read_part(path) == numbers(0)


def test_large_rows_leave_memory_before_a_group_is_full(tmp_path: Path) -> None:
    path = tmp_path / "t-00000.parquet"
    with PartWriter(path, SCHEMA) as part:
        for number in range(4):
            part.write({"number": number}, size=10 * 1024 * 1024)
    assert pq.ParquetFile(path).num_row_groups == 2


def test_an_error_leaves_the_older_part_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "t-00000.parquet"
    write_part(path, numbers(3))
    with pytest.raises(ZeroDivisionError), PartWriter(path, SCHEMA) as part:
        part.write({"number": 1 // part.count})
    assert read_part(path) == numbers(3)
    assert files_below(tmp_path) == ["t-00000.parquet"]


def test_a_row_that_does_not_fit_at_the_end_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "t-00000.parquet"
    with pytest.raises(pa.ArrowInvalid), PartWriter(path, SCHEMA) as part:
        part.write({"number": "not a number"})
    assert files_below(tmp_path) == []


def test_json_files_are_replaced_whole_and_do_not_depend_on_the_order_of_keys(tmp_path: Path) -> None:
    path = tmp_path / "history" / "outcome.json"
    assert read_json(path) is None
    write_json(path, {"b": "ö", "a": 1})
    first = path.read_bytes()
    write_json(path, {"a": 1, "b": "ö"})
    assert path.read_bytes() == first
    assert read_json(path) == json.loads(first) == {"a": 1, "b": "ö"}
    assert files_below(tmp_path) == ["history/outcome.json"]
