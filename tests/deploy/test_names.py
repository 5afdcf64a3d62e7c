"""What `deploy/` names exists: settings, options and commands of Airflow, variables, files, packages."""

import re
from typing import Any

from etl.settings import CONFIG_VARIABLE, ENV_PREFIX, Settings
from tests.conftest import PROJECT
from tests.deploy.conftest import DEPLOY, OPERATIONS, TEXTS, Airflow, airflow_commands

SETTINGS = {ENV_PREFIX + name.upper() for name in Settings.model_fields} | {CONFIG_VARIABLE}
FAB_MANAGER = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"


def pins(file: str) -> dict[str, str]:
    """Versions by package in a lock file; of those that depend on the Python, the last."""
    text = (PROJECT / file).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ]+)", text, re.MULTILINE))


def test_every_setting_of_the_pipeline_exists() -> None:
    named = {name for text in TEXTS.values() for name in re.findall(r"\bNEWS_ETL_[A-Z_]+", text)}
    named |= set(re.findall(r"\bNEWS_ETL_[A-Z_]+", OPERATIONS))
    assert named >= {"NEWS_ETL_LANDING", "NEWS_ETL_WAREHOUSE"}
    assert named <= SETTINGS


def test_every_option_of_airflow_exists(airflow: Airflow) -> None:
    named = {name for text in TEXTS.values() for name in re.findall(r"\bAIRFLOW__(?:[A-Z_]+?)__[A-Z_]+", text)}
    named |= set(re.findall(r"\bAIRFLOW__(?:[A-Z_]+?)__[A-Z_]+", OPERATIONS))
    assert len(named) >= 10
    known = {f"AIRFLOW__{s.upper()}__{o.upper()}" for s, options in airflow.options.items() for o in options}
    assert named <= known


def test_airflow_takes_every_command_line(airflow: Airflow) -> None:
    asked = [" ".join(words) for text in TEXTS.values() for words in airflow_commands(text)]
    assert {"api-server", "scheduler", "dag-processor", "triggerer", "celery worker", "db migrate"} <= set(asked)
    assert airflow.refused == []


def test_the_auth_manager_is_in_the_image() -> None:
    assert FAB_MANAGER in TEXTS["compose.yaml"]
    assert "apache-airflow-providers-fab" in pins("deploy/requirements.lock")


def test_the_image_has_the_versions_that_the_tests_ran_with() -> None:
    image, tested = pins("deploy/requirements.lock"), pins("requirements.lock")
    assert {name: version for name, version in image.items() if tested.get(name, version) != version} == {}
    assert set(image) >= {"celery", "redis", "psycopg2-binary", "s3fs", "statsd", "openlineage-python", "hatchling"}
    assert not set(image) & {"mypy", "pytest", "ruff", "playwright", "moto"}


def test_the_base_image_has_the_airflow_of_the_lock() -> None:
    [tag] = re.findall(
        r"^ARG AIRFLOW_IMAGE=apache/airflow:slim-([0-9.]+)-python3\.\d+$", TEXTS["Dockerfile"], re.MULTILINE
    )
    assert tag == pins("deploy/requirements.lock")["apache-airflow"]


def test_no_file_names_a_registry() -> None:
    images = re.findall(r"(?:image|AIRFLOW_IMAGE|repository)[:=] ?([^\s$]+)", "\n".join(TEXTS.values()))
    assert images
    assert [image for image in images if "." in image.partition("/")[0].partition(":")[0]] == []


def test_every_variable_of_compose_is_in_the_example(compose: dict[str, Any]) -> None:
    named = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", TEXTS["compose.yaml"]))
    example = set(re.findall(r"^([A-Z_]+)=", TEXTS[".env.example"], re.MULTILINE))
    assert named == example
    assert compose["name"] == "news-corpus-etl"


def test_what_the_image_takes_from_the_project_is_not_ignored() -> None:
    kept = {
        line[1:]
        for line in (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    assert all((PROJECT / path).exists() for path in kept)
    assert {"etl", "expectations", "dags", "pyproject.toml", "README.md", "LICENSE"} <= kept
    sources = re.findall(r"source=([^,.\s]\S*),target", TEXTS["Dockerfile"])
    assert sources
    assert set(sources) <= kept
    assert (DEPLOY / "requirements.lock").is_file()
