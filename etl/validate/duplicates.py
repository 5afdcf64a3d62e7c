"""Duplicates of a day: of the documents with the same bytes, the smallest (source_uri, source_offset) survives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

ADDRESS = ("article_id", "source_uri", "source_offset")
"""Columns that tell one copy of a document from another."""


@dataclass(frozen=True, slots=True)
class Copies:
    """Which rows of `articles` survive and which are set aside."""

    survives: npt.NDArray[np.bool_]
    """One flag for each row given to `resolve`."""
    articles: pa.Table
    """The rows that survive, in their order."""
    duplicates: pa.Table
    """The rows set aside, by (source_uri, source_offset), with `kept_uri` and `kept_offset` of their survivor."""


def resolve(rows: pa.Table) -> Copies:
    """Choose the survivor of every document; `rows` are all articles of the day with the columns of `ADDRESS`.

    The choice depends on the rows' values only, never on their order. Rows that agree in all three columns are no
    copies but a defect: they survive together, and the suite's key rule blocks the day.
    """
    ids = rows["article_id"].combine_chunks().dictionary_encode().indices.to_numpy().astype(np.int64)
    repeated = np.flatnonzero(np.bincount(ids)[ids] > 1)
    among = rows.take(pa.array(repeated))
    ordered = repeated[pc.sort_indices(among, sort_keys=[(name, "ascending") for name in ADDRESS]).to_numpy()]
    _, first, group = np.unique(ids[ordered], return_index=True, return_inverse=True)
    found = rows.take(pa.array(ordered))
    kept = rows.take(pa.array(ordered[first][group]))
    found = found.append_column("kept_uri", kept["source_uri"]).append_column("kept_offset", kept["source_offset"])
    is_kept = pc.and_(
        pc.equal(found["source_uri"], found["kept_uri"]), pc.equal(found["source_offset"], found["kept_offset"])
    )
    survives = np.ones(rows.num_rows, np.bool_)
    survives[ordered] = is_kept.to_numpy()
    duplicates = found.filter(pc.invert(is_kept)).sort_by([(name, "ascending") for name in ADDRESS[1:]])
    return Copies(survives, rows if survives.all() else rows.filter(pa.array(survives)), duplicates)


def as_text(rows: pa.Table) -> pa.ChunkedArray:
    """The columns of `ADDRESS` of every row as one text."""
    return pc.binary_join_element_wise(
        rows["article_id"], rows["source_uri"], pc.cast(rows["source_offset"], pa.string()), "\n"
    )
