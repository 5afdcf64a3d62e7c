"""Tell of new drift alarms, each once: the command that the setting `notify` names receives them as JSON.

Under Airflow the notifier of the setting `notifier` is told too (`etl/notices.py`).
"""

from __future__ import annotations

import hashlib
import json
import logging
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from etl.errors import NotificationFailed
from etl.report.drift import Alarm, alarms
from etl.report.statistics import collect
from etl.settings import Settings

log = logging.getLogger(__name__)

_RECENT = timedelta(days=14)
"""Alarms that could be told so long before the newest day are history: a first report does not tell of all of it."""
_SECONDS = 60


Teller = Callable[[Sequence[Alarm]], None]


def notify_new(settings: Settings, tell: Teller | None = None) -> list[Alarm]:
    """Tell of the corpus' alarms as `notify` does; returns those that were told of now."""
    if not settings.notify and tell is None:
        return []
    statistics = collect(settings.warehouse)
    days = statistics.days["ingest_date"].to_pylist()
    return notify(settings, alarms(statistics, settings), days[-1], tell) if days else []


def notify(settings: Settings, found: Sequence[Alarm], newest: date, tell: Teller | None = None) -> list[Alarm]:
    """Tell the command and `tell` of those alarms that are recent and that they were not told of before.

    What was told to which of them is remembered below `_reports/notified/`, a file for each alarm that only one process
    can create: of two reports at the same time one tells. Where one fails, the other is told all the same.

    Args:
        settings: The resolved settings.
        found: All alarms of the corpus.
        newest: The newest day that is published.
        tell: Called with the alarms as well.

    Returns:
        The alarms that either was told of now.

    Raises:
        NotificationFailed: the command cannot be run, fails or takes more than a minute; its alarms are tried again.
            As are those of `tell`, whatever it raises.
    """
    recent = [alarm for alarm in found if newest - alarm.seen <= _RECENT]
    tellers: dict[str, Teller] = {}
    if settings.notify:
        tellers["command"] = partial(_send, settings.notify)
    if tell is not None:
        tellers["notifier"] = tell
    told: set[Alarm] = set()
    failed: list[Exception] = []
    for channel, teller in tellers.items():
        try:
            told |= set(_tell_once(settings.warehouse, recent, channel, teller))
        except Exception as error:
            log.exception("Could not tell the %s of drift alarms", channel)
            failed.append(error)
    if failed:
        raise failed[0]
    return [alarm for alarm in recent if alarm in told]


def _tell_once(warehouse: Path, recent: Sequence[Alarm], channel: str, tell: Teller) -> list[Alarm]:
    mine = [(alarm, claimed) for alarm in recent if (claimed := _claim(warehouse, alarm, channel)) is not None]
    if not mine:
        return []
    try:
        tell([alarm for alarm, _ in mine])
    except BaseException:
        for _, file in mine:
            file.unlink(missing_ok=True)
        raise
    log.info("Told the %s of %d drift alarms", channel, len(mine))
    return [alarm for alarm, _ in mine]


def _claim(warehouse: Path, alarm: Alarm, channel: str) -> Path | None:
    """The file that says that the alarm is told of there; None where there is one already."""
    key = json.dumps([channel, alarm.source, str(alarm.ingest_date), alarm.measure])
    file = warehouse / "_reports" / "notified" / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(key + "\n")
    except FileExistsError:
        return None
    return file


def _send(command: Sequence[str], found: Sequence[Alarm]) -> None:
    told = json.dumps([asdict(alarm) for alarm in found], default=str, ensure_ascii=False)
    try:
        done = subprocess.run(  # noqa: S603 - the user's own command, without a shell
            command, input=told + "\n", capture_output=True, encoding="utf-8", timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        message = f"the command `{command[0]}` of the setting `notify` did not run: {error}; mend it or the setting"
        raise NotificationFailed(message) from error
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()[-1]
        message = (
            f"the command `{command[0]}` of the setting `notify` failed with {done.returncode} and said: {said}; "
            "mend it, the alarms are told again by the next report"
        )
        raise NotificationFailed(message)
