"""Where drift and warnings are shown: `news-etl drift` and `status`, the pages, and the command that is told."""

import datetime as dt
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.report_statistics import FIRST, make_warehouse
from etl import pipeline
from etl.errors import NotificationFailed
from etl.report.drift import Alarm, watched
from etl.report.notify import notify, notify_new
from etl.report.write import write_corpus
from etl.settings import Settings
from tests.conftest import NewsEtl

pytestmark = pytest.mark.usefixtures("few_rules")

CHANGED = FIRST + dt.timedelta(days=21)
NOTE = "0% articles with a lead, usually 67%"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A corpus of 24 days in which a source loses its leads for the last three."""
    make_warehouse(tmp_path / "warehouse", 24, 120, 2, changed_from=21)
    return Settings(landing=tmp_path, warehouse=tmp_path / "warehouse")


def teller(settings: Settings, heard: Path, *, code: int = 0) -> Settings:
    """Settings whose command writes what it is told to a file."""
    script = f"import sys; open({str(heard)!r}, 'a').write(sys.stdin.read()); print('no route', file=sys.stderr)"
    return settings.model_copy(update={"notify": (sys.executable, "-c", f"{script}; sys.exit({code})")})


def test_the_command_lists_alarms(settings: Settings, news_etl: NewsEtl) -> None:
    done = news_etl("drift", "--warehouse", settings.warehouse)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["kind", "since", "seen", "source", "measure", "what"]
    assert [line.split(maxsplit=5) for line in lines[1:]] == [
        ["alarm", str(CHANGED), str(CHANGED), "source-000", "lead", NOTE]
    ]
    [alarm] = json.loads(news_etl("drift", "--json", "--warehouse", settings.warehouse).stdout)
    assert (alarm["kind"], alarm["ingest_date"], alarm["found"]) == ("alarm", str(CHANGED), 0.0)
    found = json.loads(news_etl("drift", "--json", "--warnings", "--warehouse", settings.warehouse).stdout)
    assert [(each["kind"], each["ingest_date"]) for each in found] == [
        ("alarm", str(CHANGED)),
        *(("warning", f"{CHANGED + dt.timedelta(days=after)}") for after in range(3)),
    ]


def test_the_command_shows_days_and_says_where_it_found_nothing(settings: Settings, news_etl: NewsEtl) -> None:
    where = ("--warehouse", settings.warehouse)
    assert NOTE in news_etl("drift", "--date", str(CHANGED), *where).stdout
    nothing = f"no drift alarms that began or were seen on these days in {settings.warehouse}\n"
    assert news_etl("drift", "--date", str(FIRST), *where).stdout == nothing
    nowhere = news_etl("drift", "--warehouse", "nowhere")
    assert nowhere.returncode == 1
    assert "there is no warehouse" in nowhere.stderr


def test_status_names_days_unlike_their_past(settings: Settings, news_etl: NewsEtl) -> None:
    where = ("--warehouse-only", "--warehouse", settings.warehouse)
    warned = [line for line in news_etl("status", *where).stdout.splitlines() if " warning: " in line]
    assert warned[0] == f"{CHANGED} warning: source-000: 0% articles with a lead, 67% in the days before"
    assert len(warned) == 3
    days = json.loads(news_etl("status", "--json", *where).stdout)
    assert [day["day"] for day in days if day["warnings"]] == [line[:10] for line in warned]
    alone = news_etl("status", "--date", str(FIRST), *where).stdout
    assert "warning" not in alone


def test_the_page_of_the_corpus_shows_both(settings: Settings) -> None:
    page = write_corpus(settings).read_text(encoding="utf-8")
    assert NOTE in page
    assert "3 warnings of days unlike those before them" in page


def test_a_command_is_told_of_an_alarm_once(settings: Settings, tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    told = teller(settings, heard)
    assert [alarm.measure for alarm in notify_new(told)] == ["lead"]
    assert notify_new(told) == []
    [line] = heard.read_text(encoding="utf-8").splitlines()
    [alarm] = json.loads(line)
    assert (alarm["source"], alarm["ingest_date"], alarm["note"]) == ("source-000", str(CHANGED), NOTE)


def test_without_a_command_nothing_is_told_or_remembered(settings: Settings, tmp_path: Path) -> None:
    assert notify_new(settings) == []
    assert len(notify_new(teller(settings, tmp_path / "heard"))) == 1


def test_a_command_that_fails_is_tried_again(settings: Settings, tmp_path: Path) -> None:
    failing = teller(settings, tmp_path / "heard", code=3)
    with pytest.raises(NotificationFailed, match=r"failed with 3 and said: no route; mend it"):
        notify_new(failing)
    with pytest.raises(NotificationFailed, match=r"`nothing-of-that-name` .* did not run"):
        notify_new(settings.model_copy(update={"notify": ("nothing-of-that-name",)}))
    assert len(notify_new(teller(settings, tmp_path / "heard"))) == 1


def test_what_changed_long_ago_is_not_told(settings: Settings, tmp_path: Path) -> None:
    told = teller(settings, tmp_path / "heard")
    old = [replace(alarm, seen=FIRST) for alarm in watched(settings)[0]]
    assert notify(told, old, CHANGED) == []
    assert not (tmp_path / "heard").exists()


def test_the_task_of_airflow_tells_the_command_and_the_notifier(settings: Settings, tmp_path: Path) -> None:
    def broken(_: Sequence[Alarm]) -> None:
        message = "no route"
        raise OSError(message)

    told, failing = (teller(settings, tmp_path / "heard", code=code) for code in (0, 3))
    # Where one fails, the other is told, and of the same alarms not again.
    with pytest.raises(OSError, match="no route"):
        pipeline.tell_of_drift(told, broken)
    heard: list[str] = []
    assert pipeline.tell_of_drift(told, lambda alarms: heard.extend(alarm.note for alarm in alarms)) == 1
    assert pipeline.tell_of_drift(failing, broken) == 0
    assert heard == [NOTE]
    [line] = (tmp_path / "heard").read_text(encoding="utf-8").splitlines()
    assert NOTE in line


def test_a_command_that_fails_keeps_nothing_from_the_notifier(settings: Settings, tmp_path: Path) -> None:
    heard: list[str] = []
    with pytest.raises(NotificationFailed, match="failed with 3"):
        pipeline.tell_of_drift(
            teller(settings, tmp_path / "heard", code=3), lambda alarms: heard.extend(alarm.note for alarm in alarms)
        )
    assert heard == [NOTE]
