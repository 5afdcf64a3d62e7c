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
    """Tell of those alarms that are recent and were not told of before.

    What was told is remembered below `_reports/notified/`, a file for each alarm that only one process can create: of
    two reports at the same time one tells.

    Args:
        settings: The resolved settings.
        found: All alarms of the corpus.
        newest: The newest day that is published.
        tell: Called with the alarms as well.

    Returns:
        The alarms that were told of now.

    Raises:
        NotificationFailed: the command cannot be run, fails or takes more than a minute; its alarms are tried again.
    """
    recent = [alarm for alarm in found if newest - alarm.seen <= _RECENT]
    mine = [(alarm, claimed) for alarm in recent if (claimed := _claim(settings.warehouse, alarm)) is not None]
    if not mine:
        return []
    try:
        if settings.notify:
            _send(settings.notify, [alarm for alarm, _ in mine])
        if tell is not None:
            tell([alarm for alarm, _ in mine])
    except BaseException:
        for _, file in mine:
            file.unlink(missing_ok=True)
        raise
    log.info("Told of %d drift alarms", len(mine))
    return [alarm for alarm, _ in mine]


def _claim(warehouse: Path, alarm: Alarm) -> Path | None:
    """The file that says that the alarm is told of; None where there is one already."""
    key = json.dumps([alarm.source, str(alarm.ingest_date), alarm.measure])
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
