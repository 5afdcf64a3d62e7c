"""Run days on this machine: batches go to a pool of processes, a day's other stages run in turn."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import forkserver
from typing import Self

from etl import pipeline
from etl.contract import Batch, Published, Run
from etl.errors import WorkerDied
from etl.history import OUTCOME_FILE, record_failure
from etl.settings import Settings
from etl.workspace import Workspace, write_json

Progress = Callable[[str, int, int], None]
"""Called with the stage, the files done and the files there are."""

_BATCHES_PER_WORKER = 4
"""Where a day is large enough: so that progress shows, and no worker is idle while another has half a day to do."""


@dataclass(frozen=True, slots=True)
class DayResult:
    """What running a day gave, and what it cost."""

    day: str
    run_id: str
    published: Published
    seconds: dict[str, float] = field(default_factory=dict)
    """By stage: wall seconds; for `extract` and `transform`, summed over the worker processes."""


class LocalEngine:
    """Runs days one after another with a pool of worker processes; use as a context manager."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.workers = settings.workers or os.cpu_count() or 1
        self.parallel = self.workers * _BATCHES_PER_WORKER
        self._pool = self._new_pool()

    def _new_pool(self) -> ProcessPoolExecutor:
        # Ctrl-C reaches every process of a terminal, and only this one shall answer: workers inherit the mask.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            forkserver.ensure_running()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        # Fork would copy Arrow's threads half; each worker imports the parser once and serves all days.
        context = multiprocessing.get_context("forkserver")
        return ProcessPoolExecutor(self.workers, mp_context=context, initializer=_end_with_parent)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and not issubclass(kind, Exception):
            # Interrupted: what the workers are at will not be used, and may take minutes.
            for worker in multiprocessing.active_children():
                worker.kill()
        self._pool.shutdown(cancel_futures=True)

    def run_day(self, day: str, *, force: bool = False, progress: Progress = lambda *_: None) -> DayResult:
        """Run all stages of a day; none but the plan where nothing has changed since it was published.

        Raises:
            NewsEtlError: whatever stage refused; the run's history says the same.
        """
        seconds: dict[str, float] = {}
        with timed(seconds, "plan"):
            run, batches = pipeline.plan(self.settings, day, force=force, parallel=self.parallel)
        if "kept" in run:
            pipeline.clean_up(run)
            return DayResult(day, run["run_id"], run["kept"], seconds)
        with interruption_recorded(run):
            self.run_stages(run, batches, seconds, progress)
            progress("load", run["files"], run["files"])
            with timed(seconds, "load"):
                published = pipeline.load(run)
            with timed(seconds, "clean_up"):
                pipeline.clean_up(run)
        write_json(Workspace.of(run).history / "timings.json", {k: round(v, 3) for k, v in seconds.items()})
        return DayResult(day, run["run_id"], published, seconds)

    def run_stages(self, run: Run, batches: list[Batch], seconds: dict[str, float], progress: Progress) -> None:
        """Run what comes between `plan` and `load`; the seconds of each stage are added to `seconds`."""
        try:
            self._run_batches(run, batches, seconds, progress)
        except BrokenProcessPool:
            self._pool = self._new_pool()
            message = "a worker process died, most likely because memory ran out; lower `workers` or `batch_bytes`"
            record_failure(run, "transform", "failed", message, WorkerDied.__name__)
            raise WorkerDied(message) from None
        progress("validate", run["files"], run["files"])
        with timed(seconds, "validate"):
            pipeline.validate(run)

    def _run_batches(self, run: Run, batches: list[Batch], seconds: dict[str, float], progress: Progress) -> None:
        """Extract and transform every batch, each in one worker; the first failure ends the day."""
        progress("extract, transform", 0, run["files"])
        pending = {self._pool.submit(_run_batch, run, batch): batch for batch in batches}
        done_files = 0
        try:
            while pending:
                finished, _ = wait(pending, return_when=FIRST_COMPLETED)
                for future in finished:
                    for stage, spent in future.result().items():
                        seconds[stage] = seconds.get(stage, 0.0) + spent
                    done_files += pending.pop(future)["files"]
                    progress("extract, transform", done_files, run["files"])
        finally:
            for future in pending:
                future.cancel()


def _end_with_parent() -> None:
    """Let this worker end when the process that it works for is gone; it would wait for the next batch for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101 - a worker has one

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _run_batch(run: Run, batch: Batch) -> dict[str, float]:
    seconds: dict[str, float] = {}
    with timed(seconds, "extract"):
        pipeline.extract(run, batch)
    with timed(seconds, "transform"):
        pipeline.transform(run, batch)
    return seconds


@contextmanager
def interruption_recorded(*runs: Run) -> Iterator[None]:
    """Leave it in the history of the runs where they are interrupted (Ctrl-C, a request to end)."""
    try:
        yield
    except KeyboardInterrupt:
        for run in runs:
            if not (Workspace.of(run).history / OUTCOME_FILE).is_file():  # it may have published just before
                record_failure(run, "run", "failed", "interrupted; run the day again", KeyboardInterrupt.__name__)
        raise


@contextmanager
def timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    """Measure a stage in wall seconds."""
    begin = time.perf_counter()
    yield
    seconds[stage] = time.perf_counter() - begin
