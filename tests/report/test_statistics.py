"""Statistics of a warehouse: every count against what was planted, kept per day, renewed where a day is."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from etl.load.day import load_day
from etl.load.probe import prepare_warehouse
from etl.report import statistics
from etl.report.statistics import Statistics, collect
from etl.tables import ARTICLES, staged_schema
from etl.validate.day import validate_day
from etl.workspace import Workspace
from tests.load.staging import DAY, Staged, article_of, children_of, in_key_order, make_run, reject, stage_day
from tests.validate.synthetic import sound_day

NEXT_DAY = "2015-10-22"
Row = dict[str, Any]


def document(number: int, source: str | None, day: str = DAY) -> Row:
    folder = f"{day}/{source}" if source else day
    return {
        "document_id": f"{number:032x}",
        "source_uri": f"{folder}/{number:05d}.txt",
        "source_offset": 0,
        "source_length": 10,
        "source": source,
        "url": None,
        "media_type": "text/plain",
        "charset": "utf-8",
        "text": "A text",
    }


def publish(warehouse: Path, staged: Staged, number: int = 1) -> None:
    staged.manifest = [
        {"source_uri": uri, "batch": 0, "size": 10} for uri in sorted({d["source_uri"] for d in staged.documents[0]})
    ]
    prepare_warehouse(warehouse)
    run = make_run(warehouse, number, day=staged.day)
    staged.write(run)
    load_day(run)


def planted() -> Staged:
    """Two articles of `bote`, one without source; three documents of `bote` and one of `kurier` rejected."""
    bote = [document(n, "bote") for n in range(5)]
    kurier, nameless = document(5, "kurier"), document(6, None)
    full = article_of(bote[0]) | {"lead": "A lead", "url": "https://bote.example", "image_credits": ["Foto"]}
    bare = article_of(bote[1]) | {
        "headline": None,
        "authors": [],
        "published_date": None,
        "published_at": None,
        "language": None,
        "word_count": 40,
        "is_truncated": True,
    }
    unknown = article_of(nameless) | {"source": None}
    children = children_of(bote[0], 2)
    photo, own = children["agencies"]
    photo |= {"agency_code": "dpa", "agency_name": "dpa", "scope": "image"}
    own |= {"position": 2, "scope": "text"}
    editorial = children_of(bote[1], 1)["agencies"][0] | {"agency_code": "editorial", "kind": "editorial"}
    lost = json.dumps({"article": {"source": "bote", "headline": "x"}, "related_items": [], "agencies": []})
    by_rule = {"row_table": "articles", "row_key": bote[2]["document_id"], "row_json": lost}
    rejects = [
        reject(bote[2], "rule:short", "validate") | by_rule,
        reject(bote[2], "rule:url", "validate") | by_rule,
        reject(bote[3], "not_an_article", "transform"),
        reject(bote[4], "not_an_article", "transform"),
        reject(kurier, "not_an_article", "transform"),
        reject(nameless, "rule:title", "validate", "related_items", f"{nameless['document_id']}/1"),
    ]
    kept = children_of(nameless, 2)["related_items"][1:]
    return Staged(
        documents=[[*bote, kurier, nameless]],
        tables={
            "articles": [in_key_order([full, bare, unknown])],
            "related_items": [in_key_order([*children["related_items"], *kept])],
            "agencies": [in_key_order([photo, own, editorial])],
        },
        rejects={"extract": [[]], "transform": [[]], "validate": [rejects]},
    )


@pytest.fixture
def counted(tmp_path: Path) -> Statistics:
    publish(tmp_path / "warehouse", planted())
    return collect(tmp_path / "warehouse")


def test_articles_are_counted_by_source(counted: Statistics) -> None:
    assert counted.sources.schema.equals(statistics.SOURCES)
    nameless, bote, kurier = counted.sources.to_pylist()
    assert {row.pop("ingest_date") for row in (nameless, bote, kurier)} == {dt.date(2015, 10, 21)}
    assert bote == {
        "source": "bote", "articles": 2, "words": 42, "truncated": 1, "with_headline": 1, "with_lead": 1,
        "with_authors": 1, "with_published_date": 1, "with_published_at": 1, "with_url": 1, "with_language": 1,
        "with_image_credit": 1, "with_agency": 1, "with_related": 1, "related_items": 2, "agencies": 3, "rejects": 3,
    }  # fmt: skip
    assert kurier == dict.fromkeys(kurier, 0) | {"source": "kurier", "rejects": 1}
    assert (nameless["source"], nameless["articles"], nameless["with_related"], nameless["rejects"]) == ("", 1, 1, 0)


def test_languages_agencies_and_reasons_are_counted_by_source(counted: Statistics) -> None:
    assert [tuple(row.values())[1:] for row in counted.languages.to_pylist()] == [
        ("", "de", 1),
        ("bote", "", 1),
        ("bote", "de", 1),
    ]
    assert [tuple(row.values())[1:] for row in counted.agencies.to_pylist()] == [
        ("bote", "apa", "Austria Presse Agentur", "wire", "text", 1),
        ("bote", "dpa", "dpa", "wire", "image", 1),
        ("bote", "editorial", "Austria Presse Agentur", "editorial", "text", 1),
    ]
    assert [tuple(row.values())[1:] for row in counted.rejects.to_pylist()] == [
        ("", "rule:title", "related_items", 1),
        ("bote", "not_an_article", "documents", 2),
        ("bote", "rule:short", "articles", 1),
        ("bote", "rule:url", "articles", 1),
        ("kurier", "not_an_article", "documents", 1),
    ]
    assert counted.days.to_pylist() == [
        {"ingest_date": dt.date(2015, 10, 21), "articles": 3, "documents": 7, "empty": False}
    ]


@pytest.mark.usefixtures("few_rules")
def test_what_a_rule_took_out_of_no_folder_counts_for_the_source_that_its_page_named(tmp_path: Path) -> None:
    run, day = make_run(tmp_path / "warehouse"), sound_day(2)
    for number, article in enumerate(day.articles):
        article.update(headline="x" * 301, source="bote.example", source_uri=f"{DAY}/{number}.html")
    for row in (*day.related_items, *day.agencies):
        row["source_uri"] = next(a["source_uri"] for a in day.articles if a["article_id"] == row["article_id"])
    day.write(run)
    validate_day(run)
    written = Workspace.of(run).part("validate", "rejects", 0)
    reasons, documents = statistics._reasons(written, staged_schema(ARTICLES).empty_table(), DAY)
    assert reasons.to_pylist() == [
        {"source": "bote.example", "code": "rule:headline_length", "row_table": "articles", "rejects": 2}
    ]
    assert documents == {"bote.example": 2}


def test_a_day_is_counted_once_and_anew_when_it_is_published_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse = tmp_path / "warehouse"
    publish(warehouse, planted())
    run = make_run(warehouse, day=NEXT_DAY)
    stage_day(12, day=NEXT_DAY).write(run)
    load_day(run)
    first = collect(warehouse)
    asked: list[str] = []
    count = statistics._count

    def watched(*arguments: Any) -> list[pa.Table]:
        asked.append(arguments[2])
        return count(*arguments)

    monkeypatch.setattr(statistics, "_count", watched)
    again = collect(warehouse)
    assert again == first
    assert not asked

    run = make_run(warehouse, 2, day=NEXT_DAY)
    stage_day(14, day=NEXT_DAY).write(run)
    load_day(run)
    renewed = collect(warehouse)
    assert asked == [NEXT_DAY]
    assert renewed.days["articles"].to_pylist() == [3, 12]
    assert renewed.sources["articles"].to_pylist()[-1] == 12
    kept = sorted(file.name[:10] for file in (warehouse / "_reports" / "statistics").iterdir())
    assert kept == [DAY, NEXT_DAY], "what was kept of the replaced files is gone"


@pytest.mark.parametrize("left", [0, 100, 2_000])
def test_what_was_cut_off_is_counted_anew(tmp_path: Path, left: int) -> None:
    warehouse = tmp_path / "warehouse"
    publish(warehouse, planted())
    first = collect(warehouse)
    [kept] = (warehouse / "_reports" / "statistics").iterdir()
    kept.write_bytes(kept.read_bytes()[:left])
    assert collect(warehouse) == first
    assert kept.stat().st_size > left


def test_where_nothing_can_be_kept_everything_is_counted(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse"
    publish(warehouse, planted())
    (warehouse / "_reports").write_text("in the way, as missing permissions are", encoding="utf-8")
    assert collect(warehouse).sources["articles"].to_pylist() == [1, 2, 0]


def test_days_without_files_and_a_warehouse_without_days(tmp_path: Path) -> None:
    prepare_warehouse(tmp_path / "warehouse")
    nothing = collect(tmp_path / "warehouse")
    assert nothing.sources.schema.equals(statistics.SOURCES)
    assert nothing.days.num_rows == 0
    run = make_run(tmp_path / "warehouse")
    stage_day(0).write(run)
    load_day(run)
    empty = collect(tmp_path / "warehouse")
    assert empty.days["empty"].to_pylist() == [True]
    assert empty.sources.num_rows == 0
