"""`news-etl status`: how every day stands, and which days should be run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from etl import console
from etl.commands.common import (
    ConfigOption,
    DatesOption,
    FromOption,
    JsonOption,
    LandingOption,
    ToOption,
    WarehouseOption,
    asked_days,
    errors_shown,
    resolve_settings,
)
from etl.errors import NewsEtlError

if TYPE_CHECKING:
    from etl.due import DayCondition
    from etl.settings import Settings

UNKNOWN = "unknown"
_MOST_WARNED = 10
"""Days whose warnings are printed."""


@errors_shown
def status(
    *,
    dates: DatesOption = None,
    first: FromOption = None,
    last: ToOption = None,
    landing: LandingOption = None,
    warehouse: WarehouseOption = None,
    config: ConfigOption = None,
    warehouse_only: Annotated[
        bool, typer.Option("--warehouse-only", help="Do not list the landing zone: quick, but tells of no new files.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show every day: published, empty, blocked, failed or running, and why; and the days that `run --stale` would run.

    These are *new* (files, and never run), *stale* (files came late, vanished or changed, or could not be read) or
    *outdated* (made by another parser, or with other suites or settings). With --json they stand under `due`, which is
    null where a day is up to date. Days unlike those before them are named too (`warnings`); `news-etl drift` tells
    which sources have changed.
    """
    settings = resolve_settings({"landing": landing, "warehouse": warehouse}, config)
    days = asked_days(dates, first, last)
    conditions, unseen = _conditions(settings, days, warehouse_only=warehouse_only)
    warned = _warnings(settings, conditions)
    if as_json:
        console.print_json_line(
            [_as_json(condition, unseen, warned.get(condition.day, [])) for condition in conditions]
        )
        return
    if unseen and not warehouse_only:
        console.err.print(f"not compared with the landing zone: {unseen}", markup=False)
    if not conditions:
        asked = "of these days " if days else ""
        console.out.print(f"no runs {asked}in {settings.warehouse.absolute()}; start with `news-etl run`", markup=False)
        return
    _print_days(conditions)
    for condition in conditions:
        state = condition.state
        if state is not None and state.reason:
            kept = f" (tables: still run {state.published_run})" if state.published_run else ""
            console.out.print(f"{state.day} {state.state}{kept}: {state.reason}", markup=False)
    _print_warnings(warned)
    _print_due(conditions)


def _conditions(settings: Settings, days: list[str], *, warehouse_only: bool) -> tuple[list[DayCondition], str | None]:
    """The days, and why they were not compared with the landing zone; None where they were."""
    from etl.due import DayCondition, day_conditions
    from etl.history import day_states

    unseen = "not asked for" if warehouse_only else None
    if not warehouse_only:
        try:
            with console.listing_progress() as progress:
                return day_conditions(settings, days, progress=progress), None
        except NewsEtlError as error:
            unseen = str(error)
    states = day_states(settings.warehouse)
    return [DayCondition(s.day, s, None, s.run_id) for s in states if not days or s.day in days], unseen


def _warnings(settings: Settings, conditions: list[DayCondition]) -> dict[str, list[str]]:
    """What is unlike the past, in words, by day; of the days that are shown."""
    from etl.report.drift import history_warnings
    from etl.report.statistics import collect

    with console.err.status("counting days"):
        statistics = collect(settings.warehouse)
    shown = {condition.day for condition in conditions}
    warned: dict[str, list[str]] = {}
    for warning in history_warnings(statistics, settings):
        day, of = warning.ingest_date.isoformat(), f"{warning.source}: " if warning.source else ""
        if day in shown:
            warned.setdefault(day, []).append(f"{of}{warning.note}")
    return warned


def _print_warnings(warned: dict[str, list[str]]) -> None:
    """The newest days that are unlike their past."""
    for day, notes in list(warned.items())[-_MOST_WARNED:]:
        console.out.print(f"{day} warning: {console.one_line('; '.join(notes))}", markup=False)
    if len(warned) > _MOST_WARNED:
        console.out.print(f"{len(warned) - _MOST_WARNED:,} days before them warn too: `news-etl drift --warnings`")


def _as_json(condition: DayCondition, unseen: str | None, warnings: list[str]) -> dict[str, Any]:
    from dataclasses import asdict

    from etl.history import DayState

    due = condition.due
    kind, why = (due.kind, due.why) if due else (UNKNOWN, unseen) if unseen else (None, None)
    state = condition.state or DayState(condition.day, "new", "", None, None, {})
    return {**asdict(state), "due": kind, "why": why, "warnings": warnings}


def _print_days(conditions: list[DayCondition]) -> None:
    from etl.tables import TABLES

    names = [name for name in TABLES if name != "runs"]
    headings = {"day": False, "state": False, "run": False, **dict.fromkeys(names, True)}
    rows = []
    for found in conditions:
        state, due = found.state, found.due
        shown = state.state if state else "new"
        if due and shown in ("published", "empty"):
            shown = due.kind
        counts = state.rows if state else {}
        rows.append([found.day, shown, state.run_id if state else "", *(counts.get(name) for name in names)])
    console.print_table(headings, rows, gap=1)  # fits into 80 columns


def _print_due(conditions: list[DayCondition]) -> None:
    """Say what is due and why; days of one reason (a new parser makes all of them so) share a line."""
    by_reason: dict[tuple[str, str], list[str]] = {}
    for condition in conditions:
        if condition.due:
            by_reason.setdefault((condition.due.kind, condition.due.why), []).append(condition.day)
    for (kind, why), days in by_reason.items():
        which = days[0] if len(days) == 1 else f"{len(days):,} days from {days[0]} to {days[-1]}"
        console.out.print(f"{which} {kind}: {console.one_line(why)}", markup=False)
    if by_reason:
        console.out.print("`news-etl run --stale` brings these up to date")
