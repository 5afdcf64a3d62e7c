"""How fast each format is read, beside reading and decoding alone; and the peak memory over large files.

Two floors, each with its `x`: the same texts as loose files, and the very bytes of the format, read and decompressed by
the library alone. Both hash and decode what they read in pieces of a document's size.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.containers import FORMATS, OPENERS, documents, write_format
from etl import pipeline
from etl.contract import StageCounts
from etl.extract.read import Reading, read_file
from etl.settings import Settings
from etl.transform.record import Document

_LIMIT_MIB = 600
_PIECE = 4096
_LARGE = ("tar", "warc", "warc.gz", "jsonl.gz", "parquet", "zip")
_DAY = "2026-03-02"
_EXAMPLES = """examples:
  python -m benchmarks.sources                      throughput of every format
  python -m benchmarks.sources --formats warc.gz    of one
  python -m benchmarks.sources --peak 2             peak memory of `extract` over one file of 2 GiB, by format
"""


def main() -> None:
    """Measure throughput, or peak memory with --peak."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=_EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=3000, help="documents in each format (default: %(default)s)")
    parser.add_argument("--length", type=int, default=4000, help="characters of a document (default: %(default)s)")
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=None, help="only these")
    parser.add_argument("--peak", type=float, metavar="GIB", help="measure peak memory over a file of so much text")
    parser.add_argument("--folder", type=Path, help="where to make the scratch folder (default: the system's)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--extract", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.extract:
        _extract(arguments.extract)
        return
    folder = Path(tempfile.mkdtemp(prefix="sources-", dir=arguments.folder))
    try:
        rows = _peaks(folder, arguments) if arguments.peak else _speeds(folder, arguments)
    finally:
        shutil.rmtree(folder)
    if arguments.json:
        print(json.dumps(rows, indent=1))
    else:
        _show(rows)


def _speeds(folder: Path, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Each format beside the floors, through its reader and through the whole stage `extract`."""
    found = list(documents(arguments.documents, arguments.length))
    size = sum(len(text.encode()) for _, text in found)
    loose = write_format("txt", folder / "floor", found)
    texts = _least(lambda: _loose(loose, 1), 3)
    _warm_up(folder / "warm-up")
    rows = []
    for name in track(arguments.formats or FORMATS, description="reading"):
        landing = folder / name / "landing" / _DAY
        landing.parent.mkdir(parents=True)
        files = write_format(name, landing, found)
        alone = _least(partial(_alone, name, files, len(found)), 3)
        read = _least(partial(_read, files, len(found)), 2)
        extract = _least(partial(_extract_all, folder / name), 1)
        rows.append(
            {
                "format": name,
                "documents/s": round(len(found) / read),
                "MB/s": round(size / 1e6 / read, 1),
                "x texts": round(read / texts, 1),
                "x same bytes": round(read / alone, 1),
                "extract documents/s": round(len(found) / extract),
                "extract x same bytes": round(extract / alone, 1),
            }
        )
        shutil.rmtree(folder / name)
    return rows


def _warm_up(folder: Path) -> None:
    """What is imported and read once is no format's cost."""
    (folder / "landing").mkdir(parents=True)
    write_format("txt", folder / "landing" / _DAY, documents(3, 300))
    _extract_all(folder)


def _least(work: Callable[[], object], times: int) -> float:
    """CPU seconds, all threads, of the quickest of so many."""
    return min(_cpu(work) for _ in range(times))


def _cpu(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def _alone(name: str, files: list[Path], count: int) -> None:
    """What cannot be saved: the bytes of a format read, decompressed, hashed and decoded, but not looked at."""
    each = count // len(files)
    if name == "parquet":
        for text in pq.read_table(files[0], columns=["url", "text"], use_threads=False)["text"]:
            _taken(text.as_buffer().to_pybytes())
    elif name == "zip":
        with zipfile.ZipFile(files[0]) as archive:
            for member in archive.infolist():
                _taken(archive.read(member))
    else:
        _loose(files, each, OPENERS.get(name.rpartition(".")[2], open))


def _loose(files: list[Path], each: int, opener: Callable[..., Any] = open) -> None:
    for path in files:
        with opener(path, "rb") as file:
            if each == 1:
                _taken(file.read())
                continue
            while data := file.read(_PIECE):
                _taken(data)


def _taken(data: bytes) -> None:
    hashlib.sha256(data).hexdigest()
    data.decode(errors="replace")


def _read(files: list[Path], count: int) -> None:
    seen, reading = 0, Reading()
    for file in files:
        with file.open("rb") as opened:
            seen += sum(isinstance(found, Document) for found in read_file(opened, file.name, reading))
    if seen != count:
        message = f"{files[0]}: {seen} documents of {count} were read"
        raise RuntimeError(message)


def _peaks(folder: Path, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Extract one large file a process, as a batch of a run."""
    count = int(arguments.peak * (1 << 30) / arguments.length)
    rows = []
    for name in arguments.formats or _LARGE:
        landing = folder / name / "landing" / _DAY
        landing.parent.mkdir(parents=True)
        (file,) = write_format(name, landing, track(documents(count, arguments.length), f"writing {name}", total=count))
        command = [sys.executable, "-m", "benchmarks.sources", "--extract", str(folder / name)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        rows.append({"format": name, "file GiB": round(file.stat().st_size / (1 << 30), 2), **json.loads(done.stdout)})
        shutil.rmtree(folder / name)
    return rows


def _extract_all(folder: Path) -> list[StageCounts]:
    """Plan the day, which is quick, and extract its batches."""
    settings = Settings(landing=folder / "landing", warehouse=folder / "warehouse")
    run, batches = pipeline.plan(settings, _DAY)
    return [pipeline.extract(run, batch) for batch in batches]


def _extract(folder: Path) -> None:
    begin = time.perf_counter()
    counts = _extract_all(folder)
    seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024  # Linux: KiB
    found = {"documents": sum(c["documents"] for c in counts), "rejects": sum(c["rejects"] for c in counts)}
    print(json.dumps({**found, "seconds": round(seconds, 1), "peak MiB": peak, "within": peak <= _LIMIT_MIB}))


def _show(rows: list[dict[str, Any]]) -> None:
    table = Table(box=None)
    for heading in rows[0]:
        table.add_column(heading, justify="left" if heading == "format" else "right")
    for row in rows:
        table.add_row(*(f"{value:,}" if isinstance(value, int) else str(value) for value in row.values()))
    Console().print(table)


if __name__ == "__main__":
    main()
