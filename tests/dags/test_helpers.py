"""The helpers of `etl.airflow`: day of a run, timetable, retry policy."""

import datetime as dt
from unittest.mock import patch

import pytest
from airflow.sdk.definitions.retry_policy import RetryAction
from airflow.serialization.encoders import coerce_to_core_timetable
from airflow.timetables.base import DagRunInfo, TimeRestriction, Timetable
from hypothesis import given
from hypothesis import strategies as st
from pendulum import DateTime, datetime

from etl import errors
from etl.airflow import RETRY_POLICY, daily_at, landing_days, resolve_day

FIRST, LAST = datetime(2026, 3, 2), datetime(2026, 3, 4)
UNRESTRICTED = TimeRestriction(earliest=None, latest=None, catchup=False)


def core(closing_time: str) -> Timetable:
    """The timetable as the scheduler sees it, after a round trip through serialization."""
    timetable = coerce_to_core_timetable(landing_days(closing_time))
    return type(timetable).deserialize(timetable.serialize())


@pytest.mark.parametrize(
    ("key", "parameter"), [("2026-03-02", None), (None, "2026-03-02"), ("2026-03-02", "2026-03-02"), ("2026-03-02", "")]
)
def test_the_day_is_the_partition_key_else_the_parameter(key: str | None, parameter: str | None) -> None:
    assert resolve_day(key, parameter) == "2026-03-02"


def test_two_different_days_are_refused_with_both_named() -> None:
    with pytest.raises(errors.DayUnresolved, match=r"`2026-03-02`.*`2026-03-05`.*leave `day` empty in backfills"):
        resolve_day("2026-03-02", "2026-03-05")


@pytest.mark.parametrize("parameter", [None, ""])
def test_no_day_is_refused_with_the_remedy(parameter: str | None) -> None:
    with pytest.raises(errors.DayUnresolved, match=r"parameter `day` \(YYYY-MM-DD\) or a partition key"):
        resolve_day(None, parameter)


@given(st.times())
def test_a_range_of_midnights_holds_each_of_its_days(closing: dt.time) -> None:
    infos = core(f"{closing:%H:%M}").iter_partition_dagrun_infos(earliest=FIRST, latest=LAST)
    assert [info.partition_key for info in infos] == ["2026-03-02", "2026-03-03", "2026-03-04"]


def test_a_day_triggered_by_key_is_the_same_partition_as_in_a_backfill() -> None:
    timetable = core("03:30")
    (info,) = timetable.iter_partition_dagrun_infos(earliest=FIRST, latest=FIRST)
    assert timetable.resolve_partition_date("2026-03-02") == info.partition_date


def next_run(now: DateTime, last: DagRunInfo | None = None) -> DagRunInfo:
    with patch("airflow.timetables.trigger.utcnow", return_value=now):
        info = core("03:30").next_dagrun_info_v2(last_dagrun_info=last, restriction=UNRESTRICTED)
    assert info is not None
    return info


@pytest.mark.parametrize(
    ("now", "due", "day"),
    [
        (datetime(2026, 3, 2, 3, 29), datetime(2026, 3, 2, 3, 30), "2026-03-01"),
        # The file may be parsed again between closing time and the scheduler's look.
        (datetime(2026, 3, 2, 3, 31), datetime(2026, 3, 2, 3, 30), "2026-03-01"),
        # Switched on during the day: nothing is built before the day has closed.
        (datetime(2026, 3, 2, 5, 0), datetime(2026, 3, 3, 3, 30), "2026-03-02"),
    ],
)
def test_the_first_run_comes_when_a_day_closes(now: DateTime, due: DateTime, day: str) -> None:
    info = next_run(now)
    assert (info.run_after, info.partition_key) == (due, day)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 3, 2, 5, 1), datetime(2026, 3, 2, 5, 0)),
        (datetime(2026, 3, 2, 6, 0), datetime(2026, 3, 3, 5, 0)),  # switched on later: nothing by surprise
    ],
)
def test_maintenance_waits_for_its_time(now: DateTime, due: DateTime) -> None:
    timetable = coerce_to_core_timetable(daily_at("05:00"))
    with patch("airflow.timetables.trigger.utcnow", return_value=now):
        info = timetable.next_dagrun_info_v2(last_dagrun_info=None, restriction=UNRESTRICTED)
    assert info is not None
    assert info.run_after == due


def test_runs_follow_one_another_day_by_day() -> None:
    first = next_run(datetime(2026, 3, 2, 3, 29))
    second = next_run(datetime(2026, 3, 2, 12, 0), first)
    assert (second.run_after, second.partition_key) == (datetime(2026, 3, 3, 3, 30), "2026-03-02")


@pytest.mark.parametrize(
    ("error", "action"),
    [
        (errors.RuleBlocked("x"), RetryAction.FAIL),
        (errors.DayShrunk("x"), RetryAction.FAIL),
        (errors.DayUnresolved("x"), RetryAction.FAIL),
        (errors.SettingsInvalid("x"), RetryAction.FAIL),
        (errors.LandingUnavailable("x"), RetryAction.DEFAULT),
        (errors.WarehouseLocked("x"), RetryAction.DEFAULT),
        (errors.NotificationFailed("x"), RetryAction.DEFAULT),
        (OSError("x"), RetryAction.DEFAULT),
    ],
)
def test_only_what_may_pass_is_retried(error: Exception, action: RetryAction) -> None:
    assert RETRY_POLICY.evaluate(error, try_number=1, max_tries=2).action is action
