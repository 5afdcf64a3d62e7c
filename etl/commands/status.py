"""`news-etl status`: how every day stands."""

from __future__ import annotations

from etl import console
from etl.commands.common import ConfigOption, JsonOption, WarehouseOption, errors_shown, resolve_settings


@errors_shown
def status(*, warehouse: WarehouseOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show every day: published, empty, blocked or failed (and why), with its rows."""
    from dataclasses import asdict

    from etl.history import day_states
    from etl.tables import TABLES

    settings = resolve_settings({"warehouse": warehouse}, config)
    states = day_states(settings.warehouse)
    if as_json:
        console.print_json_line([asdict(state) for state in states])
        return
    if not states:
        console.out.print(f"no runs in {settings.warehouse.absolute()}; start with `news-etl run`", markup=False)
        return
    names = [name for name in TABLES if name != "runs"]
    headings = {"day": False, "state": False, "run": False, **dict.fromkeys(names, True)}
    rows = [[s.day, s.state, s.run_id, *(s.rows.get(name) for name in names)] for s in states]
    console.print_table(headings, rows, gap=1)  # fits into 80 columns
    for state in states:
        if state.reason:
            kept = f" (tables: still run {state.published_run})" if state.published_run else ""
            console.out.print(f"{state.day} {state.state}{kept}: {state.reason}", markup=False)
