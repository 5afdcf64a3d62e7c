"""Our own counters beside Airflow's metrics, to wherever these go (StatsD or OpenTelemetry), else nowhere."""

from __future__ import annotations

from etl.contract import Published
from etl.errors import DayBlocked
from etl.load.publish import REPLACING
from etl.tables import RECORD_TABLES


def count(published: Published) -> None:
    """Count a day by its outcome and, where it was written, its rows and rejects; to be called within an Airflow task.

    Tags are told by OpenTelemetry, Datadog and StatsD with `statsd_influxdb_enabled`; plain StatsD adds all codes up.
    """
    from airflow.sdk.observability import stats  # noqa: PLC0415 - the module is of use without Airflow

    stats.incr("news_corpus.days", tags={"outcome": published["outcome"]})
    if published["outcome"] not in REPLACING:
        return
    for table in RECORD_TABLES:
        stats.incr(f"news_corpus.{table.name}", published["rows"][table.name])
    for code, rejects in published["reject_counts"].items():
        # In the protocol of StatsD a colon starts the value.
        stats.incr("news_corpus.rejects", rejects, tags={"code": code.replace(":", ".")})


def count_failure(error: object) -> None:
    """Count a day as `blocked` where that is what kept it from being published, else as `failed`; as `count` does."""
    from airflow.sdk.observability import stats  # noqa: PLC0415 - as above

    stats.incr("news_corpus.days", tags={"outcome": "blocked" if isinstance(error, DayBlocked) else "failed"})
