"""One Airflow for all tests of this folder; `test_stopping.py`, the last of them, stops it."""

from collections.abc import Iterator

import pytest

from tests.conftest import write_pages
from tests.e2e.airflows import Airflow, started

PAGES = {"2026-05-04": 4, "2026-05-05": 5, "2026-05-06": 6}
"""Pages by day that are backfilled."""
ONE_DAY, ONE_DAYS_PAGES = "2026-05-07", 3
"""A day that is triggered by itself."""


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Airflow]:
    root = tmp_path_factory.mktemp("standalone")
    for day, count in (PAGES | {ONE_DAY: ONE_DAYS_PAGES}).items():
        write_pages(root / "landing" / day / "bote", count)
    # Two batches a day.
    with started(root, root / "landing", NEWS_ETL_BATCH_DOCUMENTS="3") as running:
        yield running
