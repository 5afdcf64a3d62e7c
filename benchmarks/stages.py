"""How long `news-etl run` takes for 1,000 documents, how that divides among stages, and what reading alone takes."""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from etl.engines.local import LocalEngine
from etl.extract.charset import decode
from etl.settings import Settings

SAMPLES = Path(__file__).resolve().parents[1] / "samples" / "landing"
DAY = "2026-03-02"


def main() -> None:
    """Build a day of copies of the sample pages, each a document of its own, and run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--documents", type=int, default=5_000, help="how many documents the day has")
    parser.add_argument("--workers", type=int, default=1, help="processes; 0: one per core")
    parser.add_argument("--folder", type=Path, default=None, help="where the files go; default: a temporary folder")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="stages-", dir=arguments.folder))
    try:
        _measure(folder, arguments.documents, arguments.workers)
    finally:
        shutil.rmtree(folder)


def _measure(folder: Path, documents: int, workers: int) -> None:
    landing = folder / "landing"
    size = _write_day(landing / DAY, documents)
    begin = time.perf_counter()
    for file in (landing / DAY).iterdir():
        decode(file.read_bytes())
    floor = time.perf_counter() - begin

    begin = time.perf_counter()
    with LocalEngine(Settings(landing=landing, warehouse=folder / "warehouse", workers=workers)) as engine:
        result = engine.run_day(DAY)
        whole = time.perf_counter() - begin
    console = Console()
    console.print(
        f"{documents:,} documents, {size / 1e6:.1f} MB, {engine.workers} worker(s): {result.published['message']}"
    )
    table = Table(box=None)
    for heading in ("stage", "seconds", "s per 1,000 documents", "share", "x reading and decoding alone"):
        table.add_column(heading, justify="left" if heading == "stage" else "right")
    stages = {**result.seconds, "wall, start of workers included": whole, "reading and decoding alone": floor}
    total = sum(result.seconds.values())
    for stage, seconds in stages.items():
        share = f"{seconds / total:.0%}" if stage in result.seconds else ""
        per_thousand = f"{seconds / documents * 1000:.2f}"
        table.add_row(stage, f"{seconds:.1f}", per_thousand, share, f"{seconds / floor:.1f}")
    console.print(table)


def _write_day(day: Path, documents: int) -> int:
    """Copies of the plain sample pages, told apart by a number at the end of their first long line."""
    pages = [
        page
        for file in sorted(SAMPLES.rglob("*.txt"))
        if "eingang" not in file.parts and len(page := file.read_text(encoding="utf-8")) > 500  # noqa: PLR2004
    ]
    day.mkdir(parents=True)
    size = 0
    for number in track(range(documents), description="writing the day"):
        lines = pages[number % len(pages)].split("\n")
        longest = max(range(len(lines)), key=lambda index: len(lines[index]))
        lines[longest] += f" Das war die {number}."
        data = "\n".join(lines).encode()
        (day / f"{number:07}.txt").write_bytes(data)
        size += len(data)
    return size


if __name__ == "__main__":
    main()
