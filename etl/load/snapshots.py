"""Snapshots on disk: where their files lie, and the manifest that says what a snapshot holds."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from etl.errors import SchemaVersionMismatch, SnapshotMissing, WarehouseUnusable
from etl.tables import SCHEMA_VERSION
from etl.workspace import read_json

CURRENT = "current"
SNAPSHOTS = "_snapshots"
DATA = "_data"
MANIFEST = "_snapshot.json"


@dataclass(frozen=True, slots=True)
class DataFile:
    """One immutable Parquet file: a table of a day."""

    name: str
    """`<day>-<first 16 hex digits of sha256>.parquet`."""
    rows: int
    bytes: int
    sha256: str

    def path(self, table: str) -> str:
        """Where the file lies in a snapshot and in `_data`: `<table>/ingest_month=YYYY-MM/<name>`."""
        return f"{table}/ingest_month={self.name[:7]}/{self.name}"


@dataclass(frozen=True, slots=True)
class PublishedDay:
    """A day as a snapshot holds it."""

    run_id: str
    documents: int
    """Documents accounted for, rejected ones included."""
    empty: bool
    """The landing day had no files."""
    tables: dict[str, DataFile]
    failed: int = 0
    """How many of the documents came to nothing by no fault of theirs: the file or the parser failed."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What `_snapshot.json` says: one complete state of the warehouse."""

    number: int
    schema_version: int = SCHEMA_VERSION
    days: dict[str, PublishedDay] = field(default_factory=dict)
    """By day, YYYY-MM-DD."""
    replaced: dict[int, str] = field(default_factory=dict)
    """Earlier snapshots that were still there, and when each stopped being current (ISO 8601, UTC)."""

    def to_json(self) -> dict[str, Any]:
        """The manifest as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Snapshot:
        """Read back what `to_json` wrote."""
        days = {
            day: PublishedDay(
                **{**facts, "tables": {table: DataFile(**file) for table, file in facts["tables"].items()}}
            )
            for day, facts in sorted(value["days"].items())
        }
        replaced = {int(number): when for number, when in value["replaced"].items()}
        return cls(value["number"], value["schema_version"], days, replaced)


def snapshot_folder(warehouse: Path, number: int) -> Path:
    """`<warehouse>/_snapshots/000042`."""
    return warehouse / SNAPSHOTS / f"{number:06d}"


def current_number(warehouse: Path) -> int | None:
    """Number of the snapshot that `current` points at; None before the first publish.

    Raises:
        WarehouseUnusable: `current` is not such a link.
    """
    link = warehouse / CURRENT
    try:
        return int(link.readlink().name)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        message = f"`{link}` is not a link to a snapshot ({error}); point it at the newest folder of `{SNAPSHOTS}/`"
        raise WarehouseUnusable(message) from error


def read_snapshot(warehouse: Path, number: int) -> Snapshot:
    """Read the manifest of a snapshot.

    Raises:
        SnapshotMissing: there is no such snapshot (any more).
    """
    value = read_json(snapshot_folder(warehouse, number) / MANIFEST)
    if value is None:
        message = f"snapshot {number} is not in `{warehouse}` (any more); open another, or point `{CURRENT}` at one"
        raise SnapshotMissing(message)
    return Snapshot.from_json(value)


def check_schema_version(warehouse: Path, snapshot: Snapshot) -> None:
    """Refuse to publish into a warehouse of another schema version.

    Raises:
        SchemaVersionMismatch: with the remedy.
    """
    if snapshot.schema_version != SCHEMA_VERSION:
        message = (
            f"warehouse `{warehouse}` has schema version {snapshot.schema_version}, this code writes version "
            f"{SCHEMA_VERSION}; publish into a new warehouse, or use the code of that version"
        )
        raise SchemaVersionMismatch(message)
