"""Rejects by code with some examples each, and how to get from an example to its bytes."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from etl.extract.locations import path_of
from etl.history import rejects_of_run
from etl.settings import Settings
from etl.tables import REJECT_CODES, REJECTS
from etl.warehouse import Warehouse

_COLUMNS = ["source_uri", "source_offset", "code", "row_table", "row_key", "message", "source_length"]
_WEB = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class Example:
    """One reject."""

    source_uri: str
    offset: int
    length: int | None
    row: str
    """Table and key, where it is a row of an article."""
    message: str
    command: str
    """Prints its bytes."""
    href: str | None
    """Opens its file, where the landing zone is a folder or on the web."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The rejects of one code."""

    code: str
    count: int
    meaning: str
    remedy: str
    command: str
    """Lists them all."""
    examples: list[Example]


def of_published(opened: Warehouse, day: str) -> Iterator[pa.RecordBatch]:
    """The rejects of a day as it is published."""
    file = opened.path / opened.facts[day].tables[REJECTS.name].path(REJECTS.name)
    with pq.ParquetFile(file) as reader:
        yield from reader.iter_batches(batch_size=5_000, columns=_COLUMNS)


def of_run(warehouse: Path, run_id: str) -> Iterator[pa.RecordBatch]:
    """The rejects that a blocked or failed run has left."""
    found = rejects_of_run(warehouse, run_id)
    if found is not None:
        yield from found.select(_COLUMNS).to_batches()


def by_code(
    batches: Iterable[pa.RecordBatch], settings: Settings, day: str, *, run_id: str | None = None, most: int = 3
) -> list[Rejected]:
    """Count rejects by code, the most frequent first, with the first few of each.

    Args:
        batches: Rows of `rejects`.
        settings: Where the landing zone is.
        day: Landing day, YYYY-MM-DD.
        run_id: The run that left them, where they are not published.
        most: Examples of each code.
    """
    counts: dict[str, int] = defaultdict(int)
    examples: dict[str, list[Example]] = defaultdict(list)
    for batch in batches:
        for at, code in enumerate(batch["code"].to_pylist()):
            counts[code] += 1
            if len(examples[code]) < most:
                row = batch.slice(at, 1).to_pylist()[0]
                examples[code].append(_example(row, settings))
    ranked = sorted(counts, key=lambda code: (-counts[code], code))
    where = f"--run {run_id}" if run_id else f"--date {day}"
    return [Rejected(code, counts[code], *meaning(code), list_command(code, where), examples[code]) for code in ranked]


def meaning(code: str) -> tuple[str, str]:
    """What a code means, and the remedy."""
    return REJECT_CODES.get("rule:<name>" if code.startswith("rule:") else code, ("", ""))


def list_command(code: str, where: str = "") -> str:
    """The command that lists all rejects of a code."""
    return " ".join(part for part in ("news-etl rejects", where, f"--code {shlex.quote(code)} --list") if part)


def _example(row: dict[str, Any], settings: Settings) -> Example:
    uri: str = row["source_uri"]
    return Example(
        source_uri=uri,
        offset=row["source_offset"],
        length=row["source_length"],
        row=f"{row['row_table']} {row['row_key']}" if row["row_key"] else "",
        message=row["message"],
        command=f"news-etl raw {shlex.quote(uri)}",
        href=_link(settings.landing, uri),
    )


def _link(landing: Path | str, uri: str) -> str | None:
    """Address of the landing file that holds a document; None where no browser could open it."""
    file = uri.partition("!")[0]
    if isinstance(landing, Path):
        return (landing.absolute() / path_of(file)).as_uri()
    return f"{landing.rstrip('/')}/{quote(path_of(file))}" if landing.startswith(_WEB) else None
