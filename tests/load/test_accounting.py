"""Accounting: a sound day passes, every way of losing or doubling a document or a row is named."""

from collections.abc import Callable
from pathlib import Path

import pytest

from etl.errors import AccountingFailed, StagedFileMissing
from etl.load.accounting import check_accounting, count_day
from etl.load.staged import StagedDay, read_staged_day
from etl.tables import AGENCIES, ARTICLES, RELATED_ITEMS
from etl.workspace import Workspace
from tests.load.staging import Row, Staged, make_run, reject, stage_day


def staged_day(staged: Staged, folder: Path) -> StagedDay:
    """Write the part files, read them back as load does."""
    run = make_run(folder / "warehouse")
    staged.write(run)
    return read_staged_day(Workspace.of(run))


def an_article(staged: Staged) -> Row:
    """A published article that has two children at least."""
    counts = [row["article_id"] for row in staged.tables[AGENCIES.name][0]]
    return next(row for row in staged.tables[ARTICLES.name][0] if counts.count(row["article_id"]) >= 2)


def child_reject(article: Row, position: int, code: str = "rule:short") -> Row:
    """A quarantined agency of an article."""
    key = f"{article['article_id']}/{position}"
    return reject({**article, "document_id": article["article_id"]}, code, "validate", AGENCIES.name, key)


def whole_reject(article: Row, stage: str = "validate") -> Row:
    """A quarantined article."""
    document = {**article, "document_id": article["article_id"]}
    return reject(document, "rule:body", stage, ARTICLES.name, article["article_id"])


def test_a_sound_day_passes_and_is_counted(tmp_path: Path) -> None:
    staged = stage_day(12)
    day = staged_day(staged, tmp_path)
    check_accounting(day)
    counts = count_day(day)
    assert (counts.files, counts.documents, counts.rows[ARTICLES.name]) == (13, 13, 10)
    assert (counts.rejected_documents, counts.rejected_rows) == (3, 0)
    assert counts.reject_counts == {"duplicate_document": 1, "empty": 1, "not_an_article": 1}
    assert list(counts.reject_counts) == sorted(counts.reject_counts)


def test_a_day_without_files_passes(tmp_path: Path) -> None:
    day = staged_day(stage_day(0), tmp_path)
    check_accounting(day)
    assert count_day(day).documents == 0


def test_fingerprint_does_not_depend_on_parts_but_on_every_document(tmp_path: Path) -> None:
    prints = {
        (parts, text): count_day(staged_day(stage_day(12, parts=parts, text=text), tmp_path / f"{parts}{text}"))
        for parts, text in ((1, "Text"), (3, "Text"), (3, "Other"))
    }
    assert prints[1, "Text"].input_fingerprint == prints[3, "Text"].input_fingerprint
    assert prints[3, "Text"].input_fingerprint != prints[3, "Other"].input_fingerprint
    assert len(prints[1, "Text"].input_fingerprint) == 32


def test_quarantined_rows_are_accounted_for(tmp_path: Path) -> None:
    staged = stage_day(12)
    article = an_article(staged)
    agencies = staged.tables[AGENCIES.name][0]
    second = next(n for n, r in enumerate(agencies) if r["article_id"] == article["article_id"] and r["position"] == 2)
    staged.dropped.append((AGENCIES.name, 0, second))
    staged.rejects["validate"][0] += [child_reject(article, 2), child_reject(article, 2, "rule:other")]
    gone = next(row for row in staged.tables[ARTICLES.name][1])
    for name, parts in staged.tables.items():
        staged.dropped += [(name, 1, n) for n, r in enumerate(parts[1]) if r["article_id"] == gone["article_id"]]
    staged.rejects["validate"][0].append(whole_reject(gone))
    # A rejected row of an article that is itself rejected needs no whole sequence.
    staged.rejects["validate"][0].append(child_reject(gone, 7))
    day = staged_day(staged, tmp_path)
    check_accounting(day)
    counts = count_day(day)
    assert counts.rejected_rows == 2
    assert counts.rejected_documents == 4


def test_documents_of_files_and_members_of_containers(tmp_path: Path) -> None:
    staged = stage_day(4, parts=1)
    names = {row["source_uri"] for row in staged.manifest}
    renamed = {name: name.replace(".txt", r"\x21.txt") for name in sorted(names)[:2]}
    renamed |= {name: f"2015-10-21/box.tar!{name}" for name in sorted(names)[2:]}
    for rows in [*staged.documents, *(p for t in staged.tables.values() for p in t)]:
        for row in rows:
            row["source_uri"] = renamed[row["source_uri"]]
    for parts in staged.rejects.values():
        for row in (row for part in parts for row in part):
            row["source_uri"] = renamed[row["source_uri"]]
    staged.manifest = [{"source_uri": n, "batch": 0, "size": 1} for n in renamed.values() if "box.tar" not in n]
    staged.manifest.append({"source_uri": "2015-10-21/box.tar", "batch": 0, "size": 1})
    # The container breaks after its last member: one document more.
    broken = reject({**staged.documents[0][0], "document_id": None}, "truncated_container", "extract")
    staged.rejects["extract"][0].append(broken | {"source_uri": "2015-10-21/box.tar", "source_offset": 900})
    day = staged_day(staged, tmp_path)
    check_accounting(day)
    assert count_day(day).documents == 6


def lose_article(staged: Staged) -> None:
    gone = staged.tables[ARTICLES.name][0].pop()
    for name in (RELATED_ITEMS.name, AGENCIES.name):
        rows = staged.tables[name][0]
        rows[:] = [row for row in rows if row["article_id"] != gone["article_id"]]


def lose_file(staged: Staged) -> None:
    staged.manifest.append({"source_uri": "2015-10-21/lost.txt", "batch": 0, "size": 1})


def read_unknown_file(staged: Staged) -> None:
    staged.manifest.pop(0)


def list_file_twice(staged: Staged) -> None:
    staged.manifest.append(staged.manifest[0])


def extract_twice(staged: Staged) -> None:
    staged.documents[0].append(staged.documents[0][0])


def lose_a_member(staged: Staged) -> None:
    staged.counted = staged.count()
    staged.counted["2015-10-21/example/00000.txt"][0] += 1


def extract_and_reject(staged: Staged) -> None:
    staged.rejects["extract"][0].append(reject(staged.documents[0][0], "binary", "extract"))


def invent_article(staged: Staged) -> None:
    rows = staged.tables[ARTICLES.name][0]
    rows.append(rows[0] | {"article_id": "f" * 32, "source_uri": "2015-10-21/invented.txt"})


def invent_reject(staged: Staged) -> None:
    invented = staged.documents[0][0] | {"source_uri": "2015-10-21/invented.txt"}
    staged.rejects["transform"][0].append(reject(invented, "not_an_article", "transform"))


def publish_and_reject(staged: Staged) -> None:
    staged.rejects["validate"][0].append(whole_reject(staged.tables[ARTICLES.name][0][0]))


def publish_twice(staged: Staged) -> None:
    staged.tables[ARTICLES.name][0].append(staged.tables[ARTICLES.name][0][-1])


def keep_duplicate(staged: Staged) -> None:
    staged.dropped.clear()
    staged.rejects["validate"][0].clear()


def change_id(staged: Staged) -> None:
    staged.tables[ARTICLES.name][0][-1]["article_id"] = "f" * 32


def reject_twice(staged: Staged) -> None:
    staged.rejects["validate"][0] += staged.rejects["validate"][0]


def orphan_child(staged: Staged) -> None:
    rows = staged.tables[AGENCIES.name][0]
    rows.append(rows[-1] | {"article_id": "f" * 32, "position": 1})


def child_of_other_copy(staged: Staged) -> None:
    staged.tables[AGENCIES.name][0][0]["source_uri"] = staged.manifest[-1]["source_uri"]


def child_twice(staged: Staged) -> None:
    staged.tables[AGENCIES.name][0].append(staged.tables[AGENCIES.name][0][-1])


def lose_first_child(staged: Staged) -> None:
    rows = staged.tables[AGENCIES.name][0]
    first = next(r for r in rows if r["article_id"] == an_article(staged)["article_id"] and r["position"] == 1)
    rows.remove(first)


def lose_rejected_child(staged: Staged) -> None:
    staged.rejects["validate"][0].append(child_reject(an_article(staged), 9))


def reject_and_publish_child(staged: Staged) -> None:
    staged.rejects["validate"][0].append(child_reject(an_article(staged), 1))


def malformed_row_key(staged: Staged) -> None:
    staged.rejects["validate"][0].append(child_reject(an_article(staged), 1) | {"row_key": "nonsense"})


def drop_unknown_row(staged: Staged) -> None:
    staged.dropped.append((ARTICLES.name, 0, 999))


def drop_from_unknown_part(staged: Staged) -> None:
    staged.dropped.append((ARTICLES.name, 77, 0))


FAULTS: dict[Callable[[Staged], None], str] = {
    lose_article: r"1 documents have no outcome: 2015-10-21/example/000",
    lose_file: r"1 files of the manifest have no outcome: 2015-10-21/lost\.txt",
    read_unknown_file: r"1 files were read that are not in the manifest: 2015-10-21/example/00000\.txt",
    list_file_twice: r"1 files stand more than once in the manifest",
    extract_twice: r"1 documents were extracted more than once: 2015-10-21/example/",
    lose_a_member: r"1 files have other documents or rejects than their reader counted: 2015-10-21/example/00000\.txt",
    extract_and_reject: r"1 documents were both extracted and rejected by `extract`",
    invent_article: r"1 outcomes are of documents that were never extracted: 2015-10-21/invented\.txt",
    invent_reject: r"1 outcomes are of documents that were never extracted: 2015-10-21/invented\.txt",
    publish_and_reject: r"1 documents are both published and rejected: [0-9a-f]{32}/2015-10-21/example/",
    publish_twice: r"1 documents are published as more than one article",
    keep_duplicate: r"1 article ids would be published more than once: [0-9a-f]{32}",
    change_id: r"1 articles do not have the id of their document: f{32}",
    reject_twice: r"1 rejects have the same key",
    orphan_child: r"1 rows of `agencies` have no published article: f{32}/1/",
    child_of_other_copy: r"1 rows of `agencies` have no published article",
    child_twice: r"1 rows of `agencies` stand more than once",
    lose_first_child: r"1 articles have rows of `agencies` whose positions are not 1\.\.n: [0-9a-f]{32}",
    lose_rejected_child: r"1 articles have rows of `agencies` whose positions are not 1\.\.n",
    reject_and_publish_child: r"1 rows of `agencies` stand more than once",
    malformed_row_key: r"1 rejects of `agencies` have no `row_key` of article_id/position: .*nonsense",
    drop_unknown_row: r"row 999 of .*articles-00000\.parquet",
    drop_from_unknown_part: r"parts \[77\] that do not exist",
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_is_named(fault: Callable[[Staged], None], tmp_path: Path) -> None:
    staged = stage_day(12)
    fault(staged)
    with pytest.raises(AccountingFailed, match=FAULTS[fault]):
        check_accounting(staged_day(staged, tmp_path))


def test_many_faults_are_counted_and_some_are_shown(tmp_path: Path) -> None:
    staged = stage_day(40, parts=2)
    for name in staged.tables:
        staged.tables[name][0].clear()
    with pytest.raises(AccountingFailed) as caught:
        check_accounting(staged_day(staged, tmp_path))
    line = next(line for line in str(caught.value).splitlines() if "have no outcome" in line)
    assert line.startswith("- 19 documents")
    assert line.count(".txt") == 5
    assert line.endswith(", …")


def test_a_missing_part_file_of_transform_is_noticed(tmp_path: Path) -> None:
    run = make_run(tmp_path / "warehouse")
    stage_day(12).write(run)
    Workspace.of(run).part("transform", ARTICLES.name, 1).unlink()
    with pytest.raises(AccountingFailed, match="documents have no outcome"):
        check_accounting(read_staged_day(Workspace.of(run)))


def test_load_before_validate_says_what_to_run(tmp_path: Path) -> None:
    run = make_run(tmp_path / "warehouse")
    stage_day(12).write(run)
    (Workspace.of(run).work / "validate" / "dropped.parquet").unlink()
    with pytest.raises(StagedFileMissing, match="run stage `validate`"):
        read_staged_day(Workspace.of(run))
