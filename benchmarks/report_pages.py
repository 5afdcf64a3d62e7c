"""What the pages of a corpus cost: that of 3,000 days, and those of single days.

Run with `python -m benchmarks.report_pages [--days N] [--sources N] [--articles N] [--keep FOLDER]`; prints one line of
JSON. The warehouse is that of `benchmarks.report_statistics`, with a history and 100 judged rules for each run; every
hundredth day is blocked. The counts are read once before the clock starts, as every run of a day leaves them behind.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from benchmarks.report_statistics import FIRST, make_warehouse
from etl.report.statistics import collect
from etl.report.write import day_file, write_corpus, write_days
from etl.settings import Settings
from etl.validate.history import RESULTS, results_file
from etl.workspace import write_json, write_part

_RULES = 100
_DAY_PAGES = 5


def add_history(warehouse: Path, days: int) -> None:
    """What the runs leave besides tables."""
    for number in range(days):
        day = FIRST + dt.timedelta(days=number)
        blocked = number % 100 == 99  # noqa: PLR2004 - as the docstring above says
        run_id = f"{day}.0002" if blocked else f"{day}.0001"
        history = warehouse / "_runs" / run_id
        outcome = {"outcome": "published", "message": "published as snapshot 1", "documents": 220}
        write_json(
            history / "outcome.json",
            outcome | ({"outcome": "blocked", "message": f"too few on {day}"} if blocked else {}),
        )
        write_json(
            history / "run.json",
            {"run_id": run_id, "day": f"{day}", "files": 220, "settings": {"day_folder": "%Y-%m-%d"}},
        )
        rows = [
            {
                "run_id": run_id,
                "ingest_date": day,
                "table": "articles",
                "rule": f"rule_{rule:03}",
                "severity": "warning",
                "policy": "warn" if rule % 2 else "quarantine",
                "evaluated": 200,
                "unexpected": (number + rule) % 3 if rule % 10 == 0 else 0,
                "success": True,
                "observed": "",
            }
            for rule in range(_RULES)
        ]
        write_part(results_file(warehouse, run_id), pa.Table.from_pylist(rows, schema=RESULTS))


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds and CPU seconds."""
    began, cpu = time.perf_counter(), time.process_time()
    work()
    return round(time.perf_counter() - began, 2), round(time.process_time() - cpu, 2)


def main() -> None:
    """Print seconds and sizes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=3000)
    parser.add_argument("--articles", type=int, default=200, help="articles of a day (default: %(default)s)")
    parser.add_argument("--sources", type=int, default=20)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="copy the pages here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        warehouse = Path(scratch) / "warehouse"
        warehouse.mkdir()
        make_warehouse(warehouse, options.days, options.articles, options.sources)
        add_history(warehouse, options.days)
        settings = Settings(warehouse=warehouse)
        collect(warehouse)
        last = [f"{FIRST + dt.timedelta(days=options.days - 1 - back)}" for back in range(_DAY_PAGES)]
        day_seconds, day_cpu = measured(lambda: list(write_days(settings, last)))
        pages = sorted((warehouse / "_reports" / "days").iterdir())
        for number in range(options.days):  # else the calendar would link to five
            day_file(warehouse, f"{FIRST + dt.timedelta(days=number)}").touch()
        seconds, cpu = measured(lambda: write_corpus(settings))
        figures = {
            "days": options.days,
            "sources": options.sources,
            "corpus_seconds": seconds,
            "corpus_cpu_seconds": cpu,
            "corpus_kilobytes": (warehouse / "_reports" / "index.html").stat().st_size // 1000,
            f"{_DAY_PAGES}_days_seconds": day_seconds,
            f"{_DAY_PAGES}_days_cpu_seconds": day_cpu,
            "day_kilobytes": max(page.stat().st_size for page in pages) // 1000,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }
        if options.keep:
            shutil.copytree(warehouse / "_reports", options.keep, dirs_exist_ok=True)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
