"""The files below `deploy/` as the tests look at them."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped] # Airflow brings it, without types

from tests.conftest import PROJECT
from tools.airflow_home import airflow_environment

DEPLOY = PROJECT / "deploy"
NAMES = ("Dockerfile", "compose.yaml", ".env.example", "helm-values.yaml", "kubernetes-volumes.yaml")
TEXTS = {name: (DEPLOY / name).read_text(encoding="utf-8") for name in NAMES}
OPERATIONS = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Airflow:
    """What the installed Airflow knows."""

    options: dict[str, list[str]]
    """Names of options by section, those of its providers too."""
    refused: list[list[str]]
    """Command lines of `deploy/` that it does not take, each with what it says of it."""


@pytest.fixture(scope="session")
def compose() -> dict[str, Any]:
    """`compose.yaml` as YAML says, with its variables unfilled."""
    loaded = yaml.safe_load(TEXTS["compose.yaml"])
    assert isinstance(loaded, dict)
    return loaded


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Airflow:
    """Airflow's answers, from a process and a home of their own."""
    environment = airflow_environment(tmp_path_factory.mktemp("airflow"), dict(os.environ))
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("ask_airflow.py"))],
        input=json.dumps([words for text in [*TEXTS.values(), OPERATIONS] for words in airflow_commands(text)]),
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    return Airflow(**json.loads(done.stdout))


def airflow_commands(text: str) -> list[list[str]]:
    """The command lines of Airflow in a file, as words: in lists of YAML and in scripts.

    Without `users ...`: those come with the provider FAB, which the image has and the tests' environment has not.
    """
    found = [re.split(r", *", line) for line in re.findall(r"\[airflow, ([^\]]+)\]", text)]
    joined = re.sub(r"\\\n\s*", "", text)
    found += [line.split() for line in re.findall(r"^[ '\"]*(?:exec )?airflow ([a-z][^'\n]*)", joined, re.MULTILINE)]
    found += [line.split() for line in re.findall(r"['\"]airflow ([a-z][^'\n]*)'", joined)]
    found += [line.split() for line in re.findall(r"`airflow ([a-z][^`\n]*)`", joined)]
    return [words for words in found if words[0] != "users"]
