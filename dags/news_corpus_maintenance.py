"""Once a day, look after the warehouse: days that are not up to date, damaged files, what nobody needs any more.

Three things, none of which waits for another:

**1. Days that are due.** `find_due_days` compares the landing zone with what the warehouse keeps of its runs: names,
sizes and times of files, the versions of parser, schema and suites, and the settings that days were made with. No file
is opened. A day is due if it is

- **new**: it has files, and was never run;
- **stale**: files came late, vanished or changed, or some could not be read when it was built;
- **outdated**: it was made by another parser, or with other suites or settings. After an update that is every day:
  expect long nights, or run `news-etl run --stale` on a machine of your choice before.

`build_day` triggers the DAG `news_corpus` for each of them; the reason is the note of the triggered run, and its id
names the newest run that the day had. So a day whose run still waits or works is not triggered twice: the task is
skipped. Where a triggered run failed before its `plan` began, clear it in `news_corpus`.

**At most so many in a night** as Airflow makes of one task (`[core] max_map_length`, 1,024), the newest days first,
since these are what most readers look at. The log of `find_due_days` says how many are left to the next night.

**Left alone** are the newest closed day and those after it, which the schedule of `news_corpus` builds; days that a run
is at work on; and blocked or failed days of which nothing has changed since: mend the cause first (`news-etl status`
names it), or trigger the day with `force`. Nothing due: `build_day` is skipped, and the run is green.

**2. Damaged files.** `verify_files` looks whether every file of the current snapshot is there with its size, and reads
a share of them to compare it with its recorded hash: those whose last check lies back longest, so that each has its
turn within `verify_days`. Where it fails, the last line of its log names files, days and the remedy: trigger the DAG
`news_corpus` with `day` and `force` for each of these days, and ask what the disk has done. It fails each day until
they are mended. With the parameter `verify_all` it reads all files; so does `news-etl verify`.

**3. What nobody needs any more.** `clean` removes snapshots (`keep_snapshots`, `keep_hours`), histories of runs that
their day no longer needs (`keep_run_days`), staged files of failed runs (`keep_staged_days`; until then a failed task
can be cleared and goes on from them) and scratch of killed processes. Tables and results of validations stay.
`news-etl clean --dry-run` shows what would go.

It runs at the setting `maintenance_time` (`NEWS_ETL_MAINTENANCE_TIME`, UTC), or whenever you trigger it. `news-etl
status` shows the days that it would find.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from airflow.configuration import conf
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Param, dag, task

from etl import pipeline
from etl.airflow import DAG_ID, TASK_DEFAULTS, daily_at
from etl.notices import MAINTENANCE_RUN, tell_of_failure
from etl.settings import load_settings

log = logging.getLogger(__name__)


PARAMETERS = {
    "verify_all": Param(
        default=False,
        type="boolean",
        title="Read all files of the warehouse",
        description="Instead of those whose turn it is.",
    ),
}


@task
def find_due_days() -> list[dict[str, Any]]:
    """Look for days that are new, stale or outdated; what the next task needs to trigger each, the newest first.

    Of more than Airflow would make of one task those that are left over are found again the next night.
    """
    found = pipeline.due_days(load_settings(absolute_only=True), datetime.now(UTC))
    tonight = found[::-1][: conf.getint("core", "max_map_length")]
    for due in tonight:
        log.info("%s %s: %s", due["day"], due["kind"], due["why"])
    log.info("%d days are due, %d of them are left to the next night", len(found), len(found) - len(tonight))
    # By parameter: in Airflow 3.3 a task that triggers a run cannot give it a partition key.
    return [
        {
            "conf": {"day": due["day"], "force": False},
            "trigger_run_id": f"{MAINTENANCE_RUN}{due['day']}__after_{due['newest_run'] or 'none'}",
            "note": f"{due['kind']}: {due['why']}",
        }
        for due in tonight
    ]


@task
def verify_files(*, params: Any = None) -> None:
    """Compare files of the current snapshot with their recorded hashes; fail where one is damaged."""
    found = pipeline.verify(load_settings(absolute_only=True), datetime.now(UTC), everything=params["verify_all"])
    log.info("Read %d of %d files, %d bytes: all as they were published", found.read, found.files, found.bytes)


@task
def clean() -> None:
    """Remove old snapshots, old histories of runs and what dead runs have left."""
    found = pipeline.clean(load_settings(absolute_only=True), datetime.now(UTC))
    log.info(
        "Removed %d snapshots, the histories of %d runs, the staged files of %d, %d scratch files",
        *(len(found.snapshots), len(found.runs), len(found.staged), found.scratch),
    )


@dag(
    schedule=daily_at(load_settings().maintenance_time),
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    params=PARAMETERS,
    on_failure_callback=tell_of_failure,
    tags=["news-corpus", "maintenance"],
    description="Has days built that are new, stale or outdated; checks files; removes what nobody needs any more.",
    doc_md=__doc__,
)
def news_corpus_maintenance() -> None:
    """Wire the tasks."""
    TriggerDagRunOperator.partial(
        task_id="build_day",
        trigger_dag_id=DAG_ID,
        logical_date=None,
        skip_when_already_exists=True,
        map_index_template="{{ task.conf['day'] }}",
        doc_md="Trigger `news_corpus` for one day; skipped where that run exists already.",
    ).expand_kwargs(find_due_days())
    verify_files()
    clean()


news_corpus_maintenance()
