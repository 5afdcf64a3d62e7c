"""Three days through a PostgreSQL database, by LocalExecutor and by two workers of CeleryExecutor."""

import time
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from etl.engines.local import LocalEngine
from etl.settings import Settings
from tests.conftest import write_pages
from tests.e2e.airflows import Airflow, started
from tests.e2e.services import postgres, redis

pytestmark = pytest.mark.e2e

PAGES = {"2026-05-04": 4, "2026-05-05": 5, "2026-05-06": 6}
WORKERS = ("w1", "w2")
Record = Callable[[str, object], None]


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three days of pages; one of the files is no text."""
    root = tmp_path_factory.mktemp("landing")
    for day, count in PAGES.items():
        write_pages(root / day / "bote", count)
    (root / "2026-05-05" / "bote" / "picture.txt").write_bytes(bytes(range(256)))
    return root


@pytest.fixture(scope="module")
def by_command(landing: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse that the command line makes of them."""
    settings = Settings(landing=landing, warehouse=tmp_path_factory.mktemp("by-command"), workers=1)
    with LocalEngine(settings) as engine:
        for day in PAGES:
            engine.run_day(day)
    return settings.warehouse


@pytest.fixture(scope="module")
def databases() -> Iterator[dict[str, str]]:
    with postgres("local", "celery") as urls:
        yield urls


def tables(warehouse: Path, days: Iterable[str]) -> dict[str, str]:
    """Hashes of the files of these days in the current snapshot."""
    current = (warehouse / "current").resolve()
    files = [file for day in days for file in current.glob(f"*/*/{day}-*.parquet")]
    return {str(file.relative_to(current)): sha256(file.read_bytes()).hexdigest() for file in files}


def backfilled(airflow: Airflow, days: list[str], record: Record) -> list[dict[str, Any]]:
    """Backfill the days; the task instances, all of which have succeeded."""
    clicked = time.monotonic()
    airflow.backfill(days[0], days[-1])
    runs = airflow.wait_for(len(days))
    record("seconds from backfill to green", round(time.monotonic() - clicked, 1))
    assert {run["partition_key"]: run["state"] for run in runs} == dict.fromkeys(days, "success")
    instances = [found for run in runs for found in airflow.task_instances(run["dag_run_id"])]
    assert {found["state"] for found in instances} == {"success"}
    return instances


def test_local_executor_on_postgres(
    landing: Path,
    by_command: Path,
    databases: dict[str, str],
    tmp_path: Path,
    record_property: Record,
) -> None:
    database = {"UP_AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{databases['local']}"}
    with started(tmp_path, landing, **database) as airflow:
        backfilled(airflow, list(PAGES), record_property)
        assert tables(airflow.warehouse, PAGES) == tables(by_command, PAGES)
        assert not list(airflow.home.glob("*.db"))


def test_celery_executor_with_two_workers(
    landing: Path,
    by_command: Path,
    databases: dict[str, str],
    tmp_path: Path,
    record_property: Record,
) -> None:
    days = list(PAGES)[1:]
    with redis(tmp_path) as broker:
        settings = {
            "UP_AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{databases['celery']}",
            "UP_AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
            "UP_AIRFLOW__CELERY__BROKER_URL": broker,
            "UP_AIRFLOW__CELERY__RESULT_BACKEND": f"db+postgresql://{databases['celery']}",
            "UP_AIRFLOW__CELERY__WORKER_CONCURRENCY": "1",
            "UP_WORKERS": ",".join(WORKERS),
            "NEWS_ETL_BATCH_DOCUMENTS": "3",
        }
        with started(tmp_path, landing, **settings) as airflow:
            instances = backfilled(airflow, days, record_property)
            assert tables(airflow.warehouse, days) == tables(by_command, days)
    for stage in ("extract", "transform"):
        mapped = [found["hostname"] for found in instances if found["task_id"] == f"each_batch.{stage}"]
        assert len(mapped) == 4
        assert set(mapped) == set(WORKERS)
