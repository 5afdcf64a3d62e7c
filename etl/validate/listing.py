"""The rules of all suites as plain rows, for the command line and the documents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from etl.validate.suites import Rule, Suite

_SIGNS = {"==": "is", "!=": "is not", "<": "is below", "<=": "is at most", ">": "is above", ">=": "is at least"}
_SAID = {
    "expect_table_row_count_to_equal": "the number of rows is that of the rows staged",
    "expect_column_pair_values_a_to_be_greater_than_b": "{0} is above or equal to {1}",
    "expect_column_pair_values_to_be_equal": "{0} equals {1}",
}
_SHORT = 60
"""Characters of a list of columns that is shown."""
_FEW = 6
"""Values of a set that are shown."""


@dataclass(frozen=True, slots=True)
class ListedRule:
    """A rule as people read it."""

    table: str
    rule: str
    policy: str
    severity: str
    tolerated: str
    """How much may fail without consequence."""
    condition: str
    """What a row must fulfil."""
    note: str
    """Why."""

    def as_json(self, rule: Rule) -> dict[str, Any]:
        """All of it, with what the suite file says, for programs."""
        measures = {name: {"function": m.function, **m.parameters} for name, m in rule.measures.items()}
        exact = {"tolerated_rows": rule.tolerated_rows, "mostly": rule.kwargs.get("mostly")}
        return asdict(self) | exact | {"type": rule.type, "kwargs": dict(rule.kwargs), "measures": measures}


def listed_rules(suites: Iterable[Suite]) -> list[tuple[ListedRule, Rule]]:
    """Every rule in the order of the files, as people read it and as it is."""
    found = []
    for suite in suites:
        measures = suite.measures
        for rule in suite.rules:
            what = {name: _measured(name, measures) for name in rule.columns}
            found.append((_listed(rule, what), rule))
    return found


def _measured(name: str, measures: dict[str, Any]) -> str:
    """The column with how it is computed: `headline_length (length of headline)`."""
    if name not in measures:
        return name
    measure = measures[name]
    of = ", ".join([*measure.columns, *(v for k, v in measure.parameters.items() if k == "table")])
    return f"{name} ({measure.function}{f' of {of}' if 0 < len(of) <= _SHORT else ''})"


def _listed(rule: Rule, what: dict[str, str]) -> ListedRule:
    return ListedRule(
        table=rule.table,
        rule=rule.name,
        policy=rule.policy,
        severity=rule.severity,
        tolerated=_tolerated(rule),
        condition=_condition(rule, what),
        note=rule.notes,
    )


def _tolerated(rule: Rule) -> str:
    mostly = rule.kwargs.get("mostly", 1)
    share = f"{100 * (1 - mostly):.4g} %"
    if rule.policy == "quarantine":
        return f"{rule.tolerated_rows} rows or {share}"
    return share if mostly < 1 else "none"


def _condition(rule: Rule, what: dict[str, str]) -> str:
    """The expectation in words."""
    kwargs = rule.kwargs
    subject = ", ".join(what.values())
    said = rule.type.removeprefix("expect_").replace("_", " ")
    if "min_value" in kwargs or "max_value" in kwargs:
        bounds = (("min_value", "at least"), ("max_value", "at most"))
        limits = ", ".join(f"{words} {kwargs[name]}" for name, words in bounds if name in kwargs)
        said = f"{_counted(rule)}{subject}: {limits}"
    elif "value_set" in kwargs:
        values = [str(value).lower() if isinstance(value, bool) else str(value) for value in kwargs["value_set"]]
        more = f", … ({len(values)})" if len(values) > _FEW else ""
        said = f"{subject}: {', '.join(values[:_FEW])}{more}"
    elif rule.type.endswith("not_be_null"):
        said = f"{subject}: not null"
    elif rule.type.endswith("be_null"):
        said = f"{what[str(kwargs['column'])]}: null"
    elif rule.type in _SAID:
        said = _SAID[rule.type].format(*what.values())
    elif subject:
        said = f"{subject}: {said}"
    condition = kwargs.get("row_condition")
    return f"{said}, where {_where(condition)}" if condition else said


def _counted(rule: Rule) -> str:
    return "different values of " if "unique_value_count" in rule.type else ""


def _where(condition: Any) -> str:
    if not isinstance(condition, dict) or "operator" not in condition:
        return "its condition holds"
    sign = _SIGNS.get(condition["operator"], condition["operator"])
    return f"{condition.get('column', {}).get('name')} {sign} {condition.get('parameter')}"
