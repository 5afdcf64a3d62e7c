"""An engine whose batches run in this process, where tests can plant faults, and days made by it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from etl import open_warehouse
from etl.contract import Published
from etl.engines.local import LocalEngine
from etl.replay.days import DayReplay, replay
from etl.settings import Settings

DAY = "2026-05-04"

Files = dict[tuple[str, str], bytes]


class InlinePool:
    """As much of a pool as the engine uses."""

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Call at once."""
        future = Future[Any]()
        try:
            future.set_result(call(*arguments))
        except Exception as error:  # noqa: BLE001 - as a pool does
            future.set_exception(error)
        return future

    def shutdown(self, **_: Any) -> None:
        """Nothing is left to do."""


class InlineEngine(LocalEngine):
    """Runs batches in this process."""

    def _new_pool(self) -> Any:
        return InlinePool()


def run_days(settings: Settings, *days: str, force: bool = False) -> list[Published]:
    """Run days as `news-etl run` does."""
    with InlineEngine(settings) as engine:
        return [engine.run_day(day, force=force).published for day in days]


def published_files(warehouse: Path) -> Files:
    """The bytes of every published file by day and table."""
    opened = open_warehouse(warehouse)
    return {
        (day, table): (opened.path / file.path(table)).read_bytes()
        for day, facts in opened.facts.items()
        for table, file in facts.tables.items()
    }


def replayed(settings: Settings, *codes: str) -> DayReplay:
    """Replay a day, and compare all published files with those of `run --force` into another warehouse."""
    with InlineEngine(settings) as engine:
        [report] = replay(engine, [DAY], codes)
    other = settings.model_copy(update={"warehouse": settings.warehouse.with_name("forced")})
    run_days(other, DAY, force=True)
    assert published_files(settings.warehouse) == published_files(other.warehouse)
    shutil.rmtree(other.warehouse)
    return report


def codes_of(settings: Settings) -> dict[str, int]:
    """Published rejects by code."""
    [runs] = open_warehouse(settings.warehouse).read("runs", day=DAY).to_pylist()
    counts: dict[str, int] = json.loads(runs["reject_counts"])
    return counts
