"""Find rejects: those published with their days, or those that a blocked or failed run left in its history."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from etl.errors import SnapshotMissing
from etl.history import rejects_of_run
from etl.tables import REJECTS
from etl.warehouse import open_warehouse


def find_rejects(warehouse: Path, *, run_id: str | None, days: list[str], codes: list[str]) -> pa.Table:
    """The rejects of some or all days, or of one run that did not publish; in the order of the table's key.

    Args:
        warehouse: The warehouse folder.
        run_id: A blocked or failed run, instead of what is published.
        days: Landing days; empty for all.
        codes: Reject codes; empty for all.

    Raises:
        SnapshotMissing: nothing is published, or the run left no rejects.
    """
    if run_id is not None:
        found = rejects_of_run(warehouse, run_id)
        if found is None:
            message = (
                f"`{warehouse}` has no blocked or failed run `{run_id}`; `news-etl status` names the runs of each day, "
                "and the rejects of those that published show without --run"
            )
            raise SnapshotMissing(message)
    else:
        opened = open_warehouse(warehouse)
        tables = [opened.read(REJECTS.name, day=day) for day in days] or [opened.read(REJECTS.name)]
        found = pa.concat_tables(tables)
    if codes:
        found = found.filter(pc.is_in(found.column("code"), value_set=pa.array(codes)))
    return found
