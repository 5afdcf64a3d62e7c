"""Progress over pages, on the error stream: a bar on a terminal, a line in a log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from rich.progress import track

from etl.console import err

Item = TypeVar("Item")


def progress(items: Sequence[Item], what: str) -> Iterable[Item]:
    """The items one by one."""
    if not err.is_terminal:
        err.print(f"{what}, {len(items)} pages")
        return items
    return track(items, description=what, console=err, transient=True)
