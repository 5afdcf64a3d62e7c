"""Measures that need more than a row: the other rows of its table, or the rows of the same article elsewhere."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.tables import ARTICLES
from etl.validate.measures import Measure
from etl.validate.rows import Day, Flags, Rows

Values = npt.NDArray[np.bool_] | npt.NDArray[np.int64]


def compute_across(measure: Measure, rows: Rows, day: Day) -> Values:
    """One value per judged row of `rows`, a table of `day`, for a function of `etl.validate.measures.ACROSS`."""
    match measure.function:
        case "has_article":
            return rows.owner < rows.articles
        case "continues_positions":
            return _continues_positions(rows)
        case "children":
            return _children(rows, day.rows[measure.parameters["table"]])
        case "copies":
            return _copies(rows, measure.parameters["columns"])
        case _:
            return _repeats_headline(rows, day.rows[ARTICLES.name])[rows.survives]


def _children(articles: Rows, children: Rows) -> npt.NDArray[np.int64]:
    """How many rows of another table each article has."""
    return np.bincount(children.owner, minlength=articles.articles)[: articles.articles]


def _copies(rows: Rows, columns: list[str]) -> npt.NDArray[np.int64]:
    """In how many judged rows the values of these columns stand; each column is one more digit of a number."""
    number = np.zeros(len(rows.staged), np.int64)
    survives = rows.survives
    for name in columns:
        column = _column(rows, name)
        codes = column.dictionary_encode(null_encoding="encode").combine_chunks()
        mine = codes.indices.to_numpy().astype(np.int64)[survives]
        number = number * (len(codes.dictionary) + 1) + mine
        _, number = np.unique(number, return_inverse=True)  # kept small, so that no column overflows it
    return np.bincount(number)[number] if len(number) else number


def _column(rows: Rows, name: str) -> pa.ChunkedArray:
    """One column of all staged rows."""
    found = [pq.read_table(file, columns=[name], partitioning=None, use_threads=False)[name] for file in rows.files]
    kind = rows.table.column(name).arrow_type
    return pa.chunked_array([chunk for column in found for chunk in column.chunks], kind)


def _continues_positions(rows: Rows) -> Flags:
    """Whether each row's position is the first of its value and within 1 to the number of its owner's rows.

    Where that holds for all rows of an article, their positions are 1 to n, each once. Rows without an article are
    another rule's concern and pass.
    """
    assert rows.position is not None  # noqa: S101 (child tables have positions; suites are checked for it)
    counts = np.bincount(rows.owner)
    within = np.flatnonzero((rows.position >= 1) & (rows.position <= counts[rows.owner]))
    slots = (np.cumsum(counts) - counts)[rows.owner[within]] + rows.position[within]
    taken = np.zeros(int(counts.sum()) + 1, np.int64)
    # Written backwards, so that of the rows in one slot the first stays.
    taken[slots[::-1]] = within[::-1]
    good = rows.owner >= rows.articles
    good[within] = taken[slots] == within
    return good


def _repeats_headline(rows: Rows, articles: Rows) -> Flags:
    """For every staged related item, whether its title is the headline of its own article."""
    flags = [np.zeros(0, np.bool_)]
    for file, article_file in zip(rows.files, articles.files, strict=True):
        owners = pq.read_table(article_file, columns=["article_id", "headline"], partitioning=None, use_threads=False)
        items = pq.read_table(file, columns=["article_id", "title"], partitioning=None, use_threads=False)
        own = pc.index_in(items["article_id"], value_set=owners["article_id"])
        same = pc.equal(items["title"], owners["headline"].take(own))
        flags.append(pc.fill_null(same, fill_value=False).to_numpy())
    return np.concatenate(flags)
