"""Credits in the languages of the world: lines and ends of texts; and what is no credit, dateline or byline."""

import time
import tomllib
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.transform import credit_words
from etl.transform.agencies import credited
from etl.transform.credits import Credit, read_byline, read_end, read_line
from etl.transform.datelines import read_dateline

READERS: list[Callable[[str], Credit | None]] = [read_line, read_end, read_dateline]


def form_and_codes(credit: Credit | None) -> str:
    """`source: apa dpa`; each agency once."""
    if credit is None:
        return "none"
    return f"{credit.form}: {' '.join(dict.fromkeys(m.supplier.code for m in credit.mentions))}".strip()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(APA/dpa/Red. )", "source: apa dpa editorial"),
        ("Quelle: sid/dpa", "source: sid dpa"),
        ("Quelle: eigene Recherche, dpa", "source: dpa"),
        ("mit dpa", "source: dpa"),
        ("Mit Material der dpa", "source: dpa"),
        ("mit Material von dpa und AFP", "source: dpa afp"),
        ("red, AUENBLATT/Agenturen", "source: editorial agencies"),
        ("Mit Agenturmaterial.", "source: agencies"),
        ("© dpa-infocom, dpa:260304-99-487654/3", "source: dpa"),
        ("© 2026 Associated Press. All rights reserved.", "source: ap"),
        ("RIPRODUZIONE RISERVATA © Copyright ANSA", "source: ansa"),
        ("(©NTB)", "source: ntb"),
        ("abc/dpa", "source: dpa"),
        ("(dpa/abc)", "source: dpa"),
        ("PTI KLM ROH", "source: pti"),
        ("AZC/PNM // Lusa/Fim", "source: lusa"),
        ("With files from The Canadian Press", "source: cp"),
        ("With additional reporting by Reuters", "source: reuters"),
        ("(With inputs from PTI and ANI)", "source: pti ani"),
        ("This report by The Canadian Press was first published March 4, 2026.", "source: cp"),
        ("Associated Press writer Jane Roe in Lima contributed to this report.", "source: ap"),
        ("SOURCE: PR Newswire", "source: pr-newswire"),
        ("(Con información de AFP, EFE y Reuters)", "source: afp efe reuters"),
        ("Con información de EFE y Cuartoscuro", "source: efe cuartoscuro"),
        ("(EFE)", "source: efe"),
        ("Fuente: Europa Press", "source: europa-press"),
        ("Redacción: EFE", "source: editorial efe"),
        ("(avec AFP)", "source: afp"),
        ("Avec Reuters", "source: reuters"),
        ("ats/lju/réd.", "source: sda editorial"),
        ("(ANSA).", "source: ansa"),
        ("Fonte: ANSA", "source: ansa"),
        ("Com informações da Reuters e do Estadão Conteúdo", "source: reuters estadao-conteudo"),
        ("Bron: ANP", "source: anp"),
        ("/ritzau/", "source: ritzau"),
        ("Kilde: NTB", "source: ntb"),
        ("Källa: TT", "source: tt"),
        ("Lähde: STT", "source: stt"),
        ("Źródło: PAP", "source: pap"),
        ("źródło: własne, PAP", "source: pap"),
        ("Zdroj: ČTK", "source: ctk"),
        ("Zdroj: TASR", "source: tasr"),
        ("(MTI)", "source: mti"),
        ("Forrás: MTI", "source: mti"),
        ("Agerpres", "source: agerpres"),
        ("Sursa: Agerpres", "source: agerpres"),
        ("Izvor: Hina", "source: hina"),
        ("Извор: Танјуг", "source: tanjug"),
        ("Източник: БТА", "source: bta"),
        ("Πηγή: ΑΠΕ-ΜΠΕ", "source: ana-mpa"),
        ("/ ТАСС /", "source: tass"),
        ("Источник: РИА Новости", "source: ria-novosti"),
        ("Джерело: УНІАН", "source: unian"),
        ("Kaynak: AA", "source: aa"),
        ("المصدر: رويترز", "source: reuters"),
        ("(أ ف ب)", "source: afp"),
        ("منبع: ایرنا", "source: irna"),
        ("מקור: רויטרס", "source: reuters"),
        ("स्रोत: पीटीआई", "source: pti"),
        ("সূত্র: বাসস", "source: bss"),
        ("来源：新华社", "source: xinhua"),
        ("（共同）", "source: kyodo"),
        ("【時事通信】", "source: jiji"),
        ("（ロイター）", "source: reuters"),
        ("출처=연합뉴스", "source: yonhap"),
        ("Nguồn: TTXVN", "source: vna"),
        ("Sumber: ANTARA", "source: antara"),
        ("ที่มา: สำนักข่าวไทย", "source: thai-news-agency"),
        ("წყარო: ინტერპრესნიუსი", "source: interpressnews"),
        ("Արմենպրես", "source: armenpress"),
        ("وكالات", "source: agencies"),
        ("Leonore Pichler und Jonas Wild, dpa", "named: dpa"),
        ("Solène Aubrac avec AFP", "named: afp"),
        ("Jane Roe and AAP", "named: aap"),
        ("EFE / Madrid", "named: efe"),
        ("Mert Soylu - Pınar / Reuters", "named: reuters"),
        ("AFP=뉴스1", "source: afp news1"),
        ("【AFP=時事】", "source: afp jiji"),
        ("סוכנויות הידיעות", "source: agencies"),
        ("(رويترز - أ ف ب)", "source: reuters afp"),
    ],
)
def test_lines_that_credit_the_text(text: str, expected: str) -> None:
    assert form_and_codes(read_line(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(c) Leonore Pichler", "image:"),
        ("Foto: Petra Müller", "image:"),
        ("Photo: Charles Rex Smith", "image:"),
        ("BILD: XY/APA/LEONORE PICHLER", "image: apa"),
        ("Foto: Leonore Pichler/dpa", "image: dpa"),
        ("Foto: Leonore Pichler, AP", "image: ap"),
        ("© AP/dpa | Leonore Pichler", "image: ap dpa"),
        ("© 2026 APA/AP", "image: apa ap"),
        ("Copyright Jane Roe/Copyright 2026 The AP. All rights reserved.", "image: ap"),
        ("Jana Nováková / Reuters", "image: reuters"),
        ("Leonore Pichler/Getty Images", "image: getty"),
        ("STR/AFP via Getty Images", "image: afp getty"),
        ("(KEYSTONE/Anna Muster)", "image: sda"),
        ("(AP Photo/Jane Roe)", "image: ap"),
        ("(Photo by Jane Roe/AFP via Getty Images)", "image: afp getty"),
        ("Credit: Getty Images", "image: getty"),
        ("Getty Images)", "image: getty"),
        ("(nutzer42/iStock)", "image: istock"),
        ("Foto: nutzer42 – stock.adobe.com", "image: adobe-stock"),
        ("Foto: nutzer/Shutterstock.com", "image: shutterstock"),
        ("Quelle: abc/Getty Images; Montage: Auenblatt", "image: getty"),
        ("Photo: ČTK/Vít Novák", "image: ctk"),
        ("FOTO/ANSA", "image: ansa"),
        ("EFE/Juan Pérez", "image: efe"),
        ("Foto: Maria Silva/AFP", "image: afp"),
        ("© Belga", "image: belga"),
        ("Foto: Kari Nordmann / NTB", "image: ntb"),
        ("Foto: Anna Andersson/TT", "image: tt"),
        ("Kuva: Matti Meikäläinen / Lehtikuva", "image: stt"),
        ("Fotó: MTI/Kovács Anna", "image: mti"),
        ("Foto: Inquam Photos / Ion Popescu", "image: inquam"),
        ("J. Jonaitis / BNS nuotr.", "image: bns"),
        ("Фото: РИА Новости / Иван Петров", "image: ria-novosti"),
        ("Фото: УНІАН", "image: unian"),
        ("(Φωτ.: EUROKINISSI)", "image: eurokinissi"),
        ("Πνευματικά δικαιώματα EUROKINISSI/Νίκος Παππάς", "image: eurokinissi"),
        ("Fotoğraf: AA", "image: aa"),
        ("צילום: רויטרס", "image: reuters"),
        ("صورة: أ ف ب", "image: afp"),
        ("फोटो: पीटीआई", "image: pti"),
        ("ภาพ: รอยเตอร์", "image: reuters"),
        ("Ảnh: TTXVN", "image: vna"),
        ("写真＝ロイター", "image: reuters"),
        ("图片来源：视觉中国", "image: cfp"),
        ("图/新华社", "image: xinhua"),
        ("新华社记者 王明 摄", "image: xinhua"),
        ("AP/アフロ", "image: ap aflo"),
        ("ANTARA FOTO/Budi Santoso/foc.", "image: antara"),
        ("Jane Roe-Imagn Images", "image: imagn"),
        ("AFP photo by Jane Roe", "image: afp"),
        ("REUTERS/Jane Roe/File Photo", "image: reuters"),
        ("[사진=연합뉴스]", "image: yonhap"),
        ("/사진=뉴시스", "image: newsis"),
        ("연합뉴스 제공", "image: yonhap"),
    ],
)
def test_lines_that_credit_a_picture(text: str, expected: str) -> None:
    assert form_and_codes(read_line(text)) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("(APA/dpa/Red. )", "APA/dpa/Red."),
        ("With files from The Canadian Press", "The Canadian Press"),
        ("(c) Leonore Pichler", "Leonore Pichler"),
        ("BILD: XY/APA/LEONORE PICHLER", "XY/APA/LEONORE PICHLER"),
        ("[사진=연합뉴스]", "연합뉴스"),
    ],
)
def test_the_words_of_a_credit_are_without_introducer_and_brackets(text: str, words: str) -> None:
    credit = read_line(text)
    assert credit is not None
    assert credit.words == words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Der Rat hat am Montag den Bau beschlossen. (dpa)", "source: dpa"),
        ("Der Rat hat am Montag den Bau beschlossen. (APA/dpa/Red.)", "source: apa dpa editorial"),
        ("Der Rat hat am Montag den Bau beschlossen. (red)", "source: editorial"),
        ("Der Rat hat am Montag den Bau beschlossen. dpa", "source: dpa"),
        ("Der Rat hat am Montag den Bau beschlossen.dpa", "source: dpa"),
        ("Der Rat hat den Bau beschlossen. (Mit Material von dpa)", "source: dpa"),
        ("The council approved the plan. (AP)", "source: ap"),
        ("The council approved the plan. — AFP", "source: afp"),
        ("The council approved the plan. --IANS", "source: ians"),
        ("The council approved the plan. PTI KLM ROH SA", "source: pti"),
        ("The council approved the plan. (©AAP)", "source: aap"),
        ("Le conseil a voté le plan. (avec AFP)", "source: afp"),
        ("El consejo aprobó el plan. EFE", "source: efe"),
        ("Il consiglio ha approvato il piano (ANSA).", "source: ansa"),
        ("De raad keurde het plan goed. (ANP)", "source: anp"),
        ("Rådet vedtog planen. /ritzau/", "source: ritzau"),
        ("Rada zatwierdziła plan. (PAP)", "source: pap"),
        ("Rada schválila plán. (ČTK)", "source: ctk"),
        ("Съветът прие плана. /БТА/", "source: bta"),
        ("وافق المجلس على الخطة. (رويترز)", "source: reuters"),
        ("市議会は新しい橋を承認した。（共同）", "source: kyodo"),
        ("시의회가 열리고 있다. 연합뉴스", "source: yonhap"),
        ("A farmer on his tractor in Eastmere (AFP)", "source: afp"),
        ("Die Brücke im Jahr 2021Bild: Leonore Pichler/dpa", "image: dpa"),
        ("Eine Frau liest.Getty Images", "image: getty"),
        ("Eine Frau liest © Leo - stock.adobe.com", "image: adobe-stock"),
        ("Eine Frau läuft. © IMAGO/Sportbild Nord/ L.Wild", "image: imago"),
        ("Eine Frau läuft | Leonore Pichler/dpa", "image: dpa"),
        ("The council meets on Monday Jane Roe/via Reuters", "image: reuters"),
        ("The council meets on Monday REUTERS/Jane Roe", "image: reuters"),
        ("The council meets on Monday [File: Jane Roe/AFP]", "image: afp"),
        ("The council meets on Monday. — Reuters pic", "image: reuters"),
        ("Conselho aprova plano — Foto: Maria Silva/AP", "image: ap"),
        ("Meclis planı onayladı. (Fotoğraf: AA)", "image: aa"),
        ("시의회가 열리고 있다. [사진 출처 = 연합뉴스]", "image: yonhap"),
        ("市議会の様子（写真：ロイター）", "image: reuters"),
    ],
)
def test_credits_at_the_end(text: str, expected: str) -> None:
    assert form_and_codes(read_end(text)) == expected


QUOTING = [
    "Der Minister sagte der Deutschen Presse-Agentur, er werde nicht zurücktreten.",
    "Laut dpa brannte das Dach.",
    "Das berichtet die Nachrichtenagentur Reuters.",
    "Wie die APA am Montag meldete, ist die Strecke gesperrt.",
    "„Wir prüfen das“, sagte sie der Nachrichtenagentur AFP.",
    "Wie die Deutsche Presse-Agentur (dpa) erfuhr, tritt er zurück.",
    "Er arbeitet seit 2004 für die Deutsche Presse-Agentur (dpa).",
    "She told Reuters that the plan had failed.",
    "“We are looking into it,” he told AFP.",
    "Officials told The Associated Press on condition of anonymity.",
    "According to the Associated Press (AP), the bill failed.",
    "The deal was first reported by Bloomberg.",
    "La ministre a déclaré à l’AFP que le projet était abandonné.",
    "Selon l’AFP, le projet est abandonné.",
    "El ministro dijo a EFE que no dimitirá.",
    "Según la agencia EFE, el plan ha fracasado.",
    "Il ministro ha detto all’ANSA che il piano è fallito.",
    "O ministro disse à Lusa que o plano falhou.",
    "De minister zei tegen het ANP dat het plan mislukt is.",
    "Ministern sade till TT att planen misslyckats.",
    "Ministeren sier til NTB at planen mislyktes.",
    "Ministeri kertoi STT:lle, että suunnitelma epäonnistui.",
    "Minister powiedział PAP, że plan upadł.",
    "Mluvčí uvedla pro ČTK, že plán selhal.",
    "A miniszter az MTI-nek elmondta, hogy a terv megbukott.",
    "Об этом сообщает РИА Новости.",
    "Министр сказал ТАСС, что план провалился.",
    "Про це повідомляє Укрінформ.",
    "Bakan, AA muhabirine konuştu.",
    "قال الوزير لرويترز إن الخطة فشلت.",
    "הוא אמר לרויטרס כי התוכנית נכשלה.",
    "उन्होंने पीटीआई को बताया कि योजना विफल रही।",
    "据新华社报道，市议会周一批准了新桥。",
    "ロイターによると、市議会は新しい橋を承認した。",
    "연합뉴스에 따르면 시의회는 새 다리를 승인했다.",
]
HEADLINES = [
    "Reuters: Premier plans to visit Lima",
    "Reuters/Ipsos Poll Finds Voters Undecided",
    "Premier Leads Rival: Reuters/Ipsos Poll",
    "AFP, Reuters Win Prizes",
    "Getty Images Sues Rival",
    "Why photographers are leaving Shutterstock",
    "Reuters reporter killed in strike",
    "Associated Press names new editor",
    "Anadolu Efes beat Real Madrid",
    "AAP wins Delhi",
    "Federal Agencies",
    "Agenturen schließen",
    "Der Fall Reuters",
]
OTHER_MEANINGS = [
    *("AA", "AP", "PA", "SID", "TT", "EPA", "UNI", "TAP", "Red.", "Staff", "Petra", "Beta", "Focus"),
    "guidelines by the American Psychological Association (APA)",
    "Imran Khan founded Pakistan Tehreek-e-Insaf (PTI).",
    "Arvind Kejriwal leads the Aam Aadmi Party (AAP)",
    "Senator Bob Casey (PA)",
    "Incidente a Bagheria (PA)",
    "State College, PA",
    "3 Batterien AA",
    "X-ray pictures show it hot (red)",
    "The lines were drawn on the map (red).",
    "Red Bull",
    "Comment via Sputnik",
    "Deutsche Energie-Agentur",
    "fotolia 73446 1280 256",
    "ANSA - Agenzia Nazionale Stampa Associata",
    "Der Kanzler (ÖVP) - wie immer",
    "der Chef der Agentur (AFP) sagte",
    "Das Spiel (2:1) - ein Fest",
    "Follow AFP on Twitter",
    "name.surname@reuters.com",
    "Agência Lusa | Atualizado a 26/08/2024 09:15",
    "Ihr Vorbild: Jane Roe.",
]


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
@pytest.mark.parametrize("text", [*QUOTING, *HEADLINES, *OTHER_MEANINGS])
def test_what_credits_nobody(text: str, read: Callable[[str], Credit | None]) -> None:
    assert form_and_codes(read(text)) == "none"


def test_the_words_are_normalised_and_sorted_by_language() -> None:
    text = (Path(credit_words.__file__).parent / "data" / "credits.toml").read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text), "credits are looked for in NFC text"
    for key, languages in tomllib.loads(text).items():
        assert list(languages) == sorted(languages), key
        assert all(words and len(words) == len(set(words)) for words in languages.values()), key


def test_a_generic_word_in_a_publisher_s_name_is_no_agency() -> None:
    assert form_and_codes(read_line("© 2026 - Agentur für Erneuerbare Energien")) == "image:"


SIGNS = ["(", ")", "[", "】", "/", " ", ". ", "。", ":", "© ", "|", ", ", "-", "\u00a0", "İ", "ß"]
NAMES = ["AP", "dpa", "Getty Images", "共同", "AFP", "रॉयटर्स", "red", "Jane Roe"]
WORDS = ["Foto", "Photo by ", "Quelle", "said ", "電", "3 мая", "МОСКВА"]
PIECES = st.sampled_from([*SIGNS, *NAMES, *WORDS])
TEXTS = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=20).map("".join))


@given(TEXTS)
def test_credits_lie_inside_the_text_and_evidence_is_verbatim(text: str) -> None:
    for read in READERS:
        credit = read(text)
        if credit is None:
            continue
        assert 0 <= credit.start < credit.end <= len(text)
        assert credit.words in text
        for mention in credit.mentions:
            assert credit.start <= mention.start < mention.end <= len(text)
        assert all(row.evidence in text for row in credited(list(credit.mentions), text, "text"))
    assert all(mention.end <= len(text) for mention in read_byline(text))


@pytest.mark.parametrize("piece", ["(", "a.", "Foto: ", "/", "AP/", "共", "1", "© ", "A "])
@pytest.mark.parametrize("read", [*READERS, read_byline], ids=lambda read: read.__name__)
def test_time_does_not_grow_with_the_text(read: Callable[[str], object], piece: str) -> None:
    text = piece * 300_000
    begun = time.process_time()
    read(text)
    assert time.process_time() - begun < 0.2, "no more than the ends of a text is looked at"
