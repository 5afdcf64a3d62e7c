"""Landing zones that an Airflow connection opens; S3 is moto's mock."""

import json
from typing import Any

import pytest

from etl.errors import SettingsInvalid
from etl.extract.landing import open_landing
from etl.settings import Settings
from tests.stores import Store

DAY = "2026-05-04"


def connection(monkeypatch: pytest.MonkeyPatch, **extra: str) -> None:
    """Define the Airflow connection `news_store` as Airflow's environment does, and no credentials else."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setattr("airflow.sdk.io.fs.has_fs", lambda _: False)
    values = {"conn_type": "aws", "login": "test", "password": "test", "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_NEWS_STORE", json.dumps(values))


def test_an_airflow_connection_opens_the_store(s3: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    s3.put(f"{DAY}/a.txt", b"page")
    connection(monkeypatch, endpoint_url=s3.options["endpoint_url"], region_name="us-east-1")
    landing = open_landing(s3.settings(landing_options={}, landing_connection="news_store"))
    with landing.open(f"{DAY}/a.txt") as page:
        assert page.read() == b"page"


def test_what_an_airflow_connection_lacks_is_said(s3: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    connection(monkeypatch, role_arn="arn:aws:iam::1:role/reader")
    with pytest.raises(SettingsInvalid, match=r"`news_store` has role_arn.*apache-airflow-providers-amazon"):
        open_landing(s3.settings(landing_connection="news_store"))
    with pytest.raises(SettingsInvalid, match=r"knows no connection `other`.*AIRFLOW_CONN_OTHER"):
        open_landing(s3.settings(landing_connection="other"))
    with pytest.raises(SettingsInvalid, match="apache-airflow-providers-google"):
        open_landing(Settings(landing="gs://bucket/news", landing_connection="news_store"))


def test_a_provider_of_the_scheme_opens_the_store(memory: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, dict[str, Any]]] = []

    def get_fs(connection_id: str, options: dict[str, Any]) -> Any:
        asked.append((connection_id, options))
        return memory.client

    monkeypatch.setattr("airflow.sdk.io.fs._register_filesystems", lambda: {"memory": get_fs})
    memory.put(f"{DAY}/a.txt")
    settings = memory.settings(landing_options={"x": 1}, landing_connection="news_store")
    assert [file.size for file in open_landing(settings).list_day(DAY)] == [1]
    assert asked == [("news_store", {"x": 1})]
