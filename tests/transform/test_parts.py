"""Measures, rows, version, registry and the readers of single lines."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from etl.tables import AGENCIES, AGENCY_KINDS, ARTICLES, RELATED_ITEMS, staged_schema
from etl.transform import version
from etl.transform.agencies import find_agencies
from etl.transform.blocks import read_blocks
from etl.transform.credits import read_dateline, read_end, read_line
from etl.transform.measure import char_count, content_hash, paragraph_count, word_count
from etl.transform.record import Document, Record
from etl.transform.rows import agency_rows, article_row, related_rows

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't panic, it's 3.5 times well-known.", 6),
        ("", 0),
        ("青葉町の駅", 5),
        ("東京で AFP が伝えた", 8),
        ("สวัสดี", 6),
        ("Größe — naïve café", 3),
    ],
)
def test_word_count(text: str, words: int) -> None:
    assert word_count(text) == words


def test_counts_are_of_code_points_and_paragraphs() -> None:
    assert char_count("naïve 🙂") == 7
    assert paragraph_count("one\n\ntwo\n\nthree") == 3


def test_content_hash_folds_case_space_and_compatibility_forms() -> None:
    assert content_hash("Straße\n\nNo 1") == content_hash("  STRASSE no  １ ")
    assert content_hash("a") != content_hash("b")
    assert content_hash("a b") == hashlib.sha256(b"a b").hexdigest()[:32]


def test_rows_have_exactly_the_staged_columns(
    read: Callable[[str], Record], document_of: Callable[[str], Document]
) -> None:
    text = (GOLDEN / "seed_shape.txt").read_text(encoding="utf-8")
    document, record = document_of(text), read(text)
    article = article_row(document, record, "1+abc")
    assert list(article) == staged_schema(ARTICLES).names
    related, agencies = related_rows(document, record), agency_rows(document, record)
    assert [list(row) for row in related] == [staged_schema(RELATED_ITEMS).names] * 4
    assert [list(row) for row in agencies] == [staged_schema(AGENCIES).names] * 3
    assert [row["position"] for row in related] == [1, 2, 3, 4]
    assert article["paragraph_count"] == 3


def test_parser_version_follows_code_and_data_but_not_the_place(tmp_path: Path) -> None:
    for root in (tmp_path / "a", tmp_path / "b"):
        (root / "transform" / "data").mkdir(parents=True)
        (root / "extract").mkdir()
        (root / "transform" / "parse.py").write_text("x = 1")
        (root / "transform" / "data" / "words.toml").write_text("a = 1")
    (tmp_path / "b" / "transform" / "__pycache__").mkdir()
    (tmp_path / "b" / "transform" / "__pycache__" / "parse.pyc").write_bytes(b"1")
    before = version._digest(tmp_path / "a")
    assert before == version._digest(tmp_path / "b")
    (tmp_path / "b" / "transform" / "data" / "words.toml").write_text("a = 2")
    assert before != version._digest(tmp_path / "b")
    assert len(version.parser_version().partition("+")[2]) == 12


def test_agency_registry_is_sorted_and_complete() -> None:
    import tomllib  # noqa: PLC0415 - only this test reads the file as data

    rows = tomllib.loads(Path(version._PACKAGE, "transform/data/agencies.toml").read_text(encoding="utf-8"))["agency"]
    codes = [row["code"] for row in rows]
    assert codes == sorted(set(codes))
    for row in rows:
        assert row["kind"] in AGENCY_KINDS
        assert len(row["country"]) == 2
        assert row["country"].isupper()
        assert row["aliases"]
        assert set(row["ambiguous"]) <= set(row["aliases"])


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("STR/AFP via Getty Images", ["afp", "getty"]),
        ("AFP-JIJI", ["afp", "jiji"]),
        ("dpa-infocom, dpa:260304-99-1/2", ["dpa", "dpa"]),
        ("【時事通信】", ["jiji"]),
        ("The Associated Press", ["ap"]),
        ("Alphabet", []),
    ],
)
def test_find_agencies(text: str, codes: list[str]) -> None:
    assert [mention.supplier.code for mention in find_agencies(text)] == codes


@pytest.mark.parametrize(
    ("text", "form", "words"),
    [
        ("(APA/dpa/Red. )", "source", "APA/dpa/Red."),
        ("Quelle: sid/dpa", "source", "sid/dpa"),
        ("With files from The Canadian Press", "source", "The Canadian Press"),
        ("(Con información de AFP, EFE y Reuters)", "source", "AFP, EFE y Reuters"),
        ("© dpa-infocom, dpa:260304-99-487654/3", "source", "dpa-infocom, dpa:260304-99-487654/3"),
        ("(c) Leonore Pichler", "image", "Leonore Pichler"),
        ("BILD: XY/APA/LEONORE PICHLER", "image", "XY/APA/LEONORE PICHLER"),
        ("Jana Nováková / Reuters", "image", "Jana Nováková / Reuters"),
    ],
)
def test_lines_that_are_credits(text: str, form: str, words: str) -> None:
    credit = read_line(text)
    assert credit is not None
    assert (credit.form, credit.words) == (form, words)


@pytest.mark.parametrize("text", ["AA", "AP", "PA", "SID", "TT", "Red.", "Agenturen schließen", "Der Fall Reuters"])
def test_lines_that_are_none(text: str) -> None:
    assert read_line(text) is None


def test_credits_at_the_end_of_a_caption() -> None:
    credit = read_end("Die Brücke im Jahr 2021Bild: Leonore Pichler/dpa")
    assert credit is not None
    assert (credit.form, credit.words) == ("image", "Leonore Pichler/dpa")
    assert read_end("Sie sprach mit der Nachrichtenagentur dpa über ihr Vorbild: Jane Roe.") is None


@pytest.mark.parametrize("text", ["Berlin (dpa/tmn) - Wer", "Wien – (APA) Das", "NEW DELHI [India], March 4 (ANI): A"])
def test_datelines(text: str) -> None:
    assert read_dateline(text) is not None


@pytest.mark.parametrize(
    "text", ["Der Kanzler (ÖVP) - wie immer", "der Chef der Agentur (AFP) sagte", "Das Spiel (2:1) - ein Fest"]
)
def test_no_datelines(text: str) -> None:
    assert read_dateline(text) is None


def test_hard_wrapped_lines_are_joined_and_long_lines_are_not() -> None:
    wrapped = read_blocks((GOLDEN / "wrapped.txt").read_text(encoding="utf-8"))
    assert [block.text[:11] for block in wrapped] == [
        "Council kee",
        "By Margaret",
        "The council",
        "Repairs wil",
        "The enginee",
    ]
    assert all("\n" not in block.text for block in wrapped)
    assert [block.text for block in read_blocks("  • Drucken\n\nEins\nZwei")] == ["Drucken", "Eins", "Zwei"]
