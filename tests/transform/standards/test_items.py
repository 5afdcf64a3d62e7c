"""What single fields of agency items give, and which items are no articles."""

import json
from dataclasses import replace
from typing import Any

import pytest

from etl.tables import REJECT_CODES
from etl.transform.parse import parse
from etl.transform.record import Record, Refusal
from etl.transform.standards import NEWSML, NINJS, NITF
from tests.transform.standards.reading import document_of, read_items, read_one

P1 = "The town council of Eastmere decided on Monday to buy the abandoned glass works by the river."
P2 = "The mayor said that the price of two million was fair and that work would begin in April."


def nitf(head: str = "", body_head: str = "", content: str = f"<p>{P1}</p><p>{P2}</p>", end: str = "") -> Record:
    text = (
        f"<nitf><head>{head}</head><body><body.head>{body_head}</body.head>"
        f"<body.content>{content}</body.content><body.end>{end}</body.end></body></nitf>"
    )
    return read_one(text.encode())


def newsml(meta: str = "", content: str = "", body: str = f"<p>{P1}</p><p>{P2}</p>", kind: str = "text") -> bytes:
    return (
        '<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:x">'
        f'<itemMeta><itemClass qcode="ninat:{kind}"/>{meta}</itemMeta><contentMeta>{content}</contentMeta>'
        f'<contentSet><inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml">'
        f"<body>{body}</body></html></inlineXML></contentSet></newsItem>"
    ).encode()


def ninjs(**fields: object) -> bytes:
    item = {"uri": "urn:x", "type": "text", "versioncreated": "2026-03-04T10:00:00Z", "body_text": f"{P1}\n{P2}"}
    return json.dumps({**item, "headline": "Council buys glass works", **fields}).encode()


def suppliers(record: Record) -> list[tuple[str, str]]:
    return [(agency.agency_code, agency.scope) for agency in record.agencies]


def refusal_of(data: bytes) -> Refusal:
    (found,) = read_items(data)
    assert isinstance(found, Refusal), found
    assert found.code in REJECT_CODES
    return found


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("<creditline>APA/dpa</creditline>", [("apa", "text"), ("dpa", "text")]),
        ("<dateline>MOSCOW, Monday (Reuters)</dateline>", [("reuters", "dateline")]),
        ("<by>Von Anna Karl, APA</by>", [("apa", "byline")]),
        ('<infoSource qcode="is:AP"><name>Associated Press</name></infoSource>', [("ap", "text")]),
    ],
)
def test_fields_of_newsml_name_the_supplier(field: str, expected: list[tuple[str, str]]) -> None:
    assert suppliers(read_one(newsml(content=field))) == expected


def test_who_supplies_an_item_is_named_once() -> None:
    record = read_one(newsml('<provider literal="dpa"/>', "<creditline>dpa</creditline>", f"<p>{P1}</p><p>(dpa)</p>"))
    assert suppliers(record) == [("dpa", "text")]
    assert record.article.body == P1


def test_who_holds_the_rights_counts_where_nobody_else_is_named() -> None:
    assert suppliers(read_one(ninjs(copyrightholder="AFP"))) == [("afp", "text")]
    assert suppliers(read_one(ninjs(copyrightholder="AFP", infosources=[{"name": "dpa"}]))) == [("dpa", "text")]


@pytest.mark.parametrize("kind", ["picture", "video", "audio", "graphic"])
def test_items_of_other_kinds_are_no_articles(kind: str) -> None:
    for data in (newsml(kind=kind), ninjs(type=kind)):
        found = refusal_of(data)
        assert found.code == "not_an_article"
        assert kind in found.message


@pytest.mark.parametrize("status", ["canceled", "withheld"])
def test_withdrawn_items_are_no_articles(status: str) -> None:
    for data in (newsml(f'<pubStatus qcode="stat:{status}"/>'), ninjs(pubstatus=status)):
        found = refusal_of(data)
        assert found.code == "not_an_article"
        assert status in found.message


def test_composite_with_text_is_an_article() -> None:
    assert read_one(newsml(kind="composite")).article.body == f"{P1}\n\n{P2}"
    assert read_one(ninjs(type="composite")).article.body == f"{P1}\n\n{P2}"


def test_item_without_text_is_no_article() -> None:
    assert refusal_of(newsml(body="")).code == "not_an_article"
    assert refusal_of(ninjs(body_text=" ")).code == "not_an_article"


@pytest.mark.parametrize(("media_type", "text"), [(NITF, "<html/>"), (NEWSML, "<rss/>"), (NINJS, '"a"'), (NINJS, "{")])
def test_what_is_another_format_is_malformed(media_type: str, text: str) -> None:
    found = parse(replace(document_of(b"x", media_type), text=text))
    assert isinstance(found, Refusal)
    assert found.code == "malformed"
    assert "2026-03-04/item" in found.message


def test_a_flash_of_one_line_is_an_article() -> None:
    assert read_one(newsml(body="<p>Wien (APA) - Regierung tritt zurück</p>")).article.body.endswith("tritt zurück")


def test_a_summary_cut_from_the_text_is_no_lead() -> None:
    assert read_one(ninjs(description_text=P1[:40])).article.lead is None
    assert read_one(ninjs(description_text="Eastmere wants its glass works back.")).article.lead is not None


def test_a_first_paragraph_given_as_lead_stands_there_only() -> None:
    article = read_one(ninjs(description_summary=P1)).article
    assert (article.lead, article.body) == (P1, P2)


@pytest.mark.parametrize("slug", ["US-Finance-Fed", "ferry", "skien-google", "Sport/Ski", "ferry lost"])
def test_keys_of_the_desk_are_no_kicker(slug: str) -> None:
    assert read_one(ninjs(slugline=slug)).article.kicker is None


@pytest.mark.parametrize(
    ("tag", "expected"), [("de-AT", "de"), ("pt_BR", "pt"), ("zh-Hant-TW", "zh"), ("und", "en"), ("eng", "en")]
)
def test_language_is_the_stated_one(tag: str, expected: str) -> None:
    assert read_one(ninjs(language=tag)).article.language == expected


def test_languages_may_be_restricted() -> None:
    document = document_of(ninjs(language="de"), NINJS)
    found = parse(document, ("en", "fr"))
    assert isinstance(found, Record)
    assert found.article.language == "en"


@pytest.mark.parametrize(
    ("norm", "day", "at", "offset"),
    [
        ("20260304T101500+0100", "2026-03-04", "2026-03-04 09:15:00+00:00", 60),
        ("20260304T101500Z", "2026-03-04", "2026-03-04 10:15:00+00:00", 0),
        ("20260304000000-0500", "2026-03-04", "None", None),
        ("20260304T000000+0100", "2026-03-04", "None", None),
        ("20260304+0100", "2026-03-04", "None", None),
        ("2026-03-04", "2026-03-04", "None", None),
    ],
)
def test_dates_of_nitf(norm: str, day: str, at: str, offset: int | None) -> None:
    article = nitf(f'<docdata><date.issue norm="{norm}"/></docdata>').article
    found: tuple[Any, ...] = (str(article.published_date), str(article.published_at), article.published_offset_minutes)
    assert found == (day, at, offset)


@pytest.mark.parametrize(
    ("written", "meant"), [("&eacute;&nbsp;&mdash;x", "é —x"), ("&#146;", "’"), ("a&amp;b &lt;c", "a&b <c")]
)
def test_named_entities_and_references_come_out_as_characters(written: str, meant: str) -> None:
    assert nitf(content=f"<p>{P1} {written}</p>").article.body == f"{P1} {meant}"


def test_entities_in_attributes_too() -> None:
    record = nitf('<docdata><key-list><keyword key="Caf&eacute;s &amp; bars"/></key-list></docdata>')
    assert record.article.topics == ("Cafés & bars",)


def test_titles_in_a_byline_are_no_part_of_the_name() -> None:
    assert nitf(body_head="<byline>By JOAN SMITH<byttl>Staff Writer</byttl></byline>").article.authors == (
        "Joan Smith",
    )


def test_links_to_versions_of_the_item_are_no_related_items() -> None:
    links = "".join(
        f'<link rel="irel:{rel}" href="https://a.example/{rel}"><title>About {rel} things</title></link>'
        for rel in ("seeAlso", "previousVersion", "isTranslationOf")
    )
    assert [item.url for item in read_one(newsml(links)).related_items] == ["https://a.example/seeAlso"]


def test_picture_credit_in_the_body_is_no_text() -> None:
    record = read_one(newsml(body=f"<p>{P1}</p><p>Foto: Jane Roe/AFP</p><p>{P2}</p>"))
    assert record.article.body == f"{P1}\n\n{P2}"
    assert record.article.image_credits == ("Jane Roe/AFP",)


def test_a_part_of_an_article_is_truncated() -> None:
    assert read_one(ninjs(representationtype="incomplete")).article.is_truncated
    assert not read_one(ninjs(representationtype="complete")).article.is_truncated


@pytest.mark.parametrize("address", ["https://[x/", "https://", "urn:newsml:a:1", "http://a b"])
def test_what_is_no_address_is_no_url(address: str) -> None:
    record = read_one(
        ninjs(uri=address, associations=[{"type": "text", "uri": address, "headlines": [{"value": "A mill"}]}])
    )
    assert record.article.url is None
    assert [item.url for item in record.related_items] == [None]
