"""Staged part files of a synthetic day, as the stages before `load` would leave them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from etl.contract import Run
from etl.settings import Settings
from etl.staging import FILES
from etl.tables import AGENCIES, ARTICLES, RECORD_TABLES, REJECTS, RELATED_ITEMS, Table, staged_schema
from etl.transform.version import parser_version
from etl.workspace import Workspace, write_part

Row = dict[str, Any]

DAY = "2015-10-21"
_DOCUMENTS = pa.schema(
    [
        *(pa.field(n, pa.string()) for n in ("document_id", "source_uri")),
        *(pa.field(n, pa.int64()) for n in ("source_offset", "source_length")),
        *(pa.field(n, pa.string()) for n in ("source", "url", "media_type", "charset", "text")),
    ]
)
_MANIFEST = pa.schema([("source_uri", pa.string()), ("batch", pa.int32()), ("size", pa.int64())])
_DROPPED = pa.schema([("table", pa.string()), ("part", pa.int32()), ("row", pa.int64())])


@dataclass
class Staged:
    """Rows of a day by part; a test changes what it wants to be wrong, then calls `write`."""

    day: str = DAY
    manifest: list[Row] = field(default_factory=list)
    documents: list[list[Row]] = field(default_factory=list)
    tables: dict[str, list[list[Row]]] = field(default_factory=lambda: {t.name: [] for t in RECORD_TABLES})
    rejects: dict[str, list[list[Row]]] = field(
        default_factory=lambda: {"extract": [], "transform": [], "validate": [[]]}
    )
    dropped: list[tuple[str, int, int]] = field(default_factory=list)
    counted: dict[str, list[int]] | None = None
    """Documents and rejects by file, as the readers counted them; default: as they stand here."""

    def count(self) -> dict[str, list[int]]:
        """Documents and early rejects by file."""
        counted: dict[str, list[int]] = {}
        for column, parts in enumerate((self.documents, self.rejects["extract"])):
            for row in (row for rows in parts for row in rows):
                counted.setdefault(row["source_uri"].partition("!")[0], [0, 0])[column] += 1
        return counted

    def write(self, run: Run) -> None:
        """Write all part files into the run's work folder."""
        workspace = Workspace.of(run)
        write_part(workspace.work / "plan" / "manifest.parquet", pa.Table.from_pylist(self.manifest, schema=_MANIFEST))
        dropped = [dict(zip(_DROPPED.names, row, strict=True)) for row in sorted(self.dropped)]
        write_part(workspace.work / "validate" / "dropped.parquet", pa.Table.from_pylist(dropped, schema=_DROPPED))
        for index, rows in enumerate(self.documents):
            table = pa.Table.from_pylist(rows, schema=_DOCUMENTS)
            write_part(workspace.part("extract", "documents", index), table)
        counted = self.count() if self.counted is None else self.counted
        files = [{"source_uri": uri, "documents": d, "rejects": r} for uri, (d, r) in counted.items()]
        write_part(workspace.part("extract", "files", 0), pa.Table.from_pylist(files, schema=FILES))
        for record_table in RECORD_TABLES:
            for index, rows in enumerate(self.tables[record_table.name]):
                write_rows(workspace.part("transform", record_table.name, index), record_table, rows)
        for stage, parts in self.rejects.items():
            for index, rows in enumerate(parts):
                write_rows(workspace.part(stage, REJECTS.name, index), REJECTS, rows)


def write_rows(path: Path, table: Table, rows: Iterable[Row]) -> None:
    """Write a part file of a table."""
    write_part(path, pa.Table.from_pylist(list(rows), schema=staged_schema(table)))


def make_run(warehouse: Path, number: int = 1, *, day: str = DAY, force: bool = False, **settings: Any) -> Run:
    """A planned run."""
    resolved = Settings(landing=warehouse.parent / "landing", warehouse=warehouse, **settings)
    return Run(
        run_id=f"{day}.{number:04d}",
        day=day,
        force=force,
        settings=resolved.to_json(),
        files=0,
        parser_version=parser_version(),
    )


def stage_day(documents: int = 12, *, parts: int = 3, day: str = DAY, text: str = "Text") -> Staged:
    """A sound day: articles with children, one empty file, one page that is no article, one duplicate.

    `documents` counts the files; the duplicate and its original are in different parts where there are some.
    """
    staged = Staged(day)
    everything = [_document(day, number, text) for number in range(documents)]
    if not everything:
        return staged
    for index in range(parts):
        mine = everything[index::parts]
        staged.manifest += [{"source_uri": d["source_uri"], "batch": index, "size": d["source_length"]} for d in mine]
        empty = [d for d in mine if d["source_uri"].endswith("00001.txt")]
        other = [d for d in mine if d["source_uri"].endswith("00002.txt")]
        staged.rejects["extract"].append([reject(d, "empty", "extract") for d in empty])
        staged.rejects["transform"].append([reject(d, "not_an_article", "transform") for d in other])
        staged.documents.append([d for d in mine if d not in empty])
        _add_records(staged, [d for d in mine if d not in empty and d not in other])
    duplicate = _document(day, documents, text) | {"document_id": everything[0]["document_id"]}
    staged.manifest.append({"source_uri": duplicate["source_uri"], "batch": parts - 1, "size": 4})
    staged.documents[-1].append(duplicate)
    _add_records(staged, [duplicate], part=parts - 1)
    staged.rejects["validate"][0].append(reject(duplicate, "duplicate_document", "validate"))
    for name, rows in ((name, table[-1]) for name, table in staged.tables.items()):
        gone = [n for n, row in enumerate(rows) if row["source_uri"] == duplicate["source_uri"]]
        staged.dropped += [(name, parts - 1, n) for n in gone]
    return staged


def reject(document: Row, code: str, stage: str, row_table: str = "documents", row_key: str = "") -> Row:
    """A reject row about a document or one of its rows."""
    return {
        **{name: document[name] for name in ("source_uri", "source_offset", "source_length", "document_id")},
        "code": code,
        "row_table": row_table,
        "row_key": row_key,
        "stage": stage,
        "message": f"{code} found",
        "row_json": None if row_table == "documents" else "{}",
    }


def article_of(document: Row) -> Row:
    """The staged article of a document."""
    return {
        **{name: document[name] for name in ("source_uri", "source_offset", "source_length")},
        **{name: document[name] for name in ("source", "url", "media_type", "charset")},
        "article_id": document["document_id"],
        "headline": f"Headline of {document['source_uri']}",
        "body": document["text"],
        "authors": ["Ada Autor"] if document["source_offset"] % 2 == 0 else [],
        "published_date": dt.date(2015, 10, 20),
        "published_at": dt.datetime(2015, 10, 20, 8, 30, tzinfo=dt.UTC),
        "language": "de",
        "language_score": 0.998,
        "image_credits": [],
        "image_captions": ["A caption", "Another"],
        "topics": [],
        "paragraph_count": 1,
        "word_count": 2,
        "char_count": len(document["text"]),
        "content_hash": document["document_id"],
        "is_truncated": False,
        "parser_version": "0.1.0+test",
    }


def children_of(document: Row, count: int) -> dict[str, list[Row]]:
    """`count` rows of each child table."""
    place = {name: document[name] for name in ("source_uri", "source_offset")}
    keys = [{**place, "article_id": document["document_id"], "position": n + 1} for n in range(count)]
    agency = {
        "agency_code": "apa",
        "agency_name": "Austria Presse Agentur",
        "country": "AT",
        "kind": "wire",
        "scope": "text",
        "evidence": "APA",
    }
    return {
        RELATED_ITEMS.name: [{**key, "title": f"Title {key['position']}"} for key in keys],
        AGENCIES.name: [{**key, **agency} for key in keys],
    }


def in_key_order(rows: Sequence[Row]) -> list[Row]:
    """As the rows of a staged part must stand."""
    names = ("article_id", "source_uri", "source_offset", "position")
    return sorted(rows, key=lambda row: tuple(row[name] for name in names if name in row))


def _add_records(staged: Staged, documents: list[Row], part: int | None = None) -> None:
    made: dict[str, list[Row]] = {table.name: [] for table in RECORD_TABLES}
    for document in documents:
        made[ARTICLES.name].append(article_of(document))
        for name, rows in children_of(document, int(document["document_id"], 16) % 4).items():
            made[name] += rows
    for name, rows in made.items():
        if part is None:
            staged.tables[name].append(in_key_order(rows))
        else:
            staged.tables[name][part] = in_key_order([*staged.tables[name][part], *rows])


def _document(day: str, number: int, text: str) -> Row:
    body = f"{text} {number} of {day}"
    return {
        "document_id": hashlib.sha256(body.encode()).hexdigest()[:32],
        "source_uri": f"{day}/example/{number:05d}.txt",
        "source_offset": 0,
        "source_length": len(body),
        "source": "example",
        "url": None,
        "media_type": "text/plain",
        "charset": "utf-8",
        "text": body,
    }
