"""What a suite file says decides: every number, set, pattern and list of every rule, found by walking the files."""

import json
import shutil
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from etl.errors import RuleBlocked
from etl.validate.day import validate_day
from etl.validate.history import results_file
from etl.validate.suites import load_suites, suites_folder
from tests.validate.plantings import PLANTINGS
from tests.validate.synthetic import BODY, Row, Staged, article, make_run, sound_day

Key = tuple[str, str]
"""Table and rule."""
Path_ = tuple[str, ...]
"""Where a value stands in a rule."""
Verdict = tuple[int, bool, bool]
"""Failing rows, whether the rule holds, and whether it is a reason to refuse the day."""

RULES: dict[Key, Row] = {
    (file.stem, entry["meta"]["rule"]): entry
    for file in sorted(suites_folder(None).glob("*.json"))
    for entry in json.loads(file.read_text(encoding="utf-8"))["expectations"]
}
UNDECIDED = {
    "column",
    "column_A",
    "column_B",
    "column_list",
    "ignore_row_if",
    "function",
    "other",
    "minutes",
    "kind",
    "type",
}
"""Keys that say what is judged, not how."""
SELDOM_FILLED = {"articles": "kicker", "related_items": "image_caption", "agencies": "country"}
NEVER, ALWAYS = "[^\\x00-\\x{10FFFF}]", "^"


def alternatives(table: str, key: str, value: Any, entry: Row) -> list[Any]:
    """Other values for a key of a rule, of which one at least must change the verdict."""
    known: dict[str, list[Any]] = {
        "value": [10**9],
        # Great Expectations refuses a minimum above the maximum.
        "min_value": [entry["kwargs"].get("max_value", 10**9), -(10**9)],
        "max_value": [entry["kwargs"].get("min_value", -(10**9)), 10**9],
        "mostly": [0.0, 0.999999],
        "value_set": [["-"], [False], [True]],
        "pattern": [NEVER, ALWAYS, "."],
        "parameter": ["wire"],
        "or_equal": [not value],
        "lines": [[*BODY.split("\n\n"), "Was der Rat zum 1. Punkt sagt"]],
        "separator": ["e"],
        "table": ["related_items", "agencies"],
        "columns": [[SELDOM_FILLED.get(table, "")]],
    }
    assert key in known, f"`{key}` of a rule is new: say here by which other values the verdict must change"
    return list(known[key])


def decisions(value: Any, path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    """Every number, set, pattern and list of a rule."""
    for key, inner in value.items():
        if key in UNDECIDED:
            continue
        if isinstance(inner, dict) and "$PARAMETER" not in inner:
            yield from decisions(inner, (*path, key))
        elif key != "operator":
            yield (*path, key), inner


def decided_by(entry: Row) -> list[tuple[Path_, Any]]:
    found = [(("kwargs", *path), value) for path, value in decisions(entry["kwargs"])]
    for name, measure in entry["meta"].get("measures", {}).items():
        found += [(("meta", "measures", name, *path), value) for path, value in decisions(measure)]
    return found


def edited(entry: Row, path: Path_, value: Any) -> Row:
    entry = deepcopy(entry)
    inner = entry
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return entry


def written(folder: Path, rules: dict[Key, Row]) -> Path:
    """The suites with some rules exchanged."""
    shutil.copytree(suites_folder(None), folder)
    for file in folder.glob("*.json"):
        suite = json.loads(file.read_text(encoding="utf-8"))
        suite["expectations"] = [rules.get((file.stem, e["meta"]["rule"]), e) for e in suite["expectations"]]
        file.write_text(json.dumps(suite), encoding="utf-8")
    return folder


def day_with_faults() -> Staged:
    staged = sound_day(100)
    rows = {"articles": staged.articles, "related_items": staged.related_items[100:], "agencies": staged.agencies[50:]}
    for table, faults in PLANTINGS.items():
        listed = [changes for by_rule in faults.values() for changes in by_rule]
        for row, changes in zip(rows[table], listed, strict=False):
            row.update(changes)
    for item in staged.related_items[:20]:
        item.update(url="/politik/1", image_caption="Der Saal")
    many = staged.add(article(200), related=201, agencies=16)
    many.update(modified_at=many["published_at"], char_count=many["word_count"])
    staged.agencies[-1].update(kind="generic", country=None)
    staged.add(article(201, content_hash=many["content_hash"], headline=staged.related_items[0]["title"]))
    staged.add(article(202, kicker="Rathaus"), related=0)
    for number in (203, 204):
        staged.add(article(number), agencies=0)
    return staged


def verdicts(folder: Path, rules: dict[Key, Row]) -> dict[Key, Verdict]:
    run = make_run(folder, suites=written(folder / "suites", rules))
    day_with_faults().write(run)
    refused = ""
    try:
        validate_day(run)
    except RuleBlocked as error:
        refused = str(error)
    rows = pq.read_table(results_file(folder / "warehouse", run["run_id"])).to_pylist()
    return {
        (row["table"], row["rule"]): (
            row["unexpected"],
            row["success"],
            f"rule `{row['rule']}` of `{row['table']}`:" in refused,
        )
        for row in rows
    }


def test_every_number_set_pattern_and_list_of_every_rule_decides(tmp_path: Path) -> None:
    """All rules are edited at once, one value each: what a rule says is no other rule's business."""
    before = verdicts(tmp_path / "before", {})
    assert before.keys() == RULES.keys()
    undecided: dict[tuple[Key, Path_], list[Any]] = {
        (key, path): alternatives(key[0], path[-1], value, entry)
        for key, entry in RULES.items()
        for path, value in decided_by(entry)
    }
    assert {key for key, _ in undecided} == RULES.keys() - without_values()
    turn = 0
    while undecided:
        edits: dict[Key, tuple[Path_, Any]] = {}
        for (key, path), left in undecided.items():
            if key not in edits and left:
                edits[key] = (path, left.pop(0))
        assert edits, f"no other value of these changes a verdict: {sorted(undecided)}"
        after = verdicts(
            tmp_path / f"turn-{turn}", {key: edited(RULES[key], path, value) for key, (path, value) in edits.items()}
        )
        for key, (path, _) in edits.items():
            if after[key] != before[key]:
                del undecided[key, path]
        turn += 1


def without_values() -> set[Key]:
    return {key for key, entry in RULES.items() if not decided_by(entry)}


def test_the_tolerated_rows_and_share_of_every_quarantine_rule_decide(tmp_path: Path) -> None:
    quarantine = {key: entry for key, entry in RULES.items() if entry["meta"]["policy"] == "quarantine"}
    strict = {key: edited(entry, ("kwargs", "mostly"), 0.999999) for key, entry in quarantine.items()}
    none = {key: edited(entry, ("meta", "tolerated_rows"), 0) for key, entry in strict.items()}
    many = {key: edited(entry, ("meta", "tolerated_rows"), 0) for key, entry in quarantine.items()}
    refused = {
        name: {key for key, verdict in verdicts(tmp_path / name, rules).items() if verdict[2]}
        for name, rules in {"strict": strict, "none": none, "many": many}.items()
    }
    whole = conditional()
    assert refused["strict"] == set()  # a few rows are tolerated whatever their share
    assert refused["none"] == quarantine.keys()
    assert refused["many"] <= whole  # and so is a small share, whatever the number of rows


def conditional() -> set[Key]:
    """Rules that judge some rows only: on this day these are few and faulty."""
    return {key for key, entry in RULES.items() if "row_condition" in entry["kwargs"]}


def test_the_policy_decides(tmp_path: Path) -> None:
    quarantine = [key for key, entry in RULES.items() if entry["meta"]["policy"] == "quarantine"]
    changed = {}
    for key in quarantine:
        changed[key] = edited(edited(RULES[key], ("meta", "policy"), "warn"), ("kwargs", "mostly"), 0.999999)
        del changed[key]["meta"]["tolerated_rows"]
    run = make_run(tmp_path, suites=written(tmp_path / "suites", changed))
    day_with_faults().write(run)
    assert validate_day(run)["rejects"] == 0
    assert {rule.policy for suite in load_suites(tmp_path / "suites").values() for rule in suite.rules} == {
        "block",
        "warn",
    }
