"""Loading a day: what stands in `rejects` and `runs`, and that only the input decides about the bytes."""

import json
from pathlib import Path
from typing import Any

from etl.load.day import load_day
from etl.load.probe import prepare_warehouse
from etl.tables import SCHEMA_VERSION
from etl.transform.version import parser_version
from etl.validate.suites import suites_version
from etl.warehouse import Warehouse, open_warehouse
from tests.load.staging import DAY, Staged, make_run, reject, stage_day


def loaded(warehouse: Path, staged: Staged, **settings: Any) -> Warehouse:
    """Load a day into a warehouse and open it."""
    prepare_warehouse(warehouse)
    run = make_run(warehouse, day=staged.day, **settings)
    staged.write(run)
    load_day(run)
    return open_warehouse(warehouse)


def hashes(opened: Warehouse) -> dict[str, str]:
    """Hash of each table's file of the day."""
    return {name: file.sha256 for name, file in opened.facts[DAY].tables.items()}


def test_the_row_of_runs_counts_every_outcome_and_names_the_versions(tmp_path: Path) -> None:
    staged = stage_day(12)
    opened = loaded(tmp_path / "warehouse", staged, languages=("de",))
    (row,) = opened.read("runs").to_pylist()
    assert {name: row[name] for name in ("files", "documents", "articles", "rejected_documents")} == {
        "files": 13,
        "documents": 13,
        "articles": 10,
        "rejected_documents": 3,
    }
    assert (row["related_items"], row["agencies"]) == (opened.read("related_items").num_rows,) * 2
    assert str(row["ingest_date"]) == DAY
    assert json.loads(row["reject_counts"]) == {"duplicate_document": 1, "empty": 1, "not_an_article": 1}
    assert row["schema_version"] == SCHEMA_VERSION
    assert row["parser_version"] == parser_version()
    assert row["suites_version"] == suites_version(None)
    other = loaded(tmp_path / "other", staged, languages=("en",)).read("runs").to_pylist()[0]
    assert other["settings_fingerprint"] != row["settings_fingerprint"]
    assert other["input_fingerprint"] == row["input_fingerprint"]


def test_rejects_of_all_stages_stand_in_one_table_in_order(tmp_path: Path) -> None:
    staged = stage_day(12)
    rejects = loaded(tmp_path / "warehouse", staged).read("rejects").to_pylist()
    assert [(row["source_uri"][-9:], row["code"], row["stage"]) for row in rejects] == [
        ("00001.txt", "empty", "extract"),
        ("00002.txt", "not_an_article", "transform"),
        ("00012.txt", "duplicate_document", "validate"),
    ]
    assert all(row["row_json"] is None and row["row_key"] == "" for row in rejects)


def test_equal_bytes_whatever_the_parts_the_folder_and_the_settings_of_speed(tmp_path: Path) -> None:
    one = loaded(tmp_path / "one", stage_day(40, parts=1))
    other = loaded(tmp_path / "deeper" / "other", stage_day(40, parts=5), batch_bytes=1, workers=2, keep_hours=1)
    assert hashes(one) == hashes(other)


def test_another_document_changes_only_what_speaks_of_it(tmp_path: Path) -> None:
    one = hashes(loaded(tmp_path / "one", stage_day(12)))
    staged = stage_day(12)
    page = staged.documents[0][0] | {"source_uri": f"{DAY}/example/99999.txt", "document_id": "f" * 32}
    staged.documents[0].append(page)
    staged.manifest.append({"source_uri": page["source_uri"], "batch": 0, "size": 1})
    staged.rejects["transform"][0].append(reject(page, "not_an_article", "transform"))
    other = hashes(loaded(tmp_path / "other", staged))
    assert {name for name in one if one[name] != other[name]} == {"rejects", "runs"}
