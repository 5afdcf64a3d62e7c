"""Names of persons in bylines, and lines that are none."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.transform.agencies import find_agencies
from etl.transform.bylines import PERSONS_MAX, is_byline, is_name, is_signature, read_names, recased

WORDS = st.lists(
    st.one_of(
        st.sampled_from(["Von", "By", "Anna", "Karl", "KARL", "de", "la", "und", "and", "y", "e", ",", "/", "|"]),
        st.sampled_from(["dpa", "AFP", "(AP)", "Reuters", "Redaktion", "Dr.", "anna@x.org", "Foto:", "4 March 2026"]),
        st.sampled_from(["기자", "王小明", "、", "محمد", "Mc"]),
    ),
    max_size=12,
).map(" ".join)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Von Leonore Pichler und Jonas Wild, dpa", ["Leonore Pichler", "Jonas Wild"]),
        ("Von Leonore Pichler (lp)", ["Leonore Pichler"]),
        ("Von Leonore Pichler, Wien", ["Leonore Pichler"]),
        ("Von unserer Redakteurin Leonore Pichler", ["Leonore Pichler"]),
        ("Von Auslandskorrespondent Jonas Wild", ["Jonas Wild"]),
        ("Von Leonore PichlerRedakteurin", ["Leonore Pichler"]),
        ("vonLeonore Pichler", ["Leonore Pichler"]),
        ("Veröffentlicht am von Leonore Pichler", ["Leonore Pichler"]),
        ("Text: Leonore Pichler, Fotos: Jonas Wild", ["Leonore Pichler"]),
        ("Text und Fotos: Leonore Pichler", ["Leonore Pichler"]),
        ("Autorin: Leonore Pichler, Leiterin des Museums in Au.", ["Leonore Pichler"]),
        ("Von Prof. Dr. Leonore Pichler", ["Leonore Pichler"]),
        ("Von Ernst von der Au", ["Ernst von der Au"]),
        ("By JOAN SMITH", ["Joan Smith"]),
        ("By JOAN SMITH and PETER O'BRIEN", ["Joan Smith", "Peter O'Brien"]),
        ("By Joan Smith and Peter Roe The Associated Press", ["Joan Smith", "Peter Roe"]),
        ("By Joan Smith, Staff Writer", ["Joan Smith"]),
        ("By Joan Smith in Eastmere", ["Joan Smith"]),
        ("By Joan Smith joan@eastmere.example", ["Joan Smith"]),
        ("By Joan Smith @joansmith", ["Joan Smith"]),
        ("By Joan Smith | Eastmere Post", ["Joan Smith", "Eastmere Post"]),
        ("By Joan A. Smith", ["Joan A. Smith"]),
        ("By J. K. Smith", ["J. K. Smith"]),
        ("Par notre envoyée spéciale Solène Aubrac", ["Solène Aubrac"]),
        ("Par Solène Aubrac et Loïc Le Goff, avec AFP", ["Solène Aubrac", "Loïc Le Goff"]),
        ("Por Jacinto Morella, corresponsal en Lima", ["Jacinto Morella"]),
        ("Por Jacinto Morella y Ana de la Cruz", ["Jacinto Morella", "Ana de la Cruz"]),
        ("Por Jacinto Ortega y Morella", ["Jacinto Ortega y Morella"]),
        ("Di Ugo de Lotto", ["Ugo de Lotto"]),
        ("Di Ugo de Lotto e Anna Bruni", ["Ugo de Lotto", "Anna Bruni"]),
        ("Door onze verslaggever Jan de Wit", ["Jan de Wit"]),
        ("Av Kari Berg og Nils Lund", ["Kari Berg", "Nils Lund"]),
        ("Text: Kajsa Berg", ["Kajsa Berg"]),
        ("Teksti: Aino Virta", ["Aino Virta"]),
        ("Autor: Jana Nováková", ["Jana Nováková"]),
        ("Írta: Kovács Anna", ["Kovács Anna"]),
        ("Scris de Ana Popa", ["Ana Popa"]),
        ("Γράφει ο Γιάννης Δήμου", ["Γιάννης Δήμου"]),
        ("Yazan: Ayşe Demir", ["Ayşe Demir"]),
        ("Автор: Анна Белова, корреспондент", ["Анна Белова"]),
        ("Автор: Олена Біла", ["Олена Біла"]),
        ("Oleh: Dewi Lestari", ["Dewi Lestari"]),
        ("بقلم: أحمد حسن", ["أحمد حسن"]),
        ("द्वारा राम कुमार", ["राम कुमार"]),
        ("文／山田太郎", ["山田太郎"]),
        ("記者：王小明", ["王小明"]),
        ("新华社记者 王小明、李华", ["王小明", "李华"]),
        ("김민수 기자", ["김민수"]),
        ("By Reuters Staff", []),
        ("Von dpa", []),
        ("Von Redaktion, APA", []),
    ],
)
def test_bylines(text: str, names: list[str]) -> None:
    assert is_byline(text) == (text[0].isupper() or not text[0].isascii())
    assert read_names(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "By the time it was over, nobody was left in the hall.",
        "Von wegen!",
        "Di più",
        "By",
        "Von Anna Karl zu Anna Karl: was bleibt?",
        "Por fin llega la lluvia",
        "كتب الرئيس على صفحته",
        "Av " + "Kari Berg " * 30,
        "",
    ],
)
def test_no_bylines(text: str) -> None:
    assert not is_byline(text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Associated PressMarch 4", []),
        ("新华社记者", []),
        ("Von AFP und Anna Karl", ["Anna Karl"]),
        ("By Anna Karl, Reuters", ["Anna Karl"]),
        ("Anna Karl/APA", ["Anna Karl"]),
    ],
)
def test_no_agency_is_a_person(text: str, names: list[str]) -> None:
    assert read_names(text) == names


@pytest.mark.parametrize(
    "text",
    ["Anna Karl", "J. R. Smith", "Ugo de Lotto", "Loïc Le Goff", "Anne-Marie O'Brien", "Анна Белова", "Miguel A. Roa"],
)
def test_names(text: str) -> None:
    assert is_name(text)


@pytest.mark.parametrize(
    "text", ["Anna", "anna karl", "The River", "Sport Redaktion", "Anna 3", "Five Words And One More", "", "Karl: Anna"]
)
def test_no_names(text: str) -> None:
    assert not is_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "Anna Karl",
        "Anna Karl, Peter Wild",
        "Anna Karl und Peter Wild",
        "Kari Berg og Nils Lund",
        "Anna Karl, Redakteurin",
        "Ntombi Dlamini",
        "Anna Karl, 4. März 2026",
    ],
)
def test_signatures(text: str) -> None:
    assert is_signature(text)


@pytest.mark.parametrize(
    "text",
    ["Static Performance Analysis", "MORE STORIES", "Anna Karl wins", "The River Rises", "Anna Karl?", "anna karl", ""],
)
def test_no_signatures(text: str) -> None:
    assert not is_signature(text)


@pytest.mark.parametrize(
    ("written", "ordinary"),
    [
        ("ANNA KARL", "Anna Karl"),
        ("Anna KARL", "Anna Karl"),
        ("PETER O'BRIEN-SMITH", "Peter O'Brien-Smith"),
        ("Ronald McDONALD", "Ronald McDonald"),
        ("RONALD MCDONALD", "Ronald McDonald"),
        ("ANA DE LA CRUZ", "Ana de la Cruz"),
        ("AYŞE İNCE", "Ayşe İnce"),
        ("АННА БЕЛОВА", "Анна Белова"),
        ("J.R. SMITH", "J.R. Smith"),
        ("Anna Karl", "Anna Karl"),
        ("Anna McDonald", "Anna McDonald"),
    ],
)
def test_capitals_become_ordinary_spelling(written: str, ordinary: str) -> None:
    assert recased(written) == ordinary


@settings(max_examples=400, deadline=None)
@given(st.one_of(WORDS, st.text(max_size=240)))
def test_names_are_persons_named_once(text: str) -> None:
    names = read_names(text)
    assert len(names) == len(set(names)) <= PERSONS_MAX
    for name in names:
        assert name.strip() == name != ""
        assert all(mention.ambiguous for mention in find_agencies(name))
        assert not any(character.isdigit() or character in "@/|,;" for character in name)
    is_byline(text)
    is_signature(text)


@pytest.mark.parametrize("word", ["Von ", "A", "Anna ", "a e ", "(", "&", "Anna Karl, "])
def test_long_lines_cost_no_more_than_short_ones(word: str) -> None:
    text = word * 10**5
    start = time.perf_counter()
    for line in (text, text[:200]):
        read_names(line)
        is_byline(line)
        is_signature(line)
        is_name(line)
    assert time.perf_counter() - start < 0.3
