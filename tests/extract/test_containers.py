"""Containers: all formats hold the same documents, and what is damaged yields its good part and one reject."""

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from backports import zstd

from etl.extract.columns import all_columns
from etl.extract.limits import Limits
from etl.extract.read import Reading, RefusedFile, document_id, read_file
from etl.transform.parse import parse
from etl.transform.record import Document, Record

NAMES = ["eins.txt", "b/zwei.txt", "c/d/drei.txt"]
TEXTS = [f"Überschrift {number}\n\nEin Absatz, der {number} Mal dasteht.\n" for number in range(3)]
FOUND = [document_id(text.encode()) for text in TEXTS]
Found = Document | RefusedFile


def read(data: bytes, uri: str = "day/x", reading: Reading | None = None) -> list[Found]:
    return list(read_file(io.BytesIO(data), uri, reading or Reading()))


def documents(found: list[Found]) -> list[str]:
    return [document.document_id for document in found if isinstance(document, Document)]


def codes(found: list[Found]) -> list[str]:
    return [refused.refusal.code for refused in found if isinstance(refused, RefusedFile)]


def tar(members: dict[str, bytes] | None = None, **kwargs: int) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=kwargs.get("format", tarfile.PAX_FORMAT)) as archive:
        for name, data in (members or dict(zip(NAMES, map(str.encode, TEXTS), strict=True))).items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def zipped(members: dict[str, bytes] | None = None, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in (members or dict(zip(NAMES, map(str.encode, TEXTS), strict=True))).items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return file.getvalue()


def warc_record(body: bytes, *, kind: str = "response", http: bytes | None = None, length: int | None = None) -> bytes:
    block = body if kind != "response" else (http or b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n") + body
    content = "application/http; msgtype=response" if kind == "response" else "text/plain"
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: https://bote.example/a\r\n"
        f"WARC-Date: 2026-01-02T03:04:05Z\r\n"
        f"WARC-Record-ID: <urn:uuid:1>\r\nContent-Type: {content}\r\nContent-Length: {length or len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def wet() -> bytes:
    return b"".join(warc_record(text.encode(), kind="conversion") for text in TEXTS)


def jsonl() -> bytes:
    return b"".join(json.dumps({"text": text, "url": "https://bote.example/a"}).encode() + b"\n" for text in TEXTS)


def parquet() -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table({"id": [1, 2, 3], "text": TEXTS, "url": ["https://bote.example/a"] * 3}), file)
    return file.getvalue()


CONTAINERS: dict[str, Callable[[], bytes]] = {
    "tar": tar,
    "gnu": lambda: tar(format=tarfile.GNU_FORMAT),
    "zip": zipped,
    "stored": lambda: zipped(method=zipfile.ZIP_STORED),
    "zip-bz2": lambda: zipped(method=zipfile.ZIP_BZIP2),
    "zip-lzma": lambda: zipped(method=zipfile.ZIP_LZMA),
    "wet": wet,
    "jsonl": jsonl,
    "array": lambda: json.dumps([{"text": text} for text in TEXTS], indent=1).encode(),
    "parquet": parquet,
}
COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstd.compress,
    "zstd-in-frames": lambda data: b"".join(zstd.compress(data[i : i + 100]) for i in range(0, len(data), 100)),
    "gzip-in-members": lambda data: b"".join(gzip.compress(data[i : i + 100]) for i in range(0, len(data), 100)),
    "twice": lambda data: zstd.compress(gzip.compress(data)),
}


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("container", CONTAINERS)
def test_every_container_holds_the_same_documents(container: str, compression: str) -> None:
    plain = CONTAINERS[container]()
    found = read(COMPRESSIONS[compression](plain))
    assert documents(found) == FOUND
    assert not codes(found)
    assert len({(d.source_uri, d.source_offset) for d in found}) == 3
    for document, text in zip(found, TEXTS, strict=True):
        assert isinstance(document, Document)
        assert document.source_uri.startswith("day/x!")
        if container in ("tar", "gnu"):  # offset and length lead back to the bytes
            assert (
                plain[document.source_offset : document.source_offset + (document.source_length or 0)] == text.encode()
            )
        if container == "jsonl":
            line = plain[document.source_offset : document.source_offset + document.source_length]
            assert json.loads(line)["text"] == text
        if container in ("wet", "jsonl", "parquet"):
            assert document.url == "https://bote.example/a"


def test_members_keep_their_names() -> None:
    for data in (tar(), zipped()):
        assert [d.source_uri for d in read(data)] == [f"day/x!{name}" for name in NAMES]


def test_nested_containers_are_opened_to_a_depth() -> None:
    nested = tar({"a.zip": zipped({"b.tar.gz": gzip.compress(tar())}), "z.txt": b"Ein Text am Ende."})
    found = read(nested)
    assert documents(found) == [*FOUND, document_id(b"Ein Text am Ende.")]
    assert [d.source_uri for d in found][:2] == [f"day/x!a.zip!b.tar.gz!{name}" for name in NAMES[:2]]
    assert len({d.source_offset for d in found}) == 2  # the outer tar's members
    shallow = read(nested, reading=Reading(Limits(nesting=2)))
    assert codes(shallow) == ["nested_too_deep"]
    assert documents(shallow) == [document_id(b"Ein Text am Ende.")]


def test_a_warc_says_address_and_time_and_undoes_codings() -> None:
    page = "<html><body>Grüße</body></html>".encode()
    chunked = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
    zipped_head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n"
    data = (
        warc_record(b"about this file", kind="warcinfo")
        + warc_record(page)
        + warc_record(f"{len(page):x}\r\n".encode() + page + b"\r\n0\r\n\r\n", http=chunked)
        + warc_record(gzip.compress(page), http=zipped_head)
    )
    for packed in (data, gzip.compress(data)):
        found = read(packed)
        assert documents(found) == [document_id(page)] * 3
        for document in found:
            assert isinstance(document, Document)
            assert document.media_type == "text/html"
            assert document.collected_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
            assert document.url == "https://bote.example/a"


def test_known_corpora_need_no_settings_and_others_name_their_columns() -> None:
    records = [
        {
            "maintext": "A.",
            "date_publish": "2026-01-02 03:04:05",
            "title": "T",
            "authors": ["B. C."],
            "source_domain": "a.b",
        },
        {"content": "A.", "warc_headers": {"warc-target-uri": "http://a.b/", "warc-date": "2026-01-02T03:04:05Z"}},
        {"text": "A.", "timestamp": "2026-01-02T03:04:05Z", "url": "http://a.b/"},
        {"text": "A.", "date": "2026-01-02T03:04:05Z", "dump": "CC-MAIN-2026-01"},
        {"text": "A.", "date": "2026-01-02"},
        {"html": "<p>A.</p>", "text": "A."},
    ]
    found = [d for d in read("\n".join(map(json.dumps, records)).encode()) if isinstance(d, Document)]
    assert len(found) == len(records)
    news, oscar, mc4, fineweb, ccnews, page = found
    fetched = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert news.stated is not None
    assert (news.stated.headline, news.stated.authors, news.source) == ("T", ("B. C.",), "a.b")
    assert (news.stated.published, news.collected_at) == ("2026-01-02 03:04:05", None)
    assert (oscar.url, oscar.collected_at) == ("http://a.b/", fetched)
    assert mc4.collected_at == fineweb.collected_at == fetched
    assert ccnews.stated is not None
    assert (ccnews.stated.published, ccnews.collected_at) == ("2026-01-02", None)
    assert (page.media_type, page.text) == ("text/html", "<p>A.</p>")
    own = Reading(columns=all_columns({"text": ("doc.words",)}))
    assert documents(read(b'{"doc": {"words": "Ein Text."}}', reading=own)) == [document_id(b"Ein Text.")]


def cut(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


DAMAGE: dict[str, tuple[Callable[[], bytes], int | None]] = {
    "tar cut": (lambda: tar()[:2570], 2),
    "tar.gz cut": (lambda: gzip.compress(tar())[:-40], None),
    "tar header flipped": (lambda: _flipped(tar(format=tarfile.GNU_FORMAT), 1024 + 3), 1),
    "tar without end": (lambda: tar(format=tarfile.GNU_FORMAT)[: 6 * 512], 3),
    "tar with data behind": (lambda: tar() + b"x" * 512, 3),
    "zip cut": (lambda: zipped()[:-120], None),
    "zip of garbage": (lambda: b"PK\x03\x04" + b"\x07" * 500, 0),
    "jsonl.zst cut": (lambda: zstd.compress(jsonl())[:-20], None),
    "gzip with data behind": (lambda: gzip.compress(jsonl()) + b"more", 3),
    "parquet cut": (lambda: cut(parquet()), 0),
    "wet cut": (lambda: wet()[:-30], 2),
    "wet cut in a header": (lambda: wet()[: len(wet()) - 200], 2),
}


def _flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x41]) + data[at + 1 :]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_container_that_breaks_yields_its_good_part_and_one_reject(damage: str) -> None:
    make, good = DAMAGE[damage]
    found = read(make())
    assert codes(found) == ["truncated_container"]
    kept = documents(found)
    assert kept == FOUND[: len(kept)]
    assert good is None or len(kept) == good
    (refused,) = [r for r in found if isinstance(r, RefusedFile)]
    assert refused.source_uri == "day/x"
    assert "byte" in refused.refusal.message


def test_a_damaged_member_costs_itself_only() -> None:
    bad = {"a.gz": gzip.compress(b"Ein Text, der lang genug ist.")[:-10], "b.txt": b"Ein heiler Text."}
    for data in (tar(bad), zipped(bad)):
        found = read(data)
        assert codes(found) == ["truncated_container"]
        assert documents(found) == [document_id(b"Ein heiler Text.")]
        assert [r.source_uri for r in found if isinstance(r, RefusedFile)] == ["day/x!a.gz"]
    archive = bytearray(zipped(method=zipfile.ZIP_STORED))
    archive[archive.index(TEXTS[1].encode()) + 5] ^= 1
    found = read(bytes(archive))
    assert [r.source_uri for r in found if isinstance(r, RefusedFile)] == [f"day/x!{NAMES[1]}"]
    assert documents(found) == [FOUND[0], FOUND[2]]


def test_warc_records_with_wrong_lengths_do_not_take_the_rest_with_them() -> None:
    page = b"<html>Eine Seite</html>"
    for length in (30, 90, 400):
        data = warc_record(page, length=length) + warc_record(b"<html>Zwei</html>") + warc_record(b"<html>Drei</html>")
        found = read(data + warc_record(b"<html>Vier</html>") * 3)
        assert document_id(b"<html>Vier</html>") in documents(found), length
        damage = [r.refusal for r in found if isinstance(r, RefusedFile) and r.refusal.code != "empty"]
        assert [refusal.code for refusal in damage] == ["truncated_container"], length
        assert "passed over" in damage[0].message


@pytest.mark.parametrize("name", ["../a.txt", "/etc/a.txt", "a/../../b.txt", "C:/a.txt", "..\\a.txt"])
def test_names_that_lead_out_are_refused(name: str) -> None:
    for data in (
        tar({name: b"Ein Text.", "ok.txt": b"Noch einer."}),
        zipped({name: b"Ein Text.", "ok.txt": b"Noch einer."}),
    ):
        found = read(data)
        assert codes(found) == ["bad_member_path"]
        assert documents(found) == [document_id(b"Noch einer.")]


def test_links_in_archives_are_refused_and_repeated_names_told_apart() -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for kind, target in ((tarfile.SYMTYPE, "/etc/passwd"), (tarfile.LNKTYPE, "a.txt"), (tarfile.FIFOTYPE, "")):
            info = tarfile.TarInfo("link")
            info.type, info.linkname = kind, target
            archive.addfile(info)
        for text in (b"Ein Text.", b"Noch einer."):
            info = tarfile.TarInfo("same!\n.txt")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text))
    found = read(file.getvalue())
    assert codes(found) == ["unsupported_format"] * 3
    names = [d.source_uri for d in found if isinstance(d, Document)]
    assert names == ["day/x!same\\x21\\x0a.txt", "day/x!same\\x21\\x0a.txt~2"]


def bombs() -> Iterator[tuple[str, bytes, str]]:
    zeros = b"\0" * 40_000_000
    yield "gzip", gzip.compress(zeros), "decompression_bomb"
    yield "zstd", zstd.compress(zeros), "decompression_bomb"
    yield "xz", lzma.compress(zeros), "decompression_bomb"
    yield "bz2", bz2.compress(zeros), "decompression_bomb"
    yield "zip", zipped({"a.txt": zeros}), "decompression_bomb"
    yield "gzip in tar", tar({"a.gz": gzip.compress(zeros)}), "decompression_bomb"
    yield "tar.gz", gzip.compress(tar({"a.txt": zeros})), "decompression_bomb"
    yield "long line", b'{"text": "' + b"x" * 120_000_000, "too_large"
    yield "members", tar({f"{n}.txt": b"Ein Text." for n in range(20)}), "too_large"


@pytest.mark.parametrize(
    ("name", "data", "code"), list(bombs()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_bombs_are_refused(name: str, data: bytes, code: str) -> None:
    limits = Limits(container_members=10) if name == "members" else Limits()
    found = read(data, reading=Reading(limits))
    assert codes(found) == [code]
    assert len(documents(found)) == (10 if name == "members" else 0)


def test_an_archive_of_nothing_and_an_encrypted_one_are_accounted_for() -> None:
    assert codes(read(tarfile_of_nothing())) == ["empty"]
    assert codes(read(warc_record(b"x", kind="warcinfo"))) == ["empty"]
    data = bytearray(zipped({"a.txt": b"Ein Text."}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert codes(read(bytes(data))) == ["unsupported_format"]
    assert codes(read(zipped({"[Content_Types].xml": b"<x/>"}))) == ["binary"]


def tarfile_of_nothing() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        info = tarfile.TarInfo("folder")
        info.type = tarfile.DIRTYPE
        archive.addfile(info)
    return file.getvalue()


def test_bad_lines_cost_themselves() -> None:
    lines = [
        b'{"text": "Ein Text."}',
        b'{"text": "\\ud83d"}',
        b'{"text": 5}',
        b"{cut",
        b"",
        b'{"other": 1}',
        b'{"text": ""}',
    ]
    found = read(b"\n".join(lines))
    assert documents(found) == [document_id(b"Ein Text.")]
    assert codes(found) == ["undecodable", "empty", "malformed", "unsupported_format", "unsupported_format"]


NITF = b"""<?xml version="1.0" encoding="UTF-8"?>
<nitf><body><body.head><hedline><hl1>Br\xc3\xbccke gesperrt</hl1></hedline></body.head>
<body.content><p>Die alte Br\xc3\xbccke am Markt ist seit Montag f\xc3\xbcr Lastwagen gesperrt.</p></body.content>
</body></nitf>"""
NINJS = {
    "uri": "urn:1",
    "type": "text",
    "versioncreated": "2026-01-02T03:04:05Z",
    "headline": "T",
    "body_text": "Ein Text.",
}


def test_items_of_agencies_are_documents_wherever_they_stand() -> None:
    (alone,) = read(NITF)
    assert isinstance(alone, Document)
    assert (alone.media_type, alone.source_uri, alone.document_id) == (
        "application/nitf+xml",
        "day/x",
        document_id(NITF),
    )
    assert documents(read(tar({"a.xml": NITF}))) == documents(read(gzip.compress(NITF))) == [document_id(NITF)]
    line = json.dumps(NINJS).encode()
    found = read(line + b"\n" + line.replace(b"urn:1", b"urn:2") + b"\n" + b'{"text": "Ein Text."}\n')
    assert [d.media_type for d in found if isinstance(d, Document)] == ["application/ninjs+json"] * 2 + ["text/plain"]
    several = read(json.dumps([NINJS, NINJS | {"uri": "urn:2"}], indent=2).encode())
    assert [d.source_offset for d in several if isinstance(d, Document)] != [0, 0]
    assert codes(read(b"<nitf><body></nitf>")) in (["malformed"], [])
    assert codes(read(b'<?xml version="1.0"?><rss version="2.0"/>')) == ["unsupported_format"]


def test_items_are_read_in_the_charset_that_their_file_states() -> None:
    item = '<newsItem guid="urn:{}" xmlns="http://iptc.org/std/nar/2006-10-01/"><contentSet><inlineData>Grüße</inlineData></contentSet></newsItem>'
    message = '<?xml version="1.0" encoding="{}"?><newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><itemSet>{}</itemSet></newsMessage>'
    text = message.format("iso-8859-1", item.format(1) + item.format(2))
    found = read(text.encode("latin-1"))
    assert [("Grüße" in d.text, d.charset) for d in found if isinstance(d, Document)] == [(True, "cp1252")] * 2
    text = message.format("Shift_JIS", (item.format(1) + item.format(2)).replace("Grüße", "挨拶"))
    assert codes(read(text.encode("cp932"))) == ["unsupported_format"]


def test_what_a_record_states_of_its_text_counts() -> None:
    body = (
        "Der Rat hat am Montag den Bau einer neuen Br\u00fccke beschlossen. Achtzehn Mitglieder stimmten daf\u00fcr. "
        * 4
    )
    record = {
        "maintext": body,
        "title": "Neue Br\u00fccke",
        "authors": ["Von Eva Muster"],
        "date_publish": "2026-01-02 08:00:00",
    }
    (document,) = read(json.dumps(record).encode())
    assert isinstance(document, Document)
    found = parse(document)
    assert isinstance(found, Record)
    article = found.article
    assert (article.headline, article.authors) == ("Neue Br\u00fccke", ("Eva Muster",))
    assert str(article.published_date) == "2026-01-02"
    assert article.body == body.strip()
