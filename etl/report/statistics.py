"""Statistics of every published day by source, computed from `current` once per day and kept.

A day's tables are files that never change, named by their content. So what was counted in them is kept below
`_reports/statistics/` under a name made from theirs, and holds until the day is published anew.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.errors import SnapshotMissing
from etl.extract.locations import source_of
from etl.extract.plan import day_folder
from etl.load.snapshots import PublishedDay
from etl.settings import Settings
from etl.tables import AGENCIES, ARTICLES, REJECTS, RELATED_ITEMS
from etl.warehouse import Warehouse, open_warehouse
from etl.workspace import Workspace, read_json

log = logging.getLogger(__name__)

_VERSION = 2
"""Raised whenever something else is counted, so that what was kept before is counted anew."""

DAYS = pa.schema(
    [
        ("ingest_date", pa.date32()),
        ("articles", pa.int64()),
        ("documents", pa.int64()),
        ("empty", pa.bool_()),
    ]
)
"""One row per published day; `empty` where the landing day had no files."""

_COUNTS = (
    "articles", "words", "truncated", "with_headline", "with_lead", "with_authors", "with_published_date",
    "with_published_at", "with_url", "with_language", "with_image_credit", "with_agency", "with_related",
    "related_items", "agencies", "rejects",
)  # fmt: skip

_KEY = [("ingest_date", pa.date32()), ("source", pa.string())]

SOURCES = pa.schema([*_KEY, *((name, pa.int64()) for name in _COUNTS)])
"""One row per day and source that had documents.

`with_...` count the articles that have one. `with_agency`: an agency (not the newspaper's own staff) supplied text.
`related_items` and `agencies` are rows, `rejects` documents that became no article.
"""

LANGUAGES = pa.schema([*_KEY, ("language", pa.string()), ("articles", pa.int64())])
"""Articles by language; "" where it is unknown."""

_AGENCY = ("agency_code", "agency_name", "kind", "scope")

SUPPLIERS = pa.schema([*_KEY, *((name, pa.string()) for name in _AGENCY), ("articles", pa.int64())])
"""Articles by who supplied text or pictures; an article counts once for each scope."""

REASONS = pa.schema([*_KEY, ("code", pa.string()), ("row_table", pa.string()), ("rejects", pa.int64())])
"""Rows of `rejects` by code and table."""

_KEPT = (SOURCES, LANGUAGES, SUPPLIERS, REASONS)

_SUPPLIED_TEXT = pa.array(["text", "dateline", "byline"])
_WHOLE = ("documents", ARTICLES.name)
"""`row_table` of rejects that stand for a document; others are single rows of an article."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts of a snapshot; every table is sorted by its key columns, `source` is "" where it is null."""

    days: pa.Table
    """See `DAYS`."""
    sources: pa.Table
    """See `SOURCES`."""
    languages: pa.Table
    """See `LANGUAGES`."""
    agencies: pa.Table
    """See `SUPPLIERS`."""
    rejects: pa.Table
    """See `REASONS`."""


def collect(warehouse: Path) -> Statistics:
    """Count the current snapshot by day and source; days counted before are read from what was kept.

    The source of a reject is the folder of its file, else that of its article, as far as one of the two is known.

    Returns:
        The statistics; without rows where nothing is published.

    Raises:
        SnapshotMissing: retention has removed the snapshot meanwhile.
    """
    try:
        opened = open_warehouse(warehouse)
    except SnapshotMissing:
        return Statistics(DAYS.empty_table(), *(schema.empty_table() for schema in _KEPT))
    kept = warehouse / "_reports" / "statistics"
    by_day = [_day(warehouse, opened, day, kept) for day in opened.days()]
    tables = [
        pa.concat_tables([schema.empty_table(), *(day[index] for day in by_day)]).combine_chunks()
        for index, schema in enumerate(_KEPT)
    ]
    return Statistics(_days(opened), *tables)


def _days(opened: Warehouse) -> pa.Table:
    rows = [
        {
            "ingest_date": dt.date.fromisoformat(day),
            "articles": facts.tables[ARTICLES.name].rows,
            "documents": facts.documents,
            "empty": facts.empty,
        }
        for day, facts in opened.facts.items()
    ]
    return pa.Table.from_pylist(rows, schema=DAYS)


def _day(warehouse: Path, opened: Warehouse, day: str, kept: Path) -> list[pa.Table]:
    """The four tables of a day."""
    facts = opened.facts[day]
    file = kept / _name(day, facts)
    try:
        return _read(file)
    except (OSError, pa.ArrowInvalid, EOFError):
        # It is not there, or was cut off by a full disk or a crash of the machine: it is made anew.
        counted = _count(warehouse, opened, day)
    try:
        _keep(counted, day, file)
    except OSError:
        # Who may only read the warehouse gets the figures all the same, each time at their full price.
        log.info("The statistics of %s could not be kept", day, exc_info=True)
    return counted


def _keep(counted: list[pa.Table], day: str, file: Path) -> None:
    """Write the tables one after the other, and remove what was kept of replaced files."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{uuid4().hex}.tmp")
    with temporary.open("wb") as sink:
        for table in counted:
            with pa.ipc.new_stream(sink, table.schema) as stream:
                stream.write_table(table)
    temporary.rename(file)
    for old in file.parent.glob(f"{day}-*.arrow"):
        if old != file:
            old.unlink(missing_ok=True)


def _name(day: str, facts: PublishedDay) -> str:
    names = [facts.tables[name].name for name in (ARTICLES.name, RELATED_ITEMS.name, AGENCIES.name, REJECTS.name)]
    return f"{day}-{hashlib.sha256(json.dumps([_VERSION, *names]).encode()).hexdigest()[:16]}.arrow"


def _read(file: Path) -> list[pa.Table]:
    """Read what was kept of a day: the tables one after the other, each as an Arrow stream."""
    source = pa.BufferReader(file.read_bytes())
    return [pa.ipc.open_stream(source).read_all().cast(schema) for schema in _KEPT]


def _count(warehouse: Path, opened: Warehouse, day: str) -> list[pa.Table]:
    facts = opened.facts[day]
    paths = {name: opened.path / file.path(name) for name, file in facts.tables.items()}
    columns = [
        "article_id", "source", "headline", "lead", "authors", "published_date", "published_at", "url", "language",
        "image_credits", "word_count", "is_truncated",
    ]  # fmt: skip
    try:
        articles = pq.read_table(paths[ARTICLES.name], columns=columns, partitioning=None)
        articles = articles.set_column(1, "source", pc.fill_null(articles["source"], ""))
        credits_ = pq.read_table(paths[AGENCIES.name], columns=["article_id", *_AGENCY], partitioning=None)
        related = pq.read_table(paths[RELATED_ITEMS.name], columns=["article_id"], partitioning=None)
        rejects, rejected = _reasons(paths[REJECTS.name], articles, _folder(warehouse, facts, day))
    except FileNotFoundError as error:
        message = f"snapshot {opened.snapshot} lacks a file ({error}): retention has removed it; try again"
        raise SnapshotMissing(message) from error
    counted = [
        _sources(articles, related, credits_, rejected),
        articles.select(["source", "language"]).group_by(["source", "language"]).aggregate([([], "count_all")]),
        _suppliers(articles, credits_),
        rejects,
    ]
    return [_finished(table, schema, day) for table, schema in zip(counted, _KEPT, strict=True)]


def _folder(warehouse: Path, facts: PublishedDay, day: str) -> str:
    """The day's folder in the landing zone that the published rows come from, as the run's history has it."""
    run = read_json(Workspace(warehouse, facts.run_id).history / "run.json")
    pattern = run["settings"]["day_folder"] if run else Settings.model_fields["day_folder"].default
    return day_folder(pattern, day)


def _finished(table: pa.Table, schema: pa.Schema, day: str) -> pa.Table:
    """A counted table with its day, named, typed and sorted as the schema says; unknown names are ""."""
    names = schema.names[1:]
    dates = pa.repeat(pa.scalar(dt.date.fromisoformat(day), pa.date32()), table.num_rows)
    columns = [
        pc.fill_null(column, "") if pa.types.is_string(column.type) else column for column in table.itercolumns()
    ]
    done = pa.table([dates, *columns], names=["ingest_date", *names]).cast(schema)
    order = [field.name for field in schema if pa.types.is_string(field.type)]
    return done.sort_by([(name, "ascending") for name in order])


def _sources(articles: pa.Table, related: pa.Table, credits_: pa.Table, rejected: Counter[str]) -> pa.Table:
    text = pc.and_(pc.is_in(credits_["scope"], _SUPPLIED_TEXT), pc.not_equal(credits_["kind"], "editorial"))
    related_items = _per_article(articles, related["article_id"])
    agencies = _per_article(articles, credits_["article_id"])
    supplied = _per_article(articles, credits_["article_id"].filter(text))
    flags = {
        "articles": pa.repeat(1, articles.num_rows),
        "words": articles["word_count"],
        "truncated": articles["is_truncated"],
        "with_headline": pc.is_valid(articles["headline"]),
        "with_lead": pc.is_valid(articles["lead"]),
        "with_authors": _filled(articles["authors"]),
        "with_published_date": pc.is_valid(articles["published_date"]),
        "with_published_at": pc.is_valid(articles["published_at"]),
        "with_url": pc.is_valid(articles["url"]),
        "with_language": pc.is_valid(articles["language"]),
        "with_image_credit": _filled(articles["image_credits"]),
        "with_agency": pa.array(supplied > 0),
        "with_related": pa.array(related_items > 0),
        "related_items": pa.array(related_items),
        "agencies": pa.array(agencies),
        "rejects": pa.repeat(0, articles.num_rows),
    }
    rows = pa.table({"source": articles["source"], **{name: flags[name].cast(pa.int64()) for name in _COUNTS}})
    lost = {"source": list(rejected), "rejects": list(rejected.values())}
    zeros = {name: [0] * len(rejected) for name in _COUNTS}
    rows = pa.concat_tables([rows, pa.table({"source": [], **zeros} | lost, schema=rows.schema)])
    return rows.group_by("source").aggregate([(name, "sum") for name in _COUNTS])


def _per_article(articles: pa.Table, owners: pa.ChunkedArray) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """How many of the child rows, given by their `article_id`, each article has."""
    at = pc.index_in(owners, value_set=articles["article_id"].combine_chunks())
    return np.bincount(at.to_numpy(), minlength=articles.num_rows).astype(np.int64)


def _filled(lists: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.greater(pc.list_value_length(lists), 0)


def _suppliers(articles: pa.Table, credits_: pa.Table) -> pa.Table:
    at = pc.index_in(credits_["article_id"], value_set=articles["article_id"].combine_chunks())
    rows = credits_.append_column("source", articles["source"].take(at))
    return rows.group_by(["source", *_AGENCY]).aggregate([("article_id", "count_distinct")])


def _reasons(file: Path, articles: pa.Table, folder: str) -> tuple[pa.Table, Counter[str]]:
    """Rejects by source, code and table; and by source the documents that became no article."""
    columns = ["source_uri", "source_offset", "code", "row_table", "document_id", "row_json"]
    reasons: Counter[tuple[str, str, str]] = Counter()
    rejected: Counter[str] = Counter()
    last = None
    with pq.ParquetFile(file) as opened:
        for batch in opened.iter_batches(batch_size=5_000, columns=columns):
            at = pc.index_in(batch["document_id"], value_set=articles["article_id"].combine_chunks())
            owners = articles["source"].take(at).to_pylist()
            for row, owner in zip(batch.to_pylist(), owners, strict=True):
                source = source_of(row["source_uri"].partition("!")[0], folder) or owner or _stated(row) or ""
                reasons[source, row["code"], row["row_table"]] += 1
                # Sorted by document: one that several rules have taken out counts once.
                document = (row["source_uri"], row["source_offset"])
                if row["row_table"] in _WHOLE and document != last:
                    rejected[source] += 1
                    last = document
    names = ("source", "code", "row_table")
    values = {name: pa.array([key[at] for key in reasons], pa.string()) for at, name in enumerate(names)}
    return pa.table(values | {"rejects": pa.array(list(reasons.values()), pa.int64())}), rejected


def _stated(row: dict[str, str]) -> str | None:
    """The source of an article that a rule has taken out, which its row tells; rows of children name none."""
    if row["row_table"] != ARTICLES.name:
        return None
    source: str | None = json.loads(row["row_json"])["article"]["source"]
    return source
