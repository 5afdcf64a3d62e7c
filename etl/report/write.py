"""Write the pages below `_reports/` of a warehouse: `index.html` for the corpus, `days/<YYYY-MM-DD>.html` for a day."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from uuid import uuid4

from etl.errors import SnapshotMissing, WarehouseUnusable
from etl.report import gathering
from etl.report.corpus_page import corpus_page
from etl.report.day_page import day_page
from etl.settings import Settings
from etl.workspace import runs_of

_ATTEMPTS = 5
_HEAD = 2_000
"""Bytes of a page within which it says what it was made from."""


def corpus_file(warehouse: Path) -> Path:
    """Where the page of the corpus stands."""
    return warehouse / "_reports" / "index.html"


def day_file(warehouse: Path, day: str) -> Path:
    """Where the page of a day (YYYY-MM-DD) stands."""
    return warehouse / "_reports" / "days" / f"{day}.html"


def write_corpus(settings: Settings) -> Path:
    """Write the page of the corpus; returns where it stands.

    Where several do so at once, what remains is no older than what the last of them found when it was done: each looks
    once more after it has written.

    Raises:
        WarehouseUnusable: there is no such folder.
    """
    warehouse = settings.warehouse
    check_warehouse(warehouse)
    file, before = corpus_file(warehouse), None
    for _ in range(_ATTEMPTS):
        seen, pages = gathering.look(warehouse), _pages(warehouse)
        now = (seen.opened.snapshot if seen.opened else None, seen.standings, pages)
        if now == before:
            break
        before = now
        _write(file, corpus_page(gathering.corpus(settings, seen, pages)))
    return file


def write_day(settings: Settings, day: str) -> Path:
    """Write the page of a day, published or not; returns where it stands.

    Raises:
        SnapshotMissing: no run of that day is known.
        WarehouseUnusable: there is no such folder.
    """
    for file in write_days(settings, [day]):
        return file
    raise _unknown(settings.warehouse, day)


def check_known(settings: Settings, days: Collection[str]) -> None:
    """See that each of these days has been run.

    Raises:
        SnapshotMissing: no run of a day is known.
        WarehouseUnusable: there is no such folder.
    """
    check_warehouse(settings.warehouse)
    for day in days:
        if not runs_of(settings.warehouse, day):
            raise _unknown(settings.warehouse, day)


def write_days(settings: Settings, days: Collection[str] = (), *, changed_only: bool = False) -> Iterator[Path]:
    """Write the pages of days, one by one; gives where each stands once it is written.

    Args:
        settings: The resolved settings.
        days: Landing days; empty for all that are known. Unknown ones are left out.
        changed_only: Leave out days whose page is up to date.

    Raises:
        WarehouseUnusable: there is no such folder.
    """
    warehouse = settings.warehouse
    check_warehouse(warehouse)
    seen = gathering.look(warehouse)
    known = gathering.know(settings)
    for standing in seen.standings:
        name = standing.day.isoformat()
        if (days and name not in days) or not standing.run_id:
            continue
        file = day_file(warehouse, name)
        if changed_only and _made_from(file) == gathering.made_from(settings, seen, standing, known):
            continue
        _write(file, day_page(gathering.day(settings, seen, standing, known)))
        yield file


def check_warehouse(warehouse: Path) -> None:
    """See that there is something to look at.

    Raises:
        WarehouseUnusable: there is no such folder.
    """
    if not warehouse.is_dir():
        message = (
            f"there is no warehouse `{warehouse}` to report on; name another, or publish a day with `news-etl run`"
        )
        raise WarehouseUnusable(message)


def _unknown(warehouse: Path, day: str) -> SnapshotMissing:
    return SnapshotMissing(f"`{warehouse}` knows of no run of day {day}; run it with `news-etl run --date {day}`")


def _pages(warehouse: Path) -> set[str]:
    """Days that have a page."""
    return {file.stem for file in (warehouse / "_reports" / "days").glob("[0-9]*.html")}


def _made_from(file: Path) -> str | None:
    """What the page that stands there says it was made from."""
    try:
        with file.open(encoding="utf-8") as page:
            return page.read(_HEAD).partition('<meta name="made-from" content="')[2].partition('"')[0]
    except FileNotFoundError:
        return None


def _write(file: Path, text: str) -> None:
    """The page appears whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{uuid4().hex}.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.rename(file)
