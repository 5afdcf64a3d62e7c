"""The plan of a day: which files it has, and how they are cut into batches."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from etl.errors import DayUnresolved, LandingUnavailable
from etl.extract.locations import uri_of

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
    """Changes whenever the file may have: of a local file, its modification time in ns. Never enters a table."""


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


def landing_days(landing: Path, pattern: str) -> list[str]:
    """The landing days that have a folder, in order; `pattern` as in the setting `day_folder`.

    Raises:
        LandingUnavailable: the landing root is missing or cannot be listed.
    """
    depth = len(pattern.strip("/").split("/"))
    try:
        found = [p.relative_to(landing).as_posix() for p in landing.glob("/".join(["*"] * depth)) if p.is_dir()]
    except OSError as error:
        raise _unlisted(landing, error) from error
    if not landing.is_dir():
        raise _missing(landing)
    days = []
    for name in found:
        try:
            day = datetime.strptime(name, pattern.strip("/")).replace(tzinfo=UTC).date()
        except ValueError:
            continue  # not a day's folder
        days.append(day.isoformat())
    return sorted(days)


def list_day(landing: Path, folder: str) -> list[LandingFile]:
    """All files below the day's folder, sorted by `source_uri`; none where the day has no folder.

    Links to folders are not followed: they could lead out of the day or round in circles. They, and everything
    else that is not a folder, are listed, so that `extract` can account for them.

    Raises:
        LandingUnavailable: the landing root is missing, or a folder cannot be listed.
    """
    if not landing.is_dir():
        raise _missing(landing)
    found: list[LandingFile] = []
    pending = [folder]
    while pending:
        relative = pending.pop()
        try:
            with os.scandir(landing / relative) as entries:
                for entry in entries:
                    name = f"{relative}/{entry.name}" if relative else entry.name
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(name)
                    else:
                        found.append(_listed(entry, name))
        except FileNotFoundError:
            if relative == folder and landing.is_dir():
                return []
            message = f"folder `{landing / relative}` vanished while the day was listed; run the day again"
            raise LandingUnavailable(message) from None
        except OSError as error:
            raise _unlisted(landing / relative, error) from error
    return sorted(found, key=lambda file: file.source_uri)


def _missing(landing: Path) -> LandingUnavailable:
    return LandingUnavailable(f"landing zone `{landing}` is missing or not a folder; mount it or set `landing`")


def _unlisted(folder: Path, error: OSError) -> LandingUnavailable:
    return LandingUnavailable(f"folder `{folder}` cannot be listed: {error.strerror}; mend its permissions or mount")


def _listed(entry: os.DirEntry[str], relative: str) -> LandingFile:
    """The listed file; one that vanished, or a link that leads nowhere, has size 0 and is rejected when read."""
    try:
        found = entry.stat()
    except OSError:
        return LandingFile(uri_of(relative), 0, "")
    size = found.st_size if stat.S_ISREG(found.st_mode) else 0
    return LandingFile(uri_of(relative), size, str(found.st_mtime_ns))


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
