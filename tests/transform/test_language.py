"""The language of a text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.transform.language import detect

GERMAN = "Der Stadtrat hat am Montag den Bau einer neuen Brücke über den Fluss beschlossen."


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (GERMAN, "de"),
        ("The town council decided on Monday to build a new bridge over the river.", "en"),
        ("Le conseil municipal a décidé lundi de construire un nouveau pont sur la rivière.", "fr"),
        ("El ayuntamiento decidió el lunes construir un nuevo puente sobre el río.", "es"),
        ("Il consiglio comunale ha deciso lunedì di costruire un nuovo ponte sul fiume.", "it"),
        ("A câmara municipal decidiu na segunda-feira construir uma nova ponte sobre o rio.", "pt"),
        ("De gemeenteraad heeft maandag besloten een nieuwe brug over de rivier te bouwen.", "nl"),
        ("Rada miasta zdecydowała w poniedziałek o budowie nowego mostu na rzece.", "pl"),
        ("Kommunfullmäktige beslutade i måndags att bygga en ny bro över ån.", "sv"),
        ("Kaupunginvaltuusto päätti maanantaina rakentaa uuden sillan joen yli.", "fi"),
        ("Zastupitelstvo v pondělí rozhodlo o stavbě nového mostu přes řeku.", "cs"),
        ("A városi tanács hétfőn új híd építéséről döntött a folyó felett.", "hu"),
        ("Consiliul local a decis luni să construiască un pod nou peste râu.", "ro"),
        ("Belediye meclisi pazartesi günü nehrin üzerine yeni bir köprü yapılmasına karar verdi.", "tr"),
        ("Городской совет в понедельник решил построить новый мост через реку.", "ru"),
        ("Міська рада у понеділок вирішила побудувати новий міст через річку.", "uk"),
        ("قرر المجلس البلدي يوم الاثنين بناء جسر جديد فوق النهر.", "ar"),
        ("नगर परिषद ने सोमवार को नदी पर एक नया पुल बनाने का फैसला किया।", "hi"),
        ("Dewan kota memutuskan pada hari Senin untuk membangun jembatan baru di atas sungai.", "id"),
        ("Hội đồng thành phố hôm thứ Hai đã quyết định xây một cây cầu mới qua sông.", "vi"),
    ],
)
def test_sentences(text: str, code: str) -> None:
    assert detect(text)[0] == code
    assert detect(text.upper())[0] == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("東京で会議", "ja"),
        ("市议会决定建桥", "zh"),
        ("새 다리", "ko"),
        ("Νέα γέφυρα", "el"),
        ("גשר חדש", "he"),
        ("สะพานใหม่", "th"),
        ("ახალი ხიდი", "ka"),
        ("Նոր կամուրջ", "hy"),
        ("புதிய பாலம்", "ta"),
    ],
)
def test_a_few_words_in_a_script_of_one_language(text: str, code: str) -> None:
    assert detect(text) == (code, 1.0)


def test_a_foreign_word_does_not_decide() -> None:
    assert detect(f"Ελλάδα: {GERMAN}")[0] == "de"


def test_language_keeps_to_the_allowed_codes() -> None:
    assert detect(GERMAN, ("en", "nl"))[0] in ("en", "nl")
    assert detect(GERMAN, ("xx",))[0] == "de"
    assert detect("새 다리", ("en", "ko")) == ("ko", 1.0)
    assert detect("새 다리", ("en", "de"))[0] in ("en", "de")


@pytest.mark.parametrize("text", ["", "12 34 — 56", "…"])
def test_no_letters_no_language(text: str) -> None:
    assert detect(text) == (None, None)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_codes_have_two_letters_and_scores_three_decimals(text: str) -> None:
    code, score = detect(text)
    assert (code is None) == (score is None)
    if code is not None and score is not None:
        assert len(code) == 2
        assert 0 <= score <= 1
        assert round(score, 3) == score
