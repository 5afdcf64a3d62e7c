"""The same documents in every format that is read, written as a stream: for the benchmarks of the readers."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import random
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_SEED = 20260302
_SYLLABLES = (
    "ba", "be", "bo", "da", "den", "der", "dis", "ei", "en", "er", "fal", "ga", "gen", "hal", "ker", "la", "le", "li",
    "mar", "men", "mo", "nen", "no", "ra", "ren", "sa", "schu", "se", "ta", "ten",
    "fü", "grö", "ße", "jä",
)  # fmt: skip
_GROUP = 512
_MESSAGE = 100

Documents = Iterable[tuple[str, str]]
"""Name and text of each."""


def documents(count: int, length: int) -> Iterator[tuple[str, str]]:
    """Different texts of about `length` characters: a headline and paragraphs of words in a few hundred shapes."""
    chance = random.Random(_SEED)
    words = ["".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(4000)]
    sentences = [" ".join(chance.choices(words, k=chance.randint(6, 22))).capitalize() + "." for _ in range(3000)]
    for number in range(count):
        paragraphs, size = [f"Meldung {number}: {chance.choice(sentences)}"], 0
        while size < length:
            paragraphs.append(" ".join(chance.choices(sentences, k=4)))
            size += len(paragraphs[-1])
        yield f"{number % 100:02}/{number:07}.txt", "\n\n".join(paragraphs) + "\n"


def write_tar(file: IO[bytes], found: Documents) -> None:
    """A tar archive."""
    with tarfile.open(fileobj=file, mode="w|") as archive:
        for name, text in found:
            data = text.encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


def write_zip(file: IO[bytes], found: Documents) -> None:
    """A zip archive, deflated."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in found:
            archive.writestr(zipfile.ZipInfo(name), text.encode(), zipfile.ZIP_DEFLATED)


def write_jsonl(file: IO[bytes], found: Documents) -> None:
    """A record a line."""
    for name, text in found:
        file.write(
            json.dumps({"url": f"https://example.org/{name}", "text": text}, ensure_ascii=False).encode() + b"\n"
        )


def write_parquet(file: IO[bytes], found: Documents) -> None:
    """Rows in groups, compressed by zstd."""
    schema = pa.schema([("url", pa.string()), ("text", pa.string())])
    rows: list[dict[str, str]] = []
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for name, text in found:
            rows.append({"url": f"https://example.org/{name}", "text": text})
            if len(rows) == _GROUP:
                writer.write_table(pa.Table.from_pylist(rows, schema=schema))
                rows = []
        writer.write_table(pa.Table.from_pylist(rows, schema=schema))


def write_warc(file: IO[bytes], found: Documents) -> None:
    """Answers of a server, as HTML."""
    for name, text in found:
        file.write(_record(name, _page(text), wet=False))


def write_wet(file: IO[bytes], found: Documents) -> None:
    """Texts extracted by a crawl."""
    for name, text in found:
        file.write(_record(name, text.encode(), wet=True))


def write_warc_gz(file: IO[bytes], found: Documents) -> None:
    """Each record a gzip member, as crawlers write them."""
    for name, text in found:
        file.write(gzip.compress(_record(name, _page(text), wet=False), 6, mtime=0))


def write_wet_gz(file: IO[bytes], found: Documents) -> None:
    """The same for texts."""
    for name, text in found:
        file.write(gzip.compress(_record(name, text.encode(), wet=True), 6, mtime=0))


def write_ninjs(file: IO[bytes], found: Documents) -> None:
    """An agency's item a line."""
    for name, text in found:
        headline, _, body = text.partition("\n\n")
        item = {"uri": f"urn:example:{name}", "type": "text", "versioncreated": "2026-03-02T08:00:00Z"}
        file.write(json.dumps({**item, "headline": headline, "body_text": body}).encode() + b"\n")


def write_newsml(file: IO[bytes], found: Documents) -> None:
    """A message of an agency's items."""
    file.write(
        b'<?xml version="1.0" encoding="UTF-8"?><newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><itemSet>'
    )
    for name, text in found:
        headline, *paragraphs = text.strip().split("\n\n")
        body = "".join(f"<p>{part}</p>" for part in paragraphs)
        item = (
            f'<newsItem guid="urn:example:{name}" version="1"><itemMeta><itemClass qcode="ninat:text"/></itemMeta>'
            f"<contentMeta><headline>{headline}</headline></contentMeta><contentSet>"
            '<inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml"><body>'
            f"{body}</body></html></inlineXML></contentSet></newsItem>\n"
        )
        file.write(item.encode())
    file.write(b"</itemSet></newsMessage>")


def _page(text: str) -> bytes:
    paragraphs = "\n".join(f"<p>{part}</p>" for part in text.split("\n\n"))
    head = "<!DOCTYPE html><html><head><meta charset=utf-8><title>t</title></head>"
    return f"{head}<body>{paragraphs}</body></html>".encode()


def _record(name: str, body: bytes, *, wet: bool) -> bytes:
    kind, content = ("conversion", "text/plain") if wet else ("response", "application/http; msgtype=response")
    block = body if wet else b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: https://example.org/{name}\r\n"
        f"WARC-Date: 2026-03-02T08:00:00Z\r\nWARC-Record-ID: <urn:uuid:{name}>\r\n"
        f"Content-Type: {content}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


Writer = Callable[[IO[bytes], Documents], None]
_PLAIN: dict[str, Writer] = {
    "tar": write_tar,
    "zip": write_zip,
    "jsonl": write_jsonl,
    "parquet": write_parquet,
    "warc": write_warc,
    "wet": write_wet,
    "ninjs": write_ninjs,
}


def _open_xz(path: Path, mode: Literal["rb", "wb"]) -> lzma.LZMAFile:
    return lzma.LZMAFile(path, mode, preset=1 if mode == "wb" else None)


OPENERS: dict[str, Callable[..., Any]] = {
    "gz": partial(gzip.open, compresslevel=6),
    "zst": zstd.open,
    "xz": _open_xz,
    "bz2": bz2.open,
}
"""How a packing is written and read, by path and mode."""
FORMATS = (
    "txt", "txt.gz", "html", "jsonl", "jsonl.gz", "jsonl.zst", "jsonl.bz2", "parquet", "tar", "tar.gz", "tar.zst",
    "tar.xz", "zip", "warc", "warc.gz", "wet", "wet.gz", "ninjs", "newsml",
)  # fmt: skip


_LOOSE: dict[str, Callable[[str], bytes]] = {
    "txt": str.encode,
    "txt.gz": lambda text: gzip.compress(text.encode(), 6, mtime=0),
    "html": _page,
}


def write_format(name: str, folder: Path, found: Documents) -> list[Path]:
    """Write the documents in a format; returns the files, one but for loose texts, pages and messages."""
    folder.mkdir(parents=True)
    if name in _LOOSE:
        return [_loose(folder / each.replace("/", "-"), text, name) for each, text in found]
    if name == "newsml":  # a message is no larger than a document may be
        return _messages(folder, iter(found))
    path = folder / f"all.{name}"
    record_wise = {"warc.gz": write_warc_gz, "wet.gz": write_wet_gz}
    kind, _, packing = name.partition(".")
    with _opened(path, "" if name in record_wise else packing) as file:
        (record_wise.get(name) or _PLAIN[kind])(file, found)
    return [path]


def _loose(path: Path, text: str, name: str) -> Path:
    path = path.with_suffix(f".{name}")
    path.write_bytes(_LOOSE[name](text))
    return path


def _messages(folder: Path, found: Iterator[tuple[str, str]]) -> list[Path]:
    paths: list[Path] = []
    while some := list(islice(found, _MESSAGE)):
        paths.append(folder / f"{len(paths):05}.xml")
        with paths[-1].open("wb") as file:
            write_newsml(file, some)
    return paths


@contextmanager
def _opened(path: Path, packing: str) -> Iterator[IO[bytes]]:
    with OPENERS[packing](path, "wb") if packing else path.open("wb") as file:
        yield file
