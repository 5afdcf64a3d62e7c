import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from etl.contract import Run
from etl.errors import RuleBlocked, StagedFileMissing, ValidationCrashed
from etl.tables import ARTICLES, REJECTS, RELATED_ITEMS, staged_schema
from etl.validate.day import validate_day
from etl.validate.history import RESULTS, docs_folder, forget_old_docs, results_file
from etl.validate.measures import Measure
from etl.workspace import Workspace, read_json, read_part, write_part
from tests.validate.synthetic import BODY, DAY, Row, Staged, edited_suites, make_run, sound_day


def rejects_of(run: Run) -> list[Row]:
    rows: list[Row] = read_part(Workspace.of(run).part("validate", "rejects", 0)).to_pylist()
    return rows


def found(run: Run) -> list[tuple[str, str, str]]:
    return [(row["row_table"], row["row_key"], row["code"].removeprefix("rule:")) for row in rejects_of(run)]


def dropped(run: Run, table: str) -> int:
    part = read_part(Workspace.of(run).work / "validate" / "dropped.parquet")
    return int(pc.sum(pc.equal(part["table"], table)).as_py() or 0)


def results(run: Run) -> dict[tuple[str, str], Row]:
    rows = pq.read_table(results_file(Workspace.of(run).warehouse, run["run_id"])).to_pylist()
    return {(row["table"], row["rule"]): row for row in rows}


def batches(number: int) -> Callable[[Row], int]:
    return lambda row: int(row["source_uri"][-5]) % number


def validate(folder: Path, staged: Staged, *, parts: int = 1, **settings: Any) -> Run:
    run = make_run(folder, **settings)
    staged.write(run, batches(parts))
    validate_day(run)
    return run


def test_sound_rows_pass_and_rows_of_earlier_rejects_are_counted(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    staged = sound_day(5)
    staged.articles[0].update(
        headline=None, lead=None, url=None, language=None, language_score=None, published_date=None, published_at=None
    )
    staged.articles[1].update(authors=[], image_credits=[], topics=["20 Minuten"], is_truncated=True)
    staged.write(run)
    reject = {"source_uri": "x", "source_offset": 0, "code": "empty", "row_table": "documents", "row_key": ""}
    reject |= {"stage": "extract", "message": "no text"}
    part = pa.Table.from_pylist([reject], schema=staged_schema(REJECTS))
    write_part(Workspace.of(run).part("extract", "rejects", 0), part)
    assert validate_day(run) == {"articles": 5, "related_items": 10, "agencies": 5, "rejects": 1}


def test_a_reject_holds_the_whole_row(tmp_path: Path) -> None:
    staged = sound_day(4)
    staged.articles[1].update(headline="x" * 301, language_score=0.123)
    staged.articles[2].update(headline="y" * 301, word_count=1)
    staged.related_items[7]["title"] = "z"
    run = validate(tmp_path, staged, parts=2)
    rows = {(row["code"], row["row_key"]): row for row in rejects_of(run)}
    first, second, last = staged.articles[1:]
    whole = json.loads(rows["rule:headline_length", first["article_id"]]["row_json"])
    assert list(whole["article"]) == list(ARTICLES.column_names[1:])
    assert whole["article"]["body"] == BODY
    assert whole["article"]["published_date"] == "2015-10-20"
    assert whole["article"]["published_at"] == "2015-10-20T12:30:00+00:00"
    assert whole["article"]["language_score"] == 0.123
    assert [item["position"] for item in whole["related_items"]] == [1, 2]
    assert [item["agency_code"] for item in whole["agencies"]] == ["apa"]
    assert {code for code, key in rows if key == second["article_id"]} == {"rule:headline_length", "rule:too_few_words"}
    item = json.loads(rows["rule:title_length", f"{last['article_id']}/2"]["row_json"])
    assert list(item) == list(RELATED_ITEMS.column_names[1:])
    assert item["title"] == "z"


def test_child_rows_go_with_their_article_and_alone_where_they_fail_alone(tmp_path: Path) -> None:
    staged = sound_day(6)
    staged.articles[0]["headline"] = "x" * 301
    staged.related_items[1]["title"] = "x"  # of the article that goes: a reject of its own
    staged.related_items[3]["title"] = "x"
    run = validate(tmp_path, staged)
    gone = staged.articles[0]["article_id"]
    other = staged.articles[1]["article_id"]
    assert sorted(found(run)) == sorted(
        [
            ("articles", gone, "headline_length"),
            ("related_items", f"{gone}/2", "title_length"),
            ("related_items", f"{other}/2", "title_length"),
        ]
    )
    assert (dropped(run, "articles"), dropped(run, "related_items"), dropped(run, "agencies")) == (1, 3, 1)


def with_duplicates() -> Staged:
    staged = sound_day(30)
    for number, uri in ((3, "a/0000001.txt"), (3, "z/0000002.txt"), (4, "z/0000004.txt")):
        staged.add(staged.articles[number] | {"source_uri": f"{DAY}/{uri}"})
    staged.articles[7]["headline"] = "x" * 301
    staged.add(staged.articles[7] | {"source_uri": f"{DAY}/a/0000009.txt"})
    return staged


def test_of_equal_documents_the_smallest_address_stays_however_the_day_is_cut(tmp_path: Path) -> None:
    outcomes = []
    for parts in (1, 7):
        run = validate(tmp_path / str(parts), with_duplicates(), parts=parts)
        outcomes.append(rejects_of(run))
        assert dropped(run, "articles") == 4 + 1
        assert dropped(run, "related_items") == 8 + 2
    assert outcomes[0] == outcomes[1]
    duplicates = [(r["source_uri"], r["message"]) for r in outcomes[0] if r["code"] == "duplicate_document"]
    assert [uri.removeprefix(DAY) for uri, _ in duplicates] == [
        "/bote/0000003.txt",
        "/bote/0000007.txt",
        "/z/0000002.txt",
        "/z/0000004.txt",
    ]
    assert f"`{DAY}/a/0000001.txt`" in duplicates[0][1]
    assert f"`{DAY}/bote/0000004.txt`" in duplicates[3][1]
    by_rule = [r["source_uri"] for r in outcomes[0] if r["code"] == "rule:headline_length"]
    assert by_rule == [f"{DAY}/a/0000009.txt"]


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    runs = [validate(tmp_path / name, with_duplicates(), parts=2) for name in ("one", "two")]
    for name in ("rejects-00000.parquet", "dropped.parquet"):
        first, second = ((Workspace.of(run).work / "validate" / name).read_bytes() for run in runs)
        assert first == second


def test_what_the_suite_file_says_decides(tmp_path: Path) -> None:
    def shorter(entry: Row) -> None:
        entry["kwargs"]["max_value"] = 10

    def more_noise(entry: Row) -> None:
        entry["meta"]["measures"]["body_noise"]["lines"].append("Ein Beschluss fiel nicht, sagte die Sprecherin")
        entry["kwargs"]["max_value"] = 0.4

    def shorter_and_fewer(entry: Row) -> None:
        entry["kwargs"].update(max_value=10, mostly=0.95)
        entry["meta"]["tolerated_rows"] = 2

    def stricter(entry: Row) -> None:
        entry["kwargs"].update(max_value=1, mostly=0.1)
        entry["meta"].update(policy="quarantine", tolerated_rows=100)

    staged = sound_day(3)
    assert found(validate(tmp_path / "before", staged)) == []
    changes: dict[tuple[str, str], Callable[[Row], object]] = {
        ("articles", "authors_length"): shorter,
        ("articles", "noise_only"): more_noise,
        ("related_items", "items_number"): stricter,
    }
    run = validate(tmp_path / "after", staged, suites=edited_suites(tmp_path / "after", changes))
    assert (
        sorted(code for _, _, code in found(run)) == ["authors_length"] * 3 + ["items_number"] * 3 + ["noise_only"] * 3
    )
    changes["articles", "authors_length"] = shorter_and_fewer
    with pytest.raises(
        RuleBlocked, match=r"`authors_length` of `articles`: 3 of 3 rows fail.*tolerated: 2 rows, or 0.05"
    ):
        validate(tmp_path / "blocked", staged, suites=edited_suites(tmp_path / "blocked", changes))


def test_broken_invariants_block_the_day_and_tell_which(tmp_path: Path) -> None:
    staged = sound_day(20)
    staged.articles[0]["headline"] = "x" * 301
    staged.related_items[10].update(article_id="f" * 32, position=1)
    staged.related_items[11].update(position=1)  # what is left of its article starts at 1
    staged.related_items[21].update(position=3)  # a gap
    staged.agencies.append(dict(staged.agencies[12]))  # a position twice
    staged.agencies[14]["kind"] = "blog"
    staged.agencies[15]["scope"] = "caption"
    staged.articles[3].update(article_id="3")
    for row in [*staged.related_items[6:8], staged.agencies[3]]:
        row["article_id"] = "3"
    staged.articles[4].update(parser_version="0.9.0+abc", content_hash="")
    staged.articles.append(dict(staged.articles[2]))
    run = make_run(tmp_path)
    staged.write(run, batches(2))

    with pytest.raises(RuleBlocked) as blocked:
        validate_day(run)

    expected = {
        ("articles", "article_id_pattern"): "3",
        ("articles", "article_id_unique"): staged.articles[2]["article_id"],
        ("articles", "address_unique"): staged.articles[2]["article_id"],
        ("articles", "one_parser"): "observed 2, wanted max_value 1",
        ("articles", "content_hash_pattern"): staged.articles[4]["article_id"],
        ("related_items", "has_article"): "f" * 32 + "/1",
        ("related_items", "positions_complete"): staged.related_items[21]["article_id"] + "/3",
        ("agencies", "positions_complete"): staged.agencies[12]["article_id"] + "/1",
        ("agencies", "kind_known"): staged.agencies[14]["article_id"] + "/1",
        ("agencies", "scope_known"): staged.agencies[15]["article_id"] + "/1",
    }
    assert {key for key, row in results(run).items() if not row["success"] and row["policy"] == "block"} == set(
        expected
    )
    *reasons, remedy = str(blocked.value).splitlines()
    assert f"`news-etl rejects --list --run {run['run_id']}`" in remedy
    assert len(reasons) == len(expected)
    for (table, rule), said in expected.items():
        reason = next(text for text in reasons if text.startswith(f"rule `{rule}` of `{table}`"))
        assert said in reason
    # What was found is kept: rejects, results and a page to read.
    assert "headline_length" in [code for _, _, code in found(run)]
    assert read_json(Workspace.of(run).history / "validation" / "agencies.json")["success"] is False
    assert (docs_folder(Workspace.of(run).warehouse, run["run_id"]) / "index.html").is_file()


def test_a_part_of_another_schema_blocks(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    sound_day(2).write(run)
    file = Workspace.of(run).part("transform", "articles", 0)
    part = read_part(file)
    write_part(file, part.set_column(part.column_names.index("word_count"), "word_count", pa.array([22, 22])))
    with pytest.raises(RuleBlocked, match=r"rule `schema` of `articles`: .*`word_count` is int64 instead of int32"):
        validate_day(run)
    ((key, kept),) = results(run).items()
    assert key == ("articles", "schema")
    assert kept == kept | {"policy": "block", "severity": "critical", "unexpected": 1, "success": False}
    assert "`word_count` is int64 instead of int32" in kept["observed"]
    write_part(file, part.drop_columns("body"))
    with pytest.raises(RuleBlocked, match="`body` is missing instead of string not null"):
        validate_day(run)
    file.write_bytes(b"PAR1")
    with pytest.raises(ValidationCrashed, match=r"articles-00000.parquet` cannot be read"):
        validate_day(run)
    assert results(run)["articles", "schema"]["observed"].startswith("crashed: staged file")
    file.unlink()
    with pytest.raises(StagedFileMissing, match=r"articles-00000.parquet` is missing"):
        validate_day(run)


def test_most_rows_of_a_small_day_may_be_bad(tmp_path: Path) -> None:
    staged = sound_day(10)
    for row in staged.articles:
        row["headline"] = "x" * 301
    run = validate(tmp_path, staged)
    assert len(found(run)) == 10
    assert results(run)["articles", "headline_length"]["observed"] == "100 %"


def test_a_check_that_crashes_fails_the_run(tmp_path: Path) -> None:
    def text_for_a_number(entry: Row) -> None:
        entry["kwargs"]["column"] = "source"

    rules = ("too_few_words", "published_offset_range")
    suites = edited_suites(tmp_path, {("articles", rule): text_for_a_number for rule in rules})
    run = make_run(tmp_path, suites=suites)
    sound_day(2).write(run)
    with pytest.raises(ValidationCrashed, match=r"^validation_crashed: ") as crash:
        validate_day(run)
    for rule in rules:
        assert f"rule `{rule}` of `articles` could not be evaluated" in str(crash.value)
        assert results(run)["articles", rule]["observed"].startswith("crashed: ")
        assert results(run)["articles", rule]["success"] is False


def test_a_measure_that_crashes_fails_the_run_and_is_kept_with_what_other_tables_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compute = Measure.compute

    def crashing(self: Measure, rows: pa.RecordBatch, day: date) -> pa.Array:
        if self.function == "share_of_matches" and rows.num_rows:
            message = "out of range"
            raise pa.ArrowInvalid(message)
        return compute(self, rows, day)

    monkeypatch.setattr(Measure, "compute", crashing)
    run = make_run(tmp_path)
    sound_day(2).write(run)
    said = r"rule `damaged_characters` of `articles` could not be evaluated: measure `body_damage`"
    with pytest.raises(ValidationCrashed, match=said):
        validate_day(run)
    kept = results(run)
    assert [rule for table, rule in kept if table == "articles"] == ["damaged_characters"]
    crash = kept["articles", "damaged_characters"]
    assert (crash["success"], crash["observed"]) == (
        False,
        "crashed: measure `body_damage` could not be computed: out of range",
    )
    assert kept["related_items", "row_count"]["success"] is True


@pytest.mark.parametrize("parts", [0, 1])
def test_an_empty_day_passes(tmp_path: Path, parts: int) -> None:
    run = make_run(tmp_path)
    Staged().write(run)
    if parts:
        sound_day(1).write(run)
        for table in ("articles", "related_items", "agencies"):
            file = Workspace.of(run).part("transform", table, 0)
            write_part(file, read_part(file).slice(0, 0))
    assert validate_day(run) == {"articles": 0, "related_items": 0, "agencies": 0, "rejects": 0}
    assert rejects_of(run) == []
    assert dropped(run, "articles") == 0
    assert all(row["success"] for row in results(run).values())


def test_a_table_that_is_judged_in_parts_has_the_same_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def day() -> Staged:
        staged = sound_day(30)
        staged.articles[0]["headline"] = "x" * 301
        staged.articles[1]["word_count"] = 2
        staged.agencies[3]["evidence"] = "x" * 201
        return staged

    whole = validate(tmp_path / "whole", day())
    monkeypatch.setattr("etl.validate.day._CELLS", 0)
    parts = validate(tmp_path / "parts", day())
    assert results(parts) == results(whole)
    assert rejects_of(parts) == rejects_of(whole)
    assert (Workspace.of(parts).history / "validation" / "articles-2.json").is_file()


def test_results_are_one_table_over_all_runs(tmp_path: Path) -> None:
    first, run = make_run(tmp_path, 1), make_run(tmp_path, 2)
    for each in (first, run, run):  # a retry of the task replaces the run's own file
        sound_day(2).write(each)
        validate_day(each)
    table = pq.read_table(tmp_path / "warehouse" / "_validation")
    assert table.schema.equals(RESULTS)
    assert sorted(set(table["run_id"].to_pylist())) == [f"{DAY}.0001", f"{DAY}.0002"]
    assert table.num_rows == 2 * len(results(run))
    words = results(run)["articles", "too_few_words"]
    assert words == words | {"severity": "warning", "policy": "quarantine", "evaluated": 2, "unexpected": 0}
    assert results(run)["articles", "row_count"]["observed"] == "2"


def test_only_the_newest_docs_are_kept(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        page = docs_folder(tmp_path, f"{DAY}.{number:04}") / "index.html"
        page.parent.mkdir(parents=True)
        page.touch()
        os.utime(page, (100 - number, 100 - number))
    (tmp_path / "_docs" / "notes").mkdir()
    forget_old_docs(tmp_path, keep=2)
    assert sorted(p.name for p in (tmp_path / "_docs").iterdir()) == [f"{DAY}.0001", f"{DAY}.0002", "notes"]
