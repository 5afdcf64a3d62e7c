"""What goes wrong with stores, and what is said of it; S3 is moto's mock."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from moto.server import ThreadedMotoServer

from etl import pipeline
from etl.errors import LandingUnavailable, SettingsInvalid
from etl.extract.landing import open_landing
from etl.extract.plan import LandingFile
from etl.extract.remote_landing import RemoteLanding
from etl.history import day_states
from etl.settings import Settings
from tests.conftest import PAGE
from tests.stores import Store

DAY = "2026-05-04"


@pytest.fixture
def planned(s3: Store, tmp_path: Path) -> Settings:
    """A zone with a day of three pages."""
    for number in range(3):
        s3.put(f"{DAY}/bote/{number}.txt", PAGE.format(town=f"Ort{number}").encode())
    return s3.settings(warehouse=tmp_path / "warehouse")


@pytest.mark.usefixtures("s3_asks_for_credentials")
def test_wrong_credentials_are_a_failure_that_says_where_they_come_from(s3: Store, tmp_path: Path) -> None:
    settings = s3.settings(warehouse=tmp_path / "warehouse")
    with pytest.raises(LandingUnavailable, match=r"s3://.*/2026-05-04` cannot be listed.*`landing_connection`"):
        pipeline.plan(settings, DAY)
    assert not settings.warehouse.exists()
    with pytest.raises(OSError, match="Permission denied"):
        open_landing(settings).open(f"{DAY}/a.txt")


def test_credentials_that_end_after_planning_fail_the_run_and_reject_nothing(
    planned: Settings, request: pytest.FixtureRequest
) -> None:
    run, [batch, *_] = pipeline.plan(planned, DAY)
    request.getfixturevalue("s3_asks_for_credentials")
    with pytest.raises(LandingUnavailable, match="cannot be listed"):
        pipeline.extract(run, batch)
    [state] = day_states(planned.warehouse)
    assert state.state == "failed"


def test_a_day_that_vanishes_from_the_store_fails_and_a_single_object_is_a_reject(s3: Store, planned: Settings) -> None:
    run, [batch] = pipeline.plan(planned, DAY)
    s3.client.rm(f"{s3.url}/{DAY}/bote/1.txt")
    assert pipeline.extract(run, batch) == {"index": 0, "documents": 2, "rejects": 1}
    s3.put("2026-05-05/other.txt")
    s3.client.rm(f"{s3.url}/{DAY}", recursive=True)
    with pytest.raises(LandingUnavailable, match=f"`{s3.url}/{DAY}` is gone since the day was planned"):
        pipeline.extract(run, batch)


def test_a_missing_bucket_is_a_failure(s3: Store) -> None:
    landing = open_landing(s3.settings(landing="s3://no-such-bucket/news"))
    for ask in (lambda: landing.list_day(DAY), lambda: landing.days("%Y/%m/%d"), lambda: landing.has_folder(DAY)):
        with pytest.raises(LandingUnavailable, match="`s3://no-such-bucket/news` is missing or holds nothing"):
            ask()


def test_a_server_that_is_down_is_a_failure(s3: Store) -> None:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    server.stop()
    landing = open_landing(s3.settings(landing_options=s3.options | {"endpoint_url": address}))
    with pytest.raises(LandingUnavailable, match="Could not connect to the endpoint"):
        landing.list_day(DAY)
    [(_, found)] = landing.fetched([LandingFile(f"{DAY}/a.txt", 10, "")])
    assert isinstance(found, OSError)
    assert "Could not connect" in str(found)


def test_a_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    with pytest.raises(SettingsInvalid, match=r'pip install "news-corpus-etl\[gcs\]"'):
        open_landing(Settings(landing="gs://bucket/news"))


class SlowStore:
    """A store in which `together` requests must be under way at once for any of them to be answered."""

    def __init__(self, together: int) -> None:
        self._gate = threading.Barrier(together)
        self._lock = threading.Lock()
        self.asked = 0

    def _strip_protocol(self, url: str) -> str:
        return url.partition("://")[2]

    def cat_file(self, path: str, **_: int) -> bytes:
        with self._lock:
            self.asked += 1
        self._gate.wait(20)
        return path.encode()


def files(count: int, size: int = 100) -> list[LandingFile]:
    return [LandingFile(f"{number:04}.txt", size, "") for number in range(count)]


def test_small_objects_are_fetched_at_once_and_come_in_order() -> None:
    landing = RemoteLanding(SlowStore(together=8), "memory://zone")  # fetched one by one, it would wait for ever
    found = [(f.source_uri, stream_bytes(stream)) for f, stream in landing.fetched(files(160))]
    assert found == [(f.source_uri, f"zone/{f.source_uri}".encode()) for f in files(160)]


@pytest.mark.parametrize(("size", "most"), [(100, 128), (4_000_000, 8)])
def test_fetching_ahead_has_bounds(size: int, most: int) -> None:
    store = SlowStore(together=1)
    reading = RemoteLanding(store, "memory://zone").fetched(files(500, size))
    for read, (_, stream) in enumerate(reading, 1):
        assert isinstance(stream_bytes(stream), bytes)
        assert read <= store.asked <= read + most
    assert store.asked == 500


def test_a_reader_that_stops_early_leaves_the_rest_unfetched() -> None:
    store = SlowStore(together=1)
    reading: Iterator[Any] = RemoteLanding(store, "memory://zone").fetched(files(500))
    next(reading)
    del reading
    assert store.asked <= 129


def stream_bytes(stream: BinaryIO | OSError) -> bytes:
    assert not isinstance(stream, OSError), stream
    return stream.read()


def test_clients_leave_the_settings_alone(s3: Store) -> None:
    settings = s3.settings(landing_options=s3.options | {"config_kwargs": {"retries": {"max_attempts": 2}}})
    before = settings.to_json()
    with pytest.raises(LandingUnavailable):
        open_landing(settings).list_day(DAY)
    assert settings.to_json() == before
