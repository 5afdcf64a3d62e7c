"""How each day stands for the report: its state, why it needs a look, and what was last found out about being due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from etl.due import DayCondition
from etl.history import DayState, day_states
from etl.workspace import read_json, runs_of, write_json

STATES = {
    "published": "published",
    "empty": "empty: no files had landed",
    "stale": "stale: its files have changed since",
    "outdated": "outdated: made by other code or settings",
    "new": "new: never run",
    "running": "running",
    "blocked": "blocked: not published",
    "failed": "failed: not published",
}
"""States of a day on the pages, those that need more care last, and what they mean."""

TROUBLES = ("failed", "blocked", "running", "stale", "outdated", "new")
"""States that ask for something to be done, the most pressing first."""

_DUE_FILE = Path("_reports") / "due.json"


@dataclass(frozen=True, slots=True)
class Standing:
    """How one day stands."""

    day: date
    state: str
    """One of `STATES`."""
    why: str | None
    """Why the day is not just published or empty."""
    run_id: str
    """The newest run that was not superseded; empty where the day was never run."""
    published_run: str | None
    """The run whose rows are in the tables."""
    rows: Mapping[str, int]


def standings(warehouse: Path) -> list[Standing]:
    """How every day stands that was ever run or found to be due, in order."""
    due = read_json(warehouse / _DUE_FILE) or {}
    newest = {run_id.partition(".")[0]: run_id for run_id in runs_of(warehouse)} if due else {}
    # What was found out about a day holds until it is run again.
    holds = {day: (kind, why) for day, (kind, why, run_id) in due.items() if newest.get(day, "") == run_id}
    found = [_standing(state, holds.get(state.day)) for state in day_states(warehouse)]
    heard_of = {standing.day.isoformat() for standing in found}
    never_run = [
        Standing(date.fromisoformat(day), kind, why, "", None, {})
        for day, (kind, why) in holds.items()
        if day not in heard_of
    ]
    return sorted([*found, *never_run], key=lambda standing: standing.day)


def _standing(state: DayState, due: tuple[str, str] | None) -> Standing:
    name, why = state.state, state.reason
    if due and name in ("published", "empty"):
        name, why = due
    return Standing(date.fromisoformat(state.day), name, why, state.run_id, state.published_run, state.rows)


def keep_due(warehouse: Path, conditions: Iterable[DayCondition]) -> None:
    """Keep which days are due, for pages that are written without listing the landing zone."""
    found = {c.day: (c.due.kind, c.due.why, c.newest_run) for c in conditions if c.due is not None}
    write_json(warehouse / _DUE_FILE, found)
