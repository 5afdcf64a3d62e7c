"""From a row back to its bytes."""

import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest

from etl.errors import DocumentMissing
from etl.raw import find_document, read_raw
from etl.settings import Settings
from etl.warehouse import open_warehouse
from tests.conftest import PAGE, NewsEtl, landing_of

pytestmark = pytest.mark.usefixtures("few_rules")

DAY = "2026-05-04"


def page(town: str) -> bytes:
    return PAGE.replace("\n ", " ").format(town=town).encode()


@pytest.fixture
def settings(tmp_path: Path, news_etl: NewsEtl) -> Settings:
    """A published day with a page in each kind of file."""
    day = tmp_path / "landing" / DAY
    day.mkdir(parents=True)
    (day / "plain.txt").write_bytes(page("Plan"))
    (day / "packed.txt.gz").write_bytes(gzip.compress(page("Gzip")))
    (day / "lines.jsonl").write_bytes(b"".join(json.dumps({"text": page(t).decode()}).encode() + b"\n" for t in "AB"))
    with tarfile.open(day / "box.tar.gz", "w:gz") as archive:
        for town in ("Teer", "Tor"):
            info = tarfile.TarInfo(f"in/{town}.txt")
            info.size = len(page(town))
            archive.addfile(info, io.BytesIO(page(town)))
    (day / "broken.gz").write_bytes(gzip.compress(page("Bruch"))[:-9])
    (day / "empty.txt").write_bytes(b"")
    done = news_etl("run", "--landing", tmp_path / "landing", "--warehouse", tmp_path / "warehouse", "--workers", "1")
    assert done.returncode == 0, done.stderr
    return Settings(landing=tmp_path / "landing", warehouse=tmp_path / "warehouse")


def test_every_row_leads_back_to_its_bytes(settings: Settings) -> None:
    opened = open_warehouse(settings.warehouse)
    rows = opened.read("articles", ["article_id", "source_uri"]).to_pylist()
    found = {
        row["source_uri"]: read_raw(settings, find_document(settings.warehouse, row["article_id"])) for row in rows
    }
    assert found[f"{DAY}/plain.txt"] == page("Plan")
    assert found[f"{DAY}/packed.txt.gz"] == page("Gzip")
    assert sorted(found.values()) == sorted(page(t) for t in ("Plan", "Gzip", "A", "B", "Teer", "Tor"))
    assert found[f"{DAY}/box.tar.gz!in/Tor.txt"] == page("Tor")
    (empty,) = [r for r in opened.read("rejects").to_pylist() if r["code"] == "empty"]
    assert read_raw(settings, find_document(settings.warehouse, empty["document_id"], DAY)) == b""


def test_a_source_uri_leads_to_its_bytes_even_where_they_broke(settings: Settings) -> None:
    place = find_document(settings.warehouse, f"{DAY}/broken.gz")
    assert read_raw(settings, place) == (landing_of(settings) / DAY / "broken.gz").read_bytes()


def test_changed_and_vanished_files_are_named(settings: Settings) -> None:
    rows = open_warehouse(settings.warehouse).read("articles", ["article_id", "source_uri"]).to_pylist()
    (plain,) = [row["article_id"] for row in rows if row["source_uri"].endswith("plain.txt")]
    place = find_document(settings.warehouse, plain)
    (landing_of(settings) / DAY / "plain.txt").write_bytes(page("Anders"))
    with pytest.raises(DocumentMissing, match=r"plain\.txt` holds other bytes"):
        read_raw(settings, place)
    (landing_of(settings) / DAY / "plain.txt").unlink()
    with pytest.raises(DocumentMissing, match="cannot be read"):
        read_raw(settings, place)
    with pytest.raises(DocumentMissing, match="no article and no reject of any published day"):
        find_document(settings.warehouse, "0" * 32)
    with pytest.raises(DocumentMissing, match=r"no document at .*box\.tar\.gz!other"):
        read_raw(settings, find_document(settings.warehouse, f"{DAY}/box.tar.gz!other"))


def test_the_command_prints_bytes(settings: Settings, news_etl: NewsEtl, tmp_path: Path) -> None:
    given = ("--landing", landing_of(settings), "--warehouse", settings.warehouse)
    done = news_etl("raw", f"{DAY}/box.tar.gz!in/Tor.txt", *given)
    assert done.stdout == page("Tor").decode()
    done = news_etl("raw", f"{DAY}/box.tar.gz!in/Tor.txt", "-o", tmp_path / "out.txt", *given)
    assert (done.stdout, (tmp_path / "out.txt").read_bytes()) == ("", page("Tor"))
    done = news_etl("raw", "0" * 32, *given)
    assert (done.returncode, "DocumentMissing" in done.stderr) == (1, True)
