"""The registry of agencies, and finding them in the words of a credit."""

import re
import time
import tomllib
import unicodedata
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.tables import AGENCY_KINDS
from etl.transform import agencies
from etl.transform.agencies import credited, find_agencies

FILES = sorted(agencies._REGISTRY.glob("*.toml"))
COUNTRIES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC
CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD
GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH
KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW
MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC
SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY
UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
"""ISO 3166-1 alpha-2."""
LANGUAGES = """
aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo
es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg
ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn
no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta
te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
"""ISO 639-1."""
PUBLISHED_CODES = """
aap adobe-stock afp alamy ani anp ansa ap apa belga bloomberg cp ctk dow-jones dpa dpa-afx efe epa epd getty ians
imago istock jiji jta kna kyodo ntb nurphoto pa panthermedia pap pexels picture-alliance pixabay pti reuters ritzau
sda shutterstock sid tass tt unsplash xinhua yonhap zuma
"""
"""Codes that other data is joined by: they never change."""


def registry() -> list[tuple[str, dict[str, Any]]]:
    """Every entry with its kind."""
    listed = [tomllib.loads(path.read_text(encoding="utf-8")) for path in FILES]
    return [(page["kind"], row) for page in listed for row in page["agency"]]


ENTRIES = registry()


def codes(text: str) -> list[str]:
    return [mention.supplier.code for mention in find_agencies(text)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_files_are_sorted_and_normalised(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text), "credits are looked for in NFC text"
    listed = [row["code"] for row in tomllib.loads(text)["agency"]]
    assert listed == sorted(listed)


def test_codes_are_unique_and_plain() -> None:
    listed = [row["code"] for _, row in ENTRIES]
    assert len(listed) == len(set(listed))
    assert [code for code in listed if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", code)] == []
    assert set(listed) >= set(PUBLISHED_CODES.split())
    assert not {"agencies", "editorial"} & set(listed), "codes of the generic and editorial credits"


def test_entries_are_complete() -> None:
    for kind, row in ENTRIES:
        code = row["code"]
        assert kind in AGENCY_KINDS, code
        assert row["name"].strip(), code
        assert row["country"] in COUNTRIES.split(), code
        assert row["languages"], code
        assert len(row["languages"]) == len(set(row["languages"])), code
        assert set(row["languages"]) <= set(LANGUAGES.split()), code
        assert set(row.get("ambiguous", [])) <= set(row["aliases"]), code
        assert all(alias == alias.strip() and re.search(r"\w", alias) for alias in row["aliases"]), code


def test_the_world_is_covered() -> None:
    wires = [row for kind, row in ENTRIES if kind == "wire"]
    assert len(wires) >= 150
    assert len({row["country"] for row in wires}) >= 90
    assert sum(kind == "photo" for kind, _ in ENTRIES) >= 50
    assert sum(kind == "press_release" for kind, _ in ENTRIES) >= 10


def test_no_alias_is_shared() -> None:
    owners = defaultdict(set)
    for _, row in ENTRIES:
        for alias in row["aliases"]:
            owners[alias].add(row["code"])
    assert {alias: owner for alias, owner in owners.items() if len(owner) > 1} == {}


@pytest.mark.parametrize(("kind", "row"), ENTRIES, ids=[row["code"] for _, row in ENTRIES])
def test_every_alias_is_found(kind: str, row: dict[str, Any]) -> None:
    for alias in row["aliases"]:
        mentions = find_agencies(alias)
        assert [m.supplier.code for m in mentions] == [row["code"]], alias
        assert alias[mentions[0].start : mentions[0].end] == alias
        assert mentions[0].ambiguous == (alias in row.get("ambiguous", []))
        assert mentions[0].supplier.kind == kind


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("STR/AFP via Getty Images", ["afp", "getty"]),
        ("AFP-JIJI", ["afp", "jiji"]),
        ("dpa-infocom, dpa:260304-99-1/2", ["dpa", "dpa"]),
        ("DPA", ["dpa"]),
        ("Dpa", ["dpa"]),
        ("REUTERS", ["reuters"]),
        ("l'AFP", ["afp"]),
        ("l’Agence France-Presse", ["afp"]),
        ("associated press", ["ap"]),
        ("THE ASSOCIATED PRESS", ["ap"]),
        ("ANADOLU AJANSI", ["aa"]),
        ("İHLAS HABER AJANSI", ["iha"]),
        ("AP Photo", ["ap"]),
        ("AP\u00a0Photo", ["ap"]),
        ("Getty Images Europe", ["getty"]),
        ("dpa picture alliance", ["dpa"]),
        ("Ritzau Scanpix", ["ritzau"]),
        ("NTB/Scanpix", ["ntb", "scanpix"]),
        ("【時事通信】", ["jiji"]),
        ("AP通信", ["ap"]),
        ("AFP時事", ["afp", "jiji"]),
        ("AP=연합뉴스", ["ap", "yonhap"]),
        ("ТАСС", ["tass"]),
        ("РИА «Новости»", ["ria-novosti"]),
        ("ΑΠΕ-ΜΠΕ", ["ana-mpa"]),
        ("أ ف ب", ["afp"]),
        ("रॉयटर्स", ["reuters"]),
        ("রয়টার্স", ["reuters"]),
        ("สำนักข่าวรอยเตอร์", ["reuters"]),
        ("stock.adobe.com", ["adobe-stock"]),
        ("Shutterstock.com", ["shutterstock"]),
        ("Agenturen", ["agencies"]),
        ("AGENCIAS", ["agencies"]),
        ("Red.", ["editorial"]),
        ("Alphabet", []),
        ("Mapa", []),
        ("reuters.com/world", ["reuters"]),
        ("jane.roe@afp.com", []),
        ("www.thomsonreuters.example", []),
        ("@AFP", []),
        ("#Reuters", []),
        ("map", []),
        ("petra", []),
        ("एपीआई", []),
    ],
)
def test_find_agencies(text: str, expected: list[str]) -> None:
    assert codes(unicodedata.normalize("NFC", text)) == expected


def test_the_longest_name_wins() -> None:
    (mention,) = find_agencies("Deutsche Presse-Agentur")
    assert (mention.start, mention.end, mention.supplier.code) == (0, 23, "dpa")


def test_a_credit_names_each_agency_once() -> None:
    text = "dpa/AFP/dpa/Red."
    rows = credited(find_agencies(text), text, "text")
    assert [(row.agency_code, row.agency_name, row.country, row.kind, row.evidence) for row in rows] == [
        ("dpa", "Deutsche Presse-Agentur", "DE", "wire", "dpa"),
        ("afp", "Agence France-Presse", "FR", "wire", "AFP"),
        ("editorial", "Red.", None, "editorial", "Red."),
    ]


ALIASES = [alias for _, row in ENTRIES for alias in row["aliases"]]
SIGNS = ["/", " ", "-", ".", "(", ")", "©", " via ", "Jane Roe", "İ", "ß", "\u0301", "ी", "の", "\u00a0", "3", "_"]
WORDS = st.sampled_from([*ALIASES[::7], *SIGNS])
TEXTS = st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=12).map("".join))


@given(TEXTS)
def test_mentions_are_in_order_apart_and_verbatim(text: str) -> None:
    mentions = find_agencies(text)
    end = 0
    for mention in mentions:
        assert end <= mention.start < mention.end <= len(text)
        end = mention.end
    for row in credited(mentions, text, "image"):
        assert row.evidence in text


@pytest.mark.parametrize("piece", ["dpa ", "AP Photo", "Agence ", "共同", "a-", "Getty Images/", "रॉ"])
def test_time_is_linear(piece: str) -> None:
    def seconds(count: int) -> float:
        begun = time.process_time()
        find_agencies(piece * count)
        return time.process_time() - begun

    seconds(10)
    assert seconds(40_000) < max(0.2, 20 * seconds(4_000))
