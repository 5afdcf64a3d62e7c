"""The shell around extract and transform: reads and writes part files, and lets pure functions do the work."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from etl.contract import Batch, Run, StageCounts
from etl.due import MANIFEST_FILE, basis_now, keep_unchanged, record_run
from etl.engines.sandbox import PARSER, orders_of, parse_apart
from etl.errors import CodeChanged, LandingUnavailable, NewsEtlError, WarehouseUnusable
from etl.extract.landing import Landing, open_landing
from etl.extract.locations import source_of
from etl.extract.plan import LandingFile, cut_batches, day_folder
from etl.extract.read import Reading, RefusedFile, read_file
from etl.history import published_days, record_failure
from etl.load.probe import prepare_warehouse
from etl.replay.kept import KeptDocuments
from etl.settings import Settings
from etl.tables import AGENCIES, ARTICLES, REJECTS, RELATED_ITEMS, Table, staged_schema
from etl.transform.record import Document, Refusal, Stated
from etl.transform.rows import agency_rows, article_row, related_rows
from etl.transform.version import parser_version
from etl.workspace import (
    STAGED_ROW_GROUP_BYTES,
    PartWriter,
    Workspace,
    iterate_part,
    parse_run_id,
    read_part,
    runs_of,
    write_part,
)

log = logging.getLogger(__name__)

_ROW_BYTES = 4096
"""What the rows of a document take as dicts besides its text, roughly."""

MANIFEST = pa.schema(
    [
        pa.field("source_uri", pa.string(), nullable=False),
        pa.field("batch", pa.int32(), nullable=False),
        pa.field("size", pa.int64(), nullable=False),
    ]
)
NO_BATCH = -1
"""In the manifest, of files whose documents a replay takes over."""
DOCUMENTS = pa.schema(
    [
        pa.field("document_id", pa.string(), nullable=False),
        pa.field("source_uri", pa.string(), nullable=False),
        pa.field("source_offset", pa.int64(), nullable=False),
        pa.field("source_length", pa.int64(), nullable=False),
        pa.field("source", pa.string()),
        pa.field("url", pa.string()),
        pa.field("media_type", pa.string(), nullable=False),
        pa.field("charset", pa.string(), nullable=False),
        pa.field("collected_at", pa.timestamp("us", "UTC")),
        pa.field("stated", pa.string()),
        pa.field("text", pa.string(), nullable=False),
    ]
)
"""Raw documents; `stated` is JSON."""
FILES = pa.schema(
    [
        pa.field("source_uri", pa.string(), nullable=False),
        pa.field("documents", pa.int64(), nullable=False),
        pa.field("rejects", pa.int64(), nullable=False),
    ]
)
"""What the readers have counted in each file; `load` compares it with what was staged."""


def plan_day(settings: Settings, day: str, *, force: bool, parallel: int) -> tuple[Run, list[Batch]]:
    """See `etl.pipeline.plan`."""
    folder = day_folder(settings.day_folder, day)
    _refuse_warehouse_in_day(settings, folder)
    try:
        files = open_landing(settings).list_day(folder)
    except LandingUnavailable as error:
        _record_unlisted(settings, day, error)
        raise
    prepare_warehouse(settings.warehouse)
    run = open_run(settings, day, force=force, files=len(files))
    try:
        basis = basis_now(settings)
        record_run(run, basis)
        kept = None if force else keep_unchanged(run, settings, files, basis)
    except NewsEtlError as error:
        record_failure(run, "plan", "failed", str(error), type(error).__name__)
        raise
    if kept is not None:
        log.info("%s: %s", run["run_id"], kept["message"])
        return Run(**run, kept=kept), []
    return run, write_plan(run, files, parallel=parallel)


def write_plan(run: Run, files: list[LandingFile], *, unread: Sequence[LandingFile] = (), parallel: int) -> list[Batch]:
    """Cut `files` into batches and write the manifest of an opened run.

    `unread` belong to the day too, but to no batch (-1): a replay has their documents already.
    """
    settings, space = Settings.from_json(run["settings"]), Workspace.of(run)
    batches = cut_batches(
        files, batch_bytes=settings.batch_bytes, batch_documents=settings.batch_documents, parallel=parallel
    )
    listed = [*enumerate(batches), (NO_BATCH, unread)]
    write_part(space.work / "plan" / "manifest.parquet", _manifest(listed, MANIFEST))
    # Versions of files never enter a table; they are kept to tell later whether the day has changed.
    with_versions = MANIFEST.append(pa.field("version", pa.string(), nullable=False))
    write_part(space.history / MANIFEST_FILE, _manifest(listed, with_versions))
    log.info("%s: %d files in %d batches", run["run_id"], len(files), len(batches))
    return [
        Batch(index=index, files=len(batch), bytes=sum(f.size for f in batch)) for index, batch in enumerate(batches)
    ]


def _refuse_warehouse_in_day(settings: Settings, folder: str) -> None:
    if not isinstance(settings.landing, Path):
        return
    day = settings.landing / folder
    if settings.warehouse.resolve().is_relative_to(day.resolve()):
        message = (
            f"warehouse `{settings.warehouse}` lies in the day's own folder `{day}`, its files would be taken for "
            "articles; choose a folder elsewhere with --warehouse"
        )
        raise WarehouseUnusable(message)


def _record_unlisted(settings: Settings, day: str, error: LandingUnavailable) -> None:
    """Let `status` show the failure, where there is a warehouse already: a mistyped path shall not create one."""
    with suppress(OSError):
        if (settings.warehouse / "_runs").is_dir():
            run = open_run(settings, day, force=False, files=0)
            record_failure(run, "plan", "failed", str(error), type(error).__name__)


def open_run(settings: Settings, day: str, *, force: bool, files: int) -> Run:
    """Open a run with the next number of the day; making its history folder is what takes the number."""
    known = runs_of(settings.warehouse, day)
    if day in (published := published_days(settings.warehouse)):
        known.append(published[day].run_id)  # whose history may be missing where the warehouse comes from a backup
    taken = [parsed[1] for run_id in known if (parsed := parse_run_id(run_id))]
    number = max(taken, default=0) + 1
    while True:
        run_id = f"{day}.{number:04d}"
        try:
            Workspace(settings.warehouse, run_id).history.mkdir(parents=True)
        except FileExistsError:
            number += 1
        else:
            return Run(
                run_id=run_id,
                day=day,
                force=force,
                settings=settings.to_json(),
                files=files,
                parser_version=parser_version(),
            )


def _manifest(batches: Iterable[tuple[int, Sequence[LandingFile]]], schema: pa.Schema) -> pa.Table:
    rows = [
        {"source_uri": f.source_uri, "batch": index, "size": f.size, "version": f.version}
        for index, batch in batches
        for f in batch
    ]
    return pa.Table.from_pylist(rows, schema=schema)


def extract_batch(run: Run, batch: Batch) -> StageCounts:
    """See `etl.pipeline.extract`."""
    settings = Settings.from_json(run["settings"])
    space, index = Workspace.of(run), batch["index"]
    folder = day_folder(settings.day_folder, run["day"])
    manifest = read_part(space.work / "plan" / "manifest.parquet")
    mine = manifest.filter(pc.field("batch") == index)
    listed = zip(mine["source_uri"].to_pylist(), mine["size"].to_pylist(), strict=True)
    files = [LandingFile(uri, size, version="") for uri, size in listed]  # to read them no version is needed
    landing = open_landing(settings)
    reading, kept = Reading.of(settings), KeptDocuments(space, mine["source_uri"])
    counts: list[dict[str, Any]] = []
    with (
        PartWriter(space.part("extract", "documents", index), DOCUMENTS) as documents,
        PartWriter(space.part("extract", "rejects", index), staged_schema(REJECTS)) as rejects,
    ):
        for file, opened in landing.fetched(files):
            found: dict[str, Any] = {"source_uri": file.source_uri, "documents": 0, "rejects": 0}
            for document in _documents(file, opened, reading, source_of(file.source_uri, folder)):
                if isinstance(document, RefusedFile):
                    if document.refusal.code == "unreadable":
                        _refuse_vanished_day(landing, folder)
                    found["rejects"] += 1
                    rejects.write(_extract_reject(document))
                else:
                    found["documents"] += 1
                    if not kept.has(document):
                        documents.write(_staged(document), size=len(document.text))
            counts.append(found)
        kept.check_all_read()
    write_part(space.part("extract", "files", index), pa.Table.from_pylist(counts, schema=FILES))
    log.info("%s batch %d: %d documents, %d rejects", run["run_id"], index, documents.count, rejects.count)
    return StageCounts(index=index, documents=documents.count, rejects=rejects.count)


def _documents(
    file: LandingFile, opened: BinaryIO | OSError, reading: Reading, source: str | None
) -> Iterator[Document | RefusedFile]:
    """The documents of a landing file, or its refusal."""
    if isinstance(opened, OSError):
        yield RefusedFile(file.source_uri, Refusal("unreadable", opened.strerror or str(opened)))
    else:
        yield from read_file(opened, file.source_uri, reading, source=source, size=file.size)


def _staged(document: Document) -> dict[str, Any]:
    row = {name: getattr(document, name) for name in DOCUMENTS.names}
    return row | {"stated": json.dumps(asdict(document.stated), sort_keys=True) if document.stated else None}


def _unstaged(row: dict[str, Any]) -> Document:
    stated = json.loads(row["stated"]) if row["stated"] else None
    if stated is not None:
        stated = Stated(**{**stated, "authors": tuple(stated["authors"])})
    return Document(**{**row, "stated": stated})


def _extract_reject(found: RefusedFile) -> dict[str, Any]:
    return _reject(
        "extract",
        found.source_uri,
        found.source_offset,
        found.refusal,
        document_id=found.document_id,
        length=found.source_length,
    )


def _refuse_vanished_day(landing: Landing, folder: str) -> None:
    """One file may vanish; if all do, the mount is gone, and rejects of all documents would replace the day."""
    if not landing.has_folder(folder):
        where = f"{landing.root}/{folder}".rstrip("/")
        message = f"folder `{where}` is gone since the day was planned; mount it again and run the day again"
        raise LandingUnavailable(message)


def transform_batch(run: Run, batch: Batch) -> StageCounts:
    """See `etl.pipeline.transform`."""
    settings = Settings.from_json(run["settings"])
    orders = orders_of(settings, PARSER)
    space, index = Workspace.of(run), batch["index"]
    for name in (ARTICLES.name, RELATED_ITEMS.name, AGENCIES.name, REJECTS.name):
        for left in space.pieces("transform", name, index):  # of an attempt that failed
            left.unlink()
    version = _same_parser(run)
    tables = {table.name: _Rows(table) for table in (ARTICLES, RELATED_ITEMS, AGENCIES, REJECTS)}
    parts = iterate_part(space.part("extract", "documents", index))
    piece = weight = 0
    for document, found in parse_apart((_unstaged(row) for part in parts for row in part.to_pylist()), orders):
        if isinstance(found, Refusal):
            reject = _reject(
                "transform",
                document.source_uri,
                document.source_offset,
                found,
                document_id=document.document_id,
                length=document.source_length,
            )
            tables[REJECTS.name].rows.append(reject)
        else:
            tables[ARTICLES.name].rows.append(article_row(document, found, version))
            tables[RELATED_ITEMS.name].rows.extend(related_rows(document, found))
            tables[AGENCIES.name].rows.extend(agency_rows(document, found))
        weight += document.source_length + _ROW_BYTES
        if weight < STAGED_ROW_GROUP_BYTES:
            continue
        weight = 0
        for rows in tables.values():
            rows.pack()
        if sum(rows.bytes for rows in tables.values()) > settings.batch_bytes:
            piece += 1
            for name, rows in tables.items():
                write_part(space.part("transform", name, index, piece), rows.taken())
    for name, rows in tables.items():
        write_part(space.part("transform", name, index), rows.taken())
    articles, rejects = tables[ARTICLES.name].count, tables[REJECTS.name].count
    log.info("%s batch %d: %d articles, %d rejects", run["run_id"], index, articles, rejects)
    return StageCounts(index=index, documents=articles, rejects=rejects)


def _same_parser(run: Run) -> str:
    version = parser_version()
    if version != run["parser_version"]:
        message = (
            f"run `{run['run_id']}` was planned by parser {run['parser_version']}, this worker has {version};"
            " bring all workers to the same code and run the day again"
        )
        raise CodeChanged(message)
    return version


class _Rows:
    """Rows of one table of a batch: gathered as dicts, packed into Arrow as they come, sorted when taken."""

    def __init__(self, table: Table) -> None:
        self.schema = staged_schema(table)
        self.order = [(name, "ascending") for name in dict.fromkeys(_SORT_KEYS[table.name])]
        self.rows: list[dict[str, Any]] = []
        self._packed: list[pa.RecordBatch] = []
        self.bytes = 0
        """Size of the packed rows."""
        self.count = 0
        """Rows packed since the beginning."""

    def pack(self) -> None:
        self.count += len(self.rows)
        packed = pa.RecordBatch.from_pylist(self.rows, schema=self.schema)
        self._packed.append(packed)
        self.bytes += packed.nbytes
        self.rows = []

    def taken(self) -> pa.Table:
        """The rows, sorted; the next are gathered anew."""
        self.pack()
        packed, self._packed, self.bytes = self._packed, [], 0
        return pa.Table.from_batches(packed, schema=self.schema).sort_by(self.order)


_SORT_KEYS = {
    ARTICLES.name: ("article_id", "source_uri", "source_offset"),
    RELATED_ITEMS.name: ("article_id", "source_uri", "source_offset", "position"),
    AGENCIES.name: ("article_id", "source_uri", "source_offset", "position"),
    REJECTS.name: REJECTS.key,
}
"""Order of part files: the published key, with the copies of one document kept apart."""


def _reject(
    stage: str, uri: str, offset: int, refusal: Refusal, *, document_id: str | None, length: int | None
) -> dict[str, Any]:
    """A document-level row of `rejects`."""
    return {
        "source_uri": uri,
        "source_offset": offset,
        "code": refusal.code,
        "row_table": "documents",
        "row_key": "",
        "document_id": document_id,
        "stage": stage,
        "message": refusal.message,
        "source_length": length,
        "row_json": None,
    }
