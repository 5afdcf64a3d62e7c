"""Cost of validating a day, beside the same rules as hand-written SQL, and whether exactly the planted rows are found.

Three processes, one after the other: one stages the day, one validates it, one applies the SQL to the same files. CPU
seconds are those of all threads, imports included; the peak is that of the process that validates.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.validation.figures import measure
from benchmarks.validation.sql import read_rules
from etl.validate.suites import load_suites

_RATIO, _PEAK_MB = 3.0, 1200
_EXAMPLES = """examples:
  python -m benchmarks.validation                            1,000,000 articles, 10,000 of them bad
  python -m benchmarks.validation --articles 50000 --bad 500 a short form
"""


def main() -> None:
    """Stage, validate, ask SQL; exit with 1 where rows, cost or memory are not as they must be."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=_EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=1_000_000, help="articles of the day (default: %(default)s)")
    parser.add_argument("--bad", type=int, help="bad ones among them (default: one in a hundred)")
    parser.add_argument("--folder", type=Path, help="where to make the scratch folder (default: the system's)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    read_rules()
    bad = arguments.articles // 100 if arguments.bad is None else arguments.bad
    folder = Path(tempfile.mkdtemp(prefix="validation-", dir=arguments.folder))
    try:
        figures = measure(folder, arguments.articles, bad)
    finally:
        shutil.rmtree(folder)
    if arguments.json:
        print(json.dumps(figures, indent=1))
    else:
        _show(figures)
    faults = [
        *(["not exactly the planted rows were found"] if not figures["exact"] else []),
        *([f"the ratio is above {_RATIO}"] if figures["ratio"] > _RATIO else []),
        *([f"the peak is above {_PEAK_MB} MB"] if figures["peak_mb"] > _PEAK_MB else []),
    ]
    if faults:
        sys.exit("; ".join(faults))


def _show(figures: dict[str, Any]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("", "CPU s", "wall s", "peak MB"):
        table.add_column(heading, justify="left" if not heading else "right")
    for name, prefix in (("validate", ""), ("the rules as SQL", "sql_")):
        table.add_row(name, *(str(figures[prefix + figure]) for figure in ("cpu_s", "wall_s", "peak_mb")))
    console = Console(highlight=False, soft_wrap=True)
    console.print(table)
    rules = sum(len(suite.rules) for suite in load_suites(None).values())
    console.print(
        f"{figures['articles']:,} articles with children, {rules} rules: {figures['ratio']} x the CPU of SQL "
        f"(imports of {figures['import_cpu_s']} s included); {figures['planted']:,} rows planted, "
        f"{figures['rejected']:,} rejected, {'exactly those' if figures['exact'] else figures['wrong']}"
    )
    for what, rows in figures["examples"].items():
        console.print(f"{what}: {rows}")


if __name__ == "__main__":
    main()
