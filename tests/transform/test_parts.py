"""Measures, rows, version and the blocks of a text."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from etl.tables import AGENCIES, ARTICLES, RELATED_ITEMS, staged_schema
from etl.transform import version
from etl.transform.blocks import read_blocks
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
