"""Reading one landing file."""

import gzip
import os
from pathlib import Path

import pytest

from etl.extract.read import RefusedFile, document_id, read_document
from etl.transform.record import Document

TEXT = "Überschrift\n\nEin Absatz.\n"


def read(path: Path, max_bytes: int = 1000) -> Document | RefusedFile:
    return read_document(path, path.name, source="kurier", charset=None, max_bytes=max_bytes)


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


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-9], lambda b: b[:5], lambda _: b"no gzip", lambda b: b[:20] + b"\xff" * 5 + b[25:]]
)
def test_damaged_gzip_is_refused(tmp_path: Path, damage: object) -> None:
    assert callable(damage)
    (tmp_path / "a.txt.gz").write_bytes(damage(gzip.compress(TEXT.encode() * 9)))
    found = refused(tmp_path / "a.txt.gz")
    assert found.refusal.code == "truncated_container"
    assert found.document_id is None


def test_size_limit_holds_for_plain_and_unpacked_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x" * 1001)
    (tmp_path / "bomb.txt.gz").write_bytes(gzip.compress(b"x" * 50_000_000))
    assert refused(tmp_path / "a.txt").refusal.code == "too_large"
    assert refused(tmp_path / "a.txt").source_length == 1001
    assert refused(tmp_path / "bomb.txt.gz").refusal.code == "too_large"


def test_refused_bytes_keep_their_identity(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"")
    found = refused(tmp_path / "a.txt")
    assert (found.refusal.code, found.document_id, found.source_length) == ("empty", document_id(b""), 0)


def test_what_is_not_there_or_no_file_is_unreadable(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "loop.txt").symlink_to(tmp_path / "loop.txt")
    (tmp_path / "folder.txt").mkdir()
    for name in ("gone.txt", "pipe.txt", "loop.txt", "folder.txt"):
        found = refused(tmp_path / name)
        assert found.refusal.code == "unreadable", name
        assert found.refusal.message


def test_other_formats_are_named(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8")
    found = refused(tmp_path / "photo.jpg")
    assert found.refusal.code == "unsupported_format"
    assert ".jpg" in found.refusal.message


@pytest.mark.parametrize("name", ["a.html", "A.HTM", "a.xhtml", "a.html.gz"])
def test_pages_are_read_with_their_own_charset(tmp_path: Path, name: str) -> None:
    page = '<html><head><meta charset="iso-8859-1"></head><body>Überschrift</body></html>'
    data = page.encode("latin-1")
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    found = read(tmp_path / name)
    assert isinstance(found, Document)
    assert (found.text, found.media_type, found.charset) == (page, "text/html", "cp1252")
    assert (found.document_id, found.source_length) == (document_id(data), len(data))


def test_the_media_type_of_text_stays(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("<html>" + TEXT)
    found = read(tmp_path / "a.txt")
    assert isinstance(found, Document)
    assert found.media_type == "text/plain"
