"""CPU time of the parser: text against writing and reading it as Parquet, HTML against trafilatura; where it goes."""

from __future__ import annotations

import argparse
import io
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from rich.progress import track

from benchmarks.quality.peers import peers
from benchmarks.quality.sets import INPUTS, Sample, own_set, shared_set
from benchmarks.sampling import sampling
from etl.console import err, out, print_table
from etl.pipeline import extract, plan, transform
from etl.settings import Settings
from etl.transform.parse import parse
from etl.transform.record import Document, Record, Refusal
from etl.transform.rows import agency_rows, article_row, related_rows
from tests.quality.predictions import read

_DAY = "2026-03-02"
_LANGUAGE = "transform/language"
_ZSTD_LEVEL = 3
_WARM_UP = 20
_SAMPLED_SECONDS = 6
_SMALLEST_SHARE = 0.005
_PARQUET, _OURS, _STAGES = "Parquet, written and read", "bytes to rows", "stages extract and transform"


def main() -> None:
    """Run the command line."""
    options = _options()
    samples = shared_set(options.corpus) if options.corpus else own_set()
    found: dict[str, dict[str, Any]] = {}
    if options.input in (None, "text"):
        found["text"] = _text(samples, options.rounds) | _parts(samples, "text")
    if options.input in (None, "html"):
        some = samples[:: max(1, len(samples) // options.html_pages)]
        found["html"] = _html(some) | _parts(some, "html")
    if options.json:
        out.file.write(json.dumps(found, indent=1) + "\n")
        return
    for form, facts in found.items():
        (_print_text if form == "text" else _print_html)(facts)
        _print_parts(facts, options.functions)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parser_speed", description=__doc__)
    parser.add_argument("--corpus", type=Path, help="folder with pages.jsonl and html/; default: our own pages")
    parser.add_argument("--input", choices=sorted(INPUTS), help="only this form of the pages")
    parser.add_argument("--rounds", type=int, default=5, help="how often text is measured; the quickest round counts")
    parser.add_argument("--html-pages", type=int, default=150, help="about how many HTML pages, spread over the set")
    parser.add_argument("--functions", type=int, default=0, metavar="N", help="list the N functions that take longest")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    return parser.parse_args()


def _text(samples: list[Sample], rounds: int) -> dict[str, Any]:
    """Seconds of CPU time for all documents; the three in turn, each round."""
    texts = [sample.text.decode() for sample in samples]
    _all_rows(samples[:_WARM_UP], "text")
    with tempfile.TemporaryDirectory(prefix="parser-speed-") as folder:
        settings = _write_day(Path(folder), samples)
        jobs: dict[str, Callable[[], object]] = {
            _PARQUET: lambda: _to_parquet_and_back(texts),
            _OURS: lambda: _all_rows(samples, "text"),
            _STAGES: lambda: _run_stages(settings),
        }
        best = dict.fromkeys(jobs, float("inf"))
        for _ in track(range(rounds), "text", console=err, transient=True):
            for name, job in jobs.items():
                _forget()
                begin = time.process_time()
                job()
                best[name] = min(best[name], time.process_time() - begin)
    return {"documents": len(samples), "bytes": sum(len(sample.text) for sample in samples), "seconds": best}


def _write_day(folder: Path, samples: list[Sample]) -> Settings:
    day = folder / "landing" / _DAY
    day.mkdir(parents=True)
    for number, sample in enumerate(samples):
        (day / f"{number:06}.txt").write_bytes(sample.text)
    return Settings(landing=folder / "landing", warehouse=folder / "warehouse")


def _run_stages(settings: Settings) -> None:
    run, batches = plan(settings, _DAY)
    for batch in batches:
        extract(run, batch)
        transform(run, batch)


def _to_parquet_and_back(texts: list[str]) -> None:
    file = io.BytesIO()
    table = pa.table({"text": pa.array(texts, pa.string())})
    pq.write_table(table, file, compression="zstd", compression_level=_ZSTD_LEVEL)
    file.seek(0)
    pq.read_table(file)


def _html(samples: list[Sample]) -> dict[str, Any]:
    """Seconds of CPU time for all documents; the extractors in turn, page by page: a busy machine slows all alike."""
    readers: dict[str, Callable[[Sample], object]] = {"ours": lambda sample: _record(sample, "html")}
    if any(peer.package == "trafilatura" for peer in peers()):
        library = import_module("trafilatura")
        readers["trafilatura"] = lambda sample: library.extract(sample.html)
        readers["trafilatura with metadata"] = lambda sample: library.bare_extraction(sample.html, with_metadata=True)
    for sample in samples[:_WARM_UP]:
        for reader in readers.values():
            reader(sample)
    _forget()
    seconds = dict.fromkeys(readers, 0.0)
    for sample in track(samples, "html", console=err, transient=True):
        for name, reader in readers.items():
            begin = time.process_time()
            reader(sample)
            seconds[name] += time.process_time() - begin
    return {"documents": len(samples), "bytes": sum(len(sample.html) for sample in samples), "seconds": seconds}


def _parts(samples: list[Sample], form: str) -> dict[str, Any]:
    """Shares of our CPU time by module and by function, from runs apart."""
    with sampling() as looks:
        begin = time.process_time()
        while time.process_time() - begin < _SAMPLED_SECONDS:
            _forget()
            _all_rows(samples, form)
    return {"modules": _shares(looks.modules), "functions": _shares(looks.functions)}


def _shares(counts: Counter[str]) -> dict[str, float]:
    return {name: count / max(counts.total(), 1) for name, count in counts.most_common()}


def _print_text(facts: dict[str, Any]) -> None:
    number, seconds, language = facts["documents"], facts["seconds"], facts["modules"].get(_LANGUAGE, 0.0)
    floor = seconds[_PARQUET]
    out.print(f"\n[bold]text[/bold], {number} documents of {facts['bytes'] / number:,.0f} bytes on average")
    named = seconds[_OURS] * language  # the same in the stages, which parse the same documents
    rows = [
        (_PARQUET, floor),
        (f"{_OURS} (decoded, parsed)", seconds[_OURS] - named),
        ("naming the language of it", named),
        (f"{_STAGES}, files included", seconds[_STAGES] - named),
    ]
    print_table(
        {"CPU time": False, "microseconds a document": True, "x Parquet": True},
        [[name, f"{value / number * 1e6:,.0f}", f"{value / floor:.1f}"] for name, value in rows],
    )


def _print_html(facts: dict[str, Any]) -> None:
    number, seconds = facts["documents"], facts["seconds"]
    out.print(f"\n[bold]HTML[/bold], {number} documents of {facts['bytes'] / number:,.0f} bytes on average")
    print_table(
        {"extractor": False, "documents a CPU second": True, "ours is faster": True},
        [[name, f"{number / value:,.0f}", f"{value / seconds['ours']:.1f} x"] for name, value in seconds.items()],
    )
    if "trafilatura" not in seconds:
        out.print("trafilatura is not installed: make peers")


def _print_parts(facts: dict[str, Any], functions: int) -> None:
    whole = facts["seconds"].get(_OURS) or facts["seconds"]["ours"]
    each = whole / facts["documents"] * 1e6
    for name, shares in (("module", facts["modules"]), ("function", facts["functions"])):
        shown = list(shares.items())
        shown = shown[:functions] if name == "function" else [row for row in shown if row[1] >= _SMALLEST_SHARE]
        if shown:
            out.print()
            print_table(
                {name: False, "share": True, "microseconds a document": True},
                [[part, f"{share:.1%}", f"{share * each:,.0f}"] for part, share in shown],
            )


def _document(sample: Sample, form: str) -> Document | Refusal:
    return read(sample.id, sample.data(form), INPUTS[form])


def _record(sample: Sample, form: str) -> Record | Refusal:
    document = _document(sample, form)
    return document if isinstance(document, Refusal) else parse(document)


def _forget() -> None:
    """Empty the parser's memories of lines: no day brings the same pages again, as the rounds here do."""
    for name, module in list(sys.modules.items()):
        if name.startswith("etl.transform."):
            for value in vars(module).values():
                if hasattr(value, "cache_parameters") and value.cache_parameters()["maxsize"] is not None:
                    value.cache_clear()


def _all_rows(samples: list[Sample], form: str) -> None:
    """What extract and transform do with documents, but for files."""
    for sample in samples:
        document = _document(sample, form)
        record = document if isinstance(document, Refusal) else parse(document)
        if isinstance(document, Document) and isinstance(record, Record):
            article_row(document, record, "benchmark")
            related_rows(document, record)
            agency_rows(document, record)


if __name__ == "__main__":
    main()
