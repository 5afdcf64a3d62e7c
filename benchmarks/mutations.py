"""Seeds of every format for `benchmarks.fuzz`, and the mutations that it works on them; all reproducible."""

from __future__ import annotations

import io
import json
import random
import re
import struct
import tarfile
import zipfile
from collections.abc import Callable
from functools import cache

import pyarrow as pa
import pyarrow.parquet as pq

from tests.extract.damage import (
    COMPRESSORS,
    array,
    coded,
    crawl,
    html,
    lines,
    nitf,
    page,
    pages,
    parquet,
    record,
    special_tar,
    tar,
    zipped,
)

_WELL_PACKED, _MENDED = 0.4, 0.7
"""Shares of inputs that are damaged inside of their compression, and of archives whose check sums are right."""
_NUMBERS = re.compile(rb"\d+")
_WORDS = (b"0", b"-1", b"1", b"65536", b"2147483648", b"4294967295", b"9223372036854775807", b"9" * 30, b"1e308", b"")
_INTEGERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF)
_TOKENS = (
    *(b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<!DOCTYPE nitf [", b"<!ENTITY a 'b'>", b"&a;", b"<", b">", b"</p>"),
    *(
        b"\xff\xfe",
        b"\xfe\xff",
        b"\xef\xbb\xbf",
        b"\0",
        b"\xc3",
        b"\xed\xa0\x80",
        b"\\ud83d",
        b'"',
        b"{",
        b"}",
        b"[",
        b"]",
    ),
    *(
        b"WARC/1.0\r\n",
        b"\r\n\r\n",
        b"Content-Length: 9\r\n",
        b"Content-Encoding: br\r\n",
        b"Transfer-Encoding: chunked\r\n",
    ),
    *(
        b"PK\x01\x02",
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"PAR1",
        b"\x1f\x8b\x08",
        b"BZh9",
        b"\x28\xb5\x2f\xfd",
        b"\x5d\x2a\x4d\x18",
    ),
    *(
        b"<script type='application/ld+json'>",
        b"<meta charset=utf-16>",
        b"12.03.2026",
        b"+99:99",
        b"(dpa)",
        b"\xf0\x9f\x98\x80",
    ),
)
_NEWSML = """<?xml version="1.0" encoding="UTF-8"?><newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><itemSet>%s
</itemSet></newsMessage>"""
_ITEM = (
    '<newsItem guid="urn:%s" version="1"><catalogRef href="http://www.iptc.org/x.xml"/><itemMeta>\n'
    '<itemClass qcode="ninat:text"/><provider><name>dpa</name></provider>\n'
    "<versionCreated>2026-03-02T10:15:00+01:00</versionCreated></itemMeta><contentMeta>"
    '<headline>%s</headline><by>Eva Muster</by><language tag="de"/></contentMeta>\n'
    '<contentSet><inlineXML contenttype="application/xhtml+xml">'
    '<html xmlns="http://www.w3.org/1999/xhtml"><body>%s</body></html>\n'
    "</inlineXML></contentSet></newsItem>"
)


@cache
def seeds() -> dict[str, list[bytes]]:
    """Valid files by what reads them."""
    inner = {"a.txt": page("Innen"), "b.html": html("Innen2")}
    odd = {"x" * 120 + ".txt": page("Lang"), "umlaut-ä.txt": page("Name")}
    found = {
        "text": [page("Text"), page("Breit").decode().encode("utf-16"), page("Alt").decode().encode("cp1252")],
        "html": [html("Seite"), _rich_html()],
        "tar": [
            tar(inner),
            tar(odd, tarfile.GNU_FORMAT),
            tar(odd, tarfile.PAX_FORMAT, {"comment": "x"}),
            special_tar(),
        ],
        "zip": [
            *(zipped(inner, method) for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)),
            *(zipped(inner, method) for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)),
        ],
        "warc": [crawl("Netz"), coded("Kodiert"), crawl("Wet", record(page("Wet"), kind="conversion"))],
        "json lines": [lines("Zeile", _ninjs("Zeile")), _known_records()],
        "json": [array("Liste"), json.dumps({"html": html("Eins").decode(), "title": "T"}, indent=1).encode()],
        "parquet": [
            parquet("Spalte"),
            *(_parquet(codec) for codec in ("none", "snappy", "zstd", "gzip", "brotli", "lz4")),
        ],
        "nitf": [nitf("Meldung")],
        "newsml-g2": [_newsml("Ort", 1), _newsml("Ort", 3)],
        "ninjs": [_ninjs("Ort"), json.dumps([json.loads(_ninjs(f"Ort{n}")) for n in range(3)]).encode()],
        "nested": [
            tar({"a.zip": zipped(inner), "b.jsonl": lines("Tief", b"{}"), "c.warc": crawl("Tief", count=1)}),
            zipped({"a.tar": tar(inner), "b.parquet": parquet("Tief")}),
        ],
    }
    return found | {kind: [pack(data) for data in plain()] for kind, pack in COMPRESSORS.items()}


@cache
def plain() -> list[bytes]:
    """What is inside of the compressed seeds."""
    return [page("Gepackt"), tar(pages("Gepackt")), lines("Gepackt"), crawl("Gepackt")]


def _rich_html() -> bytes:
    data = {
        "@type": "NewsArticle",
        "headline": "T",
        "datePublished": "2026-03-02T10:15:00+01:00",
        "author": [{"name": "A B"}],
    }
    script = f'<script type="application/ld+json">{json.dumps(data)}</script>'
    head = f'<meta charset="utf-8"><meta property="og:type" content="article">{script}'
    more = (
        "<aside><h3>Lesen Sie auch</h3><ul><li><a href='/b'>Neue Brücke über den Fluss eröffnet</a></li></ul></aside>"
    )
    return html("Reich").replace(b"<head>", b"<head>" + head.encode()).replace(b"</body>", more.encode() + b"</body>")


def _known_records() -> bytes:
    records = [
        {
            "maintext": page("A").decode(),
            "date_publish": "2026-01-02 03:04:05",
            "authors": ["B. C."],
            "url": "http://a.b/",
        },
        {
            "content": page("B").decode(),
            "warc_headers": {"warc-target-uri": "http://a.b/", "warc-date": "2026-01-02T03:04:05Z"},
        },
        {"text": page("C").decode(), "timestamp": 1767323045, "source_domain": "a.b"},
    ]
    return "\n".join(map(json.dumps, records)).encode()


def _parquet(codec: str) -> bytes:
    file = io.BytesIO()
    texts = [text.decode() for text in pages("Zeile").values()]
    table = pa.table(
        {"text": [*texts, None], "url": ["http://a.b/"] * 4, "date": [1, 2, None, 4], "tags": [["a"], [], None, ["b"]]}
    )
    pq.write_table(table, file, compression=codec)
    return file.getvalue()


def _newsml(town: str, count: int) -> bytes:
    blocks = page(town).decode().split("\n\n")
    body = "".join(f"<p>{block}</p>" for block in blocks[1:])
    return (_NEWSML % "".join(_ITEM % (number, blocks[0], body) for number in range(count))).encode()


def _ninjs(town: str) -> bytes:
    blocks = page(town).decode().split("\n\n")
    body = "".join(f"<p>{block}</p>" for block in blocks[1:])
    item = {"uri": f"urn:{town}", "type": "text", "versioncreated": "2026-01-02T03:04:05Z", "headline": blocks[0]}
    more = {"body_xhtml": body, "byline": "Eva Muster", "located": town, "language": "de", "subject": [{"name": "Bau"}]}
    return json.dumps(item | more).encode()


Mutation = Callable[[bytearray, random.Random], None]


def mutated(kind: str, number: int, seed: int = 0) -> bytes:
    """The input with that number of a kind of seed; the same for ever, as long as the seeds are."""
    rng = random.Random(f"{seed}/{kind}/{number}")
    pack = COMPRESSORS[kind] if kind in COMPRESSORS and rng.random() < _WELL_PACKED else None
    data = bytearray(rng.choice(plain() if pack else seeds()[kind]))
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        if data:
            rng.choice(_MUTATIONS)(data, rng)
    if kind in ("tar", "nested") and rng.random() < _MENDED:
        _mend_tar(data)
    return pack(bytes(data)) if pack else bytes(data)


def _flip(data: bytearray, rng: random.Random) -> None:
    for _ in range(rng.choice((1, 1, 4, 16))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _cut(data: bytearray, rng: random.Random) -> None:
    del data[rng.randrange(len(data)) :]


def _span(data: bytearray, rng: random.Random) -> tuple[int, int]:
    begin = rng.randrange(len(data))
    return begin, min(len(data), begin + rng.choice((1, 4, 30, 512, 2000)))


def _drop(data: bytearray, rng: random.Random) -> None:
    begin, end = _span(data, rng)
    del data[begin:end]


def _repeat(data: bytearray, rng: random.Random) -> None:
    begin, end = _span(data, rng)
    block = bytes(data[begin:end]) * rng.choice((1, 2, 50))
    data[begin:begin] = block[:100_000]


def _splice(data: bytearray, rng: random.Random) -> None:
    other = rng.choice(seeds()[rng.choice(sorted(seeds()))])
    begin, end = _span(bytearray(other), rng)
    at = rng.randrange(len(data))
    data[at : at + rng.choice((0, end - begin))] = other[begin:end]


def _exchange_number(data: bytearray, rng: random.Random) -> None:
    found = list(_NUMBERS.finditer(bytes(data)))
    if found:
        match = rng.choice(found)
        data[match.start() : match.end()] = rng.choice(_WORDS)


def _length_field(data: bytearray, rng: random.Random) -> None:
    value, form = rng.choice(_INTEGERS), rng.choice(("<H", ">H", "<I", ">I", "<Q", ">Q"))
    size = struct.calcsize(form)
    at = rng.randrange(len(data))
    data[at : at + size] = struct.pack(form, value & ((1 << 8 * size) - 1))


def _insert_token(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(data) + 1)
    data[at:at] = rng.choice(_TOKENS) * rng.choice((1, 1, 1, 3, 300))


_MUTATIONS: tuple[Mutation, ...] = (
    _flip,
    _cut,
    _drop,
    _repeat,
    _splice,
    _exchange_number,
    _length_field,
    _insert_token,
)


def _mend_tar(data: bytearray) -> None:
    """Write the check sums of headers anew."""
    for at in range(0, len(data) - 511, 512):
        if data[at + 257 : at + 262] == b"ustar":
            data[at + 148 : at + 156] = b" " * 8
            data[at + 148 : at + 156] = b"%06o\0 " % sum(data[at : at + 512])
