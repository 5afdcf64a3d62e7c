"""After each run of a day: tell of sources that are read otherwise than before.

The asset `news_corpus` starts it, once for each day, with the day as partition key; nothing needs to be triggered by
hand, and a run again does no harm. Copy this DAG for whatever should follow a published day: all it takes is the
schedule, and a look at `outcome` in the extra of the event: `load` also tells of days that it found `unchanged` or
`superseded`, of which nothing was published.

`tell_of_drift` compares each source with its own past: share of articles with headline, lead, authors, date, words per
article, rejects. **A change that is hardly chance and lasts is told once**: in the log of the task, to the notifier of
the settings `notifier` and `notifier_arguments`, and to the command of the setting `notify`. Where sending fails the
task fails, and the next run tells again. Mostly a site has changed its pages: look at some (`news-etl rejects`,
`news-etl raw`), mend the parser or the settings of the source, then run its days again with `force`.

The pages of the corpus and of the day are written by `news_corpus` itself, at the end of each run: they also have to
show days that were blocked, of which no asset tells.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from airflow.sdk import PartitionedAssetTimetable, dag, get_current_context, task

from etl import pipeline
from etl.airflow import TASK_DEFAULTS, WAREHOUSE
from etl.notices import drift_text, tell, tell_of_failure
from etl.settings import load_settings

log = logging.getLogger(__name__)


@task
def tell_of_drift() -> None:
    """Tell of sources that have changed, of each change once."""
    settings = load_settings(absolute_only=True)
    context: Mapping[str, Any] = get_current_context()
    found = pipeline.tell_of_drift(
        settings,
        lambda alarms: tell(drift_text((a.source, str(a.ingest_date), a.note) for a in alarms), context, settings),
    )
    log.info("Told of %d new alarms", found)


@dag(
    schedule=PartitionedAssetTimetable(assets=WAREHOUSE),
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    on_failure_callback=tell_of_failure,
    tags=["news-corpus", "report"],
    description="After each published day: tells of sources that are read otherwise than before.",
    doc_md=__doc__,
)
def news_corpus_report() -> None:
    """Wire the task."""
    tell_of_drift()


news_corpus_report()
