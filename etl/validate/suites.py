"""The suites of `expectations/`: find, read and check them; a suite that cannot be used is refused with the remedy.

A suite is a Great Expectations suite in JSON, one file per record table, and `day` for the
shares of a whole day (`etl.validate.facts`). What this project adds stands in `meta`:

- `rule`: the rule's name, unique in its suite; reject codes are `rule:<name>`.
- `policy`: `block` (an invariant: where it fails, the day is not published), `quarantine` (rows that fail go to
  `rejects`; the day is blocked only where more than `tolerated_rows` fail and the share that passes is under
  `mostly`), or `warn` (recorded only).
- `tolerated_rows`: for `quarantine`, the number of rows that may fail whatever their share.
- `measures`: columns that the rule adds to the slim frame for itself and later rules, see `etl.validate.measures`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from etl.errors import SuiteInvalid
from etl.tables import RECORD_TABLES, Table, staged_schema
from etl.validate.facts import DAY
from etl.validate.measures import Measure, problems

JUDGED = (*RECORD_TABLES, DAY)
"""What has a suite, in the order in which it is judged."""
POLICIES = ("block", "quarantine", "warn")
SEVERITIES = ("critical", "warning", "info")
PARAMETERS = ("expected_rows",)
"""Values that a suite may name as `{"$PARAMETER": …}`: the number of rows that the part files hold."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_SUITE_KEYS = {"name", "notes", "meta", "expectations"}
_RULE_KEYS = {"type", "severity", "notes", "kwargs", "meta"}
_META_KEYS = {"rule", "policy", "tolerated_rows", "measures"}
_COLUMN_KWARGS = ("column", "column_A", "column_B")
_UNLIMITED_TEXT = (
    *("article_id", "url", "kicker", "headline", "lead", "body", "published_evidence", "content_hash", "source_uri"),
    *("section", "title", "teaser", "image_caption"),
    *("agency_name", "evidence"),
)
"""Texts that differ from row to row: as Python strings they would take more memory than all else."""
_FRAME_TYPES = ("string", "bool", "int32", "int64", "float32")


@dataclass(frozen=True, slots=True)
class Rule:
    """One expectation of a suite, with what this project does about it."""

    name: str
    table: str
    type: str
    policy: str
    severity: str
    notes: str
    kwargs: Mapping[str, Any]
    tolerated_rows: int
    measures: Mapping[str, Measure]
    columns: tuple[str, ...]
    """Columns of the slim frame that the rule judges, the deciding one first."""


@dataclass(frozen=True, slots=True)
class Suite:
    """The rules of one table."""

    table: Table
    file: Path
    notes: str
    rules: tuple[Rule, ...]
    number: int = 1
    """Which part it is, where the rules of a table are judged in several."""

    @property
    def name(self) -> str:
        """The table, with the number of the part from the second on."""
        return self.table.name if self.number == 1 else f"{self.table.name}-{self.number}"

    def parts(self, columns: int) -> list[Suite]:
        """The rules in their order, cut so that those of a part judge at most so many columns, or are one rule."""
        groups: list[list[Rule]] = [[]]
        for rule in self.rules:
            if len({name for r in (*groups[-1], rule) for name in r.columns}) > columns and groups[-1]:
                groups.append([])
            groups[-1].append(rule)
        return [replace(self, rules=tuple(rules), number=n) for n, rules in enumerate(groups, start=1)]

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the slim frame: all that any rule judges, each once."""
        return tuple(dict.fromkeys(name for rule in self.rules for name in rule.columns))

    @property
    def measures(self) -> dict[str, Measure]:
        """The measures of all rules by the column that they fill."""
        return {name: measure for rule in self.rules for name, measure in rule.measures.items()}


def suites_folder(setting: Path | None) -> Path:
    """The folder of the suites: the setting, else the repository's `expectations/`, else the one inside the wheel.

    Raises:
        SuiteInvalid: the folder does not exist.
    """
    package = Path(__file__).resolve().parents[1]
    folders = [setting] if setting is not None else [package.parent / "expectations", package / "expectations"]
    for folder in folders:
        if folder.is_dir():
            return folder
    message = f"there is no folder of suites at `{folders[0]}`; create it or mend the setting `suites`"
    raise SuiteInvalid(message)


def suites_version(folder: Path | None) -> str:
    """Hash of what the suites say (12 hex digits); layout and order of keys do not count.

    Raises:
        SuiteInvalid: a suite file is missing or no JSON.
    """
    folder = suites_folder(folder)
    content = {table.name: _read(folder / f"{table.name}.json") for table in JUDGED}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]


def load_suites(folder: Path | None) -> dict[str, Suite]:
    """Read and check the suite of every record table and of the day, in the order of `JUDGED`.

    Raises:
        SuiteInvalid: naming file, rule and remedy.
    """
    folder = suites_folder(folder)
    known = {f"{table.name}.json" for table in JUDGED}
    unknown = sorted(file.name for file in folder.glob("*.json") if file.name not in known)
    if unknown:
        message = f"suite `{folder / unknown[0]}` belongs to no table; name it one of {', '.join(sorted(known))}"
        raise SuiteInvalid(message)
    return {table.name: _load(folder / f"{table.name}.json", table) for table in JUDGED}


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        message = f"suite `{file}` is missing; copy it from `expectations/` of the release"
        raise SuiteInvalid(message) from None
    except ValueError as error:
        message = f"suite `{file}` is not valid JSON: {error}"
        raise SuiteInvalid(message) from error


def _load(file: Path, table: Table) -> Suite:
    content = _read(file)
    for found in _suite_problems(content, table):
        message = f"suite `{file}`: {found}"
        raise SuiteInvalid(message)
    rules: list[Rule] = []
    for number, entry in enumerate(content["expectations"], start=1):
        meta = entry.get("meta") if isinstance(entry, dict) else None
        name = meta.get("rule") if isinstance(meta, dict) else None
        where = f"suite `{file}`, rule `{name}`" if isinstance(name, str) else f"suite `{file}`, rule number {number}"
        for found in _rule_problems(entry, table, rules):
            message = f"{where}: {found}"
            raise SuiteInvalid(message)
        rules.append(_rule(entry, table))
    return Suite(table, file, content.get("notes") or "", tuple(rules))


def _rule(entry: Mapping[str, Any], table: Table) -> Rule:
    meta = entry["meta"]
    definitions = meta.get("measures", {})
    return Rule(
        name=meta["rule"],
        table=table.name,
        type=entry["type"],
        policy=meta["policy"],
        severity=entry["severity"],
        notes=entry["notes"],
        kwargs=entry["kwargs"],
        tolerated_rows=meta.get("tolerated_rows", 0),
        measures={
            name: Measure(d["function"], {k: v for k, v in d.items() if k != "function"})
            for name, d in definitions.items()
        },
        columns=tuple(dict.fromkeys(_judged_columns(entry["kwargs"]))),
    )


def _suite_problems(content: Any, table: Table) -> Iterator[str]:
    if not isinstance(content, dict) or not isinstance(content.get("expectations"), list):
        yield "it must be an object with a list of `expectations`"
        return
    unknown = content.keys() - _SUITE_KEYS
    if unknown:
        yield f"unknown key `{min(unknown)}`; known: {', '.join(sorted(_SUITE_KEYS))}"
    if content.get("name") != table.name:
        yield f"its `name` is `{content.get('name')}`; it must be `{table.name}`, as the file"
    if not content["expectations"]:
        yield "it has no rules; an empty suite would let everything through"


def _rule_problems(entry: Any, table: Table, earlier: list[Rule]) -> Iterator[str]:
    if not isinstance(entry, dict) or not isinstance(entry.get("meta"), dict):
        yield "a rule must be an object with `meta` naming `rule` and `policy`"
        return
    meta = entry["meta"]
    for known, given, what in ((_RULE_KEYS, entry.keys(), "key"), (_META_KEYS, meta.keys(), "`meta` key")):
        unknown = given - known
        if unknown:
            yield f"unknown {what} `{min(unknown)}`; known: {', '.join(sorted(known))}"
    name = meta.get("rule")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        yield "`meta.rule` must be a name of lower-case letters, digits and underscores"
    if any(rule.name == name for rule in earlier):
        yield "the name is used twice; rejects and results are told apart by it"
    if not isinstance(entry.get("type"), str):
        yield "`type` must name an expectation"
    if entry.get("severity") not in SEVERITIES:
        yield f"`severity` is `{entry.get('severity')}`; it must be one of {', '.join(SEVERITIES)}"
    if not isinstance(entry.get("notes"), str) or not entry["notes"].strip():
        yield "`notes` must say in plain words what the rule is for; it becomes the message of its rejects"
    if not isinstance(entry.get("kwargs"), dict):
        yield "`kwargs` must be an object"
        return
    yield from _policy_problems(meta, entry["kwargs"], table)
    measured = {column for rule in earlier for column in rule.measures}
    yield from _measure_problems(meta.get("measures", {}), table, measured)
    yield from _column_problems(entry, table, measured)


def _policy_problems(meta: Mapping[str, Any], kwargs: Mapping[str, Any], table: Table) -> Iterator[str]:
    policy = meta.get("policy")
    if policy not in POLICIES:
        yield f"`meta.policy` is `{policy}`; it must be one of {', '.join(POLICIES)}"
    if policy == "quarantine" and table is DAY:
        yield "a day has no rows that could be taken out; use block or warn"
    rows = meta.get("tolerated_rows")
    if policy == "quarantine":
        mostly = kwargs.get("mostly")
        if isinstance(mostly, bool) or not isinstance(mostly, int | float) or not 0 <= mostly < 1:
            yield "a `quarantine` rule needs `mostly` (from 0, below 1): the share that must pass or the day is blocked"
        if isinstance(rows, bool) or not isinstance(rows, int) or rows < 0:
            yield "a `quarantine` rule needs `meta.tolerated_rows`: how many rows may fail whatever their share"
    elif rows is not None:
        yield f"`meta.tolerated_rows` is for `quarantine` rules; remove it from this `{policy}` rule"
    for key, value in kwargs.items():
        if isinstance(value, dict) and "$PARAMETER" in value and value["$PARAMETER"] not in PARAMETERS:
            yield f"`{key}` names an unknown parameter `{value['$PARAMETER']}`; known: {', '.join(PARAMETERS)}"


def _measure_problems(definitions: Any, table: Table, earlier: set[str]) -> Iterator[str]:
    if not isinstance(definitions, dict):
        yield "`meta.measures` must be an object: column name to definition"
        return
    if definitions and table is DAY:
        yield f"a day has no measures; remove `meta.measures` and judge one of {', '.join(DAY.column_names)}"
    for name, definition in definitions.items():
        if name in earlier:
            yield f"measure `{name}` is defined by an earlier rule already; use that one or choose another name"
        yield from problems(name, definition, table)


def _column_problems(entry: Mapping[str, Any], table: Table, earlier: set[str]) -> Iterator[str]:
    measures = entry["meta"].get("measures", {})
    judged = list(_judged_columns(entry["kwargs"]))
    known = DAY.column_names if table is DAY else staged_schema(table).names
    for name in judged:
        if name in measures or name in earlier:
            continue
        if name not in known:
            yield f"`{table.name}` has no column `{name}`, and no measure of this or an earlier rule has that name"
        elif name in table.column_names and (name in _UNLIMITED_TEXT or table.column(name).type not in _FRAME_TYPES):
            yield f"column `{name}` is text, a list or a time, which the slim frame leaves out; define a measure of it"
    for name in measures:
        if name not in judged:
            yield f"measure `{name}` is not judged by the rule; name it in `kwargs` or remove it"


def _judged_columns(kwargs: Mapping[str, Any]) -> Iterator[str]:
    """Every column that the arguments of an expectation name, conditions included."""
    yield from (str(kwargs[name]) for name in _COLUMN_KWARGS if name in kwargs)
    yield from (str(name) for name in kwargs.get("column_list", ()))
    condition = kwargs.get("row_condition")
    pending = [condition] if condition is not None else []
    while pending:
        value = pending.pop()
        if isinstance(value, list):
            pending.extend(value)
        elif isinstance(value, dict):
            column = value.get("column")
            if isinstance(column, dict) and "name" in column:
                yield str(column["name"])
            pending.extend(v for k, v in value.items() if k != "column")
