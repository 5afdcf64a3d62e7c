"""Stage a synthetic day of any size, with faults planted in it, and tell which rows must be found by which rule."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain, cycle
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from etl.contract import Run
from etl.tables import RECORD_TABLES, REJECTS, Table, staged_schema
from etl.transform.measure import char_count, paragraph_count, text_of, word_count
from etl.validate.suites import load_suites
from etl.workspace import Workspace, write_part
from tests.validate.plantings import PLANTINGS, Changes
from tests.validate.synthetic import DAY, agency, article, related_item

_PART = 20_000
_BODIES = 500
_PARAGRAPHS, _WORDS = 5, 90
_OWN = (("editorial", "editorial"), ("agencies", "generic"))
"""Code and kind of every second credit, in turn."""
_CHILDREN = {"related_items": 5, "agencies": 2}
_PRIME = 7_368_787
"""Spreads the faults over the day; it divides no number of articles that anybody would ask for."""
_TEXT = "der Rat hat am Montag über den Haushalt für das kommende Jahr beraten und größere Ausgaben beschlossen"

Expected = list[tuple[str, str, str]]
"""Table, key as in `rejects.row_key`, and rule."""


def stage(run: Run, articles: int, bad: int, expected: Path) -> None:
    """Write the part files of a day, and what must be found in them as JSON (`Expected`, sorted).

    Each article has a body of some 3 KB, five related items and two agencies. `bad` articles break one rule each, all
    quarantine rules in turn; half as many sound articles have a related item, and as many an agency, that does.
    """
    workspace, order = Workspace.of(run), np.arange(articles, dtype=np.int64) * _PRIME % articles
    faults = {name: _faults(name) for name in ("articles", *_CHILDREN)}
    bodies, found = _bodies(), Expected()
    for part, start in enumerate(range(0, articles, _PART)):
        numbers = np.arange(start, min(start + _PART, articles))
        rank = order[numbers]
        places = {
            "articles": np.flatnonzero(rank < bad),
            "related_items": np.flatnonzero((rank >= bad) & (rank < bad + bad // 2)),
            "agencies": np.flatnonzero((rank >= bad + bad // 2) & (rank < 2 * bad)),
        }
        for table in RECORD_TABLES:
            columns = _columns(table, numbers, bodies)
            copies = _CHILDREN.get(table.name, 1)
            for place in places[table.name].tolist():
                rule, changes = next(faults[table.name])
                row = place * copies
                for name, value in changes.items():
                    columns[name][row] = value
                key = columns["article_id"][row]
                found.append((table.name, key if copies == 1 else f"{key}/1", rule))
            write_part(workspace.part("transform", table.name, part), pa.table(columns, schema=staged_schema(table)))
        ids = pa.table({"document_id": [_id(number) for number in numbers.tolist()]})
        write_part(workspace.part("extract", "documents", part), ids)
        for name in ("extract", "transform"):
            write_part(workspace.part(name, REJECTS.name, part), staged_schema(REJECTS).empty_table())
    expected.write_text(json.dumps(sorted(found)), encoding="utf-8")


def rows_of(articles: int) -> dict[str, int]:
    """Rows of each table of a day with so many articles."""
    return {table.name: articles * _CHILDREN.get(table.name, 1) for table in RECORD_TABLES}


def _faults(table: str) -> Iterator[tuple[str, Changes]]:
    """Every planting of the table's quarantine rules, over and over."""
    rules = [rule.name for rule in load_suites(None)[table].rules if rule.policy == "quarantine"]
    return cycle(list(chain.from_iterable(((rule, c) for c in PLANTINGS[table][rule]) for rule in rules)))


def _id(number: int) -> str:
    return f"{number * 2_654_435_761 % 2**32:08x}{number:024x}"


def _bodies() -> list[dict[str, Any]]:
    """Bodies with their counts, under the columns that depend on them."""
    rng, lead = np.random.default_rng(7), article(0)["lead"]
    found = []
    for _ in range(_BODIES):
        body = "\n\n".join(f"{' '.join(rng.choice(_TEXT.split(), _WORDS))}." for _ in range(_PARAGRAPHS))
        text = text_of(lead, body)
        found.append(
            {
                "body": body,
                "paragraph_count": paragraph_count(body),
                "word_count": word_count(text),
                "char_count": char_count(text),
            }
        )
    return found


def _columns(table: Table, numbers: np.ndarray, bodies: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """The columns of a part with sound rows."""
    owners = numbers.tolist()
    ids = [_id(number) for number in owners]
    owned = {"article_id": ids, "source_uri": [f"{DAY}/bote/{number:08}.txt" for number in owners]}
    copies = _CHILDREN.get(table.name, 1)
    if table.name == "articles":
        template = article(0)
        own = owned | {
            "url": [f"https://bote.example/{number}" for number in owners],
            "headline": [f"Der Rat berät zum {number}. Mal" for number in owners],
            "content_hash": ids,
        }
        own |= {name: [bodies[number % _BODIES][name] for number in owners] for name in bodies[0]}
        return {name: own.get(name) or [template[name]] * len(ids) for name in staged_schema(table).names}
    owner = article(0)
    if table.name == "related_items":
        templates = [related_item(owner, position) for position in range(1, copies + 1)]
    else:
        own_words = [{"agency_code": code, "agency_name": "Red.", "country": None, "kind": kind} for code, kind in _OWN]
        templates = [agency(owner, n, **changes) for words in own_words for n, changes in ((1, {}), (2, words))]
    own = {name: [value for value in values for _ in range(copies)] for name, values in owned.items()}
    if table.name == "related_items":
        own["url"] = [f"/politik/{number}-{n}" for number in owners for n in range(copies)]
    return {
        name: own.get(name) or [template[name] for template in templates] * (len(ids) * copies // len(templates))
        for name in staged_schema(table).names
    }


def rejected(run: Run) -> Expected:
    """What `validate` rejected by rules, in the form of what was expected, sorted."""
    columns = ["row_table", "row_key", "code"]
    found = pq.read_table(Workspace.of(run).part("validate", REJECTS.name, 0), columns=columns, partitioning=None)
    values = (found[name].to_pylist() for name in columns)
    return sorted((table, key, code.removeprefix("rule:")) for table, key, code in zip(*values, strict=True))
