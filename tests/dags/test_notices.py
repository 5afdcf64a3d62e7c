"""Who is told what of failures and deadlines, with a notifier of Airflow's kind and without one."""

import json
import logging
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from airflow.sdk import DAG, BaseNotifier

from etl.errors import DayUnresolved, NotificationFailed, SettingsInvalid, WarehouseUnusable
from etl.notices import drift_text, make_notifier, tell, tell_of_deadline, tell_of_failure, tell_of_missing_pages
from etl.settings import Settings, load_settings
from tests.conftest import PROJECT

DAY = "2026-05-04"
NOW = datetime.now(UTC)


class Recorder(BaseNotifier):
    """Keeps what it is told; fails where it is told to."""

    template_fields = ("text",)
    told: ClassVar[list[str]] = []

    def __init__(self, text: str, channel: str = "") -> None:
        super().__init__()
        self.text, self.channel = text, channel

    def notify(self, context: Any) -> None:  # noqa: ARG002 - Airflow's signature
        if self.channel == "broken":
            message = "no route to https://hooks.example.org/secret"
            raise OSError(message)
        self.told.append(self.text)


NAME = f"{Recorder.__module__}.Recorder"


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the notifier of the environment is told."""
    monkeypatch.setenv("NEWS_ETL_WAREHOUSE", str(tmp_path))
    monkeypatch.setenv("NEWS_ETL_NOTIFIER", NAME)
    monkeypatch.setenv("NEWS_ETL_NOTIFIER_ARGUMENTS", json.dumps({"text": "News corpus: {{ notice }}"}))
    monkeypatch.setenv("NEWS_ETL_DEADLINE_HOURS", "1.5")
    Recorder.told.clear()
    return Recorder.told


def failed(started: datetime = NOW, **run: Any) -> dict[str, Any]:
    """The context that Airflow gives to a DAG's callback."""
    return {
        "dag": DAG("news_corpus", schedule=None),
        "run_id": "backfill__1",
        "dag_run": SimpleNamespace(**{"partition_key": DAY, "conf": {}, "start_date": started} | run),
        "ti": ti("load"),
    }


def ti(task_id: str) -> Any:
    """A task instance, as far as notices look at it."""
    url = f"http://airflow/dags/news_corpus/runs/backfill__1/tasks/{task_id}?try_number=1"
    return SimpleNamespace(task_id=task_id, log_url=url, task=SimpleNamespace(is_teardown=task_id == "report"))


def outcome(warehouse: Path, number: int, **values: str) -> None:
    file = warehouse / "_runs" / f"{DAY}.{number:04}" / "outcome.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(values))


def test_a_failure_is_told_with_day_task_reason_and_log(told: list[str], tmp_path: Path) -> None:
    outcome(tmp_path, 1, outcome="failed", message="of a run before")
    outcome(tmp_path, 2, outcome="blocked", message="day 2026-05-04 now has 0 documents")
    tell_of_failure(failed(NOW - timedelta(hours=1)))
    (text,) = told
    assert text.startswith(f"News corpus: news_corpus of day {DAY} has failed (run backfill__1): task `load`: ")
    assert text.endswith(f"day 2026-05-04 now has 0 documents. Log: {ti('load').log_url}")


def test_the_task_that_writes_the_pages_is_not_blamed_for_the_run(told: list[str], tmp_path: Path) -> None:
    outcome(tmp_path, 1, outcome="blocked", message="day 2026-05-04 now has 0 documents")
    tell_of_failure(failed(NOW - timedelta(hours=1)) | {"ti": ti("report")})
    (text,) = told
    assert "has failed (run backfill__1): day 2026-05-04 now has 0 documents. Run: http://" in text
    assert text.endswith("/dags/news_corpus/runs/backfill__1")


def test_a_reason_is_not_that_of_another_dag(told: list[str], tmp_path: Path) -> None:
    outcome(tmp_path, 1, outcome="blocked", message="day 2026-05-04 now has 0 documents")
    tell_of_failure(failed(NOW - timedelta(hours=1)) | {"dag": DAG("news_corpus_report", schedule=None)})
    (text,) = told
    assert f"news_corpus_report of day {DAY} has failed" in text
    assert "0 documents" not in text
    assert "the last line of the failed task's log says why" in text


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (WarehouseUnusable("there is no warehouse"), "there is no warehouse"),
        (PermissionError("secret"), "PermissionError"),
        (None, "its process ended"),
    ],
)
def test_pages_that_could_not_be_written_are_told(told: list[str], error: Exception | None, why: str) -> None:
    tell_of_missing_pages(failed() | {"ti": ti("report"), "exception": error})
    (text,) = told
    assert f"the pages of day {DAY} and of the corpus could not be written (run backfill__1): {why}; the tables" in text
    assert text.endswith(f"Log: {ti('report').log_url}")


def test_pages_of_no_day_are_not_missed(told: list[str]) -> None:
    tell_of_missing_pages(failed() | {"ti": ti("report"), "exception": DayUnresolved("the run names no landing day")})
    assert told == []


def test_where_the_reason_is_not_known_the_log_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("NEWS_ETL_WAREHOUSE", str(tmp_path))
    outcome(tmp_path, 1, outcome="failed", message="of a run before")
    tell_of_failure(failed(NOW + timedelta(hours=1), partition_key=None, conf={"day": DAY}))
    tell_of_failure({"dag": SimpleNamespace(dag_id="news_corpus"), "run_id": "manual__1"})
    by_conf, bare = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert by_conf.startswith(f"news_corpus of day {DAY} has failed (run backfill__1): task `load`: the last line of")
    assert (
        bare == "news_corpus has failed (run manual__1): the last line of the failed task's log says why and what to do"
    )


def test_a_missed_deadline_is_told(told: list[str]) -> None:
    run = {"dag_id": "news_corpus", "dag_run_id": "scheduled__1", "partition_key": DAY, "state": "running", "conf": {}}
    tell_of_deadline({"dag_run": run, "deadline": {"deadline_time": "2026-05-05T05:00:00Z"}})
    (text,) = told
    assert f"news_corpus of day {DAY} has not succeeded within 1.5 hours" in text
    assert "it is running (run scheduled__1)" in text


@pytest.mark.parametrize(
    ("run_id", "run_type", "state", "notices"),
    [
        ("maintenance__2026-05-04__after_none", "manual", "queued", 0),
        ("backfill__2026-05-04", "backfill", "queued", 0),
        ("maintenance__2026-05-04__after_none", "manual", "running", 1),
        ("backfill__2026-05-04", "backfill", "running", 1),
        ("scheduled__2026-05-04", "scheduled", "queued", 1),
        ("manual__2026-05-04", "manual", "queued", 1),
    ],
)
def test_a_run_that_waits_in_a_crowd_is_not_told_of(
    told: list[str], run_id: str, run_type: str, state: str, notices: int
) -> None:
    run = {"dag_id": "news_corpus", "dag_run_id": run_id, "run_type": run_type, "partition_key": DAY, "state": state}
    tell_of_deadline({"dag_run": run | {"conf": {}}})
    assert len(told) == notices


def test_a_notifier_that_fails_says_so(told: list[str]) -> None:
    arguments = {"text": "{{ notice }}", "channel": "broken"}
    settings = Settings(notifier=NAME, notifier_arguments=arguments)
    with pytest.raises(NotificationFailed, match=rf"`{NAME}` failed \(OSError\); mend its connection") as caught:
        tell(drift_text([("bote", DAY, "0% articles with a lead, usually 67%")]), {}, settings)
    assert "secret" not in str(caught.value)
    assert told == []


def test_notifiers_that_are_not_there() -> None:
    for name in ("nowhere.Notifier", "etl.notices.Notifier"):
        with pytest.raises(SettingsInvalid, match=f"names `{name}`, which cannot be imported"):
            make_notifier(name, {})
    with pytest.raises(SettingsInvalid, match="does not take the setting `notifier_arguments`"):
        make_notifier(NAME, {"colour": "red"})


def test_the_notifier_of_the_guide_is_installed_and_takes_its_arguments() -> None:
    guide = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    (name,) = re.findall(r"^NEWS_ETL_NOTIFIER=(.+)$", guide, re.MULTILINE)
    (arguments,) = re.findall(r"^NEWS_ETL_NOTIFIER_ARGUMENTS='(.+)'$", guide, re.MULTILINE)
    notifier: Any = make_notifier(name, json.loads(arguments))
    notifier.render_template_fields({"notice": "3 < 4"}, jinja_env=None)
    assert notifier.html_content == "3 &lt; 4"


def test_secrets_do_not_belong_into_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWS_ETL_NOTIFIER_ARGUMENTS", '{"password": "hunter2"}')
    with pytest.raises(SettingsInvalid, match="keep it in an Airflow connection, and name that") as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)
