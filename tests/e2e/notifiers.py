"""A notifier of Airflow's kind that real Airflows load in tests: it writes what it is told into a file."""

import os
from pathlib import Path
from typing import Any

from airflow.sdk import BaseNotifier


class FileNotifier(BaseNotifier):
    """Adds a line to a file for each notice; tasks, callbacks and the DAG processor may do so at once."""

    template_fields = ("text",)

    def __init__(self, text: str, file: str) -> None:
        super().__init__()
        self.text, self.file = text, file

    def notify(self, context: Any) -> None:  # noqa: ARG002 - Airflow's signature
        opened = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            os.write(opened, f"{self.text}\n".encode())
        finally:
            os.close(opened)


def notices_to(file: Path) -> dict[str, str]:
    """Settings of an Airflow that tells its notices to this file."""
    arguments = '{"text": "News corpus: {{ notice }}", "file": "%s"}'
    return {
        "PYTHONPATH": str(Path(__file__).parents[2]),  # where this module is found
        "NEWS_ETL_NOTIFIER": f"{__name__}.FileNotifier",
        "NEWS_ETL_NOTIFIER_ARGUMENTS": arguments % file,
    }
