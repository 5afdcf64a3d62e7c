"""Tell somebody: of failed runs, missed deadlines and drift. To the log, and to the notifier that the settings name.

Light on purpose: DAG files import this, and the DAG processor calls it, which may not see the warehouse.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from importlib import import_module
from typing import Any, cast

from etl.airflow import DAG_ID
from etl.errors import DayUnresolved, NewsEtlError, NotificationFailed, SettingsInvalid
from etl.settings import Settings, load_settings

log = logging.getLogger(__name__)

NOTICE = "notice"
"""Our text's name in the templates of a notifier: `{"text": "{{ notice }}"}`."""

MAINTENANCE_RUN = "maintenance__"
"""What the ids of runs begin with that the maintenance DAG has triggered."""

_UNPUBLISHED = ("blocked", "failed")


def tell(text: str, context: Mapping[str, Any], settings: Settings) -> None:
    """Write a notice into the log, and hand it to the notifier of the settings, where there is one.

    Args:
        text: What somebody should know: what, where, what to do.
        context: Airflow's context; its templates are filled in from it and from `notice`.
        settings: `notifier` and `notifier_arguments`.

    Raises:
        SettingsInvalid: there is no such notifier, or it does not take the arguments.
        NotificationFailed: it could not send.
    """
    log.error("%s", text)
    if not settings.notifier:
        return
    notifier = make_notifier(settings.notifier, settings.notifier_arguments)
    try:
        notifier({**context, NOTICE: text})
    except Exception as error:
        # Without its words: some name the address of a webhook, which is a secret.
        message = (
            f"the notifier `{settings.notifier}` failed ({type(error).__name__}); mend its connection, or the settings "
            "`notifier` and `notifier_arguments`"
        )
        raise NotificationFailed(message) from error


def make_notifier(name: str, arguments: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], None]:
    """An Airflow notifier by the dotted name of its class.

    Raises:
        SettingsInvalid: there is no such notifier, or it does not take the arguments.
    """
    module, _, attribute = name.rpartition(".")
    try:
        kind = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        message = f"setting `notifier` names `{name}`, which cannot be imported ({error}); install its provider"
        raise SettingsInvalid(message) from error
    try:
        return cast("Callable[[Mapping[str, Any]], None]", kind(**arguments))
    except TypeError as error:
        message = f"`{name}` does not take the setting `notifier_arguments`: {error}"
        raise SettingsInvalid(message) from error


def tell_of_failure(context: Mapping[str, Any]) -> None:
    """Tell that a run of a DAG has failed: what, of which day, why as far as it is known here, and where its log is.

    A failure callback of a DAG: once for each run that fails, also where its worker died without a word.
    """
    dag_run, ti = context.get("dag_run"), context.get("ti")
    dag_id, day = context["dag"].dag_id, _day_of(dag_run)
    settings = load_settings()
    # Of several tasks Airflow gives the one that failed last; a teardown is never what made the run fail.
    blamed = None if ti is None or ti.task.is_teardown else ti
    text = f"{dag_id}{f' of day {day}' if day else ''} has failed (run {context['run_id']})"
    if blamed is not None:
        text += f": task `{blamed.task_id}`"
    started = getattr(dag_run, "start_date", None)
    if dag_id == DAG_ID and day and (why := _why(settings, day, started)):
        text += f": {why}"
    else:
        text += ": the last line of the failed task's log says why and what to do"
    if blamed is not None:
        text += f". Log: {blamed.log_url}"
    elif ti is not None:
        text += f". Run: {ti.log_url.rpartition('/tasks/')[0]}"
    tell(text, context, settings)


def tell_of_missing_pages(context: Mapping[str, Any]) -> None:
    """Tell that the pages of a day could not be written, which leaves its run as it was.

    A failure callback of the task `report`. A run that names no day has no pages, and is told of as a failed run.
    """
    error = context.get("exception")
    if isinstance(error, DayUnresolved):
        return
    ti, day = context["ti"], _day_of(context.get("dag_run"))
    why = str(error) if isinstance(error, NewsEtlError) else type(error).__name__ if error else "its process ended"
    text = (
        f"the pages of day {day} and of the corpus could not be written (run {context['run_id']}): {why}; the tables "
        f"are not touched by that. Mend the cause, then call `news-etl report`, or clear the task. Log: {ti.log_url}"
    )
    tell(text, context, load_settings())


def tell_of_deadline(context: Mapping[str, Any]) -> None:
    """Tell that a run has not succeeded in time. A callback of a deadline alert, which gives the run as JSON values.

    Nothing is told of a run that still waits in a crowd: backfills and maintenance queue many days at once, of which
    only a few run at a time.
    """
    dag_run, settings = context["dag_run"], load_settings()
    of_many = dag_run.get("run_type") == "backfill" or str(dag_run.get("dag_run_id")).startswith(MAINTENANCE_RUN)
    if of_many and dag_run.get("state") == "queued":
        log.info("Run %s waits for others of its backfill or maintenance", dag_run["dag_run_id"])
        return
    day = _day(dag_run.get("partition_key"), dag_run.get("conf"))
    text = (
        f"{dag_run['dag_id']}{f' of day {day}' if day else ''} has not succeeded within {settings.deadline_hours:g} "
        f"hours after it was queued: it is {dag_run.get('state')} (run {dag_run.get('dag_run_id')}). See in Airflow "
        "which task waits, for what: a free slot, a pool, a worker, the publishing lock"
    )
    tell(text, context, settings)


def drift_text(notes: Iterable[tuple[str, str, str]]) -> str:
    """The notice about changed sources; of each its name, the first day of the change, and what has changed."""
    told = "; ".join(f"{source} since {day}: {note}" for source, day, note in notes)
    return (
        f"sources are read otherwise than before: {told}. Has their layout changed? See `news-etl drift` and the report"
    )


def _day_of(dag_run: Any) -> str | None:
    return _day(getattr(dag_run, "partition_key", None), getattr(dag_run, "conf", None))


def _day(partition_key: str | None, conf: Mapping[str, Any] | None) -> str | None:
    return partition_key or (conf or {}).get("day")


def _why(settings: Settings, day: str, since: datetime | None) -> str | None:
    """Why the newest run of a day has not published, if this process sees the warehouse and the run got so far."""
    with suppress(OSError, ValueError, KeyError, NewsEtlError):
        newest = max(settings.warehouse.glob(f"_runs/{day}.*/outcome.json"))
        outcome = json.loads(newest.read_text(encoding="utf-8"))
        if outcome["outcome"] in _UNPUBLISHED and (since is None or newest.stat().st_mtime >= since.timestamp()):
            return str(outcome["message"])
    return None
