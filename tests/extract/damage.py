"""Makers of damage: files that are cut, flipped, hostile or strange, each with what must become of it."""

import bz2
import gzip
import io
import json
import lzma
import os
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import brotli
import pyarrow as pa
import pyarrow.parquet as pq
from backports import zstd

from tests.conftest import PAGE

GIGABYTE = 1_000_000_000
TRUNCATED, MALFORMED, BOMB = "truncated_container", "malformed", "decompression_bomb"
COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstd.compress,
}


class Damage(NamedTuple):
    """A kind of damage: the file, how many articles are saved from it, and its rejects by code."""

    name: str
    make: Callable[[], bytes]
    articles: int = 0
    rejects: dict[str, int] = {}  # noqa: RUF012 - never changed


def page(town: str) -> bytes:
    """A page like no other."""
    return PAGE.replace("\n ", " ").format(town=town).encode()


def pages(prefix: str, count: int = 3) -> dict[str, bytes]:
    """Pages by their file names."""
    return {f"{prefix}-{number}.txt": page(f"{prefix}{number}") for number in range(count)}


def html(town: str) -> bytes:
    """A page as HTML."""
    blocks = page(town).decode().split("\n\n")
    body = f"<h1>{blocks[0]}</h1>" + "".join(f"<p>{block}</p>" for block in blocks[1:])
    return f"<html><head><title>{blocks[0]}</title></head><body><article>{body}</article></body></html>".encode()


def tar(members: dict[str, bytes], kind: int = tarfile.USTAR_FORMAT, pax: dict[str, str] | None = None) -> bytes:
    """A tar archive; 1,024 bytes a header and page, as long as pages are shorter than that."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=kind, pax_headers=pax) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def special_tar() -> bytes:
    """Links, a device, a pipe, names that lead out; one page."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo("special")
            info.type, info.linkname = kind, "../../etc/passwd"
            archive.addfile(info)
        for name in ("/absolute.txt", "../out.txt", "a/../../out.txt", "fine.txt"):
            data = page("Tarweg" + name)
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive without times."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return file.getvalue()


def encrypted() -> bytes:
    """A zip archive whose member says that it is encrypted."""
    data = bytearray(zipped(pages("Schluessel", 1)))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def overlapping() -> bytes:
    """A zip archive whose directory names the first member three times."""
    data = bytearray(zipped(pages("Quote")))
    first = data.index(b"PK\x01\x02")
    for at in (data.index(b"PK\x01\x02", first + 1), data.rindex(b"PK\x01\x02")):
        data[at + 42 : at + 46] = struct.pack("<I", 0)
    return bytes(data)


def lying() -> bytes:
    """A zip member that says it is small and unfolds without measure."""
    data = bytearray(zipped({"a.txt": b"\0" * 50_000_000}, zipfile.ZIP_BZIP2))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 1000)
    return bytes(data)


def record(body: bytes, head: bytes = b"", length: str | None = "", kind: str = "response") -> bytes:
    """A WARC record; `head` are lines of the HTTP answer, `length` what its header says if not the truth."""
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + head + b"\r\n" + body
    said = "" if length is None else f"Content-Length: {length or len(block)}\r\n"
    fields = f"WARC-Type: {kind}\r\nWARC-Target-URI: https://bote.example/\r\nWARC-Date: 2026-01-02T03:04:05Z\r\n"
    http = "Content-Type: application/http; msgtype=response\r\n"
    return f"WARC/1.0\r\n{fields}{http}{said}\r\n".encode() + block + b"\r\n\r\n"


def crawl(prefix: str, first: bytes = b"", count: int = 3) -> bytes:
    """Records with HTML pages behind one that is given."""
    return first + b"".join(record(html(f"{prefix}{number}")) for number in range(count))


def misled(prefix: str, length: str | None) -> bytes:
    """A crawl whose first record says a wrong length, or none."""
    return crawl(prefix, record(html(prefix), length=length))


def coded(prefix: str) -> bytes:
    """Answers with a damaged body in every coding, and a whole one."""
    body = html(prefix + "x") * 20
    chunked, coding = b"Transfer-Encoding: chunked\r\n", b"Content-Encoding: %s\r\n"
    length = b"%x\r\n" % len(body)
    return (
        record(length + body[:-99], chunked)
        + record(length + body + b"\r\n", chunked)
        + record(length + body + b"\r\nxyz\r\n" + body, chunked)
        + record(zlib.compress(body)[:-30], coding % b"deflate")
        + record(brotli.compress(body)[:-30], coding % b"br")
        + record(gzip.compress(body)[:-30], coding % b"gzip")
        + record(html(prefix))
    )


def lines(prefix: str, *more: bytes) -> bytes:
    """Three records as JSON Lines, and lines that are given."""
    return b"".join(json.dumps({"text": text.decode()}).encode() + b"\n" for text in pages(prefix).values()) + b"".join(
        line + b"\n" for line in more
    )


def array(prefix: str) -> bytes:
    """Three records as a JSON array."""
    return json.dumps([{"text": text.decode()} for text in pages(prefix).values()]).encode()


def parquet(prefix: str, column: str = "text", count: int = 3) -> bytes:
    """Rows of a Parquet file."""
    file = io.BytesIO()
    texts = [text.decode() for text in pages(prefix, count).values()]
    pq.write_table(pa.table({column: texts}), file, use_dictionary=False, row_group_size=2, compression="zstd")
    return file.getvalue()


def parquet_bomb() -> bytes:
    """A Parquet file of a few kB with 100 GB of text."""
    file = io.BytesIO()
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 10_000, pa.int32()), pa.array(["x" * 10_000_000]))
    pq.write_table(pa.table({"text": texts}), file, compression="zstd", dictionary_pagesize_limit=1 << 30)
    return file.getvalue()


def long_line() -> bytes:
    """A line of a gigabyte in a few kB."""
    compressor, block = zlib.compressobj(9, wbits=31), b"x" * 10_000_000
    packed = compressor.compress(b'{"text": "')
    packed += b"".join(compressor.compress(block) for _ in range(GIGABYTE // len(block) // 20))
    return packed + compressor.flush()


def pieces(prefix: str, compress: Callable[[bytes], bytes]) -> bytes:
    """A tar archive with each of its three members in a compressed stream of its own, cut in the third."""
    plain = tar(pages(prefix))
    step = 512 + -(-len(page(prefix + "0")) // 512) * 512
    return b"".join(compress(plain[at : at + step]) for at in (0, step)) + compress(plain[2 * step : 3 * step])[:-60]


def negative(size: int) -> bytes:
    """A tar archive whose first member says a size below zero."""
    data = bytearray(tar(pages("Minus")))
    data[124:136] = b"\xff" * 4 + struct.pack(">q", size)
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    return bytes(data)


def endless_names() -> bytes:
    """A tar archive with 5 MB of extended headers before its first page."""
    return tar(pages("Pax"), tarfile.PAX_FORMAT, {"comment": "x" * 5_000_000})


def nitf(town: str, before: str = "") -> bytes:
    """An item in NITF."""
    blocks = page(town).decode().split("\n\n")
    text = "".join(f"<p>{block}</p>" for block in blocks[1:-1])
    head = f"<body.head><hedline><hl1>{blocks[0]}</hl1></hedline></body.head>"
    body = f"<nitf><body>{head}<body.content>{text}</body.content></body></nitf>"
    return f'<?xml version="1.0" encoding="UTF-8"?>{before}{body}'.encode()


def entities(town: str) -> bytes:
    """An item that declares entities which unfold a billionfold."""
    names = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x" * 10}">' for n in range(10))
    return nitf(town, f"<!DOCTYPE nitf [{names}]>").replace(b"<p>", b"<p>&e9;", 1)


def deep(depth: int) -> bytes:
    """A page below so many elements."""
    return b"<html><body>" + b"<div>" * depth + html("Tiefe").partition(b"<body>")[2].replace(b"</html>", b"")


def nested(levels: int) -> bytes:
    """A page in archives inside archives."""
    data = page("Schachtel")
    for level in range(levels):
        data = tar({f"{level}.tar": data})
    return data


def flipped(data: bytes, at: int, bits: int = 0x41) -> bytes:
    """The data with some bits of one byte turned over."""
    at %= len(data)
    return data[:at] + bytes([data[at] ^ bits]) + data[at + 1 :]


def mixed(town: str) -> bytes:
    """Paragraphs in UTF-8 and in cp1252 by turns."""
    words = "Müller, Jäger und Köhler grüßen aus der Höhe über dem Fluss.\n\n"
    return page(town) + words.encode("cp1252") * 3 + words.encode() * 9


def sparse_line(path: Path) -> None:
    """Three records, the second of a gigabyte: NULs that take no room on disk."""
    first, last = (json.dumps({"text": page(f"Sparse{n}").decode()}).encode() + b"\n" for n in range(2))
    with path.open("wb") as file:
        file.write(first + b'{"text": "')
        file.seek(GIGABYTE, os.SEEK_CUR)
        file.write(b'"}\n' + last)


def _of_compressor(kind: str, compress: Callable[[bytes], bytes]) -> dict[str, Damage]:
    inner = {f"a.txt.{kind}": compress(page(f"Innen{kind}"))[:-9], "b.txt": page(f"Daneben{kind}")}
    return {
        f"text.{kind} cut": Damage(f"a.txt.{kind}", lambda: compress(page(f"Schnitt{kind}"))[:-9], 0, {TRUNCATED: 1}),
        f"tar.{kind} cut": Damage(f"a.tar.{kind}", lambda: pieces(f"Stueck{kind}", compress), 2, {TRUNCATED: 1}),
        f"{kind} cut in tar": Damage("a.tar", lambda: tar(inner), 1, {TRUNCATED: 1}),
        f"tar.{kind} cut in zip": Damage(
            "a.zip",
            lambda: zipped({"a": pieces(f"Zip{kind}", compress), "b.txt": page(f"Zipblatt{kind}")}),
            3,
            {TRUNCATED: 1},
        ),
        f"{kind} bomb": Damage(f"a.{kind}", lambda: compress(b"\0" * 40_000_000), 0, {BOMB: 1}),
        f"{kind} flipped": Damage(f"a.{kind}", lambda: flipped(compress(page(f"Bit{kind}")), 40), 0, {TRUNCATED: 1}),
        f"{kind} with data behind": Damage(
            f"a.{kind}", lambda: compress(page(f"Rest{kind}")) + b"x", 0, {TRUNCATED: 1}
        ),
    }


def _crawl_cut() -> bytes:
    return gzip.compress(crawl("Netz", count=2)) + gzip.compress(record(html("Netz2")))[:-20]


UTF16 = "utf-16-le"
KINDS: dict[str, Damage] = {
    **{name: found for kind, compress in COMPRESSORS.items() for name, found in _of_compressor(kind, compress).items()},
    "warc.gz cut in its last record": Damage("a.warc.gz", _crawl_cut, 2, {TRUNCATED: 1}),
    "tar header flipped": Damage("a.tar", lambda: flipped(tar(pages("Kopf")), 1536 + 3), 1, {TRUNCATED: 1}),
    "tar body flipped": Damage("a.tar", lambda: flipped(tar(pages("Rumpf")), 700, 1), 3),
    "tar cut": Damage("a.tar", lambda: tar(pages("Ende"))[:4000], 2, {TRUNCATED: 1}),
    "tar of links, devices and absolute names": Damage(
        "a.tar", special_tar, 1, {"unsupported_format": 4, "bad_member_path": 3}
    ),
    "tar of a negative size": Damage("a.tar", lambda: negative(-700), 0, {TRUNCATED: 2}),
    "tar with endless headers": Damage("a.tar", endless_names, 0, {TRUNCATED: 1}),
    "tar of nothing": Damage("a.tar", lambda: b"\0" * 10240, 0, {"binary": 1}),
    "zip local header flipped": Damage("a.zip", lambda: flipped(zipped(pages("Lokal")), 31), 2, {TRUNCATED: 1}),
    "zip body flipped": Damage("a.zip", lambda: flipped(zipped(pages("Leib")), 200), 2, {TRUNCATED: 1}),
    "zip directory flipped": Damage("a.zip", lambda: flipped(zipped(pages("Register")), -20), 3, {TRUNCATED: 1}),
    "zip cut": Damage("a.zip", lambda: zipped(pages("Schere"))[:-300], 2, {TRUNCATED: 1}),
    "zip bomb": Damage("a.zip", lambda: zipped({"a.txt": b"\0" * 40_000_000}), 0, {BOMB: 1}),
    "zip bomb without a directory": Damage("a.zip", lambda: zipped({"a.txt": b"\0" * 40_000_000})[:-60], 0, {BOMB: 1}),
    "zip with members inside one another": Damage("a.zip", overlapping, 0, {TRUNCATED: 3}),
    "zip member that lies about its size": Damage("a.zip", lying, 0, {TRUNCATED: 1}),
    "zip encrypted": Damage("a.zip", encrypted, 0, {"unsupported_format": 1}),
    "zip of nothing": Damage("a.zip", lambda: zipped({}), 0, {"empty": 1}),
    "names that lead out of a zip": Damage(
        "a.zip", lambda: zipped({f"../{n}": t for n, t in pages("Weg").items()}), 0, {"bad_member_path": 3}
    ),
    "containers too deep": Damage("a.tar", lambda: nested(6), 0, {"nested_too_deep": 1}),
    "warc length too short": Damage("a.warc", lambda: misled("Kurz", "150"), 3, {TRUNCATED: 1, "not_an_article": 1}),
    "warc length too long": Damage("a.warc", lambda: misled("Lang", "2000"), 3, {TRUNCATED: 1}),
    "warc length beyond the file": Damage("a.warc", lambda: misled("Weit", "99999"), 3, {TRUNCATED: 1}),
    "warc length absurd": Damage("a.warc", lambda: misled("Absurd", "9" * 30), 3, {TRUNCATED: 1}),
    "warc without a length": Damage("a.warc", lambda: misled("Ohne", None), 3, {TRUNCATED: 1}),
    "warc header flipped": Damage(
        "a.warc", lambda: flipped(crawl("Kennung"), len(crawl("Kennung", count=1))), 2, {TRUNCATED: 1}
    ),
    "warc body flipped": Damage("a.warc", lambda: flipped(crawl("Inhalt"), 900, 1), 3),
    "warc cut": Damage("a.warc", lambda: crawl("Faden")[:-30], 2, {TRUNCATED: 1}),
    "warc of nothing": Damage("a.warc", lambda: record(b"", kind="warcinfo"), 0, {"empty": 1}),
    "http bodies damaged": Damage("a.warc", lambda: coded("Kodiert"), 1, {TRUNCATED: 6}),
    "line of a gigabyte in a few kB": Damage("a.jsonl.gz", long_line, 0, {BOMB: 1}),
    "half a surrogate pair": Damage("a.jsonl", lambda: lines("Paar", b'{"text": "\\ud83d"}'), 3, {"undecodable": 1}),
    "json nested without end": Damage(
        "a.jsonl", lambda: lines("Klammer", b'{"text": ' + b"[" * 100_000), 3, {MALFORMED: 1}
    ),
    "json of one deep value": Damage("a.json", lambda: b'{"a": ' * 100_000, 0, {MALFORMED: 1}),
    "json of too many values": Damage("a.json", lambda: b'{"a": [' + b"[]," * 2_600_000, 0, {"too_large": 1}),
    "json lines cut": Damage("a.jsonl", lambda: lines("Zeile")[:-40], 2, {MALFORMED: 1}),
    "json lines without a text": Damage("a.jsonl", lambda: lines("Feld", b'{"a": 1}'), 3, {"unsupported_format": 1}),
    "json array cut": Damage("a.json", lambda: array("Liste")[:-40], 2, {TRUNCATED: 1}),
    "json array in utf-16": Damage("a.json", lambda: array("Breit").decode().encode(UTF16), 3),
    "parquet footer flipped": Damage("a.parquet", lambda: flipped(parquet("Fuss"), -7), 0, {TRUNCATED: 1}),
    "parquet footer cut": Damage("a.parquet", lambda: parquet("Sohle")[:-9], 0, {TRUNCATED: 1}),
    "parquet page flipped": Damage("a.parquet", lambda: _page_flipped("Seite"), 2, {TRUNCATED: 1}),
    "parquet without a text": Damage("a.parquet", lambda: parquet("Spalte", "words"), 0, {"unsupported_format": 1}),
    "parquet of no rows": Damage("a.parquet", lambda: parquet("Null", count=0), 0, {"empty": 1}),
    "parquet bomb": Damage("a.parquet", parquet_bomb, 0, {BOMB: 1}),
    "NULs": Damage("a.txt", lambda: page("Nullen").replace(b" ", b"\0"), 0, {"binary": 1}),
    "a stray NUL": Damage("a.txt", lambda: page("Einzeln") + b"\0", 1),
    "charsets mixed": Damage("a.txt", lambda: mixed("Gemischt"), 0, {"undecodable": 1}),
    "utf-16 without a mark": Damage("a.txt", lambda: page("Breit").decode().encode(UTF16), 1),
    "utf-16 cut in a character": Damage("a.txt", lambda: page("Halb").decode().encode(UTF16)[:-1], 1),
    "100,000 elements inside one another": Damage("a.html", lambda: deep(100_000), 1),
    "nitf with an entity bomb": Damage("a.xml", lambda: entities("Bombe"), 0, {MALFORMED: 1}),
    "nitf that asks for a file": Damage(
        "a.xml", lambda: nitf("Fremd", '<!DOCTYPE nitf [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), 0, {MALFORMED: 1}
    ),
    "nitf nested without end": Damage("a.xml", lambda: b"<nitf>" + b"<p>" * 100_000, 0, {MALFORMED: 1}),
    "nitf cut": Damage("a.xml", lambda: nitf("Agentur")[:-40], 0, {MALFORMED: 1}),
    "xml of another kind": Damage("a.xml", lambda: b'<?xml version="1.0"?><rss/>', 0, {"unsupported_format": 1}),
    "text too large": Damage("a.txt", lambda: b"Wort " * 3_500_000, 0, {"too_large": 1}),
    "zero bytes": Damage("a.txt", bytes, 0, {"empty": 1}),
    "blanks": Damage("a.txt", lambda: b" \n" * 9, 0, {"empty": 1}),
    "archive of another kind": Damage(
        "a.7z", lambda: bytes.fromhex("377abcaf271c") + b"x" * 99, 0, {"unsupported_format": 1}
    ),
    "picture": Damage("a.jpg", lambda: b"\xff\xd8\xff" + bytes(range(256)), 0, {"binary": 1}),
    "noise": Damage("a.txt", lambda: zlib.compress(PAGE.encode()) * 3, 0, {"binary": 1}),
}


def _page_flipped(prefix: str) -> bytes:
    """A Parquet file with a damaged page in its second row group."""
    data = parquet(prefix)
    group = pq.ParquetFile(io.BytesIO(data)).metadata.row_group(1).column(0)
    return flipped(data, group.data_page_offset + group.total_compressed_size - 30)
