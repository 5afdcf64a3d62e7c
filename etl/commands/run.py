"""`news-etl run`: extract, transform, validate and load days on this machine."""

from __future__ import annotations

from pathlib import Path
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
    print_error,
    resolve_settings,
    terminated_like_interrupted,
)
from etl.contract import Published
from etl.errors import DayBlocked, NewsEtlError
from etl.settings import Settings

if TYPE_CHECKING:
    from etl.engines.local import LocalEngine
    from etl.freshness import Due


@errors_shown
def run(
    folder: Annotated[
        Path | None,
        typer.Argument(help="A folder of files to take as one day (with --date), instead of a landing zone."),
    ] = None,
    *,
    dates: DatesOption = None,
    first: FromOption = None,
    last: ToOption = None,
    landing: LandingOption = None,
    warehouse: WarehouseOption = None,
    config: ConfigOption = None,
    workers: Annotated[int | None, typer.Option(help="Worker processes; default: one per core.")] = None,
    batch_bytes: Annotated[int | None, typer.Option(help="Size of a batch in bytes.")] = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Do all work even if nothing has changed; publish a day even if it is now empty or under half of "
            "what it was.",
        ),
    ] = False,
    stale: Annotated[
        bool, typer.Option("--stale", help="Only days that are new, stale or outdated, as `status` shows them.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Extract, transform, validate and load days.

    Without a day, every day found in the landing zone is run. A day whose files, code, suites and settings are those of
    its last run is left as it is.

    Examples:
    - `news-etl run --landing samples/landing --date 2026-03-02`
    - `news-etl run --from 2026-03-02 --to 2026-03-04`
    - `news-etl run --stale`
    - `news-etl run --landing s3://bucket/news --date 2026-03-02`
    - `news-etl run ~/clippings --date 2026-03-02`
    """
    from etl.engines.local import LocalEngine

    if folder is not None and landing is not None:
        message = "give a FOLDER or --landing, not both"
        raise typer.BadParameter(message)
    flags: dict[str, Any] = {"warehouse": warehouse, "workers": workers, "batch_bytes": batch_bytes}
    flags |= {"landing": folder, "day_folder": ""} if folder else {"landing": landing}
    settings = resolve_settings(flags, config)
    days = asked_days(dates, first, last)
    if folder is not None and len(days) != 1:
        message = "a FOLDER is one day: say which with --date"
        raise typer.BadParameter(message)
    if not as_json:
        console.err.print(f"landing {settings.landing}\nwarehouse {settings.warehouse.absolute()}")
    due = _due_days(settings, days, as_json=as_json) if stale else None
    days = list(due) if due is not None else days or _landing_days(settings)
    if not days:
        return
    with terminated_like_interrupted(), LocalEngine(settings) as engine:
        failures = {}
        for day in days:
            why = due[day] if due is not None else None
            failure = _run_day(engine, day, force=force, as_json=as_json, why=why)
            if failure is not None:
                failures[day] = failure
    if len(days) > 1 and failures and not as_json:
        console.err.print(f"{len(failures)} of {len(days)} days did not publish:", style="red")
        for day, failure in failures.items():
            print_error(failure, f"  {day} ")
    if failures:
        raise typer.Exit(1)


def _due_days(settings: Settings, days: list[str], *, as_json: bool) -> dict[str, Due]:
    """The days that are due and why; where there are none, or some that will not be tried again, that is said."""
    from etl.due import day_conditions

    with console.listing_progress() as progress:
        found = day_conditions(settings, days, progress=progress)
    due = {condition.day: condition.due for condition in found if condition.due is not None}
    if not as_json:
        idle = [c.state for c in found if c.due is None and c.state is not None]
        at_work, refused = ([s for s in idle if s.state in names] for names in (["running"], ["blocked", "failed"]))
        for states, what in ((at_work, "run at this moment"), (refused, "would end as before; see `news-etl status`")):
            if states:
                console.err.print(f"left alone, {what}: {', '.join(s.day for s in states)}", markup=False)
        if not due:
            console.out.print(f"nothing to do: {len(idle) - len(at_work) - len(refused):,} days are up to date")
    return due


def _run_day(
    engine: LocalEngine, day: str, *, force: bool, as_json: bool, why: Due | None = None
) -> NewsEtlError | None:
    """Run a day and show how it ended; its error where it did not publish, so that the next day gets its turn."""
    reason = {} if why is None else {"due": why.kind, "why": why.why}
    if why is not None and not as_json:
        console.err.print(f"{day} {why.kind}: {why.why}", markup=False)
    try:
        with console.day_progress(day) as progress:
            result = engine.run_day(day, force=force, progress=progress)
    except KeyboardInterrupt:
        console.err.print(f"{day} interrupted; `news-etl status` shows how it stands", style="red", markup=False)
        raise
    except NewsEtlError as error:
        if as_json:
            outcome = "blocked" if isinstance(error, DayBlocked) else "failed"
            console.print_json_line(
                {"day": day, **reason, "outcome": outcome, "error": type(error).__name__, "message": str(error)}
            )
        else:
            print_error(error, f"{day} ")
        return error
    if as_json:
        seconds = {stage: round(value, 3) for stage, value in result.seconds.items()}
        console.print_json_line({"day": day, **reason, "run_id": result.run_id, **result.published, "seconds": seconds})
    else:
        console.out.print(_day_line(day, result.published, result.seconds), markup=False)
    return None


def _day_line(day: str, published: Published, seconds: dict[str, float]) -> str:
    from etl.tables import TABLES

    rows = ", ".join(f"{published['rows'].get(name, 0):,} {name}" for name in TABLES if name != "runs")
    times = ", ".join(f"{stage} {value:.1f}" for stage, value in seconds.items())
    mark = ";" if published["outcome"] == "unchanged" else ":"
    return f"{day} {published['message']}{mark} {rows} (seconds: {times})"


def _landing_days(settings: Settings) -> list[str]:
    from etl.extract.landing import open_landing

    days = open_landing(settings).days(settings.day_folder)
    if not days:
        message = f"no day folders ({settings.day_folder}) in {settings.landing}; name days with --date"
        raise typer.BadParameter(message)
    return days
