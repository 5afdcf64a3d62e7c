"""Data sets as they are told to OpenLineage."""

from pathlib import Path

import attr
import pytest

from etl import lineage
from etl.contract import Published, Run
from etl.settings import Settings
from etl.tables import AGENCIES, RECORD_TABLES


def run_of(landing: Path | str) -> Run:
    settings = Settings(landing=landing, warehouse=Path("/data/warehouse"))
    return Run(
        run_id="2026-05-04.0001",
        day="2026-05-04",
        force=False,
        settings=settings.to_json(),
        files=7,
        parser_version="x",
    )


def published(outcome: str) -> Published:
    rows = {"articles": 6, "related_items": 2, "agencies": 9, "rejects": 1, "runs": 1}
    return Published(outcome=outcome, snapshot=12, rows=rows, reject_counts={"empty": 1}, message="")


@pytest.mark.parametrize(
    ("landing", "namespace", "name"),
    [
        (Path("/data/landing"), "file", "/data/landing"),
        ("s3://bucket/news/raw", "s3://bucket", "news/raw"),
        ("gs://bucket", "gs://bucket", "/"),
    ],
)
def test_landing_zones_are_named_as_the_specification_says(landing: Path | str, namespace: str, name: str) -> None:
    dataset = lineage.landing_dataset(run_of(landing))
    assert (dataset.namespace, dataset.name) == (namespace, name)


def test_a_table_has_its_schema_its_snapshot_and_the_rows_of_the_day() -> None:
    dataset = lineage.table_dataset(run_of(Path("/data/landing")), published("published"), AGENCIES)
    assert dataset.name == "/data/warehouse/current/agencies"
    facets = {name: attr.asdict(f) for name, f in {**(dataset.facets or {}), **(dataset.outputFacets or {})}.items()}
    assert facets["version"]["datasetVersion"] == "snapshot 12, schema 1"
    assert facets["outputStatistics"]["rowCount"] == 9
    types = {field["name"]: field["type"] for field in facets["schema"]["fields"]}
    assert types == {column.name: str(column.arrow_type) for column in AGENCIES.columns}


@pytest.mark.parametrize(("outcome", "told"), [("published", 3), ("empty", 3), ("unchanged", 0), ("superseded", 0)])
def test_only_what_was_written_is_told(outcome: str, told: int, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs: list[object] = []
    api = "airflow.providers.openlineage.api"
    monkeypatch.setattr(f"{api}.is_openlineage_active", lambda: True)
    monkeypatch.setattr(f"{api}.emit_dataset_lineage", lambda **said: outputs.extend(said["outputs"]))
    lineage.emit(run_of(Path("/data/landing")), published(outcome))
    assert len(outputs) == told
    assert len(RECORD_TABLES) == 3
