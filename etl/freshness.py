"""Whether a day is up to date: the files listed now and the code of now, against what its last run was made from.

Pure functions over values; `etl.due` reads what they compare. Names, sizes and versions of files count, not
bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from etl.extract.plan import LandingFile
from etl.settings import DATA_SETTINGS

NEW, STALE, OUTDATED = "new", "stale", "outdated"

_EXAMPLES = 3
_UNSET = "(unset)"


@dataclass(frozen=True, slots=True)
class Basis:
    """What decides about a day besides its files."""

    parser_version: str
    schema_version: int
    suites_version: str
    settings: Mapping[str, Any]
    """The settings that decide about data, as JSON values."""

    @classmethod
    def from_json(cls, run: Mapping[str, Any]) -> Self | None:
        """The basis that `run.json` tells; None where an earlier version wrote it, which did not keep all of it."""
        if not {"parser_version", "schema_version", "suites_version", "settings"} <= run.keys():
            return None
        settings = {name: run["settings"].get(name, _UNSET) for name in DATA_SETTINGS}
        return cls(run["parser_version"], run["schema_version"], run["suites_version"], settings)


@dataclass(frozen=True, slots=True)
class Due:
    """Why a day should be run."""

    kind: str
    """`new` (files, and never run), `stale` (its files changed or could not be read) or `outdated` (made by other code,
    suites or settings)."""
    why: str
    """In words, with counts and examples."""


def changed_files(before: Iterable[LandingFile], now: Iterable[LandingFile]) -> Due | None:
    """What came, vanished or changed among the files of a day; None where nothing did."""
    old, new = ({file.source_uri: file for file in files} for files in (before, now))
    changes = {
        "came": sorted(new.keys() - old.keys()),
        "vanished": sorted(old.keys() - new.keys()),
        "changed": sorted(uri for uri in new.keys() & old.keys() if new[uri] != old[uri]),
    }
    told = [f"{_files(uris)} {what} ({_examples(uris)})" for what, uris in changes.items() if uris]
    return Due(STALE, "since it was built, " + ", ".join(told)) if told else None


def changed_basis(before: Basis, now: Basis) -> Due | None:
    """Which code, suites or settings are others than those that the day was made with; None where none is."""
    versions = [
        ("parser", before.parser_version, now.parser_version),
        ("schema", before.schema_version, now.schema_version),
        ("suites", before.suites_version, now.suites_version),
        *((f"setting `{name}`", before.settings[name], now.settings[name]) for name in sorted(now.settings)),
    ]
    told = [f"{what} {old} -> {new}" for what, old, new in versions if old != new]
    return Due(OUTDATED, "made with " + ", ".join(told)) if told else None


def new_files(files: Sequence[LandingFile]) -> Due | None:
    """A day that was never run is due once it has files."""
    if not files:
        return None
    return Due(NEW, f"{_files(files)} in the landing zone, never run")


def _files(files: Sequence[object]) -> str:
    return f"{len(files):,} file{'' if len(files) == 1 else 's'}"


def _examples(uris: Sequence[str]) -> str:
    return ", ".join(uris[:_EXAMPLES]) + (", ..." if len(uris) > _EXAMPLES else "")
