"""Reading one landing file that is one document."""

import gzip
import os
from pathlib import Path

import pytest

from etl.extract.limits import Limits
from etl.extract.locations import open_regular
from etl.extract.read import Reading, RefusedFile, document_id, read_file
from etl.transform.record import Document

TEXT = "Überschrift\n\nEin Absatz.\n"


def read(path: Path, max_bytes: int = 1000, size: int | None = None) -> Document | RefusedFile:
    with open_regular(path) as file:
        (found,) = read_file(file, path.name, Reading(Limits(document_bytes=max_bytes)), source="kurier", size=size)
    return found


def refused(path: Path, max_bytes: int = 1000) -> RefusedFile:
    found = read(path, max_bytes)
    assert isinstance(found, RefusedFile)
    return found


def test_plain_and_compressed_hold_the_same_document(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.txt", tmp_path / "a.txt.gz"
    plain.write_text(TEXT)
    packed.write_bytes(gzip.compress(TEXT.encode()))
    one, other = read(plain), read(packed)
    assert isinstance(one, Document)
    assert isinstance(other, Document)
    assert one.text == other.text == TEXT
    assert one.document_id == other.document_id == document_id(TEXT.encode())
    assert one.source_length == other.source_length == len(TEXT.encode())


def test_gzip_of_several_members_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"one\n") + gzip.compress(b"two\n"))
    found = read(tmp_path / "a.txt.gz")
    assert isinstance(found, Document)
    assert found.text == "one\ntwo\n"


@pytest.mark.parametrize("damage", [lambda b: b[:-9], lambda b: b[:5], lambda b: b[:20] + b"\xff" * 5 + b[25:]])
def test_damaged_gzip_is_refused(tmp_path: Path, damage: object) -> None:
    assert callable(damage)
    (tmp_path / "a.txt.gz").write_bytes(damage(gzip.compress(TEXT.encode() * 9)))
    found = refused(tmp_path / "a.txt.gz")
    assert found.refusal.code == "truncated_container"
    assert found.document_id is None


def test_what_only_is_called_compressed_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.txt.gz").write_text(TEXT)
    found = read(tmp_path / "a.txt.gz")
    assert isinstance(found, Document)
    assert found.text == TEXT


def test_size_limit_holds_for_plain_and_unpacked_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x" * 1001)
    (tmp_path / "large.txt.gz").write_bytes(gzip.compress(b"x" * 5_000_000))
    (tmp_path / "bomb.txt.gz").write_bytes(gzip.compress(b"x" * 50_000_000))
    assert refused(tmp_path / "a.txt").refusal.code == "too_large"
    assert refused(tmp_path / "large.txt.gz").refusal.code == "too_large"
    assert refused(tmp_path / "bomb.txt.gz", 20_000_000).refusal.code == "decompression_bomb"


def test_refused_bytes_keep_their_identity(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"")
    found = refused(tmp_path / "a.txt")
    assert (found.refusal.code, found.document_id, found.source_length) == ("empty", document_id(b""), 0)


def test_what_is_not_there_or_no_file_cannot_be_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "loop.txt").symlink_to(tmp_path / "loop.txt")
    (tmp_path / "folder.txt").mkdir()
    for name in ("gone.txt", "pipe.txt", "loop.txt", "folder.txt"):
        with pytest.raises(OSError, match=r"."):
            open_regular(tmp_path / name)


def test_a_file_that_grew_since_it_was_listed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    found = read(tmp_path / "a.txt", size=len(TEXT.encode()) - 1)
    assert isinstance(found, RefusedFile)
    assert found.refusal.code == "changed_file"
    assert isinstance(read(tmp_path / "a.txt", size=len(TEXT.encode())), Document)


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "binary", "JPEG"),
        (b"%PDF-1.7\n", "binary", "PDF"),
        (b"7z\xbc\xaf\x27\x1c\x00", "unsupported_format", "7z"),
        (b'<?xml version="1.0"?><rss version="2.0"/>', "unsupported_format", "XML"),
        (b'{"name": "a", "size": 3}', "unsupported_format", "`name`"),
        (b'{"text": "cut', "malformed", "JSON"),
    ],
)
def test_other_formats_are_named(tmp_path: Path, data: bytes, code: str, words: str) -> None:
    (tmp_path / "page.txt").write_bytes(data)
    found = refused(tmp_path / "page.txt")
    assert found.refusal.code == code
    assert words in found.refusal.message


@pytest.mark.parametrize("name", ["a.html", "A.HTM", "a.xhtml", "a.html.gz", "a", "a.txt"])
def test_pages_are_read_with_their_own_charset(tmp_path: Path, name: str) -> None:
    page = '<html><head><meta charset="iso-8859-1"></head><body>Überschrift</body></html>'
    data = page.encode("latin-1")
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    found = read(tmp_path / name)
    assert isinstance(found, Document)
    assert (found.text, found.media_type, found.charset) == (page, "text/html", "cp1252")
    assert (found.document_id, found.source_length) == (document_id(data), len(data))


@pytest.mark.parametrize(
    ("name", "text", "media_type"),
    [
        ("a.txt", "[Update] Der Rat tagt {heute}.", "text/plain"),
        ("a.txt", "5 < 6, sagt <b>er</b>.", "text/plain"),
        ("a.html", "5 < 6, sagt <b>er</b>.", "text/html"),
        ("a.html", "Nur Text.", "text/plain"),
        ("a.dat", "<!-- c -->\n<!DOCTYPE html><p>x", "text/html"),
        ("a.dat", '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><p>x', "text/html"),
    ],
)
def test_content_tells_a_page_and_the_name_where_it_leaves_it_open(
    tmp_path: Path, name: str, text: str, media_type: str
) -> None:
    (tmp_path / name).write_text(text)
    found = read(tmp_path / name)
    assert isinstance(found, Document)
    assert (found.media_type, found.text) == (media_type, text)
