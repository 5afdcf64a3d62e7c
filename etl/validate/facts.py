"""Facts about a whole day, as one row that the suite `day` judges: how much was rejected, how much is filled."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.tables import ARTICLES, Column, Table
from etl.validate.rows import Day, Flags, Rows

if TYPE_CHECKING:
    import pandas as pd

DAY = Table(
    name="day",
    description="One row for the day that is judged; nothing of it is published.",
    key=(),
    columns=(
        Column("documents", "int64", "Documents of the day: articles, copies, and those rejected as a whole."),
        Column("articles", "int64", "Articles that no rule takes out."),
        Column("rejected_share", "float32", "Documents rejected, of those that are no copies.", nullable=True),
        Column("duplicate_share", "float32", "Copies set aside, of all documents.", nullable=True),
        Column("headline_share", "float32", "Articles that have a headline.", nullable=True),
        Column("published_date_share", "float32", "Articles that have a date.", nullable=True),
        Column("language_share", "float32", "Articles whose language is known.", nullable=True),
        Column("truncated_share", "float32", "Articles that are only a beginning.", nullable=True),
    ),
)
"""What a rule of the suite `day` may judge; a share is 0 to 1, and null where there is nothing to share."""

_FILLED = ("headline", "published_date", "language")


def day_frame(day: Day, remaining: int, rejects: Iterable[Path]) -> pd.DataFrame:
    """The columns of `DAY`, in one row.

    Args:
        day: The judged rows.
        remaining: Articles that no rule takes out.
        rejects: The part files of rejects that the stages before have left.
    """
    import pandas as pd  # noqa: PLC0415 (a second; loading this module shall not cost it)

    articles, copies = day.rows[ARTICLES.name], day.duplicates.num_rows
    judged = len(articles.staged)
    originals = judged + sum(_documents(path) for path in rejects)
    survives = articles.survives
    shares = {f"{name}_share": _share(_filled(articles, name)[survives]) for name in _FILLED}
    values = {
        "documents": originals + copies,
        "articles": remaining,
        "rejected_share": (originals - remaining) / originals if originals else None,
        "duplicate_share": copies / (originals + copies) if originals else None,
        **shares,
        "truncated_share": _share(_true(articles, "is_truncated")[survives]),
    }
    return pd.DataFrame({name: pd.Series([values[name]], dtype=_type_of(name)) for name in DAY.column_names})


def written(name: str, value: float | None) -> str:
    """A fact as results hold it: `0.0869` of a share, `1.0` too, so that its point tells it from the count `1`."""
    if value is None or math.isnan(value):
        return ""
    if _type_of(name) == "int64":
        return str(int(value))
    text = f"{value:.4g}"
    return f"{text}.0" if text.isdecimal() else text


def _type_of(name: str) -> str:
    return "int64" if DAY.column(name).type == "int64" else "float64"


def _documents(path: Path) -> int:
    """Rejects of whole documents in a part file."""
    tables = pq.read_table(path, columns=["row_table"], partitioning=None)["row_table"]
    return int(pc.sum(pc.equal(tables, "documents")).as_py() or 0)


def _share(flags: Flags) -> float | None:
    return float(flags.mean()) if len(flags) else None


def _filled(rows: Rows, name: str) -> Flags:
    return _flags(rows, name, pc.is_valid)


def _true(rows: Rows, name: str) -> Flags:
    return _flags(rows, name, lambda column: pc.fill_null(column, fill_value=False))


def _flags(rows: Rows, name: str, flag_of: Callable[[pa.ChunkedArray], pa.ChunkedArray]) -> Flags:
    """One flag per staged row; the column is read file by file, and only its flags stay."""
    found = [np.zeros(0, np.bool_)]
    for file in rows.files:
        column = pq.read_table(file, columns=[name], partitioning=None, use_threads=False)[name]
        found.append(flag_of(column).to_numpy())
    return np.concatenate(found)
