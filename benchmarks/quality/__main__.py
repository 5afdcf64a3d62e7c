"""Score the parser on the project's own labelled pages, and on those of a corpus folder, beside other extractors."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.quality.measured import OURS, Measured
from benchmarks.quality.peers import LONG_LINES, TEXT_RULES, peers, say_html, say_text
from benchmarks.quality.predictions import predictions
from benchmarks.quality.report import as_json, own_figures, print_by, print_report, print_worst
from benchmarks.quality.sets import INPUTS, Sample, own_set, shared_set
from etl.console import err, out
from tests.quality.floors import BelowFloor, raised, read_floors, write_floors

_OWN, _SHARED = "own pages", "corpus"
_KEYS: dict[str, Callable[[Sample], str]] = {
    "lang": lambda sample: sample.html_gold.lang,
    "site": lambda sample: sample.html_gold.site,
}
_LONG_LINES_MAX = 0.92
_PEER_DISTANCE_MAX = 0.03


def main() -> int:
    """Run the command line; the exit code is 1 where floors are to be raised and cannot be."""
    options = _options()
    sets = {_OWN: own_set()}
    if options.corpus:
        sets[_SHARED] = shared_set(options.corpus)
    found = [
        _measure(f"{name}, {form}", form, samples, with_peers=options.peers)
        for name, samples in sets.items()
        for form in INPUTS
        if options.input in (None, form)
    ]
    if options.json:
        out.file.write(json.dumps(as_json(found), indent=1, ensure_ascii=False) + "\n")
    else:
        _print(found, options.by, options.worst)
    if options.raise_floors:
        return _raise_floors(found)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--corpus", type=Path, help="folder with pages.jsonl, labels.jsonl and html/")
    parser.add_argument("--input", choices=sorted(INPUTS), help="only this form of the pages")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="list the N pages that we read worst")
    parser.add_argument("--by", choices=sorted(_KEYS), help="our figures by language or site")
    parser.add_argument("--no-peers", dest="peers", action="store_false", help="only our figures")
    parser.add_argument("--raise-floors", action="store_true", help="write tests/quality/floors.toml; lowers none")
    return parser.parse_args()


def _measure(name: str, form: str, samples: list[Sample], *, with_peers: bool) -> Measured:
    measured = Measured(name, form, samples)
    measured.add(OURS, predictions(samples, form))
    if form == "text":
        for rule in TEXT_RULES:
            measured.add(rule, say_text(rule, samples))
    elif with_peers:
        for peer in peers():
            measured.add(peer.name, say_html(peer, samples))
    return measured


def _print(found: list[Measured], by: str | None, worst: int) -> None:
    for measured in found:
        print_report(measured)
    if by:
        for measured in found:
            print_by(measured, _KEYS[by], by)
    if worst:
        for measured in found:
            print_worst(measured, worst)
    out.print()
    for line in _hardness(found):
        out.print(line)
    if not peers():
        out.print("Other extractors are not installed, so only our figures are shown for HTML: make peers")


def _hardness(found: list[Measured]) -> list[str]:
    """Whether the own pages are as hard as real ones."""
    lines = []
    bodies = {measured.name: _bodies(measured) for measured in found}
    text, html = (bodies.get(f"{_OWN}, {form}", {}) for form in INPUTS)
    if LONG_LINES in text:
        said = "at most" if text[LONG_LINES] <= _LONG_LINES_MAX else "NOT at most"
        lines.append(f"Own pages, {LONG_LINES} characters: {text[LONG_LINES]:.3f}, {said} {_LONG_LINES_MAX}.")
    real = bodies.get(f"{_SHARED}, html", {})
    if "trafilatura" in html and "trafilatura" in real:
        distance = html["trafilatura"] - real["trafilatura"]
        said = "within" if abs(distance) <= _PEER_DISTANCE_MAX else "NOT within"
        lines.append(
            f"Own pages, trafilatura: {html['trafilatura']:.3f}, {distance:+.3f} of its {real['trafilatura']:.3f} on"
            f" the corpus, {said} {_PEER_DISTANCE_MAX}."
        )
    return lines


def _bodies(measured: Measured) -> dict[str, float]:
    """For each predictor the body score over all pages that have one."""
    sums: dict[str, list[float]] = {}
    for predictor, pages in measured.pages.items():
        sums[predictor] = [scores["body"].score for scores in pages if "body" in scores]
    return {predictor: sum(scores) / len(scores) for predictor, scores in sums.items() if scores}


def _raise_floors(found: list[Measured]) -> int:
    before = read_floors()
    try:
        after = before | raised(
            {form: floors for form, floors in before.items() if form in own_figures(found)}, own_figures(found)
        )
    except BelowFloor as error:
        err.print(f"Floors stay as they are, the parser lies below some; mend it:\n{error}")
        return 1
    write_floors(after)
    risen = sum(floor > before.get(form, {}).get(name, 0) for form, of in after.items() for name, floor in of.items())
    out.print(f"{risen} floors raised.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
