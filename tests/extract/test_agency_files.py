"""Agency formats told by content, items cut out of files, and hostile files that must neither crash nor hang."""

import json
import time
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl.extract.agency_files import Item, agency_format, split_items
from etl.extract.charset import Decoded, decode
from etl.transform.parse import parse
from etl.transform.record import Document, Record, Refusal
from etl.transform.standards import MEDIA_TYPES, NEWSML, NINJS, NITF

PROSE = "The old mill by the river has been sold to the town for two million."
BODY = f"<body><body.content><p>{PROSE}</p></body.content></body>"
ONE = f"<nitf><head/>{BODY}</nitf>"
PROLOG = '\ufeff<?xml version="1.0" encoding="UTF-8"?>\n<!-- a <html> note -->\n<!DOCTYPE nitf SYSTEM "x.dtd">\n'
NAR = 'xmlns="http://iptc.org/std/nar/2006-10-01/"'
G2 = (
    f'<newsItem {NAR} guid="a"><contentSet><inlineXML><html><body><p>{PROSE}</p></body></html></inlineXML></contentSet>'
    "</newsItem>"
)
NINJS_1 = {
    "uri": "urn:1",
    "type": "text",
    "versioncreated": "2026-03-04",
    "headline": "Mill sold",
    "body_text": "Sold.",
}
QUICK = 5.0
"""Seconds; hostile files take hundredths."""


def parts_of(data: bytes, media_type: str) -> list[bytes]:
    items = split_items(data, media_type)
    assert isinstance(items, list), items
    return [data[item.offset : item.offset + item.length] for item in items]


def read(data: bytes, media_type: str) -> Record | Refusal:
    decoded = decode(data, html=True)
    if isinstance(decoded, Refusal):
        return decoded
    return parse(Document(decoded.text, "0" * 32, "a", 0, len(data), media_type, decoded.charset))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ONE, NITF),
        (f"{PROLOG}{ONE}", NITF),
        (f'<!DOCTYPE nitf [<!ELEMENT nitf ANY>]><n:nitf xmlns:n="x">{BODY}</n:nitf>', NITF),
        (f"<wire><sent/>{ONE}{ONE}</wire>", NITF),
        (G2, NEWSML),
        (f"<newsMessage {NAR}><itemSet>{G2}</itemSet></newsMessage>", NEWSML),
        (f"<packageItem {NAR}/>", NEWSML),
        ("<html><body><p>About &lt;nitf&gt; <nitf>x</nitf></p></body></html>", None),
        ("<!DOCTYPE html><html><p>x", None),
        ('<rss version="2.0"><channel/></rss>', None),
        ("<NewsML Version='1.2'/>", None),
        ("Just some text about <nitf>.", None),
        (json.dumps(NINJS_1), NINJS),
        (json.dumps({"items": [NINJS_1, NINJS_1]}), NINJS),
        (json.dumps([{"uri": "a", "standard": {"name": "ninjs", "version": "3.0"}, "headlines": []}]), NINJS),
        (
            json.dumps({"uri": "a", "type": "text", "pubStatus": "usable", "versionCreated": "x", "bodies": []}),
            NINJS,
        ),
        (json.dumps({"url": "https://a.example", "text": "x", "date": "2026-03-04", "title": "y"}), None),
        (json.dumps({"uri": "a", "headline": {"main": "x"}, "byline": {}, "type": "article"}), None),
        ("[]", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_format_is_told_by_content(text: str, expected: str | None, charset: str) -> None:
    assert agency_format(text.encode(charset)) == expected


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "windows-1252", "iso-8859-1"])
def test_items_of_a_message_are_its_bytes(charset: str) -> None:
    items = [G2.replace("mill", mill) for mill in ("mühle", "mølle", "moulin é")]
    inner = "  ".join(items)
    data = f'<?xml version="1.0" encoding="{charset}"?>\n<newsMessage {NAR}><itemSet>{inner}</itemSet></newsMessage>'
    found = parts_of(data.encode(charset), NEWSML)
    plain = charset if charset != "utf-16" else "utf-16-le"
    assert [part.decode(plain) for part in found] == items


def test_several_nitf_in_a_wrapper() -> None:
    items = [ONE.replace("river", word) for word in ("river", "caf&eacute;", "sea")]
    data = f"<!-- é --><wire>{items[0]}\n{items[1]} {items[2]}</wire>".encode()
    assert parts_of(data, NITF) == [item.encode() for item in items]


def test_one_item_is_the_whole_file() -> None:
    for text, media_type in ((ONE, NITF), (G2, NEWSML), (f"\n {ONE} ", NITF), (json.dumps([NINJS_1]), NINJS)):
        assert split_items(text.encode(), media_type) == [Item(0, len(text.encode()))]


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("shape", ["list", "items", "_items", "lines"])
@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16"])
def test_items_of_json(shape: str, charset: str, *, ascii_only: bool) -> None:
    items = [{**NINJS_1, "headline": headline} for headline in ("Mühle", "“Mill” 😀", "]}")]
    texts = [json.dumps(item, ensure_ascii=ascii_only) for item in items]
    listed = f"[ {texts[0]},\n{texts[1]} , {texts[2]}]"
    text = {
        "list": listed,
        "items": f'{{"total": 3, "links": [1], "items" : {listed}, "next": null}}',
        "_items": f'{{"_items":{listed}}}',
        "lines": "\n".join(texts) + "\n",
    }[shape]
    found = parts_of(text.encode(charset), NINJS)
    assert [json.loads(part.decode("utf-16-le" if charset == "utf-16" else "utf-8")) for part in found] == items


def test_a_file_that_breaks_gives_its_good_part_and_the_rest() -> None:
    data = f"<newsMessage {NAR}><itemSet>{G2}{G2[:60]}".encode()
    good, rest = parts_of(data, NEWSML)
    assert good.decode() == G2
    assert rest.decode() == G2[:60]
    text = json.dumps(NINJS_1)
    assert parts_of(f"[{text}, {text[:30]}".encode(), NINJS) == [text.encode(), text[:30].encode()]
    for part, media_type in ((rest, NEWSML), (text[:30].encode(), NINJS)):
        found = read(part, media_type)
        assert isinstance(found, Refusal)
        assert found.code == "malformed"


def test_declaration_that_a_transport_made_wrong() -> None:
    text = f'<?xml version="1.0" encoding="UTF-16"?><wire>{ONE}{ONE}</wire>'
    assert parts_of(text.encode(), NITF) == [ONE.encode()] * 2


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
BOMBS = {
    "billion laughs": f'<!DOCTYPE nitf [<!ENTITY l0 "ha">{LAUGHS}]><nitf><body>&l11;</body></nitf>',
    "quadratic blowup": f'<!DOCTYPE nitf [<!ENTITY a "{"a" * 100_000}">]><nitf><body>{"&a;" * 50_000}</body></nitf>',
    "external entity": '<!DOCTYPE nitf [<!ENTITY x SYSTEM "file:///etc/hostname">]><nitf><body>&x;</body></nitf>',
    "parameter entity": '<!DOCTYPE nitf [<!ENTITY % x SYSTEM "file:///etc/hostname"> %x;]><nitf><body>a</body></nitf>',
    "deep": "<nitf>" + "<block>" * 100_000,
    "deep and closed": f"<nitf>{'<block>' * 100_000}{'</block>' * 100_000}</nitf>",
    "not closed": "<nitf><body><p>text",
}


@pytest.mark.parametrize("name", BOMBS)
def test_hostile_xml_is_malformed(name: str) -> None:
    data = BOMBS[name].encode()
    begun = time.perf_counter()
    assert agency_format(data) == NITF
    split = split_items(data, NITF)
    assert isinstance(split, Refusal) or split == [Item(0, len(data))]
    found = read(data, NITF)
    assert time.perf_counter() - begun < QUICK
    assert isinstance(found, Refusal)
    assert found.code == "malformed"
    if isinstance(split, Refusal):
        assert split.code == "malformed"


@pytest.mark.parametrize(
    "text",
    [
        '{"uri":' + '{"a":' * 100_000,
        "[" * 100_000,
        '{"uri": "x", "versioncreated": ' + "9" * 10_000 + "}",
        '{"uri": "a", "b": "unclosed',
        "",
    ],
)
def test_hostile_json_is_malformed(text: str) -> None:
    for found in (split_items(text.encode(), NINJS), parse(Document(text or "x", "0", "a", 0, 1, NINJS, "utf-8"))):
        assert isinstance(found, list | Refusal)
        if isinstance(found, Refusal):
            assert found.code == "malformed"


def test_html_that_nests_deep_in_json_does_not_hang() -> None:
    html = "<div>" * 100_000 + PROSE + "</div>" * 100_000
    begun = time.perf_counter()
    found = read(json.dumps({**NINJS_1, "body_xhtml": html, "body_text": ""}).encode(), NINJS)
    assert time.perf_counter() - begun < QUICK
    assert isinstance(found, Record)
    assert found.article.body == PROSE


def test_no_external_dtd_is_loaded() -> None:
    text = f'<!DOCTYPE nitf SYSTEM "file:///nonexistent/nitf.dtd">{ONE}'
    assert isinstance(read(text.encode(), NITF), Record)


SEEDS = [
    ONE.encode(),
    f"<wire>{ONE}{ONE}</wire>".encode(),
    f'<?xml version="1.0" encoding="UTF-16"?><newsMessage {NAR}><itemSet>{G2}{G2}</itemSet></newsMessage>'.encode(
        "utf-16"
    ),
    G2.encode(),
    json.dumps([NINJS_1, NINJS_1]).encode(),
    json.dumps({**NINJS_1, "bodies": [{"value": "<p>x"}], "associations": {"a": NINJS_1}}).encode(),
]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 20)))
        data[start:end] = draw(
            st.binary(max_size=12) | st.sampled_from([b"<", b"&x;", b"]]>", b"\0", b'"', b"{", b"\xff\xfe"])
        )
    return bytes(data)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated(), st.sampled_from(MEDIA_TYPES))
def test_mutated_bytes_never_raise(data: bytes, media_type: str) -> None:
    found = agency_format(data)
    assert found is None or found in MEDIA_TYPES
    items = split_items(data, media_type)
    if isinstance(items, Refusal):
        assert items.code == "malformed"
        items = [Item(0, len(data))]
    assert all(item.offset >= 0 and item.length >= 0 for item in items)
    assert all(one.offset + one.length <= two.offset for one, two in pairwise(items))
    assert items[-1].offset + items[-1].length <= len(data)
    for item in items:
        assert isinstance(read(data[item.offset : item.offset + item.length], media_type), Record | Refusal)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=30)
    | st.sampled_from(["<p>text", "2026-03-04", "text"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(sorted(NINJS_1)) | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)
KEYS = "headlines bodies descriptions associations subjects subject by byline headline body_xhtml language uri items"


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(KEYS.split()), JSON, max_size=6))
def test_fields_of_any_type_never_raise(fields: dict[str, object]) -> None:
    text = json.dumps({**NINJS_1, **fields})
    found = parse(Document(text, "0" * 32, "a", 0, len(text), NINJS, "utf-8"))
    assert isinstance(found, Record | Refusal)
    if isinstance(found, Record):
        assert found.article.body.encode()


def test_decoding_reads_what_the_declaration_states() -> None:
    text = f'<?xml version="1.0" encoding="windows-1251"?>{ONE.replace(PROSE, "Мельница продана")}'
    decoded = decode(text.encode("cp1251"), html=True)
    assert isinstance(decoded, Decoded)
    found = read(text.encode("cp1251"), NITF)
    assert isinstance(found, Record)
    assert found.article.body == "Мельница продана"
