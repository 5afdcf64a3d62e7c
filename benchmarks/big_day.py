"""Load a day with more text than an Arrow string column can hold, and measure the memory of each stage.

Makes a landing day of long, different pages in a scratch folder, then runs the pipeline stage by stage, each stage in
a process of its own, and prints the seconds, the processor seconds and the peak memory (resident set) of each.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

from rich.console import Console
from rich.progress import track
from rich.table import Table as Printed

DAY = "2015-10-21"
SEED = 20151021

_SYLLABLES = re.findall(
    r"\w+",
    "ba be bo da den der dis ei en er fal ga gen hal ker la le li mar men "
    "mo nen no ra ren sa schu se ta ten ter un ver wal zu",
)
_CREDITS = ("(APA/dpa)", "(Reuters)", "(AFP)", "(red)", "")
_PARAGRAPHS = 30_000
_EXAMPLES = """examples:
  python benchmarks/big_day.py                      2.3 GiB through all stages; needs some 8 GiB of disk
  python benchmarks/big_day.py --staged             only `load`, over staged files made directly
  python benchmarks/big_day.py --gib 0.1            a quick try
"""


def main() -> None:
    """Parse the command line; do one step where called by itself, else all of them in child processes."""
    arguments = _parser().parse_args()
    if arguments.step:
        _STEPS[arguments.step](arguments)
        return
    parent = arguments.folder or Path(tempfile.gettempdir())
    arguments.folder = Path(tempfile.mkdtemp(prefix="big-day-", dir=parent)).resolve()
    steps = ["stage", "load"] if arguments.staged else ["land", "plan", "extract", "transform", "validate", "load"]
    try:
        _report([_measured(step, arguments) for step in [*steps, "check"]], arguments)
    finally:
        if arguments.keep:
            print(f"kept: {arguments.folder}")
        else:
            shutil.rmtree(arguments.folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=_EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gib", type=float, default=2.3, help="text of the day in GiB (default: %(default)s)")
    parser.add_argument("--kib", type=int, default=90, help="mean length of a page in KiB (default: %(default)s)")
    parser.add_argument("--staged", action="store_true", help="write staged files directly and measure only `load`")
    parser.add_argument("--folder", type=Path, help="where to make the scratch folder (default: the system's)")
    parser.add_argument("--keep", action="store_true", help="leave the scratch folder behind")
    parser.add_argument("--step", choices=list(_STEPS), help=argparse.SUPPRESS)
    return parser


def _measured(step: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Run one step in a child process; its peak memory is the kernel's figure for that process."""
    command = [sys.executable, __file__, "--step", step, "--folder", str(arguments.folder)]
    command += ["--gib", str(arguments.gib), "--kib", str(arguments.kib)]
    print(f"{step} …", file=sys.stderr)
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    output = cast("Any", child.stdout).read()
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"step `{step}` failed, see above")
    return {
        "step": step,
        "seconds": time.perf_counter() - start,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss / 1024,
        "said": output.decode().strip(),
    }


def _report(results: list[dict[str, Any]], arguments: argparse.Namespace) -> None:
    printed = Printed(title=f"{arguments.gib:g} GiB of text in one day, pages of {arguments.kib} KiB")
    for name in ("step", "seconds", "processor s", "peak MiB"):
        printed.add_column(name, justify="left" if name == "step" else "right")
    printed.add_column("result", overflow="fold")
    for r in results:
        printed.add_row(r["step"], f"{r['seconds']:.1f}", f"{r['cpu']:.1f}", f"{r['peak']:.0f}", r["said"])
    Console(width=None if sys.stdout.isatty() else 160).print(printed)


def pages(gib: float, kib: int) -> Iterator[tuple[str, list[str], str]]:
    """Different pages, the same in every run: headline, paragraphs, credit line."""
    chosen = random.Random(SEED)
    words = sorted({"".join(chosen.choices(_SYLLABLES, k=chosen.randint(1, 4))) for _ in range(20_000)})
    frequent = [int(len(words) * chosen.random() ** 3) for _ in range(200_000)]
    paragraphs = [_sentences(chosen, words, frequent) for _ in range(_PARAGRAPHS)]
    mean = sum(len(p) for p in paragraphs) / _PARAGRAPHS
    count = round(gib * 2**20 / kib)
    for number in track(range(count), description="pages", console=Console(stderr=True)):
        wanted = round(kib * 1024 * chosen.uniform(0.67, 1.33) / mean)
        headline = f"{chosen.choice(words).capitalize()} und {chosen.choice(words)} im Bericht {number}"
        yield headline, chosen.choices(paragraphs, k=wanted), chosen.choice(_CREDITS)


def _sentences(chosen: random.Random, words: list[str], frequent: list[int]) -> str:
    made = []
    for _ in range(chosen.randint(2, 6)):
        text = " ".join(words[i] for i in chosen.choices(frequent, k=chosen.randint(8, 20)))
        made.append(text.capitalize() + ".")
    return " ".join(made)


def _land(arguments: argparse.Namespace) -> None:
    total = 0
    for number, (headline, paragraphs, credit) in enumerate(pages(arguments.gib, arguments.kib)):
        folder = arguments.folder / "landing" / DAY / f"source{number % 7}"
        folder.mkdir(parents=True, exist_ok=True)
        page = "\n\n".join([headline, *paragraphs, credit]) + "\n"
        total += (folder / f"{number:06d}.txt").write_bytes(page.encode())
    print(f"{number + 1} files, {total / 2**30:.2f} GiB")


def _plan(arguments: argparse.Namespace) -> None:
    from etl import pipeline  # noqa: PLC0415 - each step imports what it measures
    from etl.settings import Settings  # noqa: PLC0415

    folder: Path = arguments.folder
    run, batches = pipeline.plan(Settings(landing=folder / "landing", warehouse=folder / "warehouse"), DAY)
    (folder / "plan.json").write_text(json.dumps([run, batches]))
    print(f"{run['files']} files, {len(batches)} batches")


def _extract(arguments: argparse.Namespace) -> None:
    from etl import pipeline  # noqa: PLC0415

    run, batches = _planned(arguments)
    counts = [pipeline.extract(run, batch) for batch in batches]
    print(f"{sum(c['documents'] for c in counts)} documents, {sum(c['rejects'] for c in counts)} rejects")


def _transform(arguments: argparse.Namespace) -> None:
    from etl import pipeline  # noqa: PLC0415

    run, batches = _planned(arguments)
    counts = [pipeline.transform(run, batch) for batch in batches]
    print(f"{sum(c['documents'] for c in counts)} articles, {sum(c['rejects'] for c in counts)} rejects")


def _validate(arguments: argparse.Namespace) -> None:
    from etl import pipeline  # noqa: PLC0415

    print(json.dumps(pipeline.validate(_planned(arguments)[0])))


def _load(arguments: argparse.Namespace) -> None:
    from etl import pipeline  # noqa: PLC0415

    print(pipeline.load(_planned(arguments)[0])["message"])


def _planned(arguments: argparse.Namespace) -> Any:
    return json.loads((arguments.folder / "plan.json").read_text())


def _stage(arguments: argparse.Namespace) -> None:
    """Write what `load` reads, without the stages before: parts of 64 MiB, each sorted by article."""
    import pyarrow as pa  # noqa: PLC0415

    from etl.load.probe import prepare_warehouse  # noqa: PLC0415
    from etl.settings import Settings  # noqa: PLC0415
    from etl.tables import ARTICLES, RECORD_TABLES, REJECTS, staged_schema  # noqa: PLC0415
    from etl.transform.version import parser_version  # noqa: PLC0415
    from etl.workspace import Workspace, write_part  # noqa: PLC0415

    folder: Path = arguments.folder
    settings = Settings(landing=folder / "landing", warehouse=folder / "warehouse")
    prepare_warehouse(settings.warehouse)
    run = {
        "run_id": f"{DAY}.0001",
        "day": DAY,
        "force": False,
        "settings": settings.to_json(),
        "files": 0,
        "parser_version": parser_version(),
    }
    space = Workspace(settings.warehouse, f"{DAY}.0001")
    slim = pa.schema([("source_uri", pa.string()), ("source_offset", pa.int64()), ("document_id", pa.string())])
    manifest: list[dict[str, Any]] = []
    part: list[dict[str, Any]] = []
    held = parts = 0

    def flush() -> None:
        nonlocal part, held, parts
        part.sort(key=lambda row: row["article_id"])
        documents = [{**row, "document_id": row["article_id"]} for row in part]
        documents.sort(key=lambda row: cast("str", row["source_uri"]))
        write_part(space.part("extract", "documents", parts), _rows(documents, slim))
        for table in (*RECORD_TABLES, REJECTS):
            rows = part if table is ARTICLES else []
            write_part(space.part("transform", table.name, parts), _rows(rows, staged_schema(table)))
        manifest.extend({"source_uri": row["source_uri"]} for row in documents)
        part, held, parts = [], 0, parts + 1

    for number, (headline, paragraphs, _) in enumerate(pages(arguments.gib, arguments.kib)):
        part.append(_article(number, headline, paragraphs))
        held += part[-1]["source_length"]
        if held >= settings.batch_bytes:
            flush()
    flush()
    write_part(space.work / "plan" / "manifest.parquet", _rows(manifest, slim))
    write_part(space.part("validate", REJECTS.name, 0), staged_schema(REJECTS).empty_table())
    nothing = pa.schema([("table", pa.string()), ("part", pa.int32()), ("row", pa.int64())]).empty_table()
    write_part(space.work / "validate" / "dropped.parquet", nothing)
    (folder / "plan.json").write_text(json.dumps([run, []]))
    print(f"{len(manifest)} articles in {parts} parts")


def _rows(rows: list[dict[str, Any]], schema: Any) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    return pa.Table.from_pylist(rows, schema=schema)


def _article(number: int, headline: str, paragraphs: list[str]) -> dict[str, Any]:
    body = "\n\n".join(paragraphs)
    digest = hashlib.sha256(body.encode()).hexdigest()[:32]
    return {
        "article_id": digest,
        "source": f"source{number % 7}",
        "headline": headline,
        "body": body,
        "authors": [],
        "image_credits": [],
        "image_captions": [],
        "topics": [],
        "paragraph_count": len(paragraphs),
        "word_count": body.count(" ") + 1,
        "char_count": len(body),
        "content_hash": digest,
        "is_truncated": False,
        "media_type": "text/plain",
        "charset": "utf-8",
        "source_uri": f"{DAY}/source{number % 7}/{number:06d}.txt",
        "source_offset": 0,
        "source_length": len(body.encode()),
        "parser_version": "benchmark",
    }


def _check(arguments: argparse.Namespace) -> None:
    """Read the published text back, a batch at a time: its size, and that keys ascend."""
    import pyarrow.compute as pc  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    from etl import open_warehouse  # noqa: PLC0415

    warehouse = open_warehouse(arguments.folder / "warehouse")
    text, last, rows = 0, "", 0
    (path,) = warehouse.table_path("articles").rglob("*.parquet")
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(64, columns=["article_id", "body"]):
            ids = batch["article_id"].to_pylist()
            if [last, *ids] != sorted({last, *ids}):
                sys.exit("keys do not ascend")
            last, rows = ids[-1], rows + len(ids)
            text += pc.sum(pc.binary_length(batch["body"])).as_py()
        groups = file.metadata.num_row_groups
    print(
        f"{rows} articles, {text / 2**30:.2f} GiB of body, {groups} row groups, {path.stat().st_size / 2**20:.0f} MiB"
    )


_STEPS: dict[str, Callable[[argparse.Namespace], None]] = {
    "land": _land,
    "stage": _stage,
    "plan": _plan,
    "extract": _extract,
    "transform": _transform,
    "validate": _validate,
    "load": _load,
    "check": _check,
}

if __name__ == "__main__":
    main()
