"""What the stages hand to one another: small, JSON-able values that travel through Airflow's XCom as they are."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict


class Run(TypedDict):
    """One attempt to build one landing day; made by `plan`, given to every later stage."""

    run_id: str
    """`<day>.<number>`, e.g. `2015-10-21.0003`; the number orders the plans of a day."""
    day: str
    """Landing day as YYYY-MM-DD."""
    force: bool
    """Publish even where the new day is empty or under half of the published one."""
    settings: dict[str, Any]
    """The resolved settings as JSON: all tasks of a run share them."""
    files: int
    """Files in the manifest."""
    parser_version: str
    """Of the code that planned the run; a batch is not parsed by any other."""
    kept: NotRequired[Published]
    """Only where the day is published from the same files by the same code: nothing is left to be done."""


class Batch(TypedDict):
    """A slice of a day's files, handled by one task."""

    index: int
    """From 0; part files are named by it."""
    files: int
    bytes: int
    """Size of the files on disk."""


class StageCounts(TypedDict):
    """What one call of `extract` or `transform` did."""

    index: int
    """The batch."""
    documents: int
    """Documents that went on to the next stage."""
    rejects: int


class Verdict(TypedDict):
    """What `validate` decided about a day that may be published (it raises where it may not)."""

    articles: int
    related_items: int
    agencies: int
    rejects: int
    """All rows that will stand in `rejects`, those of earlier stages included."""


class Published(TypedDict):
    """What `load` did with a day."""

    outcome: str
    """`published`, `unchanged`, `empty` (published, and without files) or `superseded`."""
    snapshot: int | None
    """Number of the snapshot that now holds the day; None where superseded before any publish."""
    rows: dict[str, int]
    """Rows per table."""
    reject_counts: dict[str, int]
    message: str
    """The outcome in words, e.g. `unchanged, snapshot 3 kept`."""


class DueDay(TypedDict):
    """A day that should be run."""

    day: str
    kind: str
    """`new` (never run), `stale` (its files changed or could not be read) or `outdated` (other code or settings)."""
    why: str
    newest_run: str
    """The newest run of the day so far; empty where there is none."""
