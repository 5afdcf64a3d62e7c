"""Great Expectations judges the slim frames; one context per run, in memory, that writes Data Docs only.

Importing Great Expectations takes seconds and some 265 MB, so it is imported where a day is judged and nowhere else.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from etl.errors import SuiteInvalid
from etl.validate.offline_docs import make_offline
from etl.validate.suites import Rule, Suite

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.core import ExpectationSuite, ExpectationValidationResult
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext

logging.getLogger("great_expectations").setLevel(logging.WARNING)  # on import it has a hundred lines to say of itself

_EXAMPLES = 20
"""Row numbers that stay in the result files; all of them stand in `rejects`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule found."""

    rule: Rule
    success: bool
    evaluated: int
    unexpected: int
    """Rows that fail; for a rule about the whole table 0 or 1."""
    rows: npt.NDArray[np.int64]
    """Indexes of those rows in the slim frame, ascending; empty for a rule about the whole table."""
    observed: str
    """The value that a rule about the whole table looked at; else the share of rows that fail, in percent."""
    crash: str | None
    """Why the rule could not be evaluated."""

    @property
    def blocks(self) -> bool:
        """Whether the day may not be published because of it."""
        if self.rule.policy == "quarantine":
            return not self.success and self.unexpected > self.rule.tolerated_rows
        return self.rule.policy == "block" and not self.success


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the suite of one table, or a part of it, found, in the order of its rules."""

    table: str
    """Its name, with the number of the part from the second on."""
    outcomes: tuple[Outcome, ...]
    document: dict[str, Any] = field(repr=False)
    """The result as Great Expectations gives it, without the long lists of row numbers."""


def unjudged(rule: Rule, reason: str, *, crashed: bool) -> Judgement:
    """The judgement of a table that could not be looked at: its `rule` failed, or crashed, for this reason."""
    outcome = Outcome(
        rule,
        success=False,
        evaluated=0,
        unexpected=1,
        rows=np.empty(0, np.int64),
        observed=reason,
        crash=reason if crashed else None,
    )
    return Judgement(rule.table, (outcome,), {"success": False, "reason": reason})


class Judge:
    """Great Expectations for one run."""

    def __init__(self, run_id: str, docs: Path) -> None:
        import great_expectations as gx  # noqa: PLC0415 (seconds; see the module's docstring)
        from great_expectations.data_context.types.base import (  # noqa: PLC0415
            DataContextConfig,
            InMemoryStoreBackendDefaults,
            ProgressBarsConfig,
        )

        self._run_id, self._docs = run_id, docs
        self._judgements: list[Judgement] = []
        self._building = docs.with_name(f".{docs.name}.{uuid4().hex}.tmp")
        site = {
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(self._building)},
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        }
        self._context: EphemeralDataContext = gx.get_context(
            mode="ephemeral",
            project_config=DataContextConfig(
                config_version=4.0,
                store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
                data_docs_sites={"docs": site},
                analytics_enabled=False,
                progress_bars=ProgressBarsConfig(globally=False),
            ),
        )
        # Given no time, it would read one out of the run's name.
        self._run = gx.RunIdentifier(run_name=run_id, run_time=datetime.now(UTC))

    def judge(self, suite: Suite, slim: pd.DataFrame, parameters: Mapping[str, int]) -> Judgement:
        """Judge the slim frame of one table.

        Raises:
            SuiteInvalid: Great Expectations does not know an expectation or refuses its arguments.
        """
        import great_expectations as gx  # noqa: PLC0415

        name = suite.name
        source = self._context.data_sources.add_pandas(name)
        batch = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("run")
        definition = self._context.validation_definitions.add(
            gx.ValidationDefinition(name=name, data=batch, suite=self._context.suites.add(build_suite(suite)))
        )
        result = definition.run(
            batch_parameters={"dataframe": slim},
            expectation_parameters=dict(parameters),
            run_id=self._run,
            result_format={
                "result_format": "COMPLETE",
                "exclude_unexpected_values": True,
                "return_unexpected_index_query": False,
            },
        )
        # Its engine would keep what it has computed of each row.
        self._context.data_sources.delete(name)
        by_rule = {r.expectation_config.meta["rule"]: r for r in result.results if r.expectation_config is not None}
        outcomes = tuple(_outcome(rule, by_rule[rule.name], len(slim)) for rule in suite.rules)
        judgement = Judgement(name, outcomes, _shortened(result.to_json_dict()))  # type: ignore[no-untyped-call]
        self._judgements.append(judgement)
        return judgement

    def build_docs(self) -> None:
        """Write the Data Docs of everything judged so far, so that they appear whole or not at all."""
        try:
            self._context.build_data_docs()
            make_offline(self._building, self._run_id, self._judgements)
            shutil.rmtree(self._docs, ignore_errors=True)
            self._building.rename(self._docs)
        finally:
            shutil.rmtree(self._building, ignore_errors=True)


def build_suite(suite: Suite) -> ExpectationSuite:
    """The suite as Great Expectations takes it.

    Raises:
        SuiteInvalid: an expectation is not known, its arguments are refused, or it cannot do what its policy needs.
    """
    import great_expectations as gx  # noqa: PLC0415
    from great_expectations.exceptions.exceptions import ExpectationNotFoundError  # noqa: PLC0415
    from great_expectations.expectations.expectation import (  # noqa: PLC0415
        ColumnMapExpectation,
        ColumnPairMapExpectation,
        MulticolumnMapExpectation,
    )
    from great_expectations.expectations.metadata_types import FailureSeverity  # noqa: PLC0415
    from great_expectations.expectations.registry import get_expectation_impl  # noqa: PLC0415

    by_row = (ColumnMapExpectation, ColumnPairMapExpectation, MulticolumnMapExpectation)
    expectations = []
    for rule in suite.rules:
        where = f"suite `{suite.file}`, rule `{rule.name}`"
        try:
            kind = get_expectation_impl(rule.type)
        except ExpectationNotFoundError:
            message = f"{where}: Great Expectations knows no `{rule.type}`; see its gallery of expectations"
            raise SuiteInvalid(message) from None
        if rule.policy == "quarantine" and not issubclass(kind, by_row):
            message = f"{where}: `{rule.type}` judges no single rows, so it cannot quarantine; use block or warn"
            raise SuiteInvalid(message)
        try:
            expectation = kind(
                **rule.kwargs, meta={"rule": rule.name}, notes=rule.notes, severity=FailureSeverity(rule.severity)
            )
        except (TypeError, ValueError) as error:
            message = f"{where}: Great Expectations refuses its `kwargs`: {' '.join(str(error).split())}"
            raise SuiteInvalid(message) from error
        expectations.append(expectation)
    return gx.ExpectationSuite(name=suite.name, notes=suite.notes, expectations=expectations)


def _outcome(rule: Rule, result: ExpectationValidationResult, rows: int) -> Outcome:
    success, found = bool(result.success), result.result
    failing = np.sort(np.asarray(found.get("unexpected_index_list", []), dtype=np.int64))
    if "element_count" in found:
        evaluated = int(found["element_count"]) - int(found.get("missing_count", 0))
        unexpected = int(found["unexpected_count"])
        observed = f"{100 * unexpected / evaluated if evaluated else 0:.4g} %"
    else:
        evaluated, unexpected, observed = rows, int(not success), str(found.get("observed_value", ""))
    return Outcome(rule, success, evaluated, unexpected, failing, observed, _crash(result, len(failing), unexpected))


def _crash(result: ExpectationValidationResult, listed: int, unexpected: int) -> str | None:
    """The reason why a rule has no verdict; an exception is keyed by metric, or flat where none was computed."""
    info = result.exception_info or {}
    for entry in [info, *(value for value in info.values() if isinstance(value, dict))]:
        if entry.get("raised_exception"):
            lines = str(entry.get("exception_message") or "").strip().splitlines()
            return lines[0] if lines else "exception without a message"
    if not result.result:
        return "Great Expectations gave no result"
    if "element_count" in result.result and listed != unexpected:
        return f"Great Expectations counts {unexpected} failing rows and lists {listed}"
    return None


def _shortened(document: dict[str, Any]) -> dict[str, Any]:
    """Cut the lists of row numbers down to examples, and drop ids that differ in every run."""
    for entry in document["results"]:
        entry["expectation_config"].pop("id", None)
        rows = entry["result"].pop("partial_unexpected_index_list", None)
        entry["result"].pop("unexpected_index_list", None)
        if rows:
            entry["result"]["example_rows"] = rows[:_EXAMPLES]
    document["results"].sort(key=lambda entry: entry["expectation_config"]["meta"]["rule"])
    return document
