"""The values for the Helm chart, judged without it: against Airflow, Compose and each other."""

import re
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped] # Airflow brings it, without types

from tests.deploy.conftest import TEXTS, Airflow


@pytest.fixture(scope="module")
def values() -> dict[str, Any]:
    loaded = yaml.safe_load(TEXTS["helm-values.yaml"])
    assert isinstance(loaded, dict)
    return loaded


def test_every_option_of_airflow_exists(values: dict[str, Any], airflow: Airflow) -> None:
    for section, options in values["config"].items():
        assert set(options) <= set(airflow.options[section]), section


def test_image_executor_and_settings_are_those_of_compose(values: dict[str, Any], compose: dict[str, Any]) -> None:
    worker = compose["services"]["worker"]
    environment = worker["environment"]
    tag = re.sub(r"\$\{IMAGE_TAG:-([^}]+)\}", r"\1", worker["image"])
    assert tag == f"{values['defaultAirflowRepository']}:{values['defaultAirflowTag']}"
    assert f"slim-{values['airflowVersion']}-" in TEXTS["Dockerfile"]
    assert values["executor"] == environment["AIRFLOW__CORE__EXECUTOR"]
    assert values["config"]["core"]["auth_manager"] == environment["AIRFLOW__CORE__AUTH_MANAGER"]
    settings = dict(re.findall(r"(NEWS_ETL_[A-Z]+)=(\S+)", TEXTS["Dockerfile"]))
    settings |= {name: value for name, value in environment.items() if name.startswith("NEWS_ETL_")}
    assert {e["name"]: e["value"] for e in values["env"]} == settings


def test_links_in_notices_lead_to_an_address_that_is_set(values: dict[str, Any], compose: dict[str, Any]) -> None:
    assert values["config"]["api"]["base_url"].startswith("https://")
    assert "AIRFLOW__API__BASE_URL" in compose["services"]["dag-processor"]["environment"]


def test_the_pool_that_is_named_is_made(values: dict[str, Any], compose: dict[str, Any]) -> None:
    [pool] = [e["value"] for e in values["env"] if e["name"] == "NEWS_ETL_PUBLISH_POOL"]
    made = f"airflow pools set {pool} 1 "
    assert made in values["migrateDatabaseJob"]["args"][-1]
    assert made in compose["services"]["init"]["command"][-1]


def test_mounted_claims_are_declared_and_only_workers_write_the_warehouse(values: dict[str, Any]) -> None:
    claims = {claim["metadata"]["name"]: claim for claim in yaml.safe_load_all(TEXTS["kubernetes-volumes.yaml"])}
    assert claims["news-corpus-warehouse"]["spec"]["accessModes"] == ["ReadWriteMany"]
    for component in (values["workers"]["celery"], values["apiServer"], values["dagProcessor"]):
        volumes = {volume["name"]: volume["persistentVolumeClaim"] for volume in component["extraVolumes"]}
        mounts = {mount["name"]: mount for mount in component["extraVolumeMounts"]}
        assert set(volumes) == set(mounts)
        assert {volume["claimName"] for volume in volumes.values()} <= set(claims)
        for name, mount in mounts.items():
            writes = component is values["workers"]["celery"] and name == "warehouse"
            assert mount.get("readOnly", False) is not writes
            assert volumes[name].get("readOnly", False) is not writes


def test_nothing_of_the_chart_with_a_known_password_is_left_on(values: dict[str, Any]) -> None:
    assert values["createUserJob"]["enabled"] is False
    assert values["postgresql"]["enabled"] is False
    assert values["securityContexts"]["pod"]["runAsNonRoot"] is True
    secrets = [values[name] for name in ("fernetKeySecretName", "apiSecretKeySecretName", "jwtSecretName")]
    assert all(secrets)
    assert values["data"]["metadataSecretName"]


def test_every_component_has_bounds_of_memory(values: dict[str, Any]) -> None:
    components = [values["workers"]["celery"], *(values[n] for n in ("apiServer", "scheduler", "dagProcessor"))]
    for component in [*components, values["triggerer"]]:
        assert component["resources"]["limits"]["memory"].endswith("Gi")
