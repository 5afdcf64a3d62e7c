"""Feed mutated files of every format to the readers and the parser: nothing may escape, hang or take much memory."""

from __future__ import annotations

import argparse
import io
import json
import logging
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, field

import pyarrow as pa
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.mutations import mutated, seeds
from etl.extract.limits import Limits
from etl.extract.read import Reading, RefusedFile, read_file
from etl.tables import AGENCIES, ARTICLES, REJECT_CODES, RELATED_ITEMS, staged_schema
from etl.transform.parse import parse
from etl.transform.record import Document, Refusal
from etl.transform.rows import agency_rows, article_row, related_rows

_READING = Reading(Limits(document_bytes=4 * 1024 * 1024))
_CHUNK = 250
_HANG_SECONDS = 60
_OFFSET_MAX = 1 << 63
_EXAMPLES = """examples:
  python -m benchmarks.fuzz                            100,000 inputs
  python -m benchmarks.fuzz --inputs 5000 --seed 7     some others
  python -m benchmarks.fuzz --only "zip:4711"          one again, with its traceback
"""


class _Hang(BaseException):
    """An input takes too long; not an Exception, which readers might take for damage."""


@dataclass
class Found:
    """What a number of inputs of one kind came to."""

    kind: str
    inputs: int = 0
    articles: int = 0
    rejects: Counter[str] = field(default_factory=Counter)
    escapes: list[str] = field(default_factory=list)
    """Number of the input, and what escaped."""
    slowest: tuple[float, int] = (0.0, 0)
    """CPU seconds of the slowest input, and its number."""
    peak: tuple[int, int] = (0, 0)
    """Most MiB by which an input raised the process's peak, and its number."""

    def add(self, other: Found) -> None:
        """Take in what other inputs came to."""
        self.inputs += other.inputs
        self.articles += other.articles
        self.rejects += other.rejects
        self.escapes += other.escapes
        self.slowest, self.peak = max(self.slowest, other.slowest), max(self.peak, other.peak)


def main() -> None:
    """Run the command line; exit code 1 where something escaped."""
    options = _options()
    if options.only:
        kind, _, number = options.only.partition(":")
        print(read_and_parse(mutated(kind, int(number), options.seed)))
        return
    chosen = options.kinds or sorted(seeds())
    share = -(-options.inputs // len(chosen))
    chunks = [(kind, range(at, min(at + _CHUNK, share))) for kind in chosen for at in range(0, share, _CHUNK)]
    found = {kind: Found(kind) for kind in chosen}
    for part in _with_progress(chunks, options.seed, options.workers):
        found[part.kind].add(part)
    if options.json:
        print(json.dumps([asdict(part) for part in found.values()], indent=1))
    else:
        _print(found.values())
    sys.exit(any(part.escapes for part in found.values()))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=_EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=100_000, help="how many, over all kinds (default: %(default)s)")
    parser.add_argument("--kinds", nargs="+", choices=sorted(seeds()), help="only these")
    parser.add_argument("--seed", type=int, default=0, help="another one gives other inputs (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="processes (default: %(default)s)")
    parser.add_argument("--only", metavar="KIND:NUMBER", help="run one input, as a failure names it")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args()


def _with_progress(chunks: list[tuple[str, range]], seed: int, workers: int) -> Iterator[Found]:
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("inputs", total=sum(len(numbers) for _, numbers in chunks))
        with ProcessPoolExecutor(workers) as pool:
            pending = {pool.submit(run, kind, numbers, seed): (kind, numbers) for kind, numbers in chunks}
            for future in as_completed(pending):
                kind, numbers = pending[future]
                try:
                    yield future.result()
                except BrokenProcessPool:
                    where = f"{kind}:{numbers.start} to {numbers.stop - 1}"
                    yield Found(kind, escapes=[f"a process died, at or before {where}; run them with --only"])
                progress.advance(task, len(numbers))


def run(kind: str, numbers: Iterable[int], seed: int = 0) -> Found:
    """Read and parse the inputs with these numbers."""
    logging.disable(logging.CRITICAL)
    found = Found(kind)
    before = signal.signal(signal.SIGALRM, _hang)
    try:
        for number in numbers:
            data, begin, peak = mutated(kind, number, seed), time.process_time(), _peak()
            signal.alarm(_HANG_SECONDS)
            try:
                articles, rejects = read_and_parse(data)
            except (Exception, _Hang) as error:  # noqa: BLE001 - that is what is looked for
                found.escapes.append(f"{kind}:{number} {type(error).__name__}: {str(error)[:300]}")
            else:
                found.articles += articles
                found.rejects += rejects
            finally:
                signal.alarm(0)
            found.inputs += 1
            found.slowest = max(found.slowest, (round(time.process_time() - begin, 3), number))
            found.peak = max(found.peak, (_peak() - peak, number))
    finally:
        signal.signal(signal.SIGALRM, before)
        logging.disable(logging.NOTSET)
    return found


def _hang(*_: object) -> None:
    message = f"more than {_HANG_SECONDS} s"
    raise _Hang(message)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def read_and_parse(data: bytes) -> tuple[int, Counter[str]]:
    """How many articles a file has, and its rejects by code.

    Raises:
        AssertionError: what was found cannot be accounted for.
        pyarrow.ArrowException, UnicodeError: it cannot be written to a table.
    """
    articles, rejects, places = 0, Counter[str](), set[tuple[str, int]]()
    for found in read_file(io.BytesIO(data), "day/x", _READING):
        place = found.source_uri, found.source_offset
        _claim(place not in places, f"{place} was found twice")
        _claim(0 <= found.source_offset < _OFFSET_MAX, f"{place} is no place")
        _claim(0 <= (found.source_length or 0) < _OFFSET_MAX, f"{place} has length {found.source_length}")
        places.add(place)
        found.source_uri.encode()
        refusal = found.refusal if isinstance(found, RefusedFile) else _parsed(found)
        if refusal is None:
            articles += 1
            continue
        refusal.message.encode()
        _claim(refusal.code in REJECT_CODES and refusal.code != "parse_error", f"{place}: {refusal}")
        rejects[refusal.code] += 1
    _claim(bool(places), "nothing was found, not even a refusal")
    return articles, rejects


def _parsed(document: Document) -> Refusal | None:
    """Why a document is no article; None where it is one, whose rows can be written."""
    texts = (document.text, document.url, document.source, document.charset)
    stated = json.dumps(asdict(document.stated), ensure_ascii=False) if document.stated else ""
    "".join(text or "" for text in (*texts, stated)).encode()
    pa.scalar(document.collected_at, pa.timestamp("us", "UTC"))
    found = parse(document)
    if isinstance(found, Refusal):
        return found
    for table, rows in (
        (ARTICLES, [article_row(document, found, "fuzz")]),
        (RELATED_ITEMS, related_rows(document, found)),
        (AGENCIES, agency_rows(document, found)),
    ):
        pa.RecordBatch.from_pylist(list(rows), schema=staged_schema(table))
    return None


def _claim(holds: bool, message: str) -> None:  # noqa: FBT001 - reads like assert
    if not holds:
        raise AssertionError(message)


def _print(parts: Iterable[Found]) -> None:
    table = Table("kind", "inputs", "articles", "rejects", "escapes", "slowest (s)", "memory (MiB)", "commonest codes")
    total = Found("all")
    for part in parts:
        total.add(part)
        table.add_row(*_cells(part))
    table.add_section()
    table.add_row(*_cells(total))
    console = Console(width=160)
    console.print(table)
    for escape in total.escapes:
        console.print(escape, markup=False)


def _cells(part: Found) -> list[str]:
    codes = ", ".join(f"{code} {count}" for code, count in part.rejects.most_common(4))
    slow, large = (f"{value} (:{number})" if value else "0" for value, number in (part.slowest, part.peak))
    counts = part.inputs, part.articles, part.rejects.total(), len(part.escapes)
    return [part.kind, *(f"{count:,}" for count in counts), slow, large, codes]


if __name__ == "__main__":
    main()
