"""Bytes to text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.extract.charset import Decoded, decode
from etl.transform.record import Refusal

GERMAN = "Grüße aus Wien – „schön“, 5 €\nZweite Zeile\n" * 5
JAPANESE = "東京で会議が開かれた。\n首相は「重要だ」と述べた。\n" * 5
RUSSIAN = "Премьер-министр заявил журналистам.\n" * 5


@pytest.mark.parametrize(
    ("charset", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("cp1252", "cp1252"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-16", "utf-16-le"),
        ("utf-32", "utf-32-le"),
    ],
)
def test_charset_is_found_and_text_is_the_same(charset: str, found: str) -> None:
    assert decode(GERMAN.encode(charset)) == Decoded(GERMAN, found)


@pytest.mark.parametrize("text", [JAPANESE, RUSSIAN])
@pytest.mark.parametrize("charset", ["utf-8", "utf-16-le", "utf-16-be"])
def test_other_scripts(text: str, charset: str) -> None:
    assert decode(text.encode(charset)) == Decoded(text, charset)


def test_utf8_with_a_cut_last_character_loses_only_that() -> None:
    assert decode((GERMAN + "ü").encode()[:-1]) == Decoded(GERMAN, "utf-8")


def test_utf16_with_a_cut_last_character_loses_only_that() -> None:
    assert decode(("\ufeff" + GERMAN + "ü").encode("utf-16-le")[:-1]) == Decoded(GERMAN, "utf-16-le")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"\xef\xbb\xbf\n", "empty"),
        (bytes(range(256)) * 4, "binary"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(200)), "binary"),
        (b"text\0\0\0\0text" * 10, "binary"),
        (RUSSIAN.encode("cp1251"), "undecodable"),
        (GERMAN.encode() + b"\xff\n" + GERMAN.encode(), "undecodable"),
        (b"\xff\xfe\x00\xd8\x41\x00", "undecodable"),
        (b"na\x81ve text " * 20, "undecodable"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, code: str) -> None:
    found = decode(data)
    assert isinstance(found, Refusal)
    assert (found.code, bool(found.message)) == (code, True)


def test_declared_charset_is_for_what_is_not_unicode() -> None:
    assert decode(RUSSIAN.encode("cp1251"), "cp1251") == Decoded(RUSSIAN, "cp1251")
    assert decode(RUSSIAN.encode(), "cp1251") == Decoded(RUSSIAN, "utf-8")


def test_declared_charset_that_does_not_fit_is_named() -> None:
    found = decode(b"abc \xfd\xff abc", "euc_jp")
    assert isinstance(found, Refusal)
    assert (found.code, "euc_jp" in found.message) == ("undecodable", True)


def test_line_ends_and_letters_are_normalised() -> None:
    assert decode(unicodedata.normalize("NFD", "Müll\r\nÜber\rnächste").encode()) == Decoded(
        "Müll\nÜber\nnächste", "utf-8"
    )


def test_a_stray_control_character_goes() -> None:
    text = "Ein ganz normaler Satz. " * 50
    assert decode((text + "\0" + text).encode()) == Decoded(text + text, "utf-8")


@given(st.binary(max_size=400))
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    found = decode(data)
    if isinstance(found, Decoded):
        assert found.text.strip()
        assert unicodedata.is_normalized("NFC", found.text)
        assert not set(found.text) & {"\r", "\0"}
    else:
        assert found.code in ("empty", "binary", "undecodable")


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1).filter(str.strip))
def test_text_in_utf8_always_comes_back(text: str) -> None:
    found = decode(text.encode())
    normal = unicodedata.normalize("NFC", text.removeprefix("\ufeff")).replace("\u2028", "\n").replace("\u2029", "\n")
    if normal.strip():
        assert found == Decoded(normal, "utf-8")
