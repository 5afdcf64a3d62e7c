"""Airflow on PostgreSQL, by LocalExecutor and by two workers of CeleryExecutor, and what it tells of its work."""

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import pytest

from etl.engines.local import LocalEngine
from etl.settings import Settings
from etl.tables import ARTICLES, RECORD_TABLES
from tests.conftest import write_pages
from tests.e2e.airflows import Airflow, free_port, started, until
from tests.e2e.notifiers import notices_to
from tests.e2e.observers import MockCollector, MockStatsd, mock_collector, mock_statsd
from tests.e2e.services import postgres, redis

pytestmark = pytest.mark.e2e

PAGES = {"2026-05-04": 4, "2026-05-05": 5, "2026-05-06": 6}
NO_COLLECTOR = {"type": "http", "retry": {"total": 0}}
"""Nothing listens there, and no task may fail for that."""
AT_ONCE = {"NEWS_ETL_DEADLINE_HOURS": "0.0001"}
"""No run can be as fast: each misses its deadline."""
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


@dataclass(frozen=True)
class Observed:
    """An Airflow that has backfilled the three days, and what it has told of itself."""

    airflow: Airflow
    collector: MockCollector
    metrics: MockStatsd
    notices: Path


@pytest.fixture(scope="module")
def on_postgres(
    landing: Path,
    databases: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
    record_testsuite_property: Record,
) -> Iterator[Observed]:
    root = tmp_path_factory.mktemp("postgres")
    notices = root / "notices.txt"
    with mock_collector() as collector, mock_statsd() as metrics:
        settings = notices_to(notices) | {
            "UP_AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{databases['local']}",
            "UP_AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps({"type": "http", "url": collector.url}),
            "UP_AIRFLOW__OPENLINEAGE__NAMESPACE": "news",
            "UP_AIRFLOW__METRICS__STATSD_ON": "True",
            "UP_AIRFLOW__METRICS__STATSD_PORT": str(metrics.port),
            "UP_AIRFLOW__METRICS__STATSD_INFLUXDB_ENABLED": "True",
            "UP_AIRFLOW__LOGGING__JSON_LOGS": "True",
        }
        with started(root, landing, **settings) as airflow:
            clicked = time.monotonic()
            airflow.backfill(min(PAGES), max(PAGES))
            runs = airflow.wait_for(len(PAGES))
            record_testsuite_property("seconds from backfill to green", round(time.monotonic() - clicked, 1))
            assert {run["partition_key"]: run["state"] for run in runs} == dict.fromkeys(PAGES, "success")
            yield Observed(airflow, collector, metrics, notices)


def test_local_executor_on_postgres(on_postgres: Observed, by_command: Path) -> None:
    airflow = on_postgres.airflow
    assert tables(airflow.warehouse, PAGES) == tables(by_command, PAGES)
    assert not list(airflow.home.glob("*.db"))


def test_lineage_leads_from_the_landing_zone_to_three_tables(on_postgres: Observed, landing: Path) -> None:
    told = [event for event in on_postgres.collector.events if event["job"]["name"] == "news_corpus.load"]
    ours = {event["run"]["facets"]["nominalTime"]["nominalStartTime"][:10]: event for event in told if event["inputs"]}
    ours = {day: ours[day] for day in PAGES}
    for day, event in ours.items():
        assert event["job"]["namespace"] == "news"
        [source] = event["inputs"]
        assert (source["namespace"], source["name"]) == ("file", str(landing))
        assert source["inputFacets"]["inputStatistics"]["fileCount"] == len(list((landing / day / "bote").iterdir()))
        warehouse = on_postgres.airflow.warehouse / "current"
        assert [output["name"] for output in event["outputs"]] == [str(warehouse / t.name) for t in RECORD_TABLES]
        articles = event["outputs"][0]
        assert articles["outputFacets"]["outputStatistics"]["rowCount"] == PAGES[day]
        fields = {field["name"]: field for field in articles["facets"]["schema"]["fields"]}
        assert tuple(fields) == ARTICLES.column_names
        assert fields["headline"]["description"] == ARTICLES.column("headline").description
        # The provider tells of start and end by the same run.
        assert {e["eventType"] for e in told if e["run"]["runId"] == event["run"]["runId"]} >= {"START", "COMPLETE"}
    assert len({event["run"]["runId"] for event in ours.values()}) == len(PAGES)


def test_metrics_of_tasks_and_of_the_corpus(on_postgres: Observed) -> None:
    metrics = on_postgres.metrics
    finished = metrics.counted("airflow.ti_successes")
    assert finished["dag_id=news_corpus,task_id=load"] >= len(PAGES)
    assert metrics.counted("airflow.news_corpus.articles") == {"": sum(PAGES.values())}
    assert metrics.counted("airflow.news_corpus.rejects") == {"code=binary": 1}
    assert metrics.counted("airflow.news_corpus.days")["outcome=published"] == len(PAGES)


def test_logs_of_components_are_json(on_postgres: Observed) -> None:
    lines = (on_postgres.airflow.home / "standalone.log").read_text(encoding="utf-8").splitlines()
    plain = [line for line in lines if not line.startswith("{")]  # of libraries, if of any
    assert [line for line in plain if re.search(r"\betl\b|news_corpus|\d{4}-\d\d-\d\d\.\d{4}", line)] == []
    parsed = [json.loads(line) for line in lines if line.startswith("{")]
    ours = [entry for entry in parsed if re.match(r"etl\.|\w+_news_corpus", str(entry.get("logger")))]
    assert {"etl.staging", "etl.validate.day"} <= {entry["logger"] for entry in ours}
    assert all({"event", "level", "logger", "timestamp"} <= set(entry) for entry in ours)


def test_a_run_that_fails_is_told_of_once(on_postgres: Observed) -> None:
    airflow, notices = on_postgres.airflow, on_postgres.notices
    assert not notices.exists()  # of three days that went well
    run_id = airflow.trigger_without_a_day()
    assert airflow.end_of(run_id) == "failed"
    until(notices.exists)
    time.sleep(3)  # nor is it told again
    [told] = notices.read_text(encoding="utf-8").splitlines()
    # `report` ended last, which is no reason: the notice leads to the run, whose graph shows what failed.
    assert told.startswith(
        f"News corpus: news_corpus has failed (run {run_id}): the last line of the failed task's log"
    )
    assert told.endswith(f"Run: {airflow.url}/dags/news_corpus/runs/{quote(run_id, safe='')}")


def test_celery_executor_with_two_workers(
    landing: Path, by_command: Path, databases: dict[str, str], tmp_path: Path
) -> None:
    day, notices = "2026-05-05", tmp_path / "notices.txt"
    with redis(tmp_path) as broker, mock_collector() as collector:
        settings = (
            notices_to(notices)
            | AT_ONCE
            | {
                "UP_AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{databases['celery']}",
                "UP_AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
                "UP_AIRFLOW__CELERY__BROKER_URL": broker,
                "UP_AIRFLOW__CELERY__RESULT_BACKEND": f"db+postgresql://{databases['celery']}",
                "UP_AIRFLOW__CELERY__WORKER_CONCURRENCY": "1",
                "UP_AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(
                    NO_COLLECTOR | {"url": f"http://127.0.0.1:{free_port()}"}
                ),
                "UP_AIRFLOW__METRICS__OTEL_ON": "True",
                "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
                "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
                "UP_WORKERS": "w1,w2",
                "NEWS_ETL_BATCH_DOCUMENTS": "2",
            }
        )
        with started(tmp_path, landing, **settings) as airflow:
            run_id = airflow.trigger(day)
            assert [run["state"] for run in airflow.wait_for(1)] == ["success"]
            tasks = airflow.task_instances(run_id)
            until(notices.exists, 60)
        assert tables(airflow.warehouse, [day]) == tables(by_command, [day])
    assert {task["state"] for task in tasks} == {"success"}
    [told] = notices.read_text(encoding="utf-8").splitlines()
    assert f"news_corpus of day {day} has not succeeded within 0.0001 hours" in told
    assert f"(run {run_id})" in told
    hosts = [task["hostname"] for task in tasks if task["task_id"].startswith("each_batch.")]
    assert len(hosts) == 6
    assert set(hosts) == {"w1", "w2"}
    assert collector.counted("airflow.news_corpus.articles") == {"": PAGES[day]}
    assert collector.counted("airflow.news_corpus.rejects") == {"code=binary": 1}
