"""Validate a day: resolve duplicates, let the suites judge, set aside rows that must go, or refuse the day."""

from __future__ import annotations

import gc
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from etl.contract import Run, Verdict
from etl.errors import RuleBlocked, ValidationCrashed
from etl.settings import Settings
from etl.tables import AGENCIES, ARTICLES, RECORD_TABLES, REJECTS, RELATED_ITEMS
from etl.validate.facts import DAY, day_frame, written
from etl.validate.frames import MeasureFailed, as_frame, give_back_memory, slim_columns
from etl.validate.history import docs_folder, forget_old_docs, keep_results
from etl.validate.judge import Judge, Judgement, Outcome, unjudged
from etl.validate.rejects import dropped_rows, duplicate_rejects, rule_rejects, write_rejects
from etl.validate.rows import SCHEMA_RULE, Day, Parts, check_schema, expected_rows, read_day, staged_parts
from etl.validate.suites import Rule, Suite, load_suites
from etl.workspace import Workspace, write_part

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

_EXAMPLES = 5
_CELLS, _FEW_COLUMNS = 12_000_000, 3
"""Values in a frame of Great Expectations, some 100 MB; and columns that it has however many rows there are."""
_FEW_ROWS = 10_000
"""Rows whose frames may wait for Python's collector, which walks through all modules for a quarter of a second."""


def validate_day(run: Run) -> Verdict:
    """See `etl.pipeline.validate`; writes `validate/rejects-00000.parquet` and `validate/dropped.parquet`.

    Results, rejects and Data Docs are written before a day is refused, so that they tell why; of a day whose part files
    are of another schema, the result that says so.

    Raises:
        RuleBlocked: a blocking rule failed, or a quarantine rule for more rows than it tolerates.
        ValidationCrashed: a check could not be evaluated.
        SuiteInvalid: a suite file cannot be used.
        StagedFileMissing: a batch was not transformed.
    """
    settings, workspace = Settings.from_json(run["settings"]), Workspace.of(run)
    landing_day = date.fromisoformat(run["day"])
    suites = load_suites(settings.suites)
    parts = staged_parts(workspace)
    _check_schemas(parts, workspace, landing_day)
    day = read_day(parts)
    give_back_memory()

    judge = Judge(run["run_id"], docs_folder(settings.warehouse, run["run_id"]))
    judgements: list[Judgement] = []
    rejects = [duplicate_rejects(day.duplicates)]
    for name in day.rows:
        found, rejected_rows = _judge_table(judge, day, suites[name], landing_day)
        judgements += found
        rejects += rejected_rows
    outcomes = [outcome for judgement in judgements for outcome in judgement.outcomes]
    dropped, remaining = dropped_rows(day, (o for o in outcomes if o.rule.policy == "quarantine"))
    earlier = [file for stage in ("extract", "transform") for file in workspace.parts(stage, REJECTS.name)]
    judgements.append(_judge_day(judge, suites[DAY.name], day_frame(day, remaining[ARTICLES.name], earlier)))
    outcomes += judgements[-1].outcomes
    keep_results(workspace, landing_day, judgements)
    judge.build_docs()
    forget_old_docs(settings.warehouse, settings.keep_docs)

    rejected = write_rejects(workspace.part("validate", REJECTS.name, 0), rejects, day)
    write_part(workspace.work / "validate" / "dropped.parquet", dropped)
    _refuse(outcomes, suites, day, docs_folder(settings.warehouse, run["run_id"]))

    verdict = Verdict(
        articles=remaining[ARTICLES.name],
        related_items=remaining[RELATED_ITEMS.name],
        agencies=remaining[AGENCIES.name],
        rejects=rejected + sum(pq.read_metadata(file).num_rows for file in earlier),
    )
    log.info("%s: %s, %d duplicates", run["run_id"], verdict, day.duplicates.num_rows)
    return verdict


def _check_schemas(parts: Parts, workspace: Workspace, landing_day: date) -> None:
    """Refuse a day with a part of another schema, whose only result this is."""
    for table in RECORD_TABLES:
        for file in parts[table.name]:
            try:
                check_schema(file, table)
            except (RuleBlocked, ValidationCrashed) as error:
                notes = "Part files are of the registry's schema."
                rule = Rule(SCHEMA_RULE, table.name, "", "block", "critical", notes, {}, 0, {}, ())
                crashed = isinstance(error, ValidationCrashed)
                keep_results(workspace, landing_day, [unjudged(rule, str(error), crashed=crashed)])
                raise


def _judge_table(judge: Judge, day: Day, suite: Suite, landing_day: date) -> tuple[list[Judgement], list[pa.Table]]:
    """What the suite says of its table, and the rejects of its rules.

    Where a measure cannot be computed, that is all that is said of the table, and `_refuse` refuses the day.
    A table of many rows is judged a few columns at a time: Great Expectations copies the frame for each rule.
    """
    rows = day.rows[suite.table.name]
    try:
        slim = slim_columns(day, suite, landing_day)
    except MeasureFailed as failure:
        return [unjudged(failure.rule, str(failure), crashed=True)], []
    give_back_memory()
    judgements, rejects = [], []
    parts = suite.parts(max(_CELLS // max(len(rows.staged), 1), _FEW_COLUMNS))
    for judged, part in enumerate(parts, start=1):
        frame = as_frame(slim, part.columns)
        judgement = judge.judge(part, frame, {"expected_rows": expected_rows(rows)})
        rejects += [rule_rejects(o, rows, frame) for o in judgement.outcomes if o.rule.policy == "quarantine"]
        judgements.append(judgement)
        del frame
        # What no later rule needs is let go; one column stays, because rows are counted too.
        wanted = {name for later in parts[judged:] for name in later.columns}
        slim = slim.select([name for name in slim.column_names if name in wanted] or slim.column_names[:1])
        if len(rows.staged) > _FEW_ROWS:
            gc.collect()  # Great Expectations leaves cycles that hold the frame
            give_back_memory()
    return judgements, rejects


def _judge_day(judge: Judge, suite: Suite, facts: pd.DataFrame) -> Judgement:
    """What the suite of the day says of its one row; observed is the value itself."""
    judgement = judge.judge(suite, facts, {})
    outcomes = []
    for outcome in judgement.outcomes:
        judged = outcome.rule.columns[:1]
        outcomes.append(replace(outcome, observed="".join(written(name, facts[name].iloc[0]) for name in judged)))
    return replace(judgement, outcomes=tuple(outcomes))


def _refuse(outcomes: Sequence[Outcome], suites: dict[str, Suite], day: Day, docs: Path) -> None:
    crashed = [o for o in outcomes if o.crash is not None]
    if crashed:
        faults = [
            f"rule `{o.rule.name}` of `{o.rule.table}` could not be evaluated: {o.crash}; mend it in "
            f"`{suites[o.rule.table].file}`"
            for o in crashed
        ]
        message = f"validation_crashed: {'; '.join(faults)}"
        raise ValidationCrashed(message)
    blocking = [o for o in outcomes if o.blocks]
    if blocking:
        files = ", ".join(dict.fromkeys(f"`{suites[o.rule.table].file}`" for o in blocking))
        remedy = (
            f"mend the input, or the rule in {files}, and run the day again; the rows: `news-etl rejects --list --run "
            f"{docs.name}`, the results: `{docs / 'index.html'}`"
        )
        raise RuleBlocked("\n".join([*(_reason(o, day) for o in blocking), remedy]))


def _reason(outcome: Outcome, day: Day) -> str:
    rule, tolerated = outcome.rule, ""
    if rule.policy == "quarantine":
        tolerated = f" (tolerated: {rule.tolerated_rows} rows, or {1 - rule.kwargs['mostly']:.4g} of them)"
    if not len(outcome.rows) or rule.table == DAY.name:
        found = f"observed {outcome.observed}, wanted {_wanted(outcome)}"
    else:
        examples = ", ".join(day.rows[rule.table].keys(outcome.rows[:_EXAMPLES])["row_key"].to_pylist())
        found = f"{outcome.unexpected} of {outcome.evaluated} rows fail, e.g. {examples}"
    return f"rule `{rule.name}` of `{rule.table}`: {found}{tolerated}: {rule.notes}"


def _wanted(outcome: Outcome) -> str:
    return ", ".join(f"{name} {value}" for name, value in outcome.rule.kwargs.items() if name != "column")
