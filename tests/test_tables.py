import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_args

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.documentation import TYPES_IN_ENGINES
from etl.tables import (
    AGENCY_KINDS,
    AGENCY_SCOPES,
    RECORD_TABLES,
    REJECT_CODES,
    REJECTS,
    SCHEMA_VERSION,
    STAGED_ONLY,
    TABLES,
    Column,
    Table,
    TypeName,
    arrow_schema,
    staged_schema,
)
from etl.transform.record import AgencyKind, AgencyScope

ALL = pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)

VALUES: dict[TypeName, Any] = {
    "string": "x",
    "bool": True,
    "int32": 1,
    "int64": 1,
    "float32": 0.5,
    "date": date(2015, 10, 21),
    "timestamp": datetime(2015, 10, 21, 16, 29, tzinfo=UTC),
    "strings": ["x", "y"],
}


@ALL
def test_the_landing_day_comes_first_and_is_never_part_of_a_tables_own_key(table: Table) -> None:
    assert table.columns[0] == Column("ingest_date", "date", table.columns[0].description)
    assert "ingest_date" not in table.key


@ALL
def test_keys_are_columns_that_hold_a_value(table: Table) -> None:
    assert not any(table.column(name).nullable for name in table.key)


@ALL
def test_names_follow_the_laws_of_naming(table: Table) -> None:
    assert len(set(table.column_names)) == len(table.columns)
    for column in table.columns:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", column.name)
        assert (column.type == "bool") == column.name.startswith("is_"), column
        assert (column.type == "timestamp") == column.name.endswith("_at"), column
        assert (column.type == "date") == column.name.endswith("_date"), column
        if column.type == "strings":
            assert column.name.endswith("s"), column
        if column.name.endswith("_count"):
            assert column.type in ("int32", "int64"), column


@ALL
def test_every_description_is_a_sentence(table: Table) -> None:
    for text in (table.description, *(column.description for column in table.columns)):
        assert re.fullmatch(r"[A-Z`].*[^.]\.", text), text
        assert "|" not in text


def test_columns_of_one_name_have_one_type() -> None:
    for table in TABLES.values():
        for column in table.columns:
            if column.name not in TABLES:  # `runs` counts the rows of the tables under their names
                assert {t.column(column.name).type for t in TABLES.values() if column.name in t.column_names} == {
                    column.type
                }


@ALL
def test_lists_are_never_null(table: Table) -> None:
    assert not any(column.nullable for column in table.columns if column.type == "strings")


@ALL
def test_the_arrow_schema_says_what_the_registry_says(table: Table) -> None:
    schema = arrow_schema(table)
    assert schema.names == list(table.column_names)
    assert schema.metadata[b"schema_version"] == str(SCHEMA_VERSION).encode()
    for column, field in zip(table.columns, schema, strict=True):
        assert (field.type, field.nullable) == (column.arrow_type, column.nullable)
        assert field.metadata == {b"description": column.description.encode()}


@ALL
def test_descriptions_survive_in_parquet(table: Table, tmp_path: Path) -> None:
    pq.write_table(arrow_schema(table).empty_table(), tmp_path / "x.parquet")
    back = pq.read_schema(tmp_path / "x.parquet")
    assert [f.metadata[b"description"].decode() for f in back] == [c.description for c in table.columns]
    assert back.metadata[b"table"] == table.name.encode()


@pytest.mark.parametrize("table", [*RECORD_TABLES, REJECTS], ids=lambda table: table.name)
def test_staged_rows_leave_out_the_day_and_tell_copies_of_a_document_apart(table: Table) -> None:
    staged, published = staged_schema(table), arrow_schema(table)
    assert set(published.names) - set(staged.names) == {"ingest_date"}
    assert {"source_uri", "source_offset"} <= set(staged.names)
    told = {column.name for column in STAGED_ONLY.get(table.name, ())}
    assert set(staged.names) - set(published.names) <= {"source_uri", "source_offset"} | told
    assert all(staged.field(name).nullable for name in told)
    for field in staged:
        if field.name in published.names:
            assert field.type == published.field(field.name).type
            assert field.nullable == published.field(field.name).nullable


def test_a_column_that_does_not_exist_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="nothing"):
        REJECTS.column("nothing")


def test_the_parsers_types_allow_the_codes_of_the_registry_and_no_others() -> None:
    assert get_args(AgencyKind) == AGENCY_KINDS
    assert get_args(AgencyScope) == AGENCY_SCOPES


def test_reject_codes_have_a_cause_and_a_remedy() -> None:
    for code, (cause, remedy) in REJECT_CODES.items():
        assert re.fullmatch(r"[a-z_]+|rule:<name>", code)
        assert cause.endswith(".")
        assert remedy.endswith(".")


@pytest.mark.parametrize("name", get_args(TypeName))
def test_engines_read_each_type_as_the_data_dictionary_says(name: TypeName, tmp_path: Path) -> None:
    file = str(tmp_path / "x.parquet")
    arrow_type = Column("x", name, "").arrow_type
    pq.write_table(pa.table({"x": pa.array([VALUES[name]], arrow_type)}), file)
    found = (
        str(pq.read_schema(file).field("x").type),
        str(pd.read_parquet(file)["x"].dtype),
        duckdb.connect().execute(f"describe from '{file}'").fetchall()[0][1],
        repr(pl.read_parquet_schema(file)["x"]) if name == "timestamp" else str(pl.read_parquet_schema(file)["x"]),
    )
    assert found == TYPES_IN_ENGINES[name][:4]
