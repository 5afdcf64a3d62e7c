"""Airflow for tests: a home of its own before anything imports it, and runs of the DAG in another process."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT, write_pages
from tools.airflow_home import airflow_environment

# Airflow writes its configuration when it is imported, else into the home folder of whoever runs the tests.
_home = tempfile.TemporaryDirectory(prefix="airflow-")
_own = airflow_environment(Path(_home.name), {})
for _name in [name for name in os.environ if name.startswith("AIRFLOW")]:
    del os.environ[_name]
os.environ.update(_own)

DAY = "2026-05-04"
EMPTY_DAY = "2026-05-05"
NEW_DAY = "2026-05-01"
OPEN_DAY = "2099-01-01"
MAINTENANCE = "news_corpus_maintenance"


@dataclass(frozen=True)
class DagRuns:
    """What `drive_dag.py` reports of its runs, and all that Airflow printed."""

    results: dict[str, dict[str, Any]]
    log: str
    warehouse: Path

    def tasks(self, name: str) -> dict[str, str]:
        """State of each task instance of a run, e.g. `each_batch.extract[0]`."""
        return {task: state for task, (state, _tries) in self.results[name]["tasks"].items()}

    def run_of(self, name: str) -> str:
        """The pipeline's own id of a run."""
        return str(self.results[name]["run_id"])


@pytest.fixture(scope="session")
def dag_runs(tmp_path_factory: pytest.TempPathFactory) -> DagRuns:
    """A day of nine pages in three batches and a day without files, run in all the ways that the tests look at."""
    root = tmp_path_factory.mktemp("dag")
    write_pages(root / "landing" / DAY / "bote", 9)
    write_pages(root / "shrunk" / DAY / "bote", 2)
    (root / "emptied").mkdir()
    write_pages(root / "late" / DAY / "bote", 10)
    write_pages(root / "late" / NEW_DAY / "bote", 1)
    write_pages(root / "late" / OPEN_DAY / "bote", 1)
    (root / "undrawn" / "_reports" / "index.html").mkdir(parents=True)  # where a page should stand
    others = {"warehouse": "others"}
    maintained = {"landing": "late", "warehouse": "maintained"}
    scenarios: list[dict[str, Any]] = [
        {"name": "first", "conf": {"day": DAY}},
        {"name": "again", "conf": {"day": DAY}},
        {"name": "empty", "conf": {"day": EMPTY_DAY}},
        {"name": "no landing", "conf": {"day": DAY}, "landing": "missing", "retries": 0},
        {"name": "no day", "conf": {}},
        {"name": "broken batch", "conf": {"day": DAY, "force": True}, "broken_batch": 1, "retries": 0},
        {"name": "forced", "conf": {"day": DAY, "force": True}, "landing": "shrunk"},
        {"name": "blocked", "conf": {"day": DAY}, "landing": "emptied"},
        {"name": "undrawn", "conf": {"day": DAY}, "landing": "shrunk", "warehouse": "undrawn", "retries": 0},
        {"name": "few files", "conf": {"day": DAY}, **maintained, "landing": "shrunk"},
        {"name": "no files", "conf": {"day": DAY}, **maintained, "landing": "emptied"},
        {"name": "blocked day", "conf": {}, "dag": MAINTENANCE, **maintained, "landing": "emptied"},
        {"name": "late files", "conf": {}, "dag": MAINTENANCE, **maintained},
        {"name": "still waiting", "conf": {}, "dag": MAINTENANCE, **maintained},
        {"name": "built", "conf": {"day": DAY, "force": False}, **maintained},
        {"name": "elsewhere", "conf": {"day": NEW_DAY}, **others, "landing": "emptied", "landing_param": "late"},
        {"name": "cleared", "conf": {"day": DAY}, **others, "broken_batch": 1, "retries": 0, "clear": True},
        {"name": "report", "conf": {}, "dag": "news_corpus_report"},
        {"name": "afterwards", "conf": {}, "dag": MAINTENANCE, **maintained},
    ]
    (root / "scenarios.json").write_text(json.dumps(scenarios))
    home = root / "airflow"
    home.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NEWS_ETL_")}
    environment |= {"NEWS_ETL_BATCH_DOCUMENTS": "3"}
    done = subprocess.run(
        [sys.executable, PROJECT / "tests" / "dags" / "drive_dag.py", root],
        env=airflow_environment(home, environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]
    return DagRuns(json.loads((root / "results.json").read_text()), done.stdout, root / "warehouse")
