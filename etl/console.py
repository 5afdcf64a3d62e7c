"""What the command line shows: progress on a terminal, plain lines in a log, tables, JSON for other programs."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.logging import RichHandler
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

if TYPE_CHECKING:
    from etl.engines.local import Progress as ProgressCall

out = Console(highlight=False, soft_wrap=True)
"""Results: what a pipe receives."""
err = Console(stderr=True, highlight=False, soft_wrap=True)
"""Progress and errors."""

_WIDTH_OF_A_FILE = 1000
"""What is no terminal has no width: each row of a table is a line there."""


def show_log(*, verbose: bool) -> None:
    """Show the stages' own lines (one or two a task) where asked for; warnings always."""
    logging.basicConfig(
        level=logging.WARNING,
        format="%(message)s",
        handlers=[RichHandler(console=err, show_path=False, markup=False)],
    )
    if verbose:
        logging.getLogger("etl").setLevel(logging.INFO)  # libraries have much to say that nobody asked for


def print_json_line(value: Any) -> None:
    """Print one line of JSON; days as YYYY-MM-DD, times as ISO 8601 in UTC."""
    # Not through rich: it would spend its time on markup, and a line must stay a line.
    out.file.write(json.dumps(value, ensure_ascii=False, default=_plain) + "\n")


def one_line(text: str) -> str:
    """The text with what would break a line or steer a terminal written out: names of files may hold anything."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    message = f"{type(value).__name__} has no JSON form"
    raise TypeError(message)


def print_table(columns: Mapping[str, bool], rows: Sequence[Sequence[Any]], *, gap: int = 2) -> None:
    """Print a table; `columns` tells for each heading whether its values are numbers."""
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, gap, 0, 0))
    for heading, is_number in columns.items():
        table.add_column(heading, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(
            *("" if value is None else f"{value:,}" if isinstance(value, int) else str(value) for value in row)
        )
    (out if out.is_terminal else Console(file=out.file, width=_WIDTH_OF_A_FILE)).print(table)


@contextmanager
def listing_progress() -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal how many of the days are listed; elsewhere nothing."""
    if not err.is_terminal:
        yield lambda _done, _total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("listing days", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def bytes_progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal how many bytes are done; elsewhere nothing."""
    if not err.is_terminal:
        yield lambda _done, _total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def day_progress(day: str) -> Iterator[ProgressCall]:
    """Show how far a day is: a bar on a terminal, a line at each change of stage elsewhere."""
    if err.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=err, transient=True) as bar:
            task = bar.add_task(day, total=None)
            yield lambda stage, done, total: bar.update(task, description=f"{day} {stage}", completed=done, total=total)
        return
    shown = ""

    def line(stage: str, _done: int, total: int) -> None:
        nonlocal shown
        if stage != shown:
            shown = stage
            err.print(f"{day} {stage} ({total} files)")

    yield line
