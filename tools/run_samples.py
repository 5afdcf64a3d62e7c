"""Build the sample days through an Airflow inside this process, then say what came out (the body of `make run`).

Airflow's own words go to `.local/airflow/embedded/run.log`; its end is shown where a day fails. A day that is run again
goes through Airflow again; its `plan` finds it `unchanged`, and the tasks after it have nothing to do.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from rich.console import Console
from rich.table import Table

from etl.extract.landing import open_landing
from etl.history import OUTCOME_FILE
from etl.report.write import corpus_file
from etl.settings import load_settings
from etl.tables import RECORD_TABLES, REJECTS
from etl.validate.history import docs_folder
from etl.warehouse import open_warehouse
from etl.workspace import Workspace, read_json, runs_of
from tools.airflow_home import DAG_ID, LOCAL, SAMPLES, WAREHOUSE, airflow_environment, end_of

HOME = LOCAL / "airflow" / "embedded"
LOG = HOME / "run.log"


def main() -> int:
    """Run every sample day, report; returns the exit code."""
    HOME.mkdir(parents=True, exist_ok=True)
    use_own_environment()
    started = time.monotonic()
    with output_to(LOG) as terminal:
        console = Console(file=terminal, highlight=False, soft_wrap=True)
        failures = run_days(console)
    failed = [day for day, tasks in failures.items() if tasks]
    if failed:
        console.print(f"\n{len(failed)} of {len(failures)} days did not publish; the end of {LOG}:", style="red")
        console.print(end_of(LOG), markup=False)
        console.print(f"All of it: {LOG}\nHow the days stand: .venv/bin/news-etl status --warehouse {WAREHOUSE}")
        return 1
    report(console, list(failures))
    console.print(f"\n{time.monotonic() - started:.0f} s; log: {LOG}")
    return 0


def use_own_environment() -> None:
    """Make this process an Airflow of its own, with settings that depend on nothing the caller has set."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("NEWS_ETL_")}
    environment = airflow_environment(HOME, environment)
    environment |= {"NEWS_ETL_LANDING": str(SAMPLES), "NEWS_ETL_WAREHOUSE": str(WAREHOUSE)}
    os.environ.clear()
    os.environ.update(environment)


@contextmanager
def output_to(log: Path) -> Iterator[IO[str]]:
    """Send whatever this process and its libraries print to a file; gives what was standard output."""
    sys.stdout.flush()
    sys.stderr.flush()
    terminal, errors = os.dup(1), os.dup(2)
    with log.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    try:
        yield os.fdopen(os.dup(terminal), "w", encoding="utf-8", buffering=1)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(terminal, 1)
        os.dup2(errors, 2)
        os.close(terminal)
        os.close(errors)


def run_days(console: Console) -> dict[str, list[str]]:
    """Run the DAG for each sample day; returns the days, each with the tasks that failed."""
    with console.status("starting Airflow"):
        from airflow.utils.db import initdb  # noqa: PLC0415 - Airflow reads the environment when it is imported

        initdb()
        settings = load_settings(absolute_only=True)
        days = open_landing(settings).days(settings.day_folder)
    console.print(f"building {len(days)} days of {SAMPLES} with the DAG {DAG_ID}")
    failures = {}
    for day in days:
        started = time.monotonic()
        with console.status(day):
            failures[day] = run_day(day)
        message = f"failed in {', '.join(failures[day])}: {outcome(day)}" if failures[day] else outcome(day)
        console.print(f"  {day}  {message}  ({time.monotonic() - started:.1f} s)")
    return failures


def run_day(day: str) -> list[str]:
    """Run the DAG for a day in this process; returns the tasks that failed."""
    from airflow.dag_processing.dagbag import DagBag  # noqa: PLC0415 - as above

    bag = DagBag()
    if bag.import_errors:
        print(*bag.import_errors.values(), sep="\n")
        return list(bag.import_errors)
    # A fresh DAG each time: its parameters keep what a run before has set.
    dag = bag.dags[DAG_ID]
    for task in dag.tasks:
        task.retries = 0  # someone is waiting, and nothing here gets better by itself
    # `test` cannot name a partition key. The logical date only tells the runs apart: a later run of a day replaces it.
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
    run = dag.test(logical_date=moment, run_conf={"day": day, "force": False})
    if run.state == "success":
        return []
    return sorted({task.task_id for task in run.get_task_instances() if task.state == "failed"}) or ["the run"]


def outcome(day: str) -> str:
    """What the newest run of a day has come to, in words."""
    newest = runs_of(WAREHOUSE, day)[-1:]
    found = read_json(Workspace(WAREHOUSE, newest[0]).history / OUTCOME_FILE) if newest else None
    return str(found["message"]) if found else "see the log"


def report(console: Console, days: list[str]) -> None:
    """Print what the warehouse holds of these days now, where it lies, and what to do next."""
    warehouse = open_warehouse(WAREHOUSE)
    names = [table.name for table in (*RECORD_TABLES, REJECTS)]
    counts = [[warehouse.facts[day].tables[name].rows for name in names] for day in days]
    total = [sum(column) for column in zip(*counts, strict=True)]
    rows = [[day, *numbers] for day, numbers in zip([*days, "all days"], [*counts, total], strict=True)]
    console.print()
    console.print(numbers_table(["rows", *names], rows))

    codes = Counter(
        code for day in days for code in warehouse.read(REJECTS.name, columns=["code"], day=day)["code"].to_pylist()
    )
    console.print()
    console.print(numbers_table(["rejects by code", "rows"], [list(item) for item in sorted(codes.items())]))

    files = f"{WAREHOUSE}/current/articles/**/*.parquet"
    docs = docs_folder(WAREHOUSE, runs_of(WAREHOUSE, days[-1])[-1]) / "index.html"
    console.print(
        f"""
Parquet    {WAREHOUSE}/current/articles (and {", ".join(names[1:])}, runs)
Report     {corpus_file(WAREHOUSE)} (open it in a browser)
Data Docs  {docs} (one folder a run)
Next       .venv/bin/news-etl rejects --list --warehouse {WAREHOUSE}
           .venv/bin/python -c 'import duckdb; print(duckdb.read_parquet("{files}").aggregate("language, count(*)"))'
           make up    Airflow's user interface, to backfill the same days there""",
        markup=False,
    )


def numbers_table(headings: list[str], rows: list[list[Any]]) -> Table:
    """A table whose first column is text and whose others are numbers."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for position, heading in enumerate(headings):
        table.add_column(heading, justify="right" if position else "left")
    for row in rows:
        table.add_row(*(str(value) if isinstance(value, str) else f"{value:,}" for value in row))
    return table


if __name__ == "__main__":
    sys.exit(main())
