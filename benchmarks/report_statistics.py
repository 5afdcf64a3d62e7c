"""What the statistics of a corpus cost: 1,000 days counted for the first time, and read again from what was kept.

Run with `python -m benchmarks.report_statistics [--days N] [--articles N] [--sources N]`; prints one line of JSON. One
day is written and linked under the names of all, as the statistics tell days apart by the names of their files.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import resource
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from etl.load.merge import write_file
from etl.load.snapshots import CURRENT, MANIFEST, DataFile, PublishedDay, Snapshot, snapshot_folder
from etl.report.statistics import collect
from etl.tables import AGENCIES, ARTICLES, REJECTS, RELATED_ITEMS, RUNS, TABLES, Table, arrow_schema
from etl.workspace import write_json

FIRST = dt.date(2015, 1, 1)
WORDS = "der Rat hat am Montag über den Haushalt für das kommende Jahr beraten und größere Ausgaben beschlossen"


def rows_of_a_day(articles: int, sources: int, *, changed: bool = False) -> dict[str, pa.Table]:
    """All tables of a day: a body of some 3 KB, five related items and one agency per article, a tenth rejected.

    `changed`: the first source has no leads.
    """
    rng = np.random.default_rng(7)
    bodies = ["\n\n".join(" ".join(rng.choice(WORDS.split(), 90)) + "." for _ in range(5)) for _ in range(500)]
    numbers = range(articles)
    article: dict[str, Sequence[object]] = {
        "article_id": [f"{n:032x}" for n in numbers],
        "source": [f"source-{n % sources:03}" for n in numbers],
        "headline": [f"Meldung {n} aus dem Rat der Stadt" for n in numbers],
        "lead": [WORDS if n % 3 and not (changed and n % sources == 0) else None for n in numbers],
        "body": [bodies[n % 500] for n in numbers],
        "authors": [["Anna Muster"] if n % 2 else [] for n in numbers],
        "language": ["de"] * articles,
        "word_count": [450] * articles,
        "is_truncated": [False] * articles,
        "image_credits": [["Foto"]] * articles,
    }
    tables: dict[str, dict[str, Sequence[object]]] = {ARTICLES.name: article}
    for table, copies in ((RELATED_ITEMS, 5), (AGENCIES, 1)):
        tables[table.name] = {
            "article_id": np.repeat(np.array(article["article_id"], object), copies).tolist(),
            "position": list(range(1, copies + 1)) * articles,
        }
    tables[AGENCIES.name] |= {"agency_code": ["apa"] * articles, "kind": ["wire"] * articles}
    tables[AGENCIES.name] |= {"agency_name": ["APA"] * articles, "scope": ["text"] * articles}
    lost = range(articles // 10)
    tables[REJECTS.name] = {
        "source_uri": [f"{FIRST}/source-{n % sources:03}/{n:08}.txt" for n in lost],
        "code": ["not_an_article"] * len(lost),
        "row_table": ["documents"] * len(lost),
    }
    tables[RUNS.name] = {"documents": [articles + len(lost)]}
    return {name: _filled(TABLES[name], columns) for name, columns in tables.items()}


def _filled(table: Table, columns: Mapping[str, Sequence[object]]) -> pa.Table:
    rows = len(next(iter(columns.values())))
    values = {"string": "", "date": FIRST, "strings": [], "bool": False, "timestamp": None}
    given = {c.name: [None if c.nullable else values.get(c.type, 0)] * rows for c in table.columns} | dict(columns)
    return pa.table([pa.array(given[c.name], c.arrow_type) for c in table.columns], schema=arrow_schema(table))


def make_warehouse(folder: Path, days: int, articles: int, sources: int, changed_from: int | None = None) -> None:
    """A snapshot of `days` days; from the day of number `changed_from` on, the first source has no leads."""
    snapshot = snapshot_folder(folder, 1)
    tables = rows_of_a_day(articles, sources)
    for changed, made in ((False, tables), (True, rows_of_a_day(articles, sources, changed=True))):
        for name, rows in made.items():
            write_file(TABLES[name], [rows], folder / f"{changed}-{name}.parquet")
    published = {}
    for number in range(days):
        day = f"{FIRST + dt.timedelta(days=number)}"
        files = {name: DataFile(f"{day}-{number:016x}.parquet", rows.num_rows, 0, "") for name, rows in tables.items()}
        for name, file in files.items():
            target = snapshot / file.path(name)
            target.parent.mkdir(parents=True, exist_ok=True)
            changed = changed_from is not None and number >= changed_from
            os.link(folder / f"{changed}-{name}.parquet", target)
        published[day] = PublishedDay(f"{day}.0001", articles, empty=False, tables=files)
    write_json(snapshot / MANIFEST, Snapshot(1, days=published).to_json())
    (folder / CURRENT).symlink_to(snapshot.relative_to(folder))


def main() -> None:
    """Print the seconds and CPU seconds of the first time and of the second."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=1000)
    parser.add_argument("--articles", type=int, default=2000, help="articles of a day (default: %(default)s)")
    parser.add_argument("--sources", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        make_warehouse(Path(scratch), options.days, options.articles, options.sources)
        figures: dict[str, float] = vars(options)
        for name in ("first", "kept"):
            began, cpu = time.perf_counter(), time.process_time()
            figures["rows"] = collect(Path(scratch)).sources.num_rows
            figures[f"{name}_seconds"] = round(time.perf_counter() - began, 2)
            figures[f"{name}_cpu_seconds"] = round(time.process_time() - cpu, 2)
        folder = Path(scratch) / "_reports" / "statistics"
        figures["kept_megabytes"] = round(sum(f.stat().st_size for f in folder.iterdir()) / 1e6, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({**figures, "peak_mb": peak}))


if __name__ == "__main__":
    main()
