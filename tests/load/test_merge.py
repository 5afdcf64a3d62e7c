"""The merge: any split of the rows over parts gives the rows in key order, and the same bytes."""

import datetime as dt
import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.load import merge
from etl.load.merge import merge_parts
from etl.load.staged import DOCUMENT, read_rows
from etl.tables import AGENCIES, ARTICLES, REJECTS, TABLES, Table, arrow_schema, staged_schema
from etl.workspace import write_part
from tests.load.staging import DAY, Row, article_of, children_of, in_key_order, reject, stage_day, write_rows

DATE = dt.date.fromisoformat(DAY)

# Few characters, so that keys share beginnings; some outside ASCII and the BMP, where orders could differ.
texts = st.text("abAB/!. é\u00ff\uffee\U0001f4f0", max_size=12)


def document(number: int, text: str) -> Row:
    """A synthetic document."""
    return {
        "document_id": hashlib.sha256(str(number).encode()).hexdigest()[:32],
        "source_uri": f"{DAY}/{number}.txt",
        "source_offset": 0,
        "source_length": len(text),
        "source": None,
        "url": None,
        "media_type": "text/plain",
        "charset": "utf-8",
        "text": text,
    }


def merged(table: Table, parts: Sequence[Sequence[Row]], folder: Path, dropped: dict[int, list[int]]) -> Path:
    """Write the parts, merge them, return the file."""
    paths = []
    for index, rows in enumerate(parts):
        paths.append(folder / f"{table.name}-{index:05d}.parquet")
        write_rows(paths[-1], table, rows)
    columns = tuple(dict.fromkeys((*table.key, *DOCUMENT)))
    located = read_rows(paths, columns, {part: np.array(rows, dtype=np.int64) for part, rows in dropped.items()})
    target = folder / "merged.parquet"
    merge_parts(table, located, DATE, target)
    return target


def contents(path: Path) -> list[dict[str, Any]]:
    """Rows of a file as dicts."""
    rows: list[dict[str, Any]] = pq.read_table(path, partitioning=None).to_pylist()
    return rows


def as_published(table: Table, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The naive answer: all rows sorted in memory, in the published schema."""
    ordered = sorted(rows, key=lambda row: tuple(row[name] for name in table.key))
    complete = [{name: row.get(name) for name in table.column_names} | {"ingest_date": DATE} for row in ordered]
    naive: list[dict[str, Any]] = pa.Table.from_pylist(complete, schema=arrow_schema(table)).to_pylist()
    return naive


@settings(max_examples=25, deadline=None)
@given(data=st.data(), bodies=st.lists(texts, max_size=25), parts=st.integers(1, 4))
def test_any_split_gives_the_naive_sort_and_the_same_bytes(data: st.DataObject, bodies: list[str], parts: int) -> None:
    rows = [article_of(document(number, text)) for number, text in enumerate(bodies)]
    part_of = data.draw(st.lists(st.integers(0, parts - 1), min_size=len(rows), max_size=len(rows)))
    split = [in_key_order([row for row, p in zip(rows, part_of, strict=True) if p == part]) for part in range(parts)]
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        path = merged(ARTICLES, split, Path(one), {})
        assert contents(path) == as_published(ARTICLES, rows)
        assert path.read_bytes() == merged(ARTICLES, [in_key_order(rows)], Path(other), {}).read_bytes()


@settings(max_examples=25, deadline=None)
@given(
    data=st.data(),
    keys=st.lists(st.tuples(texts, st.integers(0, 3), st.sampled_from("ab"), texts), max_size=20, unique=True),
)
def test_rejects_of_all_stages_are_sorted_by_their_key_even_from_unsorted_parts(
    data: st.DataObject, keys: list[tuple[str, int, str, str]]
) -> None:
    rows = [
        reject(document(0, "") | {"source_uri": uri, "source_offset": offset}, code, "extract", "articles", row_key)
        for uri, offset, code, row_key in keys
    ]
    cut = data.draw(st.integers(0, len(rows)))
    with tempfile.TemporaryDirectory() as folder:
        path = merged(REJECTS, [rows[:cut], rows[cut:]], Path(folder), {})
        assert contents(path) == as_published(REJECTS, rows)


def test_row_groups_are_cut_by_rows_and_by_bytes_whatever_the_split(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merge, "ROW_GROUP_ROWS", 10)
    monkeypatch.setattr(merge, "ROW_GROUP_BYTES", 4000)
    rows = [article_of(document(number, "x" * (2500 if number % 5 == 0 else 10))) for number in range(60)]
    rows.append(article_of(document(60, "x" * 9000)))
    monkeypatch.setattr(merge, "_SLICE_BYTES", 1500)
    one = merged(ARTICLES, [in_key_order(rows[n::7]) for n in range(7)], tmp_path / "one", {})
    monkeypatch.setattr(merge, "_SLICE_BYTES", 20_000)
    other = merged(ARTICLES, [in_key_order(rows[:5]), [], in_key_order(rows[5:])], tmp_path / "other", {})
    assert one.read_bytes() == other.read_bytes()
    metadata = pq.read_metadata(one)
    lengths = [metadata.row_group(index).num_rows for index in range(metadata.num_row_groups)]
    assert sum(lengths) == 61
    assert max(lengths) <= 10
    with pq.ParquetFile(one) as file:
        bodies = [file.read_row_group(n)["body"].to_pylist() for n in range(len(lengths))]
    assert all(sum(map(len, group)) <= 4000 or len(group) == 1 for group in bodies)
    assert contents(one) == as_published(ARTICLES, rows)


def test_dropped_rows_and_children(tmp_path: Path) -> None:
    documents = [document(number, "text") for number in range(9)]
    rows = [row for d in documents for row in children_of(d, 3)[AGENCIES.name]]
    parts = [in_key_order(rows[n::2]) for n in range(2)]
    path = merged(AGENCIES, parts, tmp_path, {0: [0, 5], 1: [2]})
    kept = [row for n, row in enumerate(parts[0]) if n not in (0, 5)] + [*parts[1][:2], *parts[1][3:]]
    assert contents(path) == as_published(AGENCIES, kept)


@pytest.mark.parametrize("table", [t for t in TABLES.values() if t.key], ids=lambda t: t.name)
def test_a_file_carries_schema_descriptions_order_and_index(table: Table, tmp_path: Path) -> None:
    staged = stage_day(8)
    rows = {**staged.tables, REJECTS.name: [[], [], *staged.rejects["validate"]]}[table.name]
    path = merged(table, rows, tmp_path, {})
    assert pq.read_schema(path).equals(arrow_schema(table), check_metadata=True)
    group = pq.read_metadata(path).row_group(0)
    names = [group.column(column.column_index).path_in_schema for column in group.sorting_columns]
    assert tuple(names) == table.key
    assert group.column(0).compression == "ZSTD"
    assert group.column(0).has_offset_index


def test_many_parts_of_small_row_groups_are_read_once_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = []
    read = pq.ParquetFile.read_row_group

    def counted(self: Any, index: int, *args: Any, **kwargs: Any) -> Any:
        reads.append(index)
        return read(self, index, *args, **kwargs)

    monkeypatch.setattr(pq.ParquetFile, "read_row_group", counted)
    monkeypatch.setattr(merge, "_SLICE_BYTES", 100_000)
    rows = [article_of(document(number, "word " * 4000)) for number in range(300)]
    merged(ARTICLES, [in_key_order(rows[n::3]) for n in range(3)], tmp_path, {})
    groups = [pq.read_metadata(path).num_row_groups for path in tmp_path.glob("articles-*.parquet")]
    assert len(reads) == sum(groups) > len(groups)


def test_published_schema_refuses_a_null_where_none_may_be(tmp_path: Path) -> None:
    loose = pa.schema([field.with_nullable(nullable=True) for field in staged_schema(ARTICLES)])
    row = article_of(document(1, "text")) | {"body": None}
    write_part(tmp_path / "articles-00000.parquet", pa.Table.from_pylist([row], schema=loose))
    located = read_rows([tmp_path / "articles-00000.parquet"], (*ARTICLES.key, *DOCUMENT))
    with pytest.raises(ValueError, match="body"):
        merge_parts(ARTICLES, located, DATE, tmp_path / "merged.parquet")
