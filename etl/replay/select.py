"""What a replay has to do about a day: nothing, some documents again, or the whole day because more has changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.due import basis_now, concluding_run
from etl.extract.landing import open_landing
from etl.extract.plan import LandingFile, day_folder
from etl.freshness import Basis, changed_basis, changed_files
from etl.load.publish import FAILED_CODES
from etl.load.staged import files_of
from etl.settings import Settings
from etl.tables import ARTICLES, REJECTS
from etl.warehouse import Warehouse
from etl.workspace import runs_of

SUBJECT = ("source_uri", "source_offset", "row_table", "row_key")
"""What a reject is about: a document, or a row of one; several codes may be given to one row."""

LIMIT_CODES = {
    "max_document_bytes": ("too_large",),
    "max_container_members": ("too_large",),
    "max_container_bytes": ("too_large",),
    "max_decompression_ratio": ("decompression_bomb",),
    "max_nesting": ("nested_too_deep",),
    "document_cpu_seconds": ("parse_timeout",),
    "document_memory_bytes": ("parse_memory",),
}
"""What is run again, whichever codes are asked for, where a limit was raised: what it had refused."""

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which part of a published day is run again, and which is taken over from the tables."""

    read: list[LandingFile]
    """Files to extract again; those of their documents that are kept are not parsed again."""
    unread: list[LandingFile]
    documents: int
    """Documents and rejects known from before that are run again, copies and rows that `validate` took out included."""
    articles: pa.Table
    """`article_id`, `source_uri`, `source_offset` of all published articles of the day, in the order of the table."""
    kept_articles: Flags
    """Which of `articles` are taken over."""
    kept_rejects: Flags
    """Which of the published rejects are taken over, in the order of the table."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a replay of a day comes to."""

    opened: Warehouse
    """The snapshot that all this is about."""
    day: str
    action: Literal["nothing", "documents", "whole_day"]
    reason: str | None
    """Why there is nothing to do, or why the whole day is redone."""
    rejects: pa.Table
    """All published rejects of the day without their texts."""
    asked: pa.Table
    """Those of them that have a code asked for."""
    files: list[LandingFile] = field(default_factory=list)
    """All files that the day has now."""
    selection: Selection | None = None
    """Where the action is `documents`."""


def assess(settings: Settings, opened: Warehouse, day: str, codes: Collection[str]) -> Assessment:
    """Compare a published day with the code, the settings and the landing files of now.

    Raises:
        LandingUnavailable: the landing root is missing or cannot be listed.
    """
    facts = opened.facts.get(day)
    if facts is None:
        none = pa.table({name: pa.array([], REJECTS.column(name).arrow_type) for name in REJECTS.key})
        return Assessment(opened, day, "nothing", "not published; build it with `news-etl run`", none, none)
    rejects = opened.read(REJECTS.name, (*REJECTS.key, "stage"), day)
    asked = rejects.filter(_is_in(rejects["code"], codes))
    if not asked.num_rows:
        return Assessment(opened, day, "nothing", "no rejects with these codes", rejects, asked)
    files = open_landing(settings).list_day(day_folder(settings.day_folder, day))
    past = concluding_run(settings.warehouse, facts, runs_of(settings.warehouse, day))
    if past.basis is None or past.files is None:
        reason = f"the history of run {past.run_id}, which made it, is missing"
        return Assessment(opened, day, "whole_day", reason, rejects, asked, files)
    now = basis_now(settings)
    raised = _raised_limits(past.basis, now)
    same_limits = {**past.basis.settings, **{name: now.settings[name] for name in raised}}
    rerun = {*codes, *FAILED_CODES, *(code for name in raised for code in LIMIT_CODES[name])}
    again = set(files_of(rejects.filter(_is_in(rejects["code"], rerun))["source_uri"]).to_pylist())
    due = changed_basis(replace(past.basis, settings=same_limits), now)
    due = due or changed_files(_without(past.files, again), _without(files, again))
    if due is not None:
        return Assessment(opened, day, "whole_day", due.why, rejects, asked, files)
    known = {(f.source_uri, f.size, f.version) for f in past.files}
    changed = {uri for uri, *_ in known ^ {(f.source_uri, f.size, f.version) for f in files}}
    selection = _select(opened, day, rejects, rerun=rerun, changed=changed, files=files)
    return Assessment(opened, day, "documents", None, rejects, asked, files, selection)


def _raised_limits(before: Basis, now: Basis) -> list[str]:
    old, new = before.settings, now.settings
    return [name for name in LIMIT_CODES if isinstance(old.get(name), int | float) and old[name] < new[name]]


def _without(files: Iterable[LandingFile], uris: Collection[str]) -> list[LandingFile]:
    return [file for file in files if file.source_uri not in uris]


def _select(
    opened: Warehouse,
    day: str,
    rejects: pa.Table,
    *,
    rerun: Collection[str],
    changed: set[str],
    files: list[LandingFile],
) -> Selection:
    """Split the day: `validate` judges all of it again, so whatever it has taken out is made again too."""
    articles = opened.read(ARTICLES.name, ("article_id", "source_uri", "source_offset"), day)
    by_code = _flags(pc.or_(_is_in(rejects["code"], rerun), pc.equal(rejects["stage"], "validate")))
    again = rejects.filter(pa.array(by_code))
    addresses = pa.concat_arrays([pa.array([], pa.string()), *_addresses(again).chunks])
    read = {*files_of(again["source_uri"]).to_pylist(), *changed}
    kept_articles = ~(_within(_addresses(articles), addresses) | _within(files_of(articles["source_uri"]), changed))
    early = _flags(pc.equal(rejects["stage"], "extract"))
    gone = by_code | _within(_addresses(rejects), addresses) | _within(files_of(rejects["source_uri"]), changed)
    # What `extract` refused in a file that is read again is refused again then.
    kept_rejects = ~(gone | (early & _within(files_of(rejects["source_uri"]), read)))
    return Selection(
        read=[f for f in files if f.source_uri in read],
        unread=[f for f in files if f.source_uri not in read],
        documents=len(pc.unique(addresses)),
        articles=articles,
        kept_articles=kept_articles,
        kept_rejects=kept_rejects,
    )


def _addresses(rows: pa.Table) -> pa.ChunkedArray:
    """Where each row's document lies, as one text; no URI holds a line break."""
    return pc.binary_join_element_wise(rows["source_uri"], pc.cast(rows["source_offset"], pa.string()), "\n")


def _is_in(values: pa.ChunkedArray, wanted: Iterable[str]) -> pa.ChunkedArray:
    return pc.is_in(values, value_set=pa.array(sorted(wanted), pa.string()))


def _within(values: pa.ChunkedArray, wanted: Iterable[str] | pa.Array) -> Flags:
    value_set = wanted if isinstance(wanted, pa.Array) else pa.array(sorted(wanted), pa.string())
    return _flags(pc.is_in(values, value_set=value_set))


def _flags(values: pa.ChunkedArray) -> Flags:
    flags: Flags = values.to_numpy()
    return flags
