"""What the rules found, run by run: verdicts over time, and the rules that found something."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from etl.errors import SuiteInvalid
from etl.history import OUTCOME_FILE
from etl.report.drawing import BAD, GOOD, NOTE, WARN
from etl.report.periods import Timeline
from etl.report.plots import Cell, Numbers, Plot, columns
from etl.report.standing import Standing
from etl.report.wording import count, percent
from etl.validate.history import RESULTS, results_file
from etl.validate.suites import load_suites
from etl.workspace import Workspace, parse_run_id, read_json

VERDICTS = {"passed": GOOD, "warned": NOTE, "set aside": WARN, "blocked": BAD}
_DAY_SUITE = "day"
"""Table of rules that judge the counts of a day."""
_MEANING = {
    "passed": "all rules passed",
    "warned": "warnings only",
    "set aside": "rows set aside",
    "blocked": "blocked",
}


@dataclass(frozen=True, slots=True)
class RuleFindings:
    """What a rule has found over the newest runs of the days."""

    table: str
    rule: str
    policy: str
    note: str
    days: int
    """Days on which it found something."""
    evaluated: int
    unexpected: int
    last_day: date
    passed: bool
    """Always within what it tolerates."""
    observed: str
    """What it observed on the last of these days."""

    @property
    def share(self) -> str:
        """The share of rows that it found; of a rule that judges the day as a whole, the fact that it observed."""
        if self.table == _DAY_SUITE:
            if self.observed.isdecimal():  # a count; shares are written with a point
                return f"{int(self.observed):,}"
            try:
                return percent(float(self.observed))
            except ValueError:
                return self.observed
        return percent(self.unexpected / self.evaluated if self.evaluated else None)


def judged_runs(warehouse: Path, standings: Iterable[Standing]) -> dict[date, str]:
    """By day, the run whose judgement the pages show; days without one are left out.

    Of a day that is blocked or failed that is its newest run, if it came so far; of others the newest that has ended
    and was judged. Runs that are at work or were superseded have judged what nobody will see in the tables.
    """
    judged: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for file in (warehouse / "_validation").glob("*.parquet"):
        if parsed := parse_run_id(file.stem):
            judged[parsed[0]].append((parsed[1], file.stem))
    found: dict[date, str] = {}
    for standing in standings:
        newest = parse_run_id(standing.run_id)
        for number, run_id in sorted(judged[standing.day.isoformat()], reverse=True):
            # Newer ones were superseded, whether or not a history still says so.
            if newest and number <= newest[1] and _tells(warehouse, run_id, standing):
                found[standing.day] = run_id
                break
    return found


def _tells(warehouse: Path, run_id: str, standing: Standing) -> bool:
    if standing.state in ("blocked", "failed"):
        return run_id == standing.run_id
    history = Workspace(warehouse, run_id).history
    outcome = read_json(history / OUTCOME_FILE)
    if outcome is None:  # killed just after it had published, or so old that its history was removed
        return run_id == standing.published_run or not history.is_dir()
    return bool(outcome["outcome"] != "superseded")


def read_results(warehouse: Path, run_ids: Iterable[str]) -> pa.Table:
    """What the rules found in some runs; see `RESULTS` for the columns."""
    files = [str(file) for run_id in run_ids if (file := results_file(warehouse, run_id)).is_file()]
    if not files:
        return RESULTS.empty_table()
    return ds.dataset(files, schema=RESULTS, format="parquet").to_table()


def verdicts(results: pa.Table) -> dict[date, str]:
    """The worst that the rules found on each day: `passed`, `warned`, `set aside` or `blocked`."""
    found = dict.fromkeys(sorted(set(results["ingest_date"].to_pylist())), "passed")
    order = list(VERDICTS)
    telling = results.filter(pc.or_(pc.greater(results["unexpected"], 0), pc.invert(results["success"])))
    for row in telling.select(["ingest_date", "policy", "success", "unexpected"]).to_pylist():
        if row["policy"] == "warn":
            verdict = "passed" if row["success"] else "warned"
        elif not row["success"]:
            verdict = "blocked"
        else:
            verdict = "set aside" if row["policy"] == "quarantine" else "passed"
        found[row["ingest_date"]] = max(found[row["ingest_date"]], verdict, key=order.index)
    return found


def verdicts_over_time(results: pa.Table, line: Timeline) -> Plot:
    """How many days came through the rules, and how."""
    found = verdicts(results)
    counted: dict[str, dict[date, int]] = {verdict: defaultdict(int) for verdict in VERDICTS}
    for day, verdict in found.items():
        counted[verdict][line.start_of(day)] += 1
    seen = {verdict: values for verdict, values in counted.items() if values}
    clean = sum(counted["passed"].values())
    message = "No day was judged yet."
    if found:
        message = f"{count(clean, 'day')} of {len(found):,} passed all rules."
        if clean < len(found):
            parts = [f"{sum(v.values()):,} {_MEANING[verdict]}" for verdict, v in seen.items() if verdict != "passed"]
            message += f" Of the others: {', '.join(parts)}."
    rows: list[list[Cell]] = [
        [line.name(start), *(values.get(start, 0) for values in counted.values())] for start in line.starts
    ]
    numbers = Numbers([line.grain, *(_MEANING[verdict] for verdict in counted)], rows)
    series = {_MEANING[verdict]: values for verdict, values in seen.items()}
    return columns("Days by what the rules found", message, line, series, [VERDICTS[v] for v in seen], numbers=numbers)


def findings(results: pa.Table, notes: Mapping[tuple[str, str], str]) -> list[RuleFindings]:
    """The rules that found something: those that block first, then by the number of rows found."""
    telling = results.filter(pc.or_(pc.greater(results["unexpected"], 0), pc.invert(results["success"])))
    keys = ["table", "rule", "policy"]
    whole = {
        (row["table"], row["rule"], row["policy"]): row["evaluated_sum"]
        for row in results.group_by(keys).aggregate([("evaluated", "sum")]).to_pylist()
    }
    by_rule: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in telling.to_pylist():
        by_rule[row["table"], row["rule"], row["policy"]].append(row)
    found = [
        RuleFindings(
            table,
            rule,
            policy,
            notes.get((table, rule), ""),
            len(rows),
            whole[table, rule, policy],
            sum(row["unexpected"] for row in rows),
            (last := max(rows, key=lambda row: row["ingest_date"]))["ingest_date"],
            all(row["success"] for row in rows),
            last["observed"],
        )
        for (table, rule, policy), rows in by_rule.items()
    ]
    return sorted(found, key=lambda rule: (rule.passed, -rule.unexpected, rule.table, rule.rule))


def notes_of(suites: Path | None) -> dict[tuple[str, str], str]:
    """What each rule means, by table and rule; nothing where the suites cannot be read now."""
    try:
        return {(rule.table, rule.name): rule.notes for suite in load_suites(suites).values() for rule in suite.rules}
    except SuiteInvalid:
        return {}
