"""Airflow as `make run` and `make up` use it: its environment, all of it below `.local/`."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL = Path(os.environ.get("LOCAL_DIR") or ROOT / ".local").absolute()
"""Everything that is made here lies below; `LOCAL_DIR` puts it elsewhere."""
SAMPLES = ROOT / "samples" / "landing"
WAREHOUSE = LOCAL / "warehouse"

DAG_ID = "news_corpus"
PUBLISH_POOL = "news_corpus_publish"
"""Of one slot: runs that are ready to publish wait in it, not at the lock with a worker each."""
LINES_OF_LOG_SHOWN = 60  # the last task, `report`, has its say after one that fails


def airflow_environment(home: Path, environ: dict[str, str]) -> dict[str, str]:
    """The environment for an Airflow that lives in `home` and knows this project's DAGs only.

    Whatever `environ` says about another Airflow is left out: its database is not ours to write to.
    """
    kept = {name: value for name, value in environ.items() if not name.startswith("AIRFLOW")}
    return kept | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
    }


def worker_name() -> str:
    """The host name of a Celery worker that `make up` has started: there may be several on one machine."""
    return os.environ["UP_WORKER"]


def end_of(log: Path) -> str:
    """The last lines of a log, set off from our own."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LINES_OF_LOG_SHOWN:]
    return "\n".join(f"  | {line}" for line in lines)
