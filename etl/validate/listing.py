"""The rules of all suites as plain rows, for the command line and the documents."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from etl.validate.suites import Rule, Suite

_SIGNS = {"==": "is", "!=": "is not", "<": "is below", "<=": "is at most", ">": "is above", ">=": "is at least"}
_BOUNDED = {
    "expect_column_values_to_be_between": "{0}",
    "expect_column_unique_value_count_to_be_between": "different values of {0}",
    "expect_table_row_count_to_be_between": "the number of rows",
}
_SET = {"expect_column_values_to_be_in_set": "", "expect_column_values_to_not_be_in_set": "none of "}
_SAID = {
    "expect_column_values_to_be_null": "{column}: null",
    "expect_column_values_to_not_be_null": "{column}: not null",
    "expect_column_pair_values_to_be_equal": "{first} equals {second}",
    "expect_column_pair_values_a_to_be_greater_than_b": "{first} is {above} {second}",
    "expect_table_row_count_to_equal": "the number of rows is {value}",
}
_SHOWN_ELSEWHERE = ("mostly", "row_condition")
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
    """The expectation in words; by its name and arguments where there are no words for it."""
    said = _in_words(rule.type, rule.kwargs, what) or _by_name(rule, what)
    condition = rule.kwargs.get("row_condition")
    return f"{said}, where {_where(condition)}" if condition else said


def _in_words(kind: str, kwargs: Mapping[str, Any], what: dict[str, str]) -> str | None:
    column, first, second = (what.get(str(kwargs.get(name)), "") for name in ("column", "column_A", "column_B"))
    if kind in _BOUNDED and (limits := _limits(kwargs)):
        return f"{_BOUNDED[kind].format(column)}: {limits}"
    if kind in _SET and isinstance(values := kwargs.get("value_set"), list):
        more = f", … ({len(values)})" if len(values) > _FEW else ""
        return f"{column}: {_SET[kind]}{', '.join(map(_value, values[:_FEW]))}{more}"
    if kind in _SAID:
        above = "above or equal to" if kwargs.get("or_equal") else "above"
        value = _value(kwargs.get("value"))
        return _SAID[kind].format(column=column, first=first, second=second, above=above, value=value)
    return None


def _limits(kwargs: Mapping[str, Any]) -> str:
    """`at least 1, below 5`; nothing where there is no bound."""
    bounds = (("min_value", "strict_min", "at least", "above"), ("max_value", "strict_max", "at most", "below"))
    return ", ".join(
        f"{strictly if kwargs.get(strict) else loosely} {_value(kwargs[bound])}"
        for bound, strict, loosely, strictly in bounds
        if kwargs.get(bound) is not None
    )


def _by_name(rule: Rule, what: dict[str, str]) -> str:
    given = {name: value for name, value in rule.kwargs.items() if name not in _SHOWN_ELSEWHERE}
    arguments = ", ".join(
        f"{name} {what.get(value, value) if isinstance(value, str) else _value(value)}" for name, value in given.items()
    )
    return f"{rule.type}: {arguments}" if arguments else rule.type


def _value(value: Any) -> str:
    """A value of a suite file: as it stands there, texts without quotes."""
    if isinstance(value, dict) and "$PARAMETER" in value:
        return "that of the rows staged"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _where(condition: Any) -> str:
    if not isinstance(condition, dict) or "operator" not in condition:
        return "its condition holds"
    sign = _SIGNS.get(condition["operator"], condition["operator"])
    return f"{condition.get('column', {}).get('name')} {sign} {condition.get('parameter')}"
