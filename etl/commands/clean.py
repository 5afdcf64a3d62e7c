"""`news-etl clean`: remove from the warehouse what nothing needs any more."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from etl import console
from etl.commands.common import ConfigOption, JsonOption, WarehouseOption, errors_shown, resolve_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAMED = 10


@errors_shown
def clean(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Remove nothing, only show what would go.")] = False,
    warehouse: WarehouseOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove old snapshots, old histories of runs, and what runs that died have left behind.

    - **Snapshots** go when they are neither among the newest `keep_snapshots` nor were current within `keep_hours`.
    - **Histories** (`_runs/`) go after `keep_run_days`. Those that a day still needs stay: that of its newest run, also
    where that was blocked, with its rejects, and those that tell what its tables were made from.
    - **Staged files** (`_work/`) of failed runs go after `keep_staged_days`, or after a day if another run has built
    the day by then.
    - **Scratch** of killed processes goes after a day.

    Results of validations and the tables themselves are never touched. The DAG `news_corpus_maintenance` does this each
    day; each publish removes snapshots too.

    Example: `news-etl clean --dry-run`
    """
    from etl.maintenance.clean import clean_warehouse

    settings = resolve_settings({"warehouse": warehouse}, config)
    found = clean_warehouse(settings, datetime.now(UTC), dry_run=dry_run)
    if as_json:
        console.print_json_line({"dry_run": dry_run, **asdict(found)})
        return
    rows = [
        ["snapshots", len(found.snapshots), _some([str(number) for number in found.snapshots])],
        ["histories of runs", len(found.runs), _some(found.runs)],
        ["staged files of runs", len(found.staged), _some(found.staged)],
        ["scratch", found.scratch, ""],
    ]
    console.print_table({"would be removed" if dry_run else "removed": False, "count": True, "which": False}, rows)
    console.out.print(f"{found.bytes:,} bytes, and the data files that no snapshot holds any more")


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")
