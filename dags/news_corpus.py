"""Build one landing day a run: raw article files in, validated Parquet tables out.

`plan` lists the files of the day and cuts them into batches. For each batch `extract` turns files into raw documents
and `transform` turns these into articles, related items, agencies and rejects. `validate` looks at the whole day:
duplicates, Great Expectations, quarantine. `load` publishes all tables in one step. `clean_up` removes staged files.
`report` writes the pages of the day and of the corpus, also where the day was blocked; where it fails, the tables are
published all the same, somebody is told, and `news-etl report` writes the pages.

**The day** is the run's partition key. The schedule sets it and so do backfills: *Trigger > Backfill*, from the first
to the last day, both included; leave the parameter `day` empty there (after a first backfill Airflow also makes up for
the day that closed last). For a single run either fill in `day`, or the partition key under *Advanced Options*.

**Running a day again is safe.** Where its files (names, sizes, times), the code, the suites and the settings are those
of its last run, `plan` says `unchanged` and nothing is left to be done; `force` has all the work done again. The same
input gives the same files, and where these are as before, nothing is published.
A day without files is published as empty: `extract` and `transform` are skipped, the log of `load`, the asset event and
the page of the day say `empty`. When files come later, `news_corpus_maintenance` has the day built.

**Another landing zone** for one run, or for all runs of a backfill, is named by the parameter `landing`: a corrected
delivery, an archive. It has to hold whole days; a run takes all sources of a day, since it rewrites the day. Run and
asset event keep its name. Where the landing zone of the settings has files of the day too, maintenance takes it for
stale and builds it again from there.

Rejected input does not fail a run: look at the table `rejects`, or call `news-etl rejects`.

**Telling somebody.** A run that fails is told to the notifier of the settings `notifier` and `notifier_arguments`, else
only to the log of the DAG processor; so is one that has not succeeded after `deadline_hours`. To try it, trigger a run
without a day.

**When a task fails**, the last line of its log says what, where and what to do; `news-etl status` shows it too.
A blocked day (a rule of the day is broken, documents are unaccounted for, or the new day holds far fewer documents than
the published one) has changed nothing in the warehouse and is not retried. Mend the cause, then clear the whole run; if
the loss is intended, trigger the day with `force`. Of other failures clear the failed task: the day goes on from its
staged files, and no other batch is done again.

Settings come from the environment of the workers (`NEWS_ETL_LANDING`, `NEWS_ETL_WAREHOUSE`, ...) or from the file that
`NEWS_ETL_CONFIG` names. Each `load` updates the asset `news_corpus`, with day, outcome, rows and the address of the
day's page in the event; also where the outcome is `unchanged` or `superseded`, and nothing was published.
"""

from __future__ import annotations

import logging
from typing import Any

from airflow.sdk import Param, dag, task, task_group

from etl import pipeline
from etl.airflow import (
    TASK_DEFAULTS,
    WAREHOUSE,
    count_failure,
    counted,
    deadline,
    landing_days,
    report_address,
    resolve_day,
    run_settings,
    tell_observers,
)
from etl.contract import Batch, Run, StageCounts
from etl.notices import tell_of_failure, tell_of_missing_pages
from etl.settings import load_settings

log = logging.getLogger(__name__)

SETTINGS = load_settings()
"""For the wiring; each task asks again, where it runs."""

PARAMETERS = {
    "day": Param(
        None,
        type=["null", "string"],
        format="date",
        title="Landing day",
        description="Only where the run has no partition key. Leave empty in backfills.",
    ),
    "landing": Param(
        None,
        type=["null", "string"],
        minLength=1,
        title="Another landing zone",
        description="A folder (absolute, on the workers) or URL, instead of that of the settings; see above.",
    ),
    "force": Param(
        default=False,
        type="boolean",
        title="Redo the day, even if nothing changed, and publish it even if it shrinks",
        description="Also replaces a published day by an empty one, or by under half of its documents; in a backfill"
        " any of its days.",
    ),
}

BATCH_LABEL = "batch {{ task.op_kwargs['batch']['index'] }} ({{ task.op_kwargs['batch']['files'] }} files)"


@task
def plan(*, partition_key: str | None = None, params: Any = None, ti: Any = None) -> list[Batch]:
    """List the day's files, cut batches; all later tasks share the settings that are resolved here."""
    day = resolve_day(partition_key, params["day"])
    run, batches = pipeline.plan(run_settings(params), day, force=params["force"])
    ti.xcom_push("run", run)
    found = run["kept"]["message"] if "kept" in run else f"{run['files']} files in {len(batches)} batches"
    log.info("Run %s: %s", run["run_id"], found)
    return batches


@task(map_index_template=BATCH_LABEL)
def extract(run: Run, batch: Batch) -> StageCounts:
    """Decode one batch of files to raw documents."""
    counts = pipeline.extract(run, batch)
    log.info("Batch %d: %d documents, %d rejects", counts["index"], counts["documents"], counts["rejects"])
    return counts


@task(map_index_template=BATCH_LABEL)
def transform(run: Run, batch: Batch) -> StageCounts:
    """Parse one batch of raw documents."""
    counts = pipeline.transform(run, batch)
    log.info("Batch %d: %d articles, %d rejects", counts["index"], counts["documents"], counts["rejects"])
    return counts


# A day without files has no batches: they are skipped, and the day is still judged and recorded as empty. Nor has a day
# that is unchanged.
@task(trigger_rule="none_failed")
def validate(run: Run) -> dict[str, int]:
    """Judge the day as a whole."""
    verdict = pipeline.validate(run)
    log.info("May be published: %s", counted(verdict))
    return dict(verdict)  # type: ignore[arg-type]


@task(outlets=[WAREHOUSE], pool=SETTINGS.publish_pool)
def load(run: Run, *, params: Any = None, outlet_events: Any = None) -> str:
    """Publish the day."""
    published = pipeline.load(run)
    log.info("%s; rows: %s", published["message"], counted(published["rows"]))
    event = outlet_events[WAREHOUSE]
    event.extra = {"day": run["day"], "run_id": run["run_id"], **published, "report": report_address(run["day"])}
    if params["landing"]:
        event.extra["landing"] = run["settings"]["landing"]
    event.add_partitions(run["day"])
    tell_observers(run, published)
    return published["message"]


# Neither what follows counts as a failure of the day: it is published, or its failure was counted before.
@task(on_failure_callback=None)
def clean_up(run: Run) -> None:
    """Remove staged files; only after success, because a retry needs them."""
    log.info("Removed the staged files of %d runs", pipeline.clean_up(run))


@task(on_failure_callback=tell_of_missing_pages)
def report(*, partition_key: str | None = None, params: Any = None) -> None:
    """Write the pages of the day and of the corpus; of a blocked or failed day too."""
    day = resolve_day(partition_key, params["day"])
    written = pipeline.report(run_settings(params), day)
    log.info("Wrote %d pages; that of the corpus is %s", len(written), written[-1])


@dag(
    schedule=landing_days(SETTINGS.closing_time),
    catchup=False,
    max_active_runs=4,
    default_args=TASK_DEFAULTS | {"on_failure_callback": count_failure},
    params=PARAMETERS,
    deadline=deadline(SETTINGS.deadline_hours),
    on_failure_callback=tell_of_failure,
    tags=["news-corpus", "etl"],
    description="Raw article files in, validated Parquet tables out, one landing day a run.",
    doc_md=__doc__,
)
def news_corpus() -> None:
    """Wire the stages."""

    # Mapped as a group, so that a batch goes on to transform without waiting for the slowest extract.
    @task_group
    def each_batch(run: Run, batch: Batch) -> None:
        extract(run=run, batch=batch) >> transform(run=run, batch=batch)

    batches: Any = plan()  # an XComArg, which knows no other keys as far as its type tells
    run = batches["run"]
    # A teardown is done whatever came before it, and decides nothing about the run: a blocked day gets its page and
    # stays failed, and a published day stays published where only the drawing failed.
    pages: Any = report()
    (
        each_batch.partial(run=run).expand(batch=batches)
        >> validate(run)
        >> load(run)
        >> clean_up(run)
        >> pages.as_teardown()
    )


news_corpus()
