"""`news-etl rejects`: what did not become part of the tables, and why."""

from __future__ import annotations

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


@errors_shown
def rejects(
    *,
    code: Annotated[list[str] | None, typer.Option("--code", help="Only this code, e.g. `undecodable`.")] = None,
    dates: DatesOption = None,
    first: FromOption = None,
    last: ToOption = None,
    run_id: Annotated[str | None, typer.Option("--run", help="A blocked or failed run, e.g. 2026-03-02.0001.")] = None,
    listed: Annotated[bool, typer.Option("--list", help="Each reject, not only the counts.")] = False,
    warehouse: WarehouseOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what did not become part of the tables, and why: counts by code, or each reject with --list."""
    from etl.rejects import find_rejects
    from etl.tables import REJECT_CODES

    settings = resolve_settings({"warehouse": warehouse}, config)
    days = asked_days(dates, first, last)
    found = find_rejects(settings.warehouse, run_id=run_id, days=days, codes=known_codes(code))
    if as_json:
        for row in found.to_pylist():
            console.print_json_line(row)
        return
    if listed:
        for row in found.to_pylist():
            where = row["source_uri"] + ("" if not row["row_key"] else f" {row['row_table']} {row['row_key']}")
            console.out.print(console.one_line(f"{row['code']}  {where}  {row['message']}"), markup=False)
        return
    counts: dict[str, int] = {}
    for name in found.column("code").to_pylist():
        counts[name] = counts.get(name, 0) + 1
    if not counts:
        console.out.print("no rejects")
        return
    rows = [
        [name, count, *REJECT_CODES["rule:<name>" if name.startswith("rule:") else name]]
        for name, count in sorted(counts.items())
    ]
    console.print_table({"code": False, "rows": True, "meaning": False, "remedy": False}, rows)
