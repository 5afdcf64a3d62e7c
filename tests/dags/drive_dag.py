"""Run the DAG in this process once for each scenario of a folder; started by the fixture `dag_runs`."""

import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from airflow.dag_processing.dagbag import DagBag
from airflow.models.asset import AssetEvent
from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import clear_task_instances
from airflow.sdk.definitions.dag import _run_task
from airflow.sdk.observability import stats
from airflow.utils.db import initdb
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState, TaskInstanceState
from sqlalchemy import select

from etl import staging
from etl.contract import Batch, Run, StageCounts
from etl.workspace import Workspace, runs_of

counts_as_it_is = stats.incr
counted: Counter[str] = Counter()
"""Days that were counted for metrics, by outcome."""
transform_as_it_is = staging.transform_batch
transformed: list[int] = []
"""The batches that were transformed, one after another."""


def run(root: Path, scenario: dict[str, Any]) -> dict[str, Any]:
    """Run the DAG as a scenario says; what became of the run, its tasks and its asset event."""
    warehouse = root / scenario.get("warehouse", "warehouse")
    os.environ["NEWS_ETL_WAREHOUSE"] = str(warehouse)
    os.environ["NEWS_ETL_LANDING"] = str(root / scenario.get("landing", "landing"))
    staging.transform_batch = broken(scenario["broken_batch"]) if "broken_batch" in scenario else transform
    dag = DagBag().dags[scenario.get("dag", "news_corpus")]
    for task in dag.tasks:
        task.retries = scenario.get("retries", task.retries)
    before = set(runs_of(warehouse))
    transformed.clear()
    counted.clear()
    conf = dict(scenario["conf"])
    if "landing_param" in scenario:
        conf["landing"] = str(root / scenario["landing_param"])
    done = dag.test(run_conf=conf)
    if scenario.get("clear"):
        staging.transform_batch = transform
        done = clear_failed(dag, done)
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
        "transformed": list(transformed),
        "counted": dict(counted),
    }


def count(name: str, *args: Any, **options: Any) -> None:
    """Count as Airflow does, and remember days."""
    if name == "news_corpus.days":
        counted[options["tags"]["outcome"]] += 1
    counts_as_it_is(name, *args, **options)


def transform(run: Run, batch: Batch) -> StageCounts:
    transformed.append(batch["index"])
    return transform_as_it_is(run, batch)


def broken(index: int) -> Any:
    """A transform that fails for one batch."""

    def broken_transform(run: Run, batch: Batch) -> StageCounts:
        if batch["index"] == index:
            message = f"batch {index} is broken on purpose"
            raise OSError(message)
        return transform(run, batch)

    return broken_transform


def clear_failed(dag: Any, done: DagRun) -> DagRun:
    """Clear what has failed and what follows, as the user interface does, and let the run go on as `dag.test` does."""
    with create_session() as session:
        run = session.scalars(select(DagRun).where(DagRun.run_id == done.run_id)).one()
        run.dag = done.dag
        found = run.get_task_instances(session=session)
        failed = [ti for ti in found if ti.state != TaskInstanceState.SUCCESS or ti.task_id == "report"]
        clear_task_instances(failed, session, dag_run_state=DagRunState.RUNNING)
        session.commit()
        while run.state == DagRunState.RUNNING:
            session.expire_all()
            ready, _ = run.update_state(session=session)
            for ti in ready:
                ti.try_number += 1
                ti.state = TaskInstanceState.SCHEDULED
            session.commit()
            for ti in ready:
                _run_task(ti=ti, task=dag.task_dict[ti.task_id], run_triggerer=True)
        session.expunge_all()
    return run


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    initdb()
    stats.incr = count  # type: ignore[assignment] # takes what it does
    results = {s["name"]: run(folder, s) for s in json.loads((folder / "scenarios.json").read_text())}
    (folder / "results.json").write_text(json.dumps(results))
