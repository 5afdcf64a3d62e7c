"""Agencies of datelines and bylines."""

import pytest

from etl.transform.credits import read_byline
from etl.transform.datelines import read_dateline


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("PORT KERRA (AP) — The council", "ap"),
        ("PORT KERRA, May 3 (Reuters) - The council", "reuters"),
        ("BEIJING, May 3 (Xinhua) -- The council", "xinhua"),
        ("ISLAMABAD, May 3 (APP): The council", "app"),
        ("NEW DELHI [India], March 4 (ANI): The council", "ani"),
        ("Mumbai, Oct 9 (IANS) The council", "ians"),
        ("YEREVAN, MAY 5, ARMENPRESS. The council", "armenpress"),
        ("PTI, Hyderabad,", "pti"),
        ("Berlin (dpa/tmn) - Wer", "dpa"),
        ("Frankfurt (Oder) (dpa) - Wer", "dpa"),
        ("NEW YORK, May 3, 2024 /PRNewswire/ -- The council", "pr-newswire"),
        ("NEW YORK--(BUSINESS WIRE)--The council", "business-wire"),
        ("Wien (OTS) - Der", "apa-ots"),
        ("Husum (ots) - Der", "ots"),
        ("Wien – (APA) Das", "apa"),
        ("Auental (KNA/iz). Der", "kna"),
        ("Auental. (hs/red) Nass", "editorial"),
        ("Paris (AFP) - Le conseil", "afp"),
        ("Madrid, 3 may (EFE).- El consejo", "efe"),
        ("(ANSA) - ROMA, 03 MAG - Il consiglio", "ansa"),
        ("Lisboa, 03 mai 2024 (Lusa) - O conselho", "lusa"),
        ("Praha 3. května (ČTK) - Rada", "ctk"),
        ("Budapest, 2024. május 3., péntek (MTI) - A tanács", "mti"),
        ("ZAGREB, 3. svibnja 2024. (Hina) - Vijeće", "hina"),
        ("BEOGRAD - (Tanjug) - Vijeće", "tanjug"),
        ("МОСКВА, 5 мая - РИА Новости. Совет", "ria-novosti"),
        ("МОСКВА, 5 мая. /ТАСС/. Совет", "tass"),
        ("Москва. 5 мая. INTERFAX.RU - Совет", "interfax"),
        ("СОФИЯ /БТА/ Съветът", "bta"),
        ("İSTANBUL (İHA) - Meclis", "iha"),
        ("القاهرة (رويترز) - قال", "reuters"),
        ("नई दिल्ली, 3 मई (भाषा) नगर परिषद", "pti"),
        ("Jakarta (ANTARA) - Dewan", "antara"),
        ("新华社北京4月24日电 市议会", "xinhua"),
        ("（法新社巴黎3日電）市議會", "afp"),
        ("(中央社記者王明台北3日電)市議會", "cna-tw"),
        ("[東京 3日 ロイター] - 市議会", "reuters"),
        ("【ロンドン時事】市議会", "jiji"),
        ("【ワシントン共同】市議会", "kyodo"),
        ("(서울=연합뉴스) 홍길동 기자 = 시의회", "yonhap"),
    ],
)
def test_datelines(text: str, code: str) -> None:
    credit = read_dateline(text)
    assert credit is not None
    assert [mention.supplier.code for mention in credit.mentions] == [code]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Von Leonore Pichler mit AP", ["ap"]),
        ("Von sid/dpa", ["sid", "dpa"]),
        ("By Jane Roe, Associated Press", ["ap"]),
        ("By Jane Roe with Agencies", ["agencies"]),
        ("Por EP", ["europa-press"]),
        ("PTI | Hyderabad, March 4, 2026, 20:15 IST", ["pti"]),
        ("ats/lju/réd. 4 mars 2026 à 17:50", ["sda", "editorial"]),
        ("新华社记者", ["xinhua"]),
        ("新华网河北频道", []),
        ("Von Petra Müller", []),
        ("By Jane Rex", []),
        ("BY JANE PETRA", []),
    ],
)
def test_agencies_of_bylines(text: str, expected: list[str]) -> None:
    assert [mention.supplier.code for mention in read_byline(text)] == expected
