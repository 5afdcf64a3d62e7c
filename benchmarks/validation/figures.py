"""The figures of one day: staged, validated and asked by SQL in processes of their own, one after the other."""

from __future__ import annotations

import json
import multiprocessing
import resource
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.validation.sql import judge, read_rules
from benchmarks.validation.staging import rejected, rows_of, stage
from etl.contract import Run
from etl.validate.facts import DAY
from tests.validate.synthetic import make_run


def measure(folder: Path, articles: int, bad: int) -> dict[str, Any]:
    """The figures of one day."""
    run, planted = make_run(folder), folder / "expected.json"
    _apart(stage, run, articles, bad, planted)
    ours = _apart(_validated, run)
    theirs = _apart(_asked, run, rows_of(articles))
    expected = [tuple(row) for row in json.loads(planted.read_text(encoding="utf-8"))]
    wrong = {
        "not found": _differing(expected, ours["rejected"]),
        "not planted": _differing(ours["rejected"], expected),
        "counted otherwise by SQL": sorted(
            f"{table}.{rule}: {number}, SQL {theirs['found'][f'{table}.{rule}']}"
            for (table, rule), number in ours["found"].items()
            if table != DAY.name and number != theirs["found"][f"{table}.{rule}"]
        ),
    }
    return {
        "articles": articles,
        "planted": len(expected),
        "rejected": len(ours["rejected"]),
        "exact": not any(wrong.values()),
        "wrong": {what: len(rows) for what, rows in wrong.items()},
        "examples": {what: rows[:5] for what, rows in wrong.items() if rows},
        "cpu_s": round(ours["cpu_s"], 1),
        "import_cpu_s": round(ours["import_cpu_s"], 1),
        "sql_cpu_s": round(theirs["cpu_s"], 1),
        "ratio": round(ours["cpu_s"] / theirs["cpu_s"], 2),
        "wall_s": round(ours["wall_s"], 1),
        "sql_wall_s": round(theirs["wall_s"], 1),
        "peak_mb": ours["peak_mb"],
        "sql_peak_mb": theirs["peak_mb"],
    }


def _differing(left: list[Any], right: list[Any]) -> list[Any]:
    return sorted((Counter(left) - Counter(right)).elements())


def _validated(run: Run) -> dict[str, Any]:
    import pyarrow.parquet as pq  # noqa: PLC0415

    before, started = time.process_time(), time.perf_counter()
    import great_expectations  # noqa: F401, PLC0415

    from etl.validate.day import validate_day  # noqa: PLC0415
    from etl.validate.history import results_file  # noqa: PLC0415

    imported = time.process_time()
    verdict = validate_day(run)
    cpu, wall = time.process_time() - before, time.perf_counter() - started
    results = pq.read_table(results_file(Path(run["settings"]["warehouse"]), run["run_id"])).to_pylist()
    names = [(row["table"], row["rule"]) for row in results]
    return {
        "cpu_s": cpu,
        "import_cpu_s": imported - before,
        "wall_s": wall,
        "peak_mb": _peak_mb(),
        "found": dict(zip(names, (row["unexpected"] for row in results), strict=True)),
        "rejected": rejected(run),
        "verdict": verdict,
    }


def _asked(run: Run, expected_rows: dict[str, int]) -> dict[str, Any]:
    rules = read_rules()  # and what stands for lists in them, which whoever writes SQL by hand has written before
    before, started = time.process_time(), time.perf_counter()
    found, _ = judge(run, rules, expected_rows)
    return {
        "cpu_s": time.process_time() - before,
        "wall_s": time.perf_counter() - started,
        "peak_mb": _peak_mb(),
        "found": {f"{table}.{rule}": number for (table, rule), number in found.items()},
    }


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _apart(function: Callable[..., Any], *arguments: Any) -> Any:
    """The value of a function, called in a process of its own, so that it has its own peak."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()
