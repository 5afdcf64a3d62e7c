"""What a published day was made from and into, told to OpenLineage's collectors by Airflow's provider for it.

A task function cannot be seen through: the provider's own events know no data sets of ours. Its public interface for
such tasks adds an event to the run of the task that calls it, or does nothing where no transport is configured.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from etl.contract import Published, Run
from etl.load.publish import REPLACING
from etl.settings import Settings
from etl.tables import RECORD_TABLES, SCHEMA_VERSION, Table

if TYPE_CHECKING:
    from openlineage.client.event_v2 import InputDataset, OutputDataset
    from openlineage.client.facet_v2 import RunFacet


def emit(run: Run, published: Published) -> None:
    """Tell of a day that was published; to be called within an Airflow task.

    Nothing is told where nothing was written. A collector that cannot be reached costs a warning in the log.
    """
    if published["outcome"] not in REPLACING:
        return
    try:
        from airflow.providers.openlineage.api import emit_dataset_lineage, is_openlineage_active  # noqa: PLC0415
    except ImportError:  # an extra, or too old
        return
    if is_openlineage_active():
        emit_dataset_lineage(
            inputs=[landing_dataset(run)],
            outputs=[table_dataset(run, published, table) for table in RECORD_TABLES],
            additional_run_facets={"nominalTime": landing_day(run["day"])},
        )


def landing_dataset(run: Run) -> InputDataset:
    """The landing zone, with how many files were read."""
    from openlineage.client import event_v2, facet_v2  # noqa: PLC0415

    landing = Settings.from_json(run["settings"]).landing
    namespace, name = ("file", str(landing)) if isinstance(landing, Path) else _named_in_store(landing)
    read = facet_v2.input_statistics_input_dataset.InputStatisticsInputDatasetFacet(fileCount=run["files"])
    return event_v2.InputDataset(namespace, name, inputFacets={"inputStatistics": read})


def table_dataset(run: Run, published: Published, table: Table) -> OutputDataset:
    """A published table, named as readers open it, with its schema, its snapshot, and the rows of the day."""
    from openlineage.client import event_v2, facet_v2  # noqa: PLC0415

    columns = [
        facet_v2.schema_dataset.SchemaDatasetFacetFields(column.name, str(column.arrow_type), column.description)
        for column in table.columns
    ]
    version = f"snapshot {published['snapshot']}, schema {SCHEMA_VERSION}"
    rows = published["rows"][table.name]
    return event_v2.OutputDataset(
        "file",
        str(Settings.from_json(run["settings"]).warehouse / "current" / table.name),
        facets={
            "schema": facet_v2.schema_dataset.SchemaDatasetFacet(columns),
            "documentation": facet_v2.documentation_dataset.DocumentationDatasetFacet(table.description),
            "version": facet_v2.dataset_version_dataset.DatasetVersionDatasetFacet(version),
        },
        outputFacets={
            "outputStatistics": facet_v2.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
                rowCount=rows, fileCount=1
            )
        },
    )


def landing_day(day: str) -> RunFacet:
    """The time that a run is for; Airflow itself knows no interval of runs that have a partition."""
    from openlineage.client import facet_v2  # noqa: PLC0415

    following = date.fromisoformat(day) + timedelta(days=1)
    return facet_v2.nominal_time_run.NominalTimeRunFacet(f"{day}T00:00:00Z", f"{following}T00:00:00Z")


def _named_in_store(url: str) -> tuple[str, str]:
    scheme, _, place = url.partition("://")
    bucket, _, prefix = place.partition("/")
    return f"{scheme}://{bucket}", prefix or "/"
