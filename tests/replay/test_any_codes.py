"""Whichever codes are asked for, on a day with nearly every code, a replay gives what `run --force` gives."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from etl import open_warehouse, staging
from etl.engines.sandbox import parse_apart
from etl.engines.sandbox_child import Orders
from etl.extract.limits import RATIO_FREE_BYTES
from etl.replay.days import replay
from etl.settings import Settings
from etl.transform.record import Document
from etl.transform.rows import agency_rows, article_row
from tests.conftest import PAGE, landing_of, write_pages
from tests.extract.test_containers import tar, warc_record, zipped
from tests.replay.inline import DAY, Files, InlineEngine, published_files, run_days

pytestmark = pytest.mark.usefixtures("few_rules")

MEMBERS = 12
NO_ARTICLE = b"404\n\nPage not found\n\nThe page you are looking for does not exist any more. Please go back."
CODES = {
    "bad_member_path": 1,
    "binary": 1,
    "decompression_bomb": 1,
    "duplicate_document": 2,
    "empty": 3,
    "malformed": 1,
    "nested_too_deep": 1,
    "not_an_article": 2,
    "parse_error": 2,
    "parse_memory": 1,
    "parse_timeout": 1,
    "rule:agency_code_registered": 2,
    "rule:headline_length": 1,
    "too_large": 4,
    "truncated_container": 2,
    "undecodable": 1,
    "unreadable": 1,
    "unsupported_format": 2 + MEMBERS,
}
"""What the day of this test has at first."""
MOVED = {
    "decompression_bomb": 1,
    "nested_too_deep": 1,
    "parse_error": 2,
    "parse_memory": 1,
    "parse_timeout": 1,
    "too_large": 3,
    "unreadable": 1,
}
"""What becomes of them once more can be read. One more was too large and is binary."""


def page(town: str) -> bytes:
    return PAGE.replace("\n ", " ").format(town=town).encode()


def lines(*texts: bytes) -> bytes:
    return b"".join(json.dumps({"text": text.decode()}).encode() + b"\n" for text in texts)


def table(*texts: bytes) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table({"text": [text.decode() for text in texts]}), file)
    return file.getvalue()


def write_day(day: Path, later: Path) -> None:
    """Put documents of all fates into a day; `later` is where one link will lead."""
    write_pages(day / "bote", 7)
    large = page("Langdorf") + b"\nNoch ein Satz, der den Text etwas verlaengert." * 60
    files = {
        "copy.txt": page("Ort2"),
        "empty.txt": b"",
        "picture.txt": bytes(range(256)) * 8,
        "russian.txt": ("Городской совет принял решение о строительстве моста. " * 9).encode("cp1251"),
        "large.txt": large,
        "none.txt": NO_ARTICLE,
        "lines.jsonl": lines(page("Zeilendorf"), b"") + b"{no json\n",
        "crawl.warc": b"".join(warc_record(text, kind="conversion") for text in (page("Netzdorf"), b"")),
        "table.parquet": table(page("Spaltendorf"), b""),
        "cut.txt.gz": gzip.compress(page("Kurzdorf"), mtime=0)[:-12],
        "cut.tar": tar({"Halbdorf.txt": page("Halbdorf"), "rest.txt": page("Restdorf")})[:2800],
        "many.jsonl": lines(*[b""] * MEMBERS, page("Vieldorf")),
        "bomb.tar.gz": gzip.compress(tar({"zero": bytes(RATIO_FREE_BYTES), "b.txt": page("Bombendorf")}), mtime=0),
        "slow.txt": page("Zeitdorf"),
        "greedy.txt": page("Speicherdorf"),
    }
    for name, data in files.items():
        (day / "bote" / name).write_bytes(data)
    (day / "bote" / "link.txt").symlink_to(later)
    members = {f"Stadt-{number}.txt": page(f"Stadt{number}") for number in range(4)} | {
        "copy.txt": page("Ort3"),
        "empty.txt": b"",
        "large.txt": large + b"!",
        "none.txt": NO_ARTICLE + b" ",
        "../outside.txt": page("Ausserhalb"),
        "inner.zip": zipped({"inner.tar": tar({"deep.txt": page("Tiefdorf")})}),
    }
    (day / "archiv").mkdir()
    (day / "archiv" / "all.tar").write_bytes(tar(members))


class Parser:
    """The parser with a defect that can be mended, and with rows that rules take out."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.is_defective = True
        self.parsed: list[str] = []
        for name in ("parse_apart", "article_row", "agency_rows"):
            patch.setattr(staging, name, getattr(self, name))

    def parse_apart(self, documents: Iterable[Document], orders: Orders) -> Iterator[Any]:
        if self.is_defective:
            orders = replace(orders, parser="tests.parsers:fails_on_some")
        for document, found in parse_apart(documents, orders):
            self.parsed.append(document.source_uri)
            yield document, found

    def article_row(self, document: Any, record: Any, version: str) -> dict[str, Any]:
        row = article_row(document, record, version)
        return row | {"headline": "Titel " * 100} if "Ort4" in document.text else row

    def agency_rows(self, document: Any, record: Any) -> list[dict[str, Any]]:
        rows = agency_rows(document, record)
        if "Ort5" in document.text or "Stadt2" in document.text:
            rows[0]["agency_code"] = "? ?"
        return rows


class Case:
    """A published day, and what `run --force` makes of it once more of it can be read."""

    def __init__(self, folder: Path, parser: Parser) -> None:
        self.folder, self.parser = folder, parser
        later = folder / "later.txt"
        write_day(folder / "landing" / DAY, later)
        self.settings = Settings(
            landing=folder / "landing", warehouse=folder / "forced", batch_documents=3, max_decompression_ratio=5000
        )
        strict = {
            "warehouse": folder / "first",
            "max_document_bytes": 3000,
            "max_container_members": MEMBERS,
            "max_decompression_ratio": 100,
            "max_nesting": 2,
            "document_cpu_seconds": 1,
        }
        run_days(self.settings.model_copy(update=strict), DAY)
        later.write_bytes(page("Spaetdorf"))
        parser.is_defective = False
        run_days(self.settings, DAY, force=True)
        self.forced: Files = published_files(folder / "forced")

    def copied(self) -> Settings:
        """Settings of a fresh copy of what was published first."""
        warehouse = self.folder / "copy"
        shutil.rmtree(warehouse, ignore_errors=True)
        shutil.copytree(self.folder / "first", warehouse, symlinks=True)
        self.parser.parsed.clear()
        return self.settings.model_copy(update={"warehouse": warehouse})


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    with pytest.MonkeyPatch.context() as patch:
        yield Case(tmp_path_factory.mktemp("replay"), Parser(patch))


def counts(warehouse: Path) -> dict[str, int]:
    [run] = open_warehouse(warehouse).read("runs", day=DAY).to_pylist()
    found: dict[str, int] = json.loads(run["reject_counts"])
    return found


def test_the_day_has_them_all(case: Case) -> None:
    assert counts(case.folder / "first") == CODES
    after = Counter(CODES) - Counter(MOVED) - Counter({"too_large": 1}) + Counter({"binary": 1})
    assert counts(case.folder / "forced") == after


@hypothesis_settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(codes=st.sets(st.sampled_from(sorted(CODES)), min_size=1))
def test_any_codes_give_what_a_forced_run_gives(case: Case, codes: set[str]) -> None:
    settings = case.copied()
    with InlineEngine(settings) as engine:
        [report] = replay(engine, [DAY], codes)
    assert (report.action, report.outcome) == ("documents", "published")
    assert published_files(settings.warehouse) == case.forced
    assert report.moved == sum(MOVED.get(code, 0) for code in codes)
    assert report.moved + sum(report.still_rejected.values()) == report.replayed == sum(CODES[c] for c in codes)
    assert report.rejects_after == sum(CODES.values()) - sum(MOVED.values())


def test_documents_that_are_kept_are_not_parsed_again(case: Case) -> None:
    settings = case.copied()
    with InlineEngine(settings) as engine:
        replay(engine, [DAY], ["empty", "unsupported_format"])
    names = [uri.removeprefix(f"{DAY}/") for uri in case.parser.parsed]
    # Once beyond a limit, late, or victims of a defect; copies, and what a rule has judged; none of their neighbours.
    assert sorted(names) == [
        "archiv/all.tar!Stadt-1.txt",
        "archiv/all.tar!Stadt-2.txt",
        "archiv/all.tar!inner.zip!inner.tar!deep.txt",
        "archiv/all.tar!large.txt",
        "bote/Ort-000.txt",
        "bote/Ort-003.txt",
        "bote/Ort-004.txt",
        "bote/Ort-005.txt",
        "bote/bomb.tar.gz!b.txt",
        "bote/copy.txt",
        "bote/greedy.txt",
        "bote/large.txt",
        "bote/link.txt",
        f"bote/many.jsonl!{len(lines(b'')) * MEMBERS}",
        "bote/slow.txt",
    ]


def test_a_container_that_holds_another_document_now_is_noticed(case: Case) -> None:
    settings = case.copied()
    kept = open_warehouse(settings.warehouse).read("articles", ["source_uri"])["source_uri"].to_pylist()
    assert f"{DAY}/archiv/all.tar!Stadt-0.txt" in kept
    file = landing_of(settings) / DAY / "archiv" / "all.tar"
    before, times = file.read_bytes(), file.stat()
    try:
        file.write_bytes(before.replace(b"Stadt0", b"Stadt9"))
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
        with InlineEngine(settings) as engine:
            [report] = replay(engine, [DAY], ["empty"])
    finally:
        file.write_bytes(before)
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert (report.action, report.outcome) == ("whole_day", "published")
    assert (report.reason or "").startswith(f"`{DAY}/archiv/all.tar!Stadt-0.txt` at offset ")
    headlines = open_warehouse(settings.warehouse).read("articles", ["headline"])["headline"].to_pylist()
    assert [sum(town in line for line in headlines) for town in ("Stadt0", "Stadt9")] == [0, 1]
