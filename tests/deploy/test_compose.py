"""The Compose file: what holds together, what is closed, what waits for what."""

import re
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT
from tests.deploy.conftest import DEPLOY, TEXTS
from tools import deploy_env

AIRFLOW_SERVICES = {"init", "api-server", "scheduler", "dag-processor", "triggerer", "worker"}
SECRETS = {"ADMIN_PASSWORD", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "FERNET_KEY", "JWT_SECRET", "API_SECRET_KEY"}


def test_all_components_run_from_one_image(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == AIRFLOW_SERVICES | {"postgres", "redis"}
    assert len({services[name]["image"] for name in AIRFLOW_SERVICES}) == 1
    assert services["init"]["build"] == {"context": "..", "dockerfile": "deploy/Dockerfile"}
    assert (DEPLOY / services["init"]["build"]["context"] / services["init"]["build"]["dockerfile"]).is_file()


def test_every_lasting_service_has_a_health_check(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert ("healthcheck" in service) == (name != "init"), name


def test_services_wait_for_what_they_need(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for name, service in services.items():
        for needed, how in service.get("depends_on", {}).items():
            healthy = how["condition"] == "service_healthy"
            assert healthy == ("healthcheck" in services[needed]), (name, needed)
    assert services["scheduler"]["depends_on"]["init"] == {"condition": "service_completed_successfully"}


def test_secrets_have_no_defaults(compose: dict[str, Any]) -> None:
    text = TEXTS["compose.yaml"]
    used = set(re.findall(r"\$\{([A-Z_]+):\?", text))
    assert used == SECRETS | {"LANDING"}
    assert not SECRETS & set(re.findall(r"\$\{([A-Z_]+):-", text))
    example = dict(re.findall(r"^([A-Z_]+)=(.*)$", TEXTS[".env.example"], re.MULTILINE))
    assert {name for name, value in example.items() if not value} == SECRETS
    assert "ADMIN_PASSWORD" not in compose["services"]["worker"]["environment"]


def test_the_landing_zone_is_read_only_and_only_workers_write_the_warehouse(compose: dict[str, Any]) -> None:
    mounts = {name: service.get("volumes", []) for name, service in compose["services"].items()}
    [landing] = [v for v in mounts["worker"] if isinstance(v, dict)]
    assert (landing["target"], landing["read_only"]) == ("/landing", True)
    writers = {name for name, volumes in mounts.items() if any(str(v).endswith(":/warehouse") for v in volumes)}
    readers = {name for name, volumes in mounts.items() if any(str(v).endswith(":/warehouse:ro") for v in volumes)}
    assert writers == {"worker"}
    assert readers == {"api-server", "dag-processor"}


def test_only_the_user_interface_is_reachable_and_only_from_this_machine(compose: dict[str, Any]) -> None:
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["api-server"]
    assert compose["services"]["api-server"]["ports"] == ["${API_BIND:-127.0.0.1:8080}:8080"]


def test_containers_are_not_root_and_cannot_become_it(compose: dict[str, Any]) -> None:
    users = re.findall(r"^USER (.+)$", TEXTS["Dockerfile"], re.MULTILINE)
    assert users[-1] == "50000:0"
    for name in AIRFLOW_SERVICES:
        service = compose["services"][name]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["user"] == "${AIRFLOW_UID:-50000}:0"


def test_secrets_are_made_once_and_for_their_owner_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".env.example").write_text(TEXTS[".env.example"], encoding="utf-8")
    assert deploy_env.main(tmp_path) == 0
    file = tmp_path / ".env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    first = file.read_text(encoding="utf-8")
    made = dict(re.findall(r"^([A-Z_]+)=(.*)$", first, re.MULTILINE))
    assert all(len(made[name]) >= 43 for name in SECRETS)
    assert len({made[name] for name in SECRETS}) == len(SECRETS)
    assert not any(made[name] in capsys.readouterr().out for name in SECRETS)

    assert deploy_env.main(tmp_path) == 1
    assert "left as it is" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == first


def test_the_fernet_key_is_one(tmp_path: Path) -> None:
    from cryptography.fernet import Fernet  # noqa: PLC0415 - slow to import, for one test

    (tmp_path / ".env.example").write_text("FERNET_KEY=\n", encoding="utf-8")
    deploy_env.main(tmp_path)
    key = (tmp_path / ".env").read_text(encoding="utf-8").strip().removeprefix("FERNET_KEY=")
    assert Fernet(key).decrypt(Fernet(key).encrypt(b"login")) == b"login"


def test_git_does_not_take_the_secrets() -> None:
    ignored = (PROJECT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"/deploy/.env", "/deploy/airflow.env"} <= set(ignored)
