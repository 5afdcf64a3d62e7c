"""The plan of a day: which files it has, and how they are cut into batches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from etl.errors import DayUnresolved

_COMPRESSED_FACTOR = 5
"""How much a compressed file counts in a batch: text shrinks to about a fifth."""
_SMALLEST_SHARE = 1024 * 1024
"""A day is not cut below this many bytes a batch only to keep more workers busy."""


@dataclass(frozen=True, slots=True)
class LandingFile:
    """A file of the landing day, as listed."""

    source_uri: str
    size: int
    version: str
    """Changes whenever the file may have: of a local file, its modification time in ns; of an object, its ETag
    or what its store has in that place. Never enters a table."""


def parse_day(day: str) -> date:
    """The date of a landing day.

    Raises:
        DayUnresolved: `day` is not YYYY-MM-DD.
    """
    try:
        parsed = date.fromisoformat(day)
    except ValueError:
        parsed = None
    if parsed is None or parsed.isoformat() != day:
        message = f"`{day}` is not a landing day; write it as YYYY-MM-DD, e.g. 2015-10-21"
        raise DayUnresolved(message)
    return parsed


def day_folder(pattern: str, day: str) -> str:
    """Where the files of a day lie below the landing root, in POSIX form; empty where directly in it."""
    return parse_day(day).strftime(pattern).strip("/")


def day_of_folder(folder: str, pattern: str) -> str | None:
    """The day whose files lie in the folder; None where it is not a day's folder. `pattern` as in `day_folder`."""
    try:
        return datetime.strptime(folder, pattern.strip("/")).replace(tzinfo=UTC).date().isoformat()
    except ValueError:
        return None


def cut_batches(
    files: list[LandingFile], *, batch_bytes: int, batch_documents: int, parallel: int = 1
) -> list[list[LandingFile]]:
    """Cut the sorted files into slices of about `batch_bytes` and at most `batch_documents`.

    `parallel` workers are each given a slice where the day is large enough for that to pay.
    """
    weights = [f.size * (_COMPRESSED_FACTOR if f.source_uri.lower().endswith(".gz") else 1) for f in files]
    limit = min(batch_bytes, max(_SMALLEST_SHARE, -(-sum(weights) // parallel)))
    batches: list[list[LandingFile]] = []
    filled = 0
    for file, weight in zip(files, weights, strict=True):
        if not batches or len(batches[-1]) >= batch_documents or (filled and filled + weight > limit):
            batches.append([])
            filled = 0
        batches[-1].append(file)
        filled += weight
    return batches
