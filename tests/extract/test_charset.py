"""Bytes to text."""

import time
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


def page(text: str, stated: str = "", lead: str = "") -> str:
    return f"{lead}<html><head>{stated}<script>var a = 1;</script></head><body><p>{text}</p></body></html>\n"


@pytest.mark.parametrize(
    ("text", "stated", "charset", "found"),
    [
        (GERMAN, '<meta charset="iso-8859-1">', "cp1252", "cp1252"),
        (GERMAN, '<META http-equiv=Content-Type content="text/html; charset=ISO-8859-15">', "iso8859-15", "iso8859-15"),
        (RUSSIAN, "<meta charset=windows-1251>", "cp1251", "cp1251"),
        (JAPANESE, '<meta http-equiv="content-type" content="text/html;charset=Shift_JIS">', "cp932", "cp932"),
        (JAPANESE, '<meta charset="x-euc-jp">', "euc_jp", "euc_jp"),
        (JAPANESE, '<meta charset="iso-2022-jp">', "iso2022_jp", "iso2022_jp"),
        ("북한 뉴스 똠방각하", '<meta charset="ks_c_5601-1987">', "cp949", "cp949"),
        ("中国新闻网消息", '<meta charset="gb2312">', "gb18030", "gb18030"),
        (GERMAN, "", "cp1252", "cp1252"),
        (GERMAN, '<meta charset="iso-8859-1">', "utf-8", "utf-8"),
        (GERMAN, '<meta charset="utf-8">', "cp1252", "cp1252"),
        (GERMAN, '<meta charset="hex">', "cp1252", "cp1252"),
        (GERMAN, '<!-- <meta charset="koi8-r"> --><meta charset="latin1">', "cp1252", "cp1252"),
        (GERMAN, "<script>" + "x" * 5000 + '</script><meta charset="iso-8859-2">', "iso8859-2", "iso8859-2"),
    ],
)
def test_a_page_is_read_in_the_charset_that_it_states(text: str, stated: str, charset: str, found: str) -> None:
    html = page(text.replace("€", "Euro").replace("„", '"').replace("“", '"').replace("–", "-"), stated)
    assert decode(html.encode(charset), html=True) == Decoded(html, found)


def test_xml_declaration_states_the_charset_too() -> None:
    html = page(RUSSIAN, lead='<?xml version="1.0" encoding="koi8-r"?>\n')
    assert decode(html.encode("koi8-r"), html=True) == Decoded(html, "koi8-r")


def test_what_the_page_states_goes_before_what_is_set_for_its_source() -> None:
    html = page(RUSSIAN, "<meta charset=windows-1251>")
    assert decode(html.encode("cp1251"), "koi8-r", html=True) == Decoded(html, "cp1251")
    html = page(RUSSIAN)
    assert decode(html.encode("koi8-r"), "koi8-r", html=True) == Decoded(html, "koi8-r")


def test_a_page_with_a_broken_character_is_read_all_the_same() -> None:
    html = page(GERMAN, '<meta charset="utf-8">')
    damaged = html.encode().replace("ü".encode(), b"\xc3", 1)
    assert decode(damaged, html=True) == Decoded(html.replace("ü", "\ufffd", 1), "utf-8")


def test_a_page_in_an_unstated_charset_is_told_by_its_text_and_not_by_its_markup() -> None:
    html = page(RUSSIAN, "<script>" + "function f(a) { return a }" * 200 + "</script>")
    found = decode(html.encode("cp1251"), html=True)
    assert isinstance(found, Refusal)
    assert found.code == "undecodable"


def test_text_that_quotes_a_meta_element_states_nothing() -> None:
    text = '<meta charset="koi8-r"> ' + GERMAN
    assert decode(text.encode("cp1252")) == Decoded(text, "cp1252")


@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"<meta charset=gb2312>", b"<meta charset=shift_jis>", b"<meta charset=koi8-r>"]),
)
def test_any_page_is_decoded_or_refused(data: bytes, stated: bytes) -> None:
    found = decode(stated + data, html=True)
    if isinstance(found, Decoded):
        assert unicodedata.is_normalized("NFC", found.text)
        assert found.text.encode()
    else:
        assert found.code in ("empty", "binary", "undecodable")


@pytest.mark.parametrize("unit", [b"<", b"<!--", b"<script", b"<meta ", b"<meta charset=", b"\xff<", b"<?xml "])
def test_time_to_read_a_page_grows_with_its_length_only(unit: bytes) -> None:
    started = time.process_time()
    decode(unit * (2_000_000 // len(unit)) + b"\xff", html=True)
    assert time.process_time() - started < 5
