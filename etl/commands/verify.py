"""`news-etl verify`: whether the files of the warehouse are still what was published."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
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
    resolve_settings,
)


@errors_shown
def verify(
    *,
    dates: DatesOption = None,
    first: FromOption = None,
    last: ToOption = None,
    share: Annotated[
        bool, typer.Option("--share", help="Read only the files whose turn it is, as Airflow does each day.")
    ] = False,
    warehouse: WarehouseOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read the files of the current snapshot and compare them with their recorded hashes; exit code 1 if one differs.

    A disk, a copy or a hand may change a file without a word. The message names file and day. `news-etl run --force`
    builds the day again from its landing files and exchanges the damaged file; snapshots before keep it as it is.

    The DAG `news_corpus_maintenance` reads a share of the files each day, so that each has its turn within
    `verify_days`; when a file was found whole last stands in `_checked.json` of the warehouse.

    Example: `news-etl verify --from 2026-03-01 --to 2026-03-31`
    """
    from etl.maintenance.verify import verify_files

    settings = resolve_settings({"warehouse": warehouse}, config)
    days = asked_days(dates, first, last)
    if share and days:
        message = "--share chooses the files itself; leave --date, --from and --to out"
        raise typer.BadParameter(message)
    with console.bytes_progress("reading files") as progress:
        found = verify_files(settings, datetime.now(UTC), everything=not share, days=days, progress=progress)
    if as_json:
        console.print_json_line(asdict(found))
    elif found.snapshot is None:
        console.out.print(f"nothing is published in {settings.warehouse.absolute()}", markup=False)
    elif not found.damaged:
        told = f"read {found.read:,} of {found.files:,} files ({found.bytes:,} bytes) of snapshot {found.snapshot}"
        console.out.print(f"{told}: all as they were published")
    found.raise_damage()
