"""`news-etl rejects`: what did not become part of the tables, and why."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

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
    known_codes,
    resolve_settings,
)


class Grouping(StrEnum):
    """What rejects are counted by."""

    CODE = "code"
    SOURCE = "source"
    DAY = "day"


@errors_shown
def rejects(
    *,
    code: Annotated[list[str] | None, typer.Option("--code", help="Only this code, e.g. `undecodable`.")] = None,
    dates: DatesOption = None,
    first: FromOption = None,
    last: ToOption = None,
    run_id: Annotated[str | None, typer.Option("--run", help="A blocked or failed run, e.g. 2026-03-02.0001.")] = None,
    by: Annotated[
        list[Grouping] | None, typer.Option("--by", help="Count by this; may be given several times.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="Each reject, not only the counts.")] = False,
    warehouse: WarehouseOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what did not become part of the tables, and why: counts by code, or each reject with --list.

    With --json each reject is a line, or each count where --by is given.

    Example: `news-etl rejects --by source --by code --from 2026-03-02 --to 2026-03-04`
    """
    from etl.rejects import count_rejects, find_rejects
    from etl.tables import REJECT_CODES

    if by and listed:
        message = "--by counts rejects, --list shows each of them; give one of the two"
        raise typer.BadParameter(message)
    settings = resolve_settings({"warehouse": warehouse}, config)
    days = asked_days(dates, first, last)
    found = find_rejects(settings.warehouse, run_id=run_id, days=days, codes=known_codes(code))
    grouping = [name.value for name in dict.fromkeys(by or [Grouping.CODE])]
    counted = count_rejects(found, grouping, day_folder=settings.day_folder, run_id=run_id)
    if as_json:
        for row in counted if by else found.to_pylist():
            console.print_json_line(row)
        return
    if listed:
        for row in found.to_pylist():
            where = row["source_uri"] + ("" if not row["row_key"] else f" {row['row_table']} {row['row_key']}")
            console.out.print(console.one_line(f"{row['code']}  {where}  {row['message']}"), markup=False)
        return
    if not counted:
        console.out.print("no rejects")
        return
    headings = {**dict.fromkeys(grouping, False), "rows": True}
    rows = [list(count.values()) for count in counted]
    if grouping == ["code"]:
        headings |= {"meaning": False, "remedy": False}
        rows = [[*row, *REJECT_CODES["rule:<name>" if row[0].startswith("rule:") else row[0]]] for row in rows]
    console.print_table(headings, rows)
