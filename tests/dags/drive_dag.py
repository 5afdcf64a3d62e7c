"""Run the DAG in this process once for each scenario of a folder; started by the fixture `dag_runs`."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from airflow.dag_processing.dagbag import DagBag
from airflow.models.asset import AssetEvent
from airflow.models.dagrun import DagRun
from airflow.utils.db import initdb
from airflow.utils.session import create_session
from sqlalchemy import select

from etl import staging
from etl.contract import Batch, Run, StageCounts
from etl.workspace import Workspace, runs_of

transform_as_it_is = staging.transform_batch


def run(root: Path, scenario: dict[str, Any]) -> dict[str, Any]:
    """Run the DAG as a scenario says; what became of the run, its tasks and its asset event."""
    warehouse = root / scenario.get("warehouse", "warehouse")
    os.environ["NEWS_ETL_WAREHOUSE"] = str(warehouse)
    os.environ["NEWS_ETL_LANDING"] = str(root / scenario.get("landing", "landing"))
    staging.transform_batch = broken(scenario["broken_batch"]) if "broken_batch" in scenario else transform_as_it_is
    dag = DagBag().dags[scenario.get("dag", "news_corpus")]
    for task in dag.tasks:
        task.retries = scenario.get("retries", task.retries)
    before = set(runs_of(warehouse))
    done = dag.test(run_conf=scenario["conf"])
    tasks = {
        ti.task_id + (f"[{ti.map_index}]" if ti.map_index >= 0 else ""): (str(ti.state), ti.try_number)
        for ti in done.get_task_instances()
    }
    labels = sorted(ti.rendered_map_index for ti in done.get_task_instances() if ti.map_index >= 0)
    with create_session() as session:
        events = session.scalars(select(AssetEvent).where(AssetEvent.source_run_id == done.run_id)).all()
        triggered = session.scalars(select(DagRun).where(DagRun.run_id.startswith("maintenance__"))).all()
        built = {run.run_id: run.conf for run in triggered}
        found = [{"partition_key": event.partition_key, "extra": event.extra} for event in events]
    new = max(set(runs_of(warehouse)) - before, default=None)
    return {
        "state": str(done.state),
        "run_id": new,
        "staged": new is not None and Workspace(warehouse, new).work.exists(),
        "tasks": tasks,
        "labels": labels,
        "events": found,
        "triggered": built,
    }


def broken(index: int) -> Any:
    """A transform that fails for one batch."""

    def transform(of: Run, batch: Batch) -> StageCounts:
        if batch["index"] == index:
            message = f"batch {index} is broken on purpose"
            raise OSError(message)
        return transform_as_it_is(of, batch)

    return transform


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    initdb()
    results = {s["name"]: run(folder, s) for s in json.loads((folder / "scenarios.json").read_text())}
    (folder / "results.json").write_text(json.dumps(results))
