"""Find and count rejects: those published with their days, or those that a blocked or failed run has left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import repeat
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from etl.errors import SnapshotMissing
from etl.extract.locations import source_of
from etl.extract.plan import day_folder as folder_of_day
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


def count_rejects(found: pa.Table, by: Sequence[str], *, day_folder: str, run_id: str | None) -> list[dict[str, Any]]:
    """Count rejects by some of `code`, `source` and `day`: one dict of these and `rows` each, sorted.

    Args:
        found: As `find_rejects` gave them.
        by: Columns of the result.
        day_folder: The setting; the source is the first folder below it, None where there is none.
        run_id: As given to `find_rejects`; the rejects of a run do not tell their day.
    """
    counts: Counter[tuple[str | None, ...]] = Counter()
    days = found["ingest_date"].to_pylist() if "ingest_date" in found.column_names else repeat(None)
    for uri, code, day in zip(found["source_uri"].to_pylist(), found["code"].to_pylist(), days, strict=False):
        of_day = day.isoformat() if day else (run_id or "").partition(".")[0]
        values = {"code": code, "day": of_day}
        if "source" in by:
            values["source"] = source_of(uri.partition("!")[0], folder_of_day(day_folder, of_day))
        counts[tuple(values[name] for name in by)] += 1
    ordered = sorted(counts.items(), key=lambda item: [value or "" for value in item[0]])
    return [dict(zip(by, values, strict=True)) | {"rows": rows} for values, rows in ordered]
