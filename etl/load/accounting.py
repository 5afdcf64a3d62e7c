"""Account for every document of a day: all that went in stands in the tables or in the rejects, exactly once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from etl.errors import AccountingFailed
from etl.load.staged import COUNTED, DOCUMENT, StagedDay, files_of
from etl.tables import AGENCIES, ARTICLES, RECORD_TABLES, REJECTS, RELATED_ITEMS, Table

CHILDREN = (RELATED_ITEMS, AGENCIES)

_EXAMPLES = 5
_ARTICLE = ("article_id", *DOCUMENT)


@dataclass(frozen=True, slots=True)
class DayCounts:
    """Every outcome of a day, counted; the columns of `runs` that are not versions."""

    files: int
    documents: int
    rows: dict[str, int]
    rejected_documents: int
    rejected_rows: int
    reject_counts: dict[str, int]
    """Rows of `rejects` by code, sorted by code."""
    input_fingerprint: str


def count_day(day: StagedDay) -> DayCounts:
    """Count the outcomes of an accounted day."""
    rejects = day.rows[REJECTS.name].keys
    articles = day.rows[ARTICLES.name].keys.num_rows
    documents = _inputs(day).group_by(list(DOCUMENT)).aggregate([]).num_rows
    children = rejects.filter(pc.is_in(rejects["row_table"], pa.array([table.name for table in CHILDREN])))
    codes = rejects["code"].value_counts().to_pylist()
    return DayCounts(
        files=len(day.files),
        documents=documents,
        rows={table.name: day.rows[table.name].keys.num_rows for table in (*RECORD_TABLES, REJECTS)},
        rejected_documents=documents - articles,
        rejected_rows=children.group_by([*DOCUMENT, "row_table", "row_key"]).aggregate([]).num_rows,
        reject_counts={code["values"]: code["counts"] for code in sorted(codes, key=lambda code: code["values"])},
        input_fingerprint=_fingerprint(day),
    )


def check_accounting(day: StagedDay) -> None:
    """Refuse a day whose outcomes do not add up; the last line of defence, whatever the stages before have checked.

    With D the documents that `extract` handed on, E those it rejected, P the published articles and R what
    `transform` and `validate` rejected: the files of D and E are the files of the manifest; D and E are apart; P and R
    are apart and together D; each key stands once; children belong to published articles, and the published and
    rejected positions of each are 1..n.

    Raises:
        AccountingFailed: naming some of the documents or rows, and how many there are.
    """
    documents, articles = day.documents, day.rows[ARTICLES.name].keys
    rejects = day.rows[REJECTS.name].keys
    in_extract = pc.equal(rejects["stage"], "extract")
    whole = pc.is_in(rejects["row_table"], pa.array(["documents", ARTICLES.name]))
    early = rejects.filter(pc.and_(in_extract, whole))
    late = rejects.filter(pc.and_(pc.invert(in_extract), whole))
    outcomes = pa.concat_tables([articles.select(DOCUMENT), late.select(DOCUMENT)])
    files = pa.table({"source_uri": day.files})
    read = _source_files(day)
    faults = [
        *_fault("files of the manifest have no outcome", _without(files, read, ["source_uri"])),
        *_fault("files were read that are not in the manifest", _without(read, files, ["source_uri"])),
        *_fault("files stand more than once in the manifest", _repeated(files, ["source_uri"])),
        *_fault("files were read more than once", _repeated(day.counted, ["source_uri"])),
        *_fault("files have other documents or rejects than their reader counted", _miscounted(day, early)),
        *_fault("documents were extracted more than once", _repeated(documents, DOCUMENT)),
        *_fault("documents were both extracted and rejected by `extract`", _within(documents, early, DOCUMENT)),
        *_fault("documents have no outcome", _without(documents, outcomes, DOCUMENT)),
        *_fault("outcomes are of documents that were never extracted", _without(outcomes, documents, DOCUMENT)),
        *_fault("documents are both published and rejected", _within(articles, late, DOCUMENT)),
        *_fault("documents are published as more than one article", _repeated(articles, DOCUMENT)),
        *_fault("articles do not have the id of their document", _without(articles, _as_articles(documents), _ARTICLE)),
        *_fault("article ids would be published more than once", _repeated(articles, ARTICLES.key)),
        *_fault("rejects have the same key", _repeated(rejects, REJECTS.key)),
    ]
    for table in CHILDREN:
        faults += _child_faults(table, day.rows[table.name].keys, articles, rejects)
    if faults:
        message = "the outcomes do not add up, nothing was published; this is a defect of a stage, report it:\n- "
        raise AccountingFailed(message + "\n- ".join(faults))


def _child_faults(table: Table, published: pa.Table, articles: pa.Table, rejects: pa.Table) -> list[str]:
    mine = rejects.filter(pc.equal(rejects["row_table"], table.name))
    parsed = pc.extract_regex(mine["row_key"], r"^(?P<article_id>[^/]+)/(?P<position>[0-9]{1,9})$")
    malformed = mine.filter(pc.is_null(parsed))
    mine = mine.append_column("article_id", pc.struct_field(parsed, "article_id"))
    mine = mine.append_column("position", pc.struct_field(parsed, "position")).filter(pc.is_valid(parsed))
    mine = mine.set_column(mine.num_columns - 1, "position", mine["position"].cast(pa.int32()))
    rejected = _within(mine, articles, _ARTICLE).group_by([*_ARTICLE, "position"]).aggregate([])
    key = ["article_id", "position"]
    together = pa.concat_tables([published.select(key), rejected.select(key)])
    spans = together.group_by("article_id").aggregate([("position", "min"), ("position", "max"), ("position", "count")])
    gaps = spans.filter(
        pc.or_(
            pc.not_equal(spans["position_min"], 1),
            pc.not_equal(pc.cast(spans["position_max"], pa.int64()), spans["position_count"]),
        )
    )
    return [
        *_fault(f"rows of `{table.name}` have no published article", _without(published, articles, _ARTICLE)),
        *_fault(f"rows of `{table.name}` stand more than once", _repeated(together, key)),
        *_fault(f"articles have rows of `{table.name}` whose positions are not 1..n", gaps),
        *_fault(f"rejects of `{table.name}` have no `row_key` of article_id/position", malformed),
    ]


def _as_articles(documents: pa.Table) -> pa.Table:
    return documents.rename_columns([*DOCUMENT, "article_id"])


def _miscounted(day: StagedDay, early: pa.Table) -> pa.Table:
    """Files whose staged documents and rejects are not as many as their reader counted when it read them."""
    staged = _by_file(day.documents, "documents"), _by_file(early, "rejects")
    found = staged[0].join(staged[1], "source_uri", join_type="full outer")
    for name in ("documents", "rejects"):
        at = found.column_names.index(name)
        found = found.set_column(at, name, pc.fill_null(found[name], 0))
    return _without(found, day.counted, COUNTED)


def _by_file(rows: pa.Table, name: str) -> pa.Table:
    files = pa.table({"source_uri": files_of(rows["source_uri"])})
    return files.group_by("source_uri").aggregate([([], "count_all")]).rename_columns(["source_uri", name])


def _source_files(day: StagedDay) -> pa.Table:
    """Files that documents and early rejects come from."""
    return pa.table({"source_uri": pc.unique(files_of(_inputs(day)["source_uri"].unique()))})


def _inputs(day: StagedDay) -> pa.Table:
    """`source_uri`, `source_offset`, `document_id` of all that was found: handed on or rejected by `extract`."""
    rejects = day.rows[REJECTS.name].keys
    early = rejects.filter(pc.and_(pc.equal(rejects["stage"], "extract"), pc.equal(rejects["row_table"], "documents")))
    columns = [*DOCUMENT, "document_id"]
    return pa.concat_tables([day.documents.select(columns), early.select(columns)])


def _fingerprint(day: StagedDay) -> str:
    """SHA-256 (32 hex digits) over the sorted (source_uri, source_offset, document_id or ``)."""
    inputs = _inputs(day)
    names = inputs.column_names
    inputs = inputs.set_column(2, "document_id", pc.fill_null(inputs["document_id"], ""))
    digest = hashlib.sha256()
    for batch in inputs.sort_by([(name, "ascending") for name in names]).to_batches():
        for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            digest.update(json.dumps(values).encode() + b"\n")
    return digest.hexdigest()[:32]


def _without(left: pa.Table, right: pa.Table, on: Sequence[str]) -> pa.Table:
    return left.join(right.select(on), list(on), join_type="left anti")


def _within(left: pa.Table, right: pa.Table, on: Sequence[str]) -> pa.Table:
    return left.join(right.select(on), list(on), join_type="left semi")


def _repeated(table: pa.Table, on: Sequence[str]) -> pa.Table:
    counted = table.group_by(list(on)).aggregate([([], "count_all")])
    return counted.filter(pc.greater(counted["count_all"], 1))


def _fault(what: str, rows: pa.Table) -> list[str]:
    """Say `what` about rows, with how many there are and the first few; nothing where there are none."""
    if not rows.num_rows:
        return []
    names = [name for name in ("article_id", "position", "source_uri", "row_key") if name in rows.column_names]
    examples = rows.select(names).sort_by([(name, "ascending") for name in names]).slice(0, _EXAMPLES).to_pylist()
    shown = ", ".join("/".join(str(value) for value in example.values()) for example in examples)
    more = ", …" if rows.num_rows > _EXAMPLES else ""
    return [f"{rows.num_rows} {what}: {shown}{more}"]
