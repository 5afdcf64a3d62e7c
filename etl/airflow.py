"""What the DAGs need besides the stages: the day of a run, the daily timetable, which failures deserve a retry.

Light on purpose: the scheduler imports DAG files again and again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from airflow.configuration import conf
from airflow.sdk import Asset, CronPartitionTimetable, CronTriggerTimetable
from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference
from airflow.sdk.definitions.retry_policy import ExceptionRetryPolicy, RetryAction, RetryRule
from pendulum import FixedTimezone

from etl.contract import Published, Run
from etl.errors import (
    DayUnresolved,
    LandingUnavailable,
    NewsEtlError,
    NotificationFailed,
    ParserNotStarted,
    WarehouseLocked,
)
from etl.settings import Settings, load_settings

DAG_ID = "news_corpus"
"""The DAG that builds days."""

WAREHOUSE = Asset("news_corpus")
"""Updated by each `load` of a day, published or not (see `outcome`), with the day as its partition."""

DAY_FORMAT = "%Y-%m-%d"

PAGES_PREFIX = "news-corpus"
"""Below this path of Airflow's API server lie our pages."""

_FIRST_RUN_WITHIN = timedelta(minutes=10)

RETRY_POLICY = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception=[LandingUnavailable, NotificationFailed, ParserNotStarted, WarehouseLocked],
            action=RetryAction.DEFAULT,
            reason="a mount or a network may come back, memory may be freed, a lock be released",
        ),
        RetryRule(
            exception=NewsEtlError,
            action=RetryAction.FAIL,
            reason="the same input and settings would fail in the same way; see the message for the remedy",
        ),
    ]
)
"""Refusals of the pipeline itself are final at once; all other failures (memory, disk, machine) use their retries."""

TASK_DEFAULTS: dict[str, Any] = {
    "owner": "news-corpus-etl",
    "retries": 2,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": 2.0,
    "retry_policy": RETRY_POLICY,
    # Of plans and due days it would be a dump; the tasks' own lines have the counts.
    "show_return_value_in_logs": False,
}
"""What all tasks of our DAGs share."""


def resolve_day(partition_key: str | None, day: str | None) -> str:
    """The landing day that a run is for.

    Args:
        partition_key: Set by the schedule, by backfills and by triggers that name one.
        day: The run's parameter, for triggers that cannot name a partition key.

    Raises:
        DayUnresolved: neither is given, or they differ: a backfill copies its parameters to all of its runs, so
            a `day` filled in there would make each of them build that one day.
    """
    if partition_key and day and partition_key != day:
        message = (
            f"the run is for partition `{partition_key}`, but its parameter `day` says `{day}`;"
            " leave `day` empty in backfills and wherever a partition key is given"
        )
        raise DayUnresolved(message)
    resolved = partition_key or day
    if not resolved:
        message = "the run names no landing day; trigger it again with parameter `day` (YYYY-MM-DD) or a partition key"
        raise DayUnresolved(message)
    return resolved


def run_settings(params: Mapping[str, Any]) -> Settings:
    """The settings of a run of `news_corpus`, with its own landing zone where its parameters name one.

    Raises:
        SettingsInvalid: naming the setting or parameter and the remedy.
    """
    return load_settings({"landing": params["landing"]}, absolute_only=True, flags_from="the parameters of the run")


def deadline(hours: float | None) -> DeadlineAlert | None:
    """Tell of a run that has not succeeded so long after it was queued; None where no hours are set.

    Without one a DAG can be run by `dag.test`, which in Airflow 3.3 knows no deadlines.
    """
    if hours is None:
        return None
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(hours=hours),
        callback=SyncCallback("etl.notices.tell_of_deadline"),
        name=f"published within {hours:g} hours",
    )


def counted(rows: Mapping[str, object]) -> str:
    """Counts by name in words, for logs: `9 articles, 0 related_items`."""
    return ", ".join(f"{count} {name}" for name, count in rows.items())


def tell_observers(run: Run, published: Published) -> None:
    """Within a task, tell of a day what metrics and lineage are wanted for, where Airflow's settings want any."""
    from etl import lineage, metrics  # noqa: PLC0415 - they know the tables, and so import Arrow

    metrics.count(published)
    lineage.emit(run, published)


def count_failure(context: Mapping[str, Any]) -> None:
    """Count the day of a task that has given up, as a failure callback of the stages of a day.

    Airflow's own `ti_failures` leaves out what `RETRY_POLICY` takes for final, and so every blocked day.
    """
    from etl import metrics  # noqa: PLC0415 - as above

    metrics.count_failure(context.get("exception"))


def report_address(day: str) -> str:
    """Where the API server shows the page of a landing day: a URL, or a path where `[api] base_url` is not set."""
    base = str(conf.get("api", "base_url", fallback=""))
    return f"{base.rstrip('/')}/{PAGES_PREFIX}/_reports/days/{day}.html"


def landing_days(closing_time: str) -> CronPartitionTimetable:
    """One partition a landing day, keyed YYYY-MM-DD, built once the day is closed.

    The timetable's clock runs behind UTC by the closing time, so that a day ends, and its run is due, at midnight of
    that clock. Partition dates therefore are midnights, as date pickers, REST calls and partition keys give them. With
    a cron of 03:30 a backfill "from the 2nd to the 4th" leaves out the 4th (Airflow 3.3, `Timetable.
    iter_partition_dagrun_infos`), and one that fills gaps does not see the days that were triggered by their key.

    Switching a DAG on starts nothing until the next closing time. Only after a first backfill does Airflow, which takes
    the backfill for the latest scheduled run, make up for the day that closed last.

    Args:
        closing_time: HH:MM in UTC, of the following day.
    """
    hours, minutes = closing_time.split(":")
    return CronPartitionTimetable(
        "0 0 * * *",
        timezone=FixedTimezone(-(int(hours) * 3600 + int(minutes) * 60)),
        run_offset=-1,
        key_format=DAY_FORMAT,
        # Without it Airflow takes a tenth of a day, and a DAG switched on in the morning builds yesterday unasked.
        # With nothing at all, a DAG file parsed just after closing time would pass over its first run.
        run_immediately=_FIRST_RUN_WITHIN,
    )


def daily_at(time: str) -> CronTriggerTimetable:
    """One run a day at a time given as HH:MM, in UTC; switching a DAG on starts nothing until then."""
    hours, minutes = time.split(":")
    cron = f"{int(minutes)} {int(hours)} * * *"
    return CronTriggerTimetable(cron, timezone="UTC", run_immediately=_FIRST_RUN_WITHIN)
