"""Tables of what was measured, for people and as JSON."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.quality.measured import OURS, Measured
from benchmarks.quality.sets import Sample
from etl.console import out, print_table
from tests.quality.floors import read_floors
from tests.quality.scoring import LABEL_MEASURES, LOWER_IS_BETTER, MEASURES, OF_ITEMS_FOUND, Counts

_REACH = tomllib.loads((Path(__file__).parent / "reach.toml").read_text(encoding="utf-8"))
_SHORT = {
    "agencies_text": "ag. text",
    "agencies_image": "ag. image",
    "section": "section",
    "teaser": "teaser",
    "lines": "lines",
}
_BRIEF = ("body", "title", "headline", "date", "authors", "kept", "noise", "agencies_text", "agencies_image", "related")
_OWN = "own"


def as_json(found: list[Measured]) -> dict[str, Any]:
    """Everything measured: set, form, group, measure; then `wanted` (pages, or what the gold holds) and figures."""
    return {
        measured.name: {
            "form": measured.form,
            "pages": len(measured.samples),
            "refused": measured.refused,
            "agency_names_in_authors": measured.agency_names,
            "groups": {
                group: {measure: _json_row(measured, group, measure, row) for measure, row in rows.items()}
                for group, rows in measured.groups().items()
            },
        }
        for measured in found
    }


def _json_row(measured: Measured, group: str, measure: str, row: dict[str, Counts]) -> dict[str, Any]:
    figures = {predictor: round(counts.score, 5) for predictor, counts in row.items()}
    wanted = max(counts.wanted for counts in row.values())
    return {"wanted": round(wanted), "aim": _aim(measured, group, measure), **figures}


def print_report(measured: Measured) -> None:
    """One table: our figures beside those of others and what is to be reached."""
    own = measured.name.startswith(_OWN)
    aim = "floor" if own else "reach"
    out.print(f"\n[bold]{measured.name}[/bold], {len(measured.samples)} pages{_refusals(measured)}")
    predictors = list(measured.pages)
    rows = []
    for group, measures in measured.groups().items():
        for measure, row in measures.items():
            wanted = _aim(measured, group, measure)
            if not own and wanted is None and measure not in LABEL_MEASURES:
                continue  # not comparable: a text lacks what only its page says
            figures = [_figure(row.get(predictor)) for predictor in predictors]
            count = round(max(counts.wanted for counts in row.values()))
            verdict = "" if wanted is None or _reaches(measure, row[OURS], wanted) else "below"
            rows.append([group, MEASURES[measure], str(count), *figures, _figure(wanted), verdict])
    names = ["agencies among authors", *(str(measured.agency_names.get(name, "–")) for name in predictors)]
    rows.append(["all", names[0], "", *names[1:], "0", "below" if measured.agency_names.get(OURS) else ""])
    short = [predictor.replace("trafilatura ", "traf. ") for predictor in predictors]
    headings = {"pages": False, "measure": False, "n": True, **dict.fromkeys(short, True), aim: True, "": False}
    print_table(headings, rows, gap=1)


def print_by(measured: Measured, key: Callable[[Sample], str], title: str) -> None:
    """Our figures by language or site."""
    found = measured.by(key)
    columns = [measure for measure in _BRIEF if any(measure in scores for _, scores in found.values())]
    out.print(f"\n[bold]{measured.name}[/bold] by {title}")
    print_table(
        {title: False, "pages": True, **{_SHORT.get(measure, measure): True for measure in columns}},
        [
            [name, pages, *(_figure(scores.get(column)) for column in columns)]
            for name, (pages, scores) in found.items()
        ],
        gap=1,
    )


def print_worst(measured: Measured, number: int) -> None:
    """The pages that we read worst, and by what."""
    out.print(f"\n[bold]{measured.name}[/bold], worst pages")
    rows = []
    for sample, scores in measured.worst(number):
        body = scores.get("body") or scores.get("kept")
        wrong = [
            f"{_SHORT.get(measure, measure)} {counts.score:.2f}"
            for measure, counts in scores.items()
            if measure != "body" and _imperfect(measure, counts)
        ]
        rows.append([sample.id, _figure(body), ", ".join(wrong)])
    print_table({"page": False, "body": True, "also wrong": False}, rows)


def own_figures(found: list[Measured]) -> dict[str, dict[str, float]]:
    """Our figures on the project's own pages, by input form and measure: what floors follow from."""
    return {
        measured.form: {
            measure: row[OURS].score
            for measure, row in measured.groups()[_OWN].items()
            if measure not in OF_ITEMS_FOUND
        }
        for measured in found
        if measured.name.startswith(_OWN)
    }


def _aim(measured: Measured, group: str, measure: str) -> float | None:
    source = read_floors() if measured.name.startswith(_OWN) else {}
    table = source.get(measured.form, {}) if source else _REACH.get(measured.form, {}).get(group, {})
    value = table.get(measure)
    return float(value) if isinstance(value, float) else None


def _reaches(measure: str, counts: Counts, aim: float) -> bool:
    score = round(counts.score, 3)
    return score <= aim if measure in LOWER_IS_BETTER else score >= aim


def _imperfect(measure: str, counts: Counts) -> bool:
    return counts.score > 0 if measure in LOWER_IS_BETTER else counts.score < 1


def _refusals(measured: Measured) -> str:
    return f", {measured.refused} refused by us" if measured.refused else ""


def _figure(value: Counts | float | None) -> str:
    score = value.score if isinstance(value, Counts) else value
    return "–" if score is None else f"{score:.3f}".removeprefix("0")
