"""What a replay takes over of a day: part files rebuilt from the published tables, as the stages leave them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.contract import Run
from etl.errors import LandingChanged
from etl.load.staged import files_of
from etl.replay.select import Selection
from etl.settings import Settings
from etl.tables import AGENCIES, ARTICLES, REJECTS, RELATED_ITEMS, Table, staged_schema
from etl.transform.record import Document
from etl.warehouse import Warehouse
from etl.workspace import STAGED_ROW_GROUP, PartWriter, Workspace, write_part

_DOCUMENTS = pa.schema([("document_id", pa.string()), ("source_uri", pa.string()), ("source_offset", pa.int64())])
"""Columns of `extract/documents-*` that the stages after transform read; nothing is parsed from these parts."""

Places = npt.NDArray[np.int64]
"""For each row of a published file the part that it goes to, -1 for none; ascending but for the -1."""


class KeptDocuments:
    """Documents that are not parsed again though their file is read again."""

    def __init__(self, workspace: Workspace, files: pa.ChunkedArray) -> None:
        """Read what the plan has left about these files; nothing where the run is no replay."""
        self._ids: dict[tuple[str, int], str] = {}
        path = _kept_file(workspace)
        if path.is_file():
            kept = pq.read_table(path, partitioning=None)
            mine = kept.filter(pc.is_in(files_of(kept["source_uri"]), value_set=files))
            columns = (mine[name].to_pylist() for name in _DOCUMENTS.names)
            self._ids = {(uri, offset): document_id for document_id, uri, offset in zip(*columns, strict=True)}

    def has(self, document: Document) -> bool:
        """Whether the document, which was just read, is kept.

        Raises:
            LandingChanged: another document lies in its place.
        """
        kept = self._ids.pop((document.source_uri, document.source_offset), None)
        if kept is not None and kept != document.document_id:
            raise _changed(document.source_uri, document.source_offset, "holds another document than is published")
        return kept is not None

    def check_all_read(self) -> None:
        """Refuse what is kept if the files hold less of it by now.

        Raises:
            LandingChanged: a file changed unseen; or a limit that was raised has opened one container, whose members
                have used up another limit before these documents.
        """
        for uri, offset in self._ids:
            raise _changed(uri, offset, "does not hold the published document any more")


def _changed(uri: str, offset: int, what: str) -> LandingChanged:
    message = f"`{uri}` at offset {offset} {what}, though its file looks unchanged; run the whole day: `news-etl run`"
    return LandingChanged(message)


def _kept_file(workspace: Workspace) -> Path:
    return workspace.work / "plan" / "kept.parquet"


def write_kept(run: Run, opened: Warehouse, selection: Selection, *, first: int) -> None:
    """Write what is taken over as the parts `first` and following, each as large as a batch may be.

    Texts are copied in slices of some megabytes.

    Raises:
        SnapshotMissing: retention has removed the snapshot.
    """
    workspace, day, size = Workspace.of(run), run["day"], Settings.from_json(run["settings"]).batch_documents
    articles = selection.articles
    places = np.where(selection.kept_articles, (np.cumsum(selection.kept_articles) - 1) // size, -1)
    rejects = _rejects(opened, day, selection)
    if not selection.kept_articles.any() and not rejects.num_rows:
        return
    parts = range(first, first + max(int(places.max(initial=0)), 0) + 1)
    late = rejects.filter(pc.equal(rejects["stage"], "transform"))
    documents = _written_documents(workspace, parts, articles, places, late)
    write_part(_kept_file(workspace), documents)
    early = rejects.filter(pc.equal(rejects["stage"], "extract"))
    unread = pa.table({"source_uri": pa.array([f.source_uri for f in selection.unread], pa.string())})
    write_part(workspace.part("extract", "files", first), _counted(unread, documents, early))
    for stage in ("extract", "transform"):
        mine = rejects.filter(pc.equal(rejects["stage"], stage))
        for part in parts:
            write_part(workspace.part(stage, REJECTS.name, part), mine if part == first else mine.slice(0, 0))

    def path(table: Table) -> Path:
        return opened.path / opened.facts[day].tables[table.name].path(table.name)

    def plain(rows: pa.Table) -> pa.Table:
        return rows

    def with_address(rows: pa.Table) -> pa.Table:
        owner = pc.index_in(rows["article_id"], value_set=articles["article_id"])
        for name in ("source_uri", "source_offset"):
            rows = rows.append_column(name, articles[name].take(owner))
        return rows

    _write_parts(workspace, ARTICLES, parts, _placed(path(ARTICLES), places, plain))
    for table in (RELATED_ITEMS, AGENCIES):
        owners = pq.read_table(path(table), columns=["article_id"], partitioning=None)["article_id"]
        owner = pc.index_in(owners, value_set=articles["article_id"]).to_numpy()
        _write_parts(workspace, table, parts, _placed(path(table), places[owner], with_address))


def _rejects(opened: Warehouse, day: str, selection: Selection) -> pa.Table:
    """The rejects taken over; all are of whole documents, so none has a row."""
    schema = staged_schema(REJECTS)
    columns = [name for name in schema.names if name != "row_json"]
    kept = opened.read(REJECTS.name, columns, day).filter(pa.array(selection.kept_rejects))
    kept = kept.append_column("row_json", pa.nulls(kept.num_rows, pa.string()))
    return kept.select(schema.names).cast(schema)


def _written_documents(
    workspace: Workspace, parts: range, articles: pa.Table, places: Places, late: pa.Table
) -> pa.Table:
    """Write the documents that were handed on to transform, and give those of all parts."""
    documents = articles.rename_columns({"article_id": "document_id"}).select(_DOCUMENTS.names).cast(_DOCUMENTS)
    found = []
    for number, part in enumerate(parts):
        mine = documents.filter(pa.array(places == number))
        if part == parts[0]:
            mine = pa.concat_tables([mine, late.select(_DOCUMENTS.names).cast(_DOCUMENTS)])
        write_part(workspace.part("extract", "documents", part), mine)
        found.append(mine)
    return pa.concat_tables(found)


def _counted(files: pa.Table, documents: pa.Table, rejects: pa.Table) -> pa.Table:
    """How many documents and rejects of each file are taken over, for files that are not read and counted again."""
    counts = {}
    for name, rows in (("documents", documents), ("rejects", rejects)):
        of_file = files_of(rows["source_uri"]).value_counts()
        found = pc.index_in(files["source_uri"], value_set=of_file.field("values"))
        counts[name] = pc.fill_null(of_file.field("counts").take(found), 0)
    return files.append_column("documents", counts["documents"]).append_column("rejects", counts["rejects"])


def _placed(path: Path, places: Places, finish: Callable[[pa.Table], pa.Table]) -> Iterator[tuple[int, pa.Table]]:
    """The rows of a published file that go anywhere, in slices, each with the number of the part that it goes to."""
    start = 0
    with pq.ParquetFile(path, pre_buffer=False) as file:
        for batch in file.iter_batches(STAGED_ROW_GROUP):
            here = places[start : start + batch.num_rows]
            start += batch.num_rows
            for place in np.unique(here[here >= 0]).tolist():
                yield place, finish(pa.table(batch).filter(pa.array(here == place)))


def _write_parts(workspace: Workspace, table: Table, parts: range, slices: Iterator[tuple[int, pa.Table]]) -> None:
    schema = staged_schema(table)
    with ExitStack() as stack:
        writers = [stack.enter_context(PartWriter(workspace.part("transform", table.name, n), schema)) for n in parts]
        for place, rows in slices:
            # Null, as for all that cannot be looked up: what was published has passed.
            unread = {*schema.names} - {*rows.column_names}
            nulls = {name: pa.nulls(rows.num_rows, schema.field(name).type) for name in unread}
            columns = [nulls[name] if name in nulls else rows[name] for name in schema.names]
            writers[place].write_table(pa.table(columns, schema.names).cast(schema))
