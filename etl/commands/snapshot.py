"""`news-etl snapshot`: where the current state of the warehouse lies."""

from __future__ import annotations

from typing import Annotated

import typer

from etl import console
from etl.commands.common import ConfigOption, JsonOption, WarehouseOption, errors_shown, resolve_settings


@errors_shown
def snapshot(
    *,
    number: Annotated[int | None, typer.Option("--number", help="A kept snapshot instead of the current one.")] = None,
    warehouse: WarehouseOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the folder of the current snapshot, resolved once: read all tables below it and they fit together.

    Example: `duckdb -c "from '$(news-etl snapshot)/articles/**/*.parquet' limit 5"`
    """
    from etl.warehouse import open_warehouse

    settings = resolve_settings({"warehouse": warehouse}, config)
    opened = open_warehouse(settings.warehouse, number)
    if as_json:
        facts = {"snapshot": opened.snapshot, "path": str(opened.path), "days": opened.days()}
        console.print_json_line(facts)
    else:
        console.out.print(str(opened.path), markup=False)
