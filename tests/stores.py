"""Stores for landing zones: moto's server on loopback, which is a mock of S3, and fsspec's store in memory."""

from __future__ import annotations

import logging
import urllib.request
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from moto.server import ThreadedMotoServer

from etl.settings import Settings


@dataclass(frozen=True, slots=True)
class Store:
    """A landing zone in a store, and a client to fill it with."""

    url: str
    options: dict[str, Any]
    client: Any

    def settings(self, **more: Any) -> Settings:
        """Settings with this landing zone."""
        return Settings.model_validate({"landing": self.url, "landing_options": self.options} | more)

    def put(self, name: str, data: bytes = b"x") -> None:
        """Write an object below the landing zone."""
        self.client.pipe_file(f"{self.url}/{name}", data)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The endpoint of moto's server; it keeps all in memory and asks for no credentials unless told to."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A landing zone in a bucket of its own; credentials are in the environment."""
    for name, value in (("ACCESS_KEY_ID", "test"), ("SECRET_ACCESS_KEY", "test"), ("DEFAULT_REGION", "us-east-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    options = {"endpoint_url": s3_server, "config_kwargs": {"retries": {"max_attempts": 0}, "connect_timeout": 5}}
    client = fsspec.filesystem("s3", **deepcopy(options), use_listings_cache=False, skip_instance_cache=True)
    bucket = f"news-{uuid4().hex[:12]}"
    client.mkdir(bucket)
    return Store(f"s3://{bucket}/landing", options, client)


@pytest.fixture
def s3_asks_for_credentials(s3: Store) -> Iterator[None]:
    """From now on the server knows nobody."""
    server = s3.options["endpoint_url"]

    def tell(count: str) -> None:
        kind = {"Content-Type": "text/plain"}
        request = urllib.request.Request(f"{server}/moto-api/reset-auth", count.encode(), kind, method="POST")  # noqa: S310
        urllib.request.urlopen(request).close()  # noqa: S310 - our own server

    tell("0")
    yield
    tell("inf")


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Store:
    """A landing zone in the memory of this process."""
    monkeypatch.setattr(MemoryFileSystem, "store", {})
    monkeypatch.setattr(MemoryFileSystem, "pseudo_dirs", [""])
    return Store("memory://landing", {}, fsspec.filesystem("memory"))


@pytest.fixture(params=["memory", "s3"])
def store(request: pytest.FixtureRequest) -> Store:
    """Each of the stores."""
    found: Store = request.getfixturevalue(request.param)
    return found
