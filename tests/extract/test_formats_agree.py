"""The same articles in every format become the same tables, apart from where they came from."""

import gzip
import json
import os
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pytest

from benchmarks.containers import write_format
from etl import open_warehouse
from etl.engines.local import LocalEngine
from etl.settings import Settings
from etl.warehouse import Warehouse

pytestmark = pytest.mark.usefixtures("few_rules")

COUNT = int(os.environ.get("FORMATS_ARTICLES") or 50)
"""Articles in each format; `make soak` has more."""
TEXTS = ("txt", "txt.gz", "jsonl", "jsonl.zst", "parquet", "tar.zst", "zip", "wet.gz")
MARKED = ("html", "warc.gz", "ninjs", "nitf", "newsml")
DAYS = {name: f"2026-06-{number:02}" for number, name in enumerate((*TEXTS, *MARKED), 1)}
PLACE = {"ingest_date", "source_uri", "source_offset", "source_length", "url", "source"}
"""Columns that say where a document came from; JSON Lines, Parquet and WET state an address, files do not."""
FORM = {*PLACE, "article_id", "media_type", "published_evidence"}
"""What besides differs between pages and items: other bytes, and the name of the field that the date stands in."""


class Story(NamedTuple):
    """An article, as a desk would have it."""

    language: str
    headline: str
    lead: str
    paragraphs: tuple[str, ...]
    author: str
    credit: str


TEMPLATES = [
    Story(
        "de",
        "Neue Brücke in {town} wird {n} Meter lang",
        "Der Bau beginnt im Frühjahr und kostet {n} Millionen Euro.",
        (
            "Der Stadtrat von {town} hat am Montagabend den Bau einer Brücke beschlossen. Die alte ist gesperrt.",
            "Achtzehn der dreißig Mitglieder stimmten dafür. Zwei Drittel der {n} Millionen Euro trägt das Land.",
        ),
        "Hanna Leitgeb",
        "(APA/dpa)",
    ),
    Story(
        "en",
        "Library in {town} lends its book number {n} million",
        "Readers queued from early morning to see who would take it home.",
        (
            "The public library in {town} lent its book number {n} million on Tuesday, ninety years after it opened.",
            "The reader, a retired bus driver, said he had only come in to get out of the rain and left with a novel.",
        ),
        "Morag Tulloch",
        "(Reuters)",
    ),
    Story(
        "fr",
        "Le marché de {town} rouvre après {n} mois de travaux",
        "Les halles ont été entièrement rénovées, du sol à la charpente.",
        (
            "Le marché couvert de {town} a rouvert samedi après {n} mois de travaux. Les étals sont revenus.",
            "La mairie a consacré six millions d'euros à la rénovation, dont un tiers provient de la région.",
        ),
        "Maëlle Kerdreux",
        "(AFP)",
    ),
    Story(
        "es",
        "El tranvía de {town} transporta a {n} mil viajeros en un día",
        "Es la cifra más alta desde que empezó a circular.",
        (
            "El tranvía de {town} transportó el domingo a {n} mil viajeros, la cifra más alta en doce años.",
            "La compañía atribuye el aumento a las fiestas y a la gratuidad de los billetes durante el fin de semana.",
        ),
        "Pilar Oteiza",
        "(EFE)",
    ),
]


def stories() -> Iterator[Story]:
    for number in range(COUNT):
        story = TEMPLATES[number % len(TEMPLATES)]
        known = {"town": f"Ort{'abcdefghij'[number % 10]}{'klmnopqrst'[number // 10 % 10]}berg", "n": number + 2}
        yield story._replace(
            headline=story.headline.format(**known),
            lead=story.lead.format(**known),
            paragraphs=tuple(paragraph.format(**known) for paragraph in story.paragraphs),
        )


def as_text(story: Story) -> str:
    return "\n\n".join((story.headline, story.lead, *story.paragraphs, story.credit)) + "\n"


def as_html(story: Story) -> str:
    body = "".join(f"<p>{escape(text)}</p>" for text in (*story.paragraphs, story.credit))
    return (
        f'<!DOCTYPE html><html lang="{story.language}"><head><meta charset="utf-8"><title>{escape(story.headline)}'
        '</title><meta property="og:type" content="article">'
        '<meta property="article:published_time" content="2026-03-04T10:15:00+01:00">'
        f'<meta name="author" content="{story.author}"></head><body><article><h1>{escape(story.headline)}</h1>'
        f'<p class="lead">{escape(story.lead)}</p>{body}</article></body></html>'
    )


def as_ninjs(story: Story) -> str:
    item = {"uri": f"urn:{story.headline}", "type": "text", "firstcreated": "2026-03-04T10:15:00+01:00"}
    body = "".join(f"<p>{escape(text)}</p>" for text in (*story.paragraphs, story.credit))
    item |= {"language": story.language, "headline": story.headline, "byline": story.author}
    return json.dumps(item | {"description_summary": story.lead, "body_xhtml": body})


def as_nitf(story: Story) -> str:
    body = "".join(f"<p>{escape(text)}</p>" for text in (*story.paragraphs, story.credit))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><nitf xml:lang="{story.language}"><head><docdata>'
        '<date.issue norm="20260304T101500+0100"/></docdata></head><body><body.head>'
        f"<hedline><hl1>{escape(story.headline)}</hl1></hedline><byline><person>{story.author}</person></byline>"
        f"<abstract><p>{escape(story.lead)}</p></abstract></body.head><body.content>{body}</body.content></body></nitf>"
    )


def as_newsml(story: Story) -> str:
    body = "".join(f"<p>{escape(text)}</p>" for text in (*story.paragraphs, story.credit))
    return (
        f'<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="{escape(story.headline)}" version="1">'
        '<itemMeta><itemClass qcode="ninat:text"/><firstCreated>2026-03-04T10:15:00+01:00</firstCreated></itemMeta>'
        f'<contentMeta><by>{story.author}</by><language tag="{story.language}"/>'
        f'<headline>{escape(story.headline)}</headline><description role="drol:summary">{escape(story.lead)}'
        '</description></contentMeta><contentSet><inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml"><body>'
        f"{body}</body></html></inlineXML></contentSet></newsItem>"
    )


def as_record(story: Story) -> bytes:
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + as_html(story).encode()
    head = (
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: https://bote.example/a\r\n"
        f"WARC-Date: 2026-06-01T00:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def write_marked(name: str, folder: Path) -> None:
    folder.mkdir(parents=True)
    makers: dict[str, Callable[[Story], str]] = {"html": as_html, "nitf": as_nitf}
    if name in makers:
        for number, story in enumerate(stories()):
            (folder / f"{number}.{name}").write_text(makers[name](story), encoding="utf-8")
    elif name == "warc.gz":
        (folder / "all.warc.gz").write_bytes(b"".join(gzip.compress(as_record(story)) for story in stories()))
    elif name == "ninjs":
        (folder / "all.jsonl").write_text("\n".join(map(as_ninjs, stories())), encoding="utf-8")
    else:
        items = "".join(map(as_newsml, stories()))
        message = f'<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><itemSet>{items}</itemSet></newsMessage>'
        (folder / "all.xml").write_text(f'<?xml version="1.0"?>{message}', encoding="utf-8")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Each format as a day of its own."""
    folder = tmp_path_factory.mktemp("formats")
    found = [(f"{number}.txt", as_text(story)) for number, story in enumerate(stories())]
    for name in TEXTS:
        write_format(name, folder / "landing" / DAYS[name], found)
    for name in MARKED:
        write_marked(name, folder / "landing" / DAYS[name])
    settings = Settings(landing=folder / "landing", warehouse=folder / "warehouse")
    with LocalEngine(settings) as engine:
        for day in DAYS.values():
            engine.run_day(day)
    return open_warehouse(settings.warehouse)


def rows(warehouse: Warehouse, table: str, name: str, without: set[str]) -> list[dict[str, Any]]:
    """The rows of a format's day in the order of the stories, without some columns."""
    headlines: dict[str, str] = {}
    for row in warehouse.read("articles", ["article_id", "headline"], DAYS[name]).to_pylist():
        headlines[row["article_id"]] = row["headline"]
    found: pa.Table = warehouse.read(table, day=DAYS[name])
    ordered = sorted(found.to_pylist(), key=lambda row: (headlines[row["article_id"]], row.get("position", 0)))
    return [{key: value for key, value in row.items() if key not in without} for row in ordered]


@pytest.mark.parametrize("table", ["articles", "related_items", "agencies"])
@pytest.mark.parametrize("name", TEXTS[1:])
def test_texts_have_equal_rows_and_ids_in_every_container(warehouse: Warehouse, name: str, table: str) -> None:
    assert rows(warehouse, table, name, PLACE) == rows(warehouse, table, "txt", PLACE)


@pytest.mark.parametrize("table", ["articles", "related_items", "agencies"])
@pytest.mark.parametrize("name", MARKED[1:])
def test_items_of_agencies_and_crawled_pages_have_the_rows_of_the_page(
    warehouse: Warehouse, name: str, table: str
) -> None:
    without = FORM if name != "warc.gz" else PLACE
    if table == "articles":
        without = without | ({"language_score"} if name != "warc.gz" else set())  # items state their language
    assert rows(warehouse, table, name, without) == rows(warehouse, table, "html", without)


@pytest.mark.parametrize("name", DAYS)
def test_every_article_is_there_with_its_credit(warehouse: Warehouse, name: str) -> None:
    [run] = warehouse.read("runs", day=DAYS[name]).to_pylist()
    assert (run["articles"], run["rejected_documents"]) == (COUNT, 0)
    credited = {row["article_id"] for row in warehouse.read("agencies", ["article_id"], DAYS[name]).to_pylist()}
    assert len(credited) == COUNT
