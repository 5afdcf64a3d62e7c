"""The guide for operators: every error and reject code has a remedy; what it names and links to exists."""

import re
import shlex
from pathlib import Path

import typer
from typer.core import TyperGroup

import etl.errors
from etl.cli import app
from etl.errors import NewsEtlError
from etl.report.drift import MEASURES
from etl.settings import Settings
from etl.tables import REJECT_CODES
from tests.conftest import PROJECT
from tests.deploy.conftest import OPERATIONS, Airflow, airflow_commands

ABSTRACT = {"NewsEtlError", "DayBlocked"}
"""Never raised themselves."""


def test_every_error_has_a_row_in_a_runbook() -> None:
    errors = {
        name for name, kind in vars(etl.errors).items() if isinstance(kind, type) and issubclass(kind, NewsEtlError)
    }
    rows = dict(re.findall(r"^\| `([A-Z]\w+)` \| (.+) \|$", OPERATIONS, re.MULTILINE))
    assert set(rows) == errors - ABSTRACT
    assert all(len(cell) > 20 for row in rows.values() for cell in row.split(" | "))


def test_every_measure_of_drift_has_a_row() -> None:
    [table] = re.findall(r"^\| measure \| mostly \|.*?\n\n", OPERATIONS, re.MULTILINE | re.DOTALL)
    first_cells = "".join(row.split(" | ")[0] for row in table.splitlines())
    assert set(re.findall(r"`([a-z_]+)`", first_cells)) == set(MEASURES)


def test_every_reject_code_has_a_remedy() -> None:
    dictionary = (PROJECT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `([a-z_:<>]+)` \| [^|]+ \| ([^|]+) \|$", dictionary, re.MULTILINE))
    assert set(REJECT_CODES) <= set(told)
    assert "data-dictionary.md#reject-codes" in OPERATIONS


def test_commands_of_news_etl_are_taken() -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    found = re.findall(r"news-etl ([a-z][^`#)]*)", OPERATIONS.replace("\n2026", " 2026"))
    assert len(found) > 10
    for line in found:
        name, *arguments = shlex.split(line.splitlines()[0].rstrip(" ,.;:"))
        command = group.commands[name]
        known = {option for parameter in command.params for option in parameter.opts}
        assert {argument for argument in arguments if argument.startswith("--")} <= known, line


def test_commands_of_airflow_are_taken(airflow: Airflow) -> None:
    asked = [" ".join(words) for words in airflow_commands(OPERATIONS)]
    assert {"db migrate", "dags list-import-errors", "db clean --clean-before-timestamp 2026-01-01"} <= set(asked)
    assert airflow.refused == []


def test_settings_that_are_named_exist() -> None:
    known = set(Settings.model_fields)
    named = set(re.findall(r"`((?:keep|batch|document|max|lock|closing|maintenance|day)_[a-z_]+)`", OPERATIONS))
    assert named >= {"keep_hours", "batch_bytes", "closing_time"}
    assert named <= known


def test_counters_that_are_named_exist() -> None:
    source = (PROJECT / "etl" / "metrics.py").read_text(encoding="utf-8")
    named = set(re.findall(r"`news_corpus\.([a-z]+)`", OPERATIONS))
    assert named >= {"rejects", "articles"}
    counted = set(re.findall(r"news_corpus\.([a-z]+)", source)) | {"articles", "related_items", "agencies"}
    assert named <= counted


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", OPERATIONS):
        path, _, heading = target.partition("#")
        file = (PROJECT / "docs" / path) if path else PROJECT / "docs" / "operations.md"
        assert file.exists(), target
        if heading:
            assert heading in headings(file), target


def headings(file: Path) -> set[str]:
    """The headings of a page as links name them."""
    found = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in found}
