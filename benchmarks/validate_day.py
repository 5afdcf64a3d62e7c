"""What validating a day costs: CPU seconds and peak memory of `validate_day` on synthetic articles with children.

Run with `python benchmarks/validate_day.py [articles] [share of bad articles]`; prints one line of JSON. The parts
are staged by a process of their own, so that the peak is that of validation alone.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from etl.contract import Run
from etl.settings import Settings
from etl.tables import RECORD_TABLES, REJECTS, Table, staged_schema
from etl.transform.version import parser_version
from etl.workspace import Workspace, write_part

DAY = "2015-10-21"
PART = 20_000
WORDS = "der Rat hat am Montag über den Haushalt für das kommende Jahr beraten und größere Ausgaben beschlossen"


def stage(run: Run, articles: int, bad: float) -> None:
    """Write the part files of a day: per article a body of some 3 KB, five related items and two agencies."""
    rng = np.random.default_rng(7)
    bodies = ["\n\n".join(" ".join(rng.choice(WORDS.split(), 90)) + "." for _ in range(5)) for _ in range(500)]
    workspace = Workspace.of(run)
    for part, start in enumerate(range(0, articles, PART)):
        numbers = np.arange(start, min(start + PART, articles))
        headlines = [f"Meldung {n}" if rng.random() >= bad else "x" * 400 for n in numbers]
        values = {
            "article_id": [f"{n:032x}" for n in numbers],
            "source_uri": [f"{DAY}/bote/{n:08}.txt" for n in numbers],
            "source_offset": [0] * len(numbers),
        }
        article = values | {
            "headline": headlines,
            "body": [bodies[n % 500] for n in numbers],
            "url": [f"https://bote.example/{n}" for n in numbers],
            "paragraph_count": [5] * len(numbers),
            "word_count": [450] * len(numbers),
            "char_count": [3000] * len(numbers),
            "content_hash": values["article_id"],
            "language": ["de"] * len(numbers),
        }
        write_part(workspace.part("extract", "documents", part), pa.table({"document_id": values["article_id"]}))
        for name in ("extract", "transform"):
            write_part(workspace.part(name, REJECTS.name, part), staged_schema(REJECTS).empty_table())
        for table, copies in zip(RECORD_TABLES, (1, 5, 2), strict=True):
            given = article if copies == 1 else values
            rows = {name: np.repeat(np.array(column, object), copies) for name, column in given.items()}
            rows["position"] = np.tile(np.arange(1, copies + 1), len(numbers))
            write_part(workspace.part("transform", table.name, part), _filled(table, rows, len(numbers) * copies))


def _filled(table: Table, given: dict[str, np.ndarray], number: int) -> pa.Table:
    """A part with the columns given, and some value in all others that may not be null."""
    columns = []
    for field in staged_schema(table):
        if field.name in given:
            columns.append(pa.array(given[field.name], field.type))
        elif field.nullable:
            columns.append(pa.nulls(number, field.type))
        else:
            values = {"kind": "wire", "string": "text", "bool": False, "int32": 1, "int64": 1}
            value = values.get(field.name, values.get(str(field.type), ["Anna Muster"]))
            columns.append(pa.array([value] * number, field.type))
    return pa.table(columns, schema=staged_schema(table))


def main() -> None:
    """Stage, validate, print."""
    articles = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    bad = float(sys.argv[2]) if len(sys.argv) > 2 else 0.001  # noqa: PLR2004 (position on the command line)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(landing=Path(folder) / "landing", warehouse=Path(folder) / "warehouse")
        run = Run(
            run_id=f"{DAY}.0001",
            day=DAY,
            force=False,
            settings=settings.to_json(),
            files=articles,
            parser_version=parser_version(),
        )
        worker = multiprocessing.get_context("spawn").Process(target=stage, args=(run, articles, bad))
        worker.start()
        worker.join()
        from etl.validate.day import validate_day  # noqa: PLC0415 (not in the staging process)

        before = time.process_time()
        import great_expectations  # noqa: F401, PLC0415

        imported = time.process_time()
        started = time.perf_counter()
        verdict = validate_day(run)
        figures = {
            "articles": articles,
            "verdict": verdict,
            "import_cpu_s": round(imported - before, 1),
            "cpu_s": round(time.process_time() - imported, 1),
            "wall_s": round(time.perf_counter() - started, 1),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
