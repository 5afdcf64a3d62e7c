"""`news-etl drift`: sources that are read otherwise than before, and days unlike their past."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from etl import console
from etl.commands.common import (
    ConfigOption,
    DatesOption,
    FromOption,
    JsonOption,
    ToOption,
    WarehouseOption,
    asked_days,
    errors_shown,
    resolve_settings,
)

if TYPE_CHECKING:
    from etl.report.drift import Alarm


@errors_shown
def drift(
    *,
    dates: DatesOption = None,
    first: FromOption = None,
    last: ToOption = None,
    with_warnings: Annotated[
        bool, typer.Option("--warnings", help="List warnings too: single days unlike the days before them.")
    ] = False,
    warehouse: WarehouseOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List drift alarms: sources whose headlines, dates, authors, lengths or rejects are not as before, and since when.

    An alarm tells of a change that is hardly chance and lasts, as after a new layout; `seen` is the day on which it
    could be told. Thresholds stand in `etl/report/watch.toml`; the setting `watch` names a file that replaces some.
    With --date, or --from and --to, only what began or was seen on these days.
    """
    from etl.report.drift import watched
    from etl.report.write import check_warehouse

    settings = resolve_settings({"warehouse": warehouse}, config)
    days = set(asked_days(dates, first, last))
    check_warehouse(settings.warehouse)
    with console.err.status("counting days"):
        alarms, warnings = watched(settings)
    found = [("alarm", alarm) for alarm in alarms]
    found += [("warning", warning) for warning in warnings if with_warnings]
    found = [each for each in found if not days or {str(each[1].ingest_date), str(each[1].seen)} & days]
    if as_json:
        console.print_json_line([_as_json(kind, alarm) for kind, alarm in found])
        return
    if not found:
        of_these = " that began or were seen on these days" if days else ""
        console.out.print(f"no drift alarms{of_these} in {settings.warehouse.absolute()}", markup=False)
        return
    headings = dict.fromkeys(["kind", "since", "seen", "source", "measure", "what"], False)
    rows = [
        [kind, alarm.ingest_date, alarm.seen, console.one_line(alarm.source) or "all", alarm.measure, alarm.note]
        for kind, alarm in found
    ]
    console.print_table(headings, rows)


def _as_json(kind: str, alarm: Alarm) -> dict[str, Any]:
    from dataclasses import asdict

    return {"kind": kind, **asdict(alarm)}
