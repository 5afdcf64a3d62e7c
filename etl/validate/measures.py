"""Measures: numbers computed from text columns, so that Great Expectations judges numbers and never copies text.

A rule's `meta.measures` names the column it adds to the slim frame, the function that computes it and the function's
parameters: `{"body_length": {"function": "length", "column": "body"}}`. All bounds, patterns and lists are therefore
in the suite file. Every function is vectorised, takes one slice of a staged part file and gives one value per row:
null where its column is null, except that `nulls` counts these, and that `elements_matching` and `longest_element` take
a missing list for an empty one.
"""

from __future__ import annotations

import codecs
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.tables import AGENCIES, ARTICLES, INGEST_DATE, RELATED_ITEMS, Table, TypeName

_TEXT_TYPES: tuple[TypeName, ...] = ("string",)
_LIST_TYPES: tuple[TypeName, ...] = ("strings",)
_TIME_TYPES: tuple[TypeName, ...] = ("date", "timestamp")
_KEY_TYPES: tuple[TypeName, ...] = ("string", "int32", "int64", "date")
_EVERY_TYPE: tuple[TypeName, ...] = ("string", "bool", "int32", "int64", "float32", "date", "timestamp", "strings")


@dataclass(frozen=True, slots=True)
class Measure:
    """How one column of the slim frame is computed."""

    function: str
    parameters: Mapping[str, Any]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table that the function reads."""
        named = [self.parameters[name] for name in _COLUMN_PARAMETERS if name in self.parameters]
        return (*named, *self.parameters.get("columns", ()))

    def compute(self, rows: pa.RecordBatch, day: date) -> pa.Array:
        """Compute the column for one slice of rows; `day` is the landing day."""
        given = {k: rows.column(v) if k in _COLUMN_PARAMETERS else v for k, v in self.parameters.items()}
        if "columns" in given:
            given["columns"] = [rows.column(name) for name in given["columns"]]
        function = _FUNCTIONS[self.function]
        return function.function(**given, day=day) if function.takes_day else function.function(**given)


@dataclass(frozen=True, slots=True)
class _Function:
    function: Callable[..., pa.Array]
    types: tuple[TypeName, ...]
    """Types that the columns it reads may have."""
    takes_day: bool
    """Whether it needs the landing day."""


_COLUMN_PARAMETERS = ("column", "other", "minutes", "kind")
_FUNCTIONS: dict[str, _Function] = {}

_CHILDREN = (RELATED_ITEMS.name, AGENCIES.name)


class _Across(NamedTuple):
    tables: tuple[str, ...]
    """The tables that it is for."""
    parameters: tuple[str, ...]
    description: str


ACROSS = {
    "has_article": _Across(_CHILDREN, (), "Whether the row belongs to an article of the same document."),
    "continues_positions": _Across(
        _CHILDREN,
        (),
        "Whether the position is within 1 to the number of the article's rows, and the first of its value.",
    ),
    "repeats_headline": _Across((RELATED_ITEMS.name,), (), "Whether the title is the headline of the own article."),
    "children": _Across((ARTICLES.name,), ("table",), "How many rows of another table the article has."),
    "copies": _Across(
        (ARTICLES.name, *_CHILDREN), ("columns",), "In how many rows of the day the values of the columns stand."
    ),
}
"""Measures that need more than a row; computed in `etl.validate.across`."""


class MeasureFunction(NamedTuple):
    """A function that a suite may name."""

    name: str
    parameters: tuple[str, ...]
    description: str


def described_measures() -> list[MeasureFunction]:
    """Every function, with what it gives, by name."""
    by_row = [
        MeasureFunction(name, tuple(_parameters(name)), (found.function.__doc__ or "").partition("\n")[0])
        for name, found in _FUNCTIONS.items()
    ]
    across = [MeasureFunction(name, found.parameters, found.description) for name, found in ACROSS.items()]
    return sorted(by_row + across)


def problems(name: str, definition: Any, table: Table) -> Iterator[str]:
    """Say what is wrong with the definition of measure `name` in a suite of `table`; nothing where it can be used."""
    if name in table.column_names:
        yield f"measure `{name}` has the name of a column of `{table.name}`; choose another"
    function = definition.get("function") if isinstance(definition, dict) else None
    if function not in (*_FUNCTIONS, *ACROSS):
        known = ", ".join(sorted([*_FUNCTIONS, *ACROSS]))
        yield f"measure `{name}` must be an object whose `function` is one of {known}"
        return
    if function in ACROSS and table.name not in ACROSS[function].tables:
        yield f"measure `{name}`: function `{function}` is for {' and '.join(ACROSS[function].tables)} only"
    wanted = _parameters(function)
    required = {k for k, needed in wanted.items() if needed}
    given = {k: v for k, v in definition.items() if k != "function"}
    if not required <= given.keys() <= wanted.keys():
        takes = ", ".join(k if k in required else f"{k} (optional)" for k in wanted) or "nothing"
        yield f"measure `{name}`: function `{function}` takes {takes}; given: {', '.join(given) or 'nothing'}"
        return
    for parameter, value in given.items():
        for found in _parameter_problems(parameter, value, table, _types(function)):
            yield f"measure `{name}`: {found}"


def _parameters(function: str) -> dict[str, bool]:
    """The parameters that a suite gives to a function, and whether it must."""
    if function in ACROSS:
        return dict.fromkeys(ACROSS[function].parameters, True)
    parameters = inspect.signature(_FUNCTIONS[function].function).parameters.items()
    return {name: p.default is inspect.Parameter.empty for name, p in parameters if name != "day"}


def _types(function: str) -> tuple[TypeName, ...]:
    """Types that the columns may have which a function reads."""
    return _FUNCTIONS[function].types if function in _FUNCTIONS else _KEY_TYPES


def _parameter_problems(parameter: str, value: Any, table: Table, types: tuple[TypeName, ...]) -> Iterator[str]:
    match parameter:
        case "column" | "other" | "kind":
            yield from _column_problems([value], table, types)
        case "minutes":
            yield from _column_problems([value], table, ("int32", "int64"))
        case "columns":
            yield from _column_problems(value, table, types)
        case "table":
            if value not in _CHILDREN:
                yield f"`table` must be one of {', '.join(_CHILDREN)}"
        case "pattern":
            yield from _pattern_problems(value)
        case "lines":
            if not isinstance(value, list) or not value or not all(isinstance(v, str) and v.strip() for v in value):
                yield "`lines` must be a list of texts, none of them blank"
        case _:
            if not isinstance(value, str) or not value:
                yield f"`{parameter}` must be a text"


def _column_problems(names: Any, table: Table, types: tuple[TypeName, ...]) -> Iterator[str]:
    if not isinstance(names, list) or not names:
        yield "`columns` must be a list of column names"
        return
    for name in names:
        if name not in table.column_names or name == INGEST_DATE.name:
            yield f"the staged `{table.name}` have no column `{name}`"
        elif table.column(name).type not in types:
            yield f"column `{name}` has type {table.column(name).type}, not {' or '.join(types)}"


def _pattern_problems(pattern: Any) -> Iterator[str]:
    if not isinstance(pattern, str) or not pattern:
        yield "`pattern` must be a regular expression"
        return
    try:
        pc.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid as error:
        yield f"`pattern` is not a regular expression that RE2 knows: {error}"


def _measure(*types: TypeName) -> Callable[[Callable[..., pa.Array]], Callable[..., pa.Array]]:
    def register(function: Callable[..., pa.Array]) -> Callable[..., pa.Array]:
        takes_day = "day" in inspect.signature(function).parameters
        _FUNCTIONS[function.__name__] = _Function(function, types, takes_day)
        return function

    return register


@_measure(*_TEXT_TYPES)
def length(column: pa.Array) -> pa.Array:
    """Characters (code points) without white space at the ends."""
    return pc.cast(pc.utf8_length(pc.utf8_trim_whitespace(column)), pa.int64())


@_measure(*_TEXT_TYPES)
def contains(column: pa.Array, pattern: str) -> pa.Array:
    """Whether an RE2 pattern is found; much cheaper than to count it."""
    return pc.match_substring_regex(column, pattern)


@_measure(*_TEXT_TYPES)
def matches(column: pa.Array, pattern: str) -> pa.Array:
    """How often an RE2 pattern is found."""
    return pc.cast(_where_found(column, pattern, lambda found: pc.count_substring_regex(found, pattern)), pa.int64())


@_measure(*_TEXT_TYPES)
def share_of_matches(column: pa.Array, pattern: str) -> pa.Array:
    """Share of the characters that an RE2 pattern covers, 0 to 1."""

    def share(found: pa.Array) -> pa.Array:
        whole = pc.cast(pc.utf8_length(found), pa.float64())
        rest = pc.cast(pc.utf8_length(pc.replace_substring_regex(found, pattern, "")), pa.float64())
        return pc.divide(pc.subtract(whole, rest), whole)

    return pc.cast(_where_found(column, pattern, share), pa.float64())


@_measure(*_TEXT_TYPES)
def lines_among(column: pa.Array, lines: list[str]) -> pa.Array:
    """How many lines consist of one of the given texts, whatever their case, bullets and closing punctuation."""
    pattern = _line_pattern(lines)
    return pc.cast(_where_found(column, pattern, lambda found: pc.count_substring_regex(found, pattern)), pa.int64())


@_measure(*_TEXT_TYPES)
def share_of_lines_among(column: pa.Array, lines: list[str]) -> pa.Array:
    """Share of the lines with text that consist of one of the given texts (see `lines_among`), 0 to 1."""
    pattern = _line_pattern(lines)

    def share(found: pa.Array) -> pa.Array:
        marks = pc.cast(pc.count_substring_regex(found, pattern), pa.float64())
        return pc.divide(marks, pc.cast(pc.count_substring_regex(found, r"[^\n]*\S[^\n]*"), pa.float64()))

    return pc.cast(_where_found(column, pattern, share), pa.float64())


@_measure(*_TEXT_TYPES)
def pieces(column: pa.Array, separator: str) -> pa.Array:
    """How many pieces a separator cuts the text into; none where the text is empty."""
    # Arrow's search for plain text is some eight times slower than RE2's.
    count = pc.add(pc.cast(pc.count_substring_regex(column, re.escape(separator)), pa.int64()), 1)
    return pc.if_else(pc.equal(pc.utf8_length(column), 0), pa.scalar(0, pa.int64()), count)


@_measure(*_LIST_TYPES)
def elements(column: pa.Array) -> pa.Array:
    """How many elements the list has."""
    return pc.cast(pc.list_value_length(column), pa.int64())


@_measure(*_LIST_TYPES)
def elements_matching(column: pa.Array, pattern: str) -> pa.Array:
    """In how many elements of the list an RE2 pattern is found."""
    found = pc.match_substring_regex(pc.list_flatten(column), pattern).to_numpy(zero_copy_only=False)
    owners = pc.list_parent_indices(column).to_numpy()
    return pa.array(np.bincount(owners[found.astype(bool)], minlength=len(column)), pa.int64())


@_measure(*_LIST_TYPES)
def longest_element(column: pa.Array) -> pa.Array:
    """Characters of the longest element; 0 for an empty list."""
    longest = np.zeros(len(column), np.int64)
    lengths = pc.utf8_length(pc.list_flatten(column)).to_numpy(zero_copy_only=False)
    np.maximum.at(longest, pc.list_parent_indices(column).to_numpy(), lengths)
    return pa.array(longest)


@_measure("int32", "int64")
def ratio(column: pa.Array, other: pa.Array) -> pa.Array:
    """The first number divided by the second; null where that is 0."""
    positive = pc.if_else(pc.equal(other, 0), None, other)
    return pc.divide(pc.cast(column, pa.float64()), pc.cast(positive, pa.float64()))


@_measure(*_TEXT_TYPES)
def decodes(column: pa.Array) -> pa.Array:
    """Whether the text names a charset that Python has."""
    named = column.dictionary_encode()
    return pa.array([_is_charset(name) for name in named.dictionary.to_pylist()], pa.bool_()).take(named.indices)


def _is_charset(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True


@_measure(*_TEXT_TYPES)
def registered(column: pa.Array, kind: pa.Array | None = None) -> pa.Array:
    """Whether the text is a code of the registry of agencies, with that `kind` where one is given.

    The registry is that of the parser (`etl/transform/data/agencies`), so that no suite repeats its codes.
    """
    # A suite may be looked at without the registry, which takes a while to read.
    from etl.transform.agencies import suppliers  # noqa: PLC0415

    found = pc.is_in(column, value_set=pa.array([s.code for s in suppliers()]))
    if kind is not None:
        known = pa.array([f"{s.code} {s.kind}" for s in suppliers()])
        # Of codes that nobody knows the rule about codes speaks.
        found = pc.or_(pc.is_in(pc.binary_join_element_wise(column, kind, " "), value_set=known), pc.invert(found))
    return pc.if_else(pc.is_valid(column), found, None)


@_measure(*_EVERY_TYPE)
def nulls(columns: list[pa.Array]) -> pa.Array:
    """How many of the given columns hold no value."""
    total = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        if column.null_count:
            total += column.is_null().to_numpy(zero_copy_only=False)
    return pa.array(total)


@_measure(*_TIME_TYPES)
def year(column: pa.Array) -> pa.Array:
    """Calendar year (UTC for times)."""
    return pc.year(column)


@_measure(*_TIME_TYPES)
def days_after_landing(column: pa.Array, day: date) -> pa.Array:
    """Days from the landing day to the date or time (UTC); negative where it lies before."""
    return pc.subtract(_days(column), pa.scalar((day - date(1970, 1, 1)).days, pa.int64()))


@_measure(*_TIME_TYPES)
def days_between(column: pa.Array, other: pa.Array, minutes: pa.Array | None = None) -> pa.Array:
    """Days from `other` to `column`, where `minutes` (null counts as 0) moves the time from UTC to the zone's own."""
    if minutes is not None:
        offset = pc.multiply(pc.cast(pc.fill_null(minutes, 0), pa.int64()), 60_000_000)
        column = pc.add(column, pc.cast(offset, pa.duration("us")))
    return pc.subtract(_days(column), _days(other))


def _days(column: pa.Array) -> pa.Array:
    """Days since 1970-01-01; Arrow's cast of a time rounds down, before 1970 too."""
    return pc.cast(pc.cast(pc.cast(column, pa.date32(), safe=False), pa.int32()), pa.int64())


def _line_pattern(lines: list[str]) -> str:
    choices = "|".join(re.escape(line.strip()) for line in lines)
    return rf"(?im)^[\s•·*–—-]*(?:{choices})[\s.:…!»>]*$"


def _where_found(column: pa.Array, pattern: str, measure: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """Apply a costly measure only to the rows where the pattern is found at all; 0 elsewhere, null for null."""
    found = pc.match_substring_regex(column, pattern)
    zeros = pc.if_else(found.is_valid(), pa.scalar(0.0), pa.scalar(None, pa.float64()))
    if not pc.any(found).as_py():
        return zeros
    return pc.replace_with_mask(
        zeros, pc.fill_null(found, fill_value=False), pc.cast(measure(column.filter(found)), pa.float64())
    )
