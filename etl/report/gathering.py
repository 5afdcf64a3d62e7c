"""Read from a warehouse what its pages are made from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from etl import __version__
from etl.due import RUN_FILE
from etl.errors import SnapshotMissing
from etl.history import OUTCOME_FILE, REJECTS_FILE
from etl.report import examples
from etl.report.corpus_page import Corpus, Versions
from etl.report.day_page import Day, days_beside
from etl.report.drift import Alarm, alarms, history_warnings
from etl.report.examples import Rejected
from etl.report.outcomes import judged_runs, notes_of, read_results
from etl.report.standing import Standing, standings
from etl.report.statistics import Statistics, collect
from etl.settings import Settings
from etl.tables import RUNS
from etl.validate.history import docs_folder, results_file
from etl.warehouse import Warehouse, open_warehouse
from etl.workspace import Workspace, read_json

_VERSION = 2
"""Raised whenever the page of a day would show something else for the same day."""

_EXAMPLES_OF_CORPUS = 2


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at a warehouse."""

    opened: Warehouse | None
    """Its current snapshot; None where nothing is published."""
    standings: Sequence[Standing]
    judged: Mapping[date, str]
    """By day, the run whose judgement is shown."""

    def beside(self, day: date) -> tuple[date | None, date | None]:
        """The days before and after one that were ever run."""
        run = [standing.day for standing in self.standings if standing.run_id]
        return max((d for d in run if d < day), default=None), min((d for d in run if d > day), default=None)


@dataclass(frozen=True, slots=True)
class Known:
    """What the counts of the whole corpus tell about its days."""

    statistics: Statistics
    alarms: Sequence[Alarm]
    warnings: Sequence[Alarm] = ()
    notes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Of the rules, by table and name."""

    def of(self, day: date) -> list[Alarm]:
        """What began or was seen on a day; an alarm stands for the warning that says the same."""
        alarms = [alarm for alarm in self.alarms if day in (alarm.ingest_date, alarm.seen)]
        told = {(alarm.source, alarm.measure) for alarm in alarms}
        return alarms + [w for w in self.warnings if w.ingest_date == day and (w.source, w.measure) not in told]


def know(settings: Settings) -> Known:
    """Count the corpus, and hold each day against those before it.

    Raises:
        SettingsInvalid: the file of thresholds cannot be used.
    """
    statistics = collect(settings.warehouse)
    return Known(
        statistics,
        alarms(statistics, settings),
        history_warnings(statistics, settings),
        notes_of(settings.suites),
    )


def look(warehouse: Path) -> Seen:
    """Look at how a warehouse stands now."""
    try:
        opened = open_warehouse(warehouse)
    except SnapshotMissing:
        opened = None
    found = standings(warehouse)
    return Seen(opened, found, judged_runs(warehouse, found))


def corpus(settings: Settings, seen: Seen, pages: set[str]) -> Corpus:
    """What the page of the corpus is made from; `pages` are the days that have a page."""
    known = know(settings)
    return Corpus(
        statistics=known.statistics,
        standings=seen.standings,
        results=read_results(settings.warehouse, seen.judged.values()),
        snapshot=seen.opened.snapshot if seen.opened else None,
        rejected=_rejected_of_corpus(settings, seen.opened, known.statistics) if seen.opened else [],
        alarms=known.alarms,
        warnings=known.warnings,
        versions=_versions(seen.opened) if seen.opened else [],
        notes=known.notes,
        pages=pages,
    )


def day(settings: Settings, seen: Seen, standing: Standing, known: Known) -> Day:
    """What the page of a day is made from."""
    warehouse, name = settings.warehouse, standing.day.isoformat()
    unpublished = standing.state in ("blocked", "failed")
    judged = seen.judged.get(standing.day)
    batches: Iterable[pa.RecordBatch] = ()
    if unpublished:
        batches = examples.of_run(warehouse, standing.run_id)
    elif seen.opened and name in seen.opened.facts:
        batches = examples.of_published(seen.opened, name)
    before, after = seen.beside(standing.day)
    return Day(
        standing=standing,
        statistics=known.statistics,
        judged=judged,
        results=read_results(warehouse, [judged] if judged else []),
        rejected=examples.by_code(batches, settings, name, run_id=standing.run_id if unpublished else None),
        notes=known.notes,
        facts=_facts(warehouse, standing),
        docs=_docs(warehouse, judged),
        before=before,
        after=after,
        alarms=known.of(standing.day),
        made_from=made_from(settings, seen, standing, known),
    )


def made_from(settings: Settings, seen: Seen, standing: Standing, known: Known) -> str:
    """A fingerprint of all that the page of a day shows, its neighbours, usual values and links included."""
    warehouse, name = settings.warehouse, standing.day.isoformat()
    tables = seen.opened.facts[name].tables if seen.opened and name in seen.opened.facts else {}
    judged = seen.judged.get(standing.day)
    history = Workspace(warehouse, standing.run_id).history
    facts = [
        _VERSION,
        __version__,
        standing,
        seen.beside(standing.day),
        [file.name for file in tables.values()],
        days_beside(known.statistics, standing.day),
        known.of(standing.day),
        judged,
        _digest(results_file(warehouse, judged)) if judged else None,
        _docs(warehouse, judged),
        sorted(known.notes.items()),
        _facts(warehouse, standing),
        _digest(history / REJECTS_FILE),
        str(settings.landing.absolute() if isinstance(settings.landing, Path) else settings.landing),
    ]
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def _digest(file: Path) -> str | None:
    """Of its bytes; a run that is tried again leaves others under the same name."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except FileNotFoundError:
        return None


def _docs(warehouse: Path, judged: str | None) -> str | None:
    """Address of the Data Docs of a run, relative to the page of a day; None where they are not kept."""
    kept = judged is not None and (docs_folder(warehouse, judged) / "index.html").is_file()
    return f"../../_docs/{judged}/index.html" if kept else None


def _facts(warehouse: Path, standing: Standing) -> list[tuple[str, str]]:
    """What is known of the newest run of a day."""
    history = Workspace(warehouse, standing.run_id).history
    run: dict[str, Any] = (read_json(history / RUN_FILE) if standing.run_id else None) or {}
    outcome: dict[str, Any] = (read_json(history / OUTCOME_FILE) if standing.run_id else None) or {}
    told = {
        "run": standing.run_id or None,
        "outcome": outcome.get("message"),
        "failed in": outcome.get("stage"),
        "tables hold": f"run {standing.published_run}" if standing.published_run else None,
        "files": f"{run['files']:,}" if "files" in run else None,
        "documents": f"{outcome['documents']:,}" if "documents" in outcome else None,
        "parser": run.get("parser_version"),
        "suites": run.get("suites_version"),
        "schema": run.get("schema_version"),
    }
    return [(name, str(value)) for name, value in told.items() if value is not None]


def _rejected_of_corpus(settings: Settings, opened: Warehouse, statistics: Statistics) -> list[Rejected]:
    """All codes of the corpus, each with examples from the newest day that has it."""
    counts: dict[str, int] = {}
    newest: dict[str, date] = {}
    by_day = statistics.rejects.group_by(["code", "ingest_date"]).aggregate([("rejects", "sum")])
    columns = (by_day[name].to_pylist() for name in ("code", "ingest_date", "rejects_sum"))
    for code, ingest_date, number in zip(*columns, strict=True):
        counts[code] = counts.get(code, 0) + number
        newest[code] = max(newest.get(code, ingest_date), ingest_date)
    found: dict[str, list[examples.Example]] = {}
    for name in sorted({ingest_date.isoformat() for ingest_date in newest.values()} & opened.facts.keys()):
        batches = examples.of_published(opened, name)
        for each in examples.by_code(batches, settings, name, most=_EXAMPLES_OF_CORPUS):
            if newest[each.code].isoformat() == name:
                found[each.code] = each.examples
    return [
        Rejected(code, counts[code], *examples.meaning(code), examples.list_command(code), found.get(code, []))
        for code in sorted(counts, key=lambda code: (-counts[code], code))
    ]


def _versions(opened: Warehouse) -> list[Versions]:
    """What the days were made with, the newest first."""
    keys = ["parser_version", "suites_version", "schema_version", "settings_fingerprint"]
    runs: pa.Table = opened.read(RUNS.name, columns=["ingest_date", *keys])
    found = runs.group_by(keys).aggregate([("ingest_date", name) for name in ("count", "min", "max")])
    columns = [*keys, *(f"ingest_date_{name}" for name in ("count", "min", "max"))]
    rows = [Versions(*row) for row in zip(*(found[name].to_pylist() for name in columns), strict=True)]
    return sorted(rows, key=lambda row: (row.last, row.first, row.parser, row.suites, row.settings), reverse=True)
