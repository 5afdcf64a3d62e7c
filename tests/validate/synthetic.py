"""A sound synthetic day as part files, of any size and cut; tests plant their faults in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from etl.contract import Run
from etl.settings import Settings
from etl.tables import RECORD_TABLES, REJECTS, staged_schema
from etl.transform.version import parser_version
from etl.validate.suites import suites_folder
from etl.workspace import Workspace, write_part

Row = dict[str, Any]

DAY = "2015-10-21"
BODY = "Der Rat hat am Montag über den Haushalt beraten.\n\nEin Beschluss fiel nicht, sagte die Sprecherin."


def article(number: int, **changes: Any) -> Row:
    """Article number `number` of the day, sound unless `changes` say otherwise."""
    return {
        "article_id": hashlib.sha256(str(number).encode()).hexdigest()[:32],
        "source": "bote",
        "url": f"https://bote.example/{number}",
        "kicker": None,
        "headline": f"Der Rat berät zum {number}. Mal",
        "lead": "Die Sitzung dauerte bis in die Nacht.",
        "body": BODY,
        "authors": ["Anna Muster"],
        "published_date": date(2015, 10, 20),
        "published_at": datetime(2015, 10, 20, 12, 30, tzinfo=UTC),
        "published_offset_minutes": 120,
        "published_evidence": "20. Oktober 2015, 14:30",
        "modified_at": None,
        "language": "de",
        "language_score": 0.987,
        "image_credits": ["Foto: Muster"],
        "image_captions": [],
        "topics": ["Politik"],
        "paragraph_count": 2,
        "word_count": 22,
        "char_count": 135,
        "content_hash": hashlib.sha256(f"text {number}".encode()).hexdigest()[:32],
        "is_truncated": False,
        "media_type": "text/plain",
        "charset": "utf-8",
        "source_uri": f"{DAY}/bote/{number:07}.txt",
        "source_offset": 0,
        "source_length": 300,
        "parser_version": "1.0.0+abc",
        "date_evidence_found": True,
    } | changes


def related_item(owner: Row, position: int, **changes: Any) -> Row:
    """A related item of an article."""
    return {
        "article_id": owner["article_id"],
        "position": position,
        "section": "Politik",
        "title": f"Was der Rat zum {position}. Punkt sagt",
        "teaser": "Die Fraktionen sind sich uneins.",
        "image_caption": None,
        "url": None,
        "source_uri": owner["source_uri"],
        "source_offset": owner["source_offset"],
    } | changes


def agency(owner: Row, position: int, **changes: Any) -> Row:
    """An agency credit of an article."""
    return {
        "article_id": owner["article_id"],
        "position": position,
        "agency_code": "apa",
        "agency_name": "Austria Presse Agentur",
        "country": "AT",
        "kind": "wire",
        "scope": "text",
        "evidence": "APA",
        "source_uri": owner["source_uri"],
        "source_offset": owner["source_offset"],
        "evidence_found": True,
    } | changes


@dataclass
class Staged:
    """Rows of a day; `write` cuts them into parts by document, as batches do."""

    articles: list[Row] = field(default_factory=list)
    related_items: list[Row] = field(default_factory=list)
    agencies: list[Row] = field(default_factory=list)

    def add(self, owner: Row, related: int = 2, agencies: int = 1) -> Row:
        """Add an article with children; gives the article, to be changed in place."""
        self.articles.append(owner)
        self.related_items += [related_item(owner, n + 1) for n in range(related)]
        self.agencies += [agency(owner, n + 1) for n in range(agencies)]
        return owner

    def write(self, run: Run, batch_of: Callable[[Row], int] = lambda _: 0) -> None:
        """Write part files; `batch_of` gives the batch of a row from its `source_uri`."""
        rows = {"articles": self.articles, "related_items": self.related_items, "agencies": self.agencies}
        batches = 1 + max((batch_of(row) for row in self.articles), default=-1)
        workspace = Workspace.of(run)
        for batch in range(batches):
            write_part(
                workspace.part("extract", "documents", batch), pa.table({"document_id": pa.array([], pa.string())})
            )
            for stage in ("extract", "transform"):
                write_part(workspace.part(stage, "rejects", batch), staged_schema(REJECTS).empty_table())
            for table in RECORD_TABLES:
                mine = [row for row in rows[table.name] if batch_of(row) == batch]
                order = ["article_id", "source_uri", "source_offset", *table.key[1:]]
                part = pa.Table.from_pylist(mine, schema=staged_schema(table))
                write_part(
                    workspace.part("transform", table.name, batch), part.sort_by([(n, "ascending") for n in order])
                )


def sound_day(articles: int) -> Staged:
    """A day without faults: every article with two related items and one agency."""
    staged = Staged()
    for number in range(articles):
        staged.add(article(number))
    return staged


def make_run(folder: Path, number: int = 1, **settings: Any) -> Run:
    """A planned run with its warehouse below `folder`."""
    resolved = Settings(landing=folder / "landing", warehouse=folder / "warehouse", **settings)
    return Run(
        run_id=f"{DAY}.{number:04d}",
        day=DAY,
        force=False,
        settings=resolved.to_json(),
        files=0,
        parser_version=parser_version(),
    )


def edited_suites(folder: Path, changes: dict[tuple[str, str], Callable[[Row], object]]) -> Path:
    """A copy of the project's suites in which rules, named by table and rule, were changed."""
    suites = folder / "suites"
    suites.mkdir(parents=True)
    for file in suites_folder(None).glob("*.json"):
        suite = json.loads(file.read_text(encoding="utf-8"))
        for entry in suite["expectations"]:
            key = (file.stem, entry["meta"]["rule"])
            if key in changes:
                changes[key](entry)
        (suites / file.name).write_text(json.dumps(suite), encoding="utf-8")
    return suites
