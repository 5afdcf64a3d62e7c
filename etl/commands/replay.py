"""`news-etl replay`: run rejected documents again, and publish all days where something moved as one snapshot."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

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
    known_codes,
    resolve_settings,
    terminated_like_interrupted,
)

if TYPE_CHECKING:
    from etl.replay.days import DayReplay


@errors_shown
def replay(
    *,
    code: Annotated[list[str], typer.Option("--code", help="Reject code to run again; may be given several times.")],
    dates: DatesOption = None,
    first: FromOption = None,
    last: ToOption = None,
    landing: LandingOption = None,
    warehouse: WarehouseOption = None,
    config: ConfigOption = None,
    workers: Annotated[int | None, typer.Option(help="Worker processes; default: one per core.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done about each day.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Run documents again that were rejected with some codes, and move what now passes into the tables.

    All days are published as one snapshot. Without a day, every published day is looked at. A day that was made by
    other code, with other settings than limits that were raised since, or from other files is run again as a whole:
    the tables always are what `news-etl run --force` would make.

    Examples:
    - `news-etl replay --code unreadable --date 2026-03-02`
    - `news-etl replay --code too_large --code undecodable --from 2026-03-02 --to 2026-03-04`
    """
    from etl.engines.local import LocalEngine
    from etl.replay import days as replays

    settings = resolve_settings({"landing": landing, "warehouse": warehouse, "workers": workers}, config)
    codes, days = known_codes(code), asked_days(dates, first, last)
    if dry_run:
        reports = [report for report, _ in replays.assessed(settings, days, codes)]
    else:
        with terminated_like_interrupted(), LocalEngine(settings) as engine:
            reports = replays.replay(engine, days, codes, console.day_progress)
    for report in reports:
        if as_json:
            console.print_json_line(asdict(report))
        else:
            shown = console.err if report.outcome in ("blocked", "failed") else console.out
            shown.print(console.one_line(_line(report, dry_run=dry_run)), markup=False)
    if any(report.outcome in ("blocked", "failed") for report in reports):
        raise typer.Exit(1)


def _line(report: DayReplay, *, dry_run: bool) -> str:
    if report.outcome in ("blocked", "failed"):
        return f"{report.day} {report.outcome}, left as it was: {report.message}"
    if report.action == "nothing":
        return f"{report.day} nothing to replay: {report.reason}"
    whole = f"whole day {'to be ' if dry_run else ''}redone because {report.reason}: " if report.reason else ""
    if dry_run:
        read = "" if report.read is None else f", {report.read} files to read"
        return f"{report.day} {whole}{report.replayed} to replay{read}"
    counts = ", ".join(f"{count} {code}" for code, count in report.still_rejected.items())
    still = f"{sum(report.still_rejected.values())} still rejected{f' ({counts})' if counts else ''}"
    parts = [f"{report.replayed} replayed", f"{report.moved} moved into the tables", still]
    parts += [f"{report.vanished} vanished with their files"] if report.vanished else []
    parts += [f"{report.newly_rejected} newly rejected"] if report.newly_rejected else []
    return f"{report.day} {report.message}: {whole}{', '.join(parts)}"
