"""A landing zone in a store: what is listed and what is opened, in memory and on a mock of S3."""

from __future__ import annotations

from pathlib import Path

import pytest
from moto.s3.models import s3_backends

from etl.errors import LandingUnavailable
from etl.extract.landing import open_landing
from etl.extract.plan import LandingFile
from tests.replay.inline import published_files, run_days
from tests.stores import Store

pytestmark = pytest.mark.usefixtures("few_rules")

DAY = "2026-05-04"
REJECTED = {"binary": 1, "duplicate_document": 1, "empty": 1}


def contents(store: Store, day: str = DAY) -> dict[str, bytes | str]:
    """What is listed and what came of opening it, by name."""
    landing = open_landing(store.settings())
    fetched = landing.fetched(landing.list_day(day))
    return {f.source_uri: str(found) if isinstance(found, OSError) else found.read() for f, found in fetched}


def test_the_same_day_gives_the_same_tables_wherever_it_lies(
    landing: Path, tmp_path: Path, memory: Store, s3: Store
) -> None:
    (landing / DAY / "gazeta" / "a b").mkdir(parents=True)
    (landing / DAY / "gazeta" / "a b" / "Größe!.txt").write_bytes((landing / DAY / "bote" / "Ort-000.txt").read_bytes())
    for store in (memory, s3):
        store.client.put(f"{landing}/", f"{store.url}/", recursive=True)
    zones = {"folder": s3.settings(landing=landing), "memory": memory.settings(), "s3": s3.settings()}
    found = {}
    for name, zone in zones.items():
        settings = zone.model_copy(update={"warehouse": tmp_path / name})
        assert open_landing(settings).days("%Y-%m-%d") == [DAY, "2026-05-05"]
        [published] = run_days(settings, DAY)
        assert (published["rows"]["articles"], published["reject_counts"]) == (8, REJECTED)
        files = published_files(settings.warehouse)
        found[name] = [files[DAY, table] for table in ("articles", "related_items", "agencies", "rejects")]
    assert found["memory"] == found["folder"]
    assert found["s3"] == found["folder"]


def test_keys_of_any_kind_are_listed_and_opened(store: Store) -> None:
    names = ["a b!.txt", "b/Größe + 100%20?#&=.txt", "b/tail /.hidden", "b/back\\slash.txt", "empty.txt"]
    for name in names:
        store.put(f"{DAY}/{name}", b"" if name.startswith("empty") else name.encode())
    store.put("2026-05-05/other.txt")
    assert contents(store) == {
        f"{DAY}/a b\\x21.txt": b"a b!.txt",
        f"{DAY}/b/Größe + 100%20?#&=.txt": "b/Größe + 100%20?#&=.txt".encode(),
        f"{DAY}/b/back\\\\slash.txt": b"b/back\\slash.txt",
        f"{DAY}/b/tail /.hidden": b"b/tail /.hidden",
        f"{DAY}/empty.txt": b"",
    }


@pytest.mark.parametrize("direct", [True, False])
def test_keys_that_no_folder_could_hold_are_not_lost(s3: Store, direct: bool) -> None:  # noqa: FBT001
    bucket, _, prefix = s3.url.removeprefix("s3://").partition("/")
    made = [f"{DAY}/x//y.txt", f"{DAY}/../up.txt", f"{DAY}/full/", f"{DAY}/made/", f"{DAY}/"]
    made += [f"{DAY}//lead.txt"] if direct else []
    for key in made:
        body = b"" if key in (f"{DAY}/made/", f"{DAY}/") else key.encode()
        s3.client.call_s3("put_object", Bucket=bucket, Key=f"{prefix}/{key}", Body=body)
    expected: dict[str, bytes | str] = {key: key.encode() for key in made if not key.endswith("/")}
    expected[f"{DAY}/full/"] = "the object's key ends in `/`; give it another"
    assert contents(s3) == expected


def test_objects_of_many_pages_and_folders_are_all_listed(s3: Store) -> None:
    bucket, _, prefix = s3.url.removeprefix("s3://").partition("/")
    names = [f"{DAY}/{source:02}/{number:04}.txt" for source in (1, 2) for number in range(1500)]
    for name in names:  # past the server, which takes seconds for so many
        s3_backends["123456789012"]["aws"].put_object(bucket, f"{prefix}/{name}", b"x")
    listed = open_landing(s3.settings()).list_day(DAY)
    assert [file.source_uri for file in listed] == names
    assert {(file.size, file.version) for file in listed} == {(1, '"9dd4e461268c8034f5c8564e155c67a6"')}


def test_a_day_of_very_many_folders_is_listed(memory: Store) -> None:
    names = [f"{DAY}/{source:03}/page.txt" for source in range(100)]
    for name in names:
        memory.put(name)
    assert [file.source_uri for file in open_landing(memory.settings()).list_day(DAY)] == names


def test_a_changed_object_has_another_version(store: Store) -> None:
    store.put(f"{DAY}/a.txt", b"one")
    [before] = open_landing(store.settings()).list_day(DAY)
    store.put(f"{DAY}/a.txt", b"two")
    [after] = open_landing(store.settings()).list_day(DAY)
    assert (before.source_uri, before.size) == (after.source_uri, after.size)
    assert before.version != after.version


def test_a_day_without_objects_is_empty_and_a_zone_without_any_is_missing(store: Store) -> None:
    landing = open_landing(store.settings())
    with pytest.raises(LandingUnavailable, match="is missing or holds nothing"):
        landing.list_day(DAY)
    store.put("2026-05-05/a.txt")
    assert landing.list_day(DAY) == []
    assert not landing.has_folder(DAY)
    assert landing.has_folder("2026-05-05")


def test_objects_that_vanish_or_change_after_the_listing(store: Store) -> None:
    for name in ("changed", "emptied", "vanished"):
        store.put(f"{DAY}/{name}.txt", b"as listed")
    landing = open_landing(store.settings())
    files = landing.list_day(DAY)
    store.put(f"{DAY}/changed.txt", b"longer than listed")
    store.put(f"{DAY}/emptied.txt", b"")
    store.client.rm(f"{store.url}/{DAY}/vanished.txt")
    found = [stream.strerror if isinstance(stream, OSError) else stream.read() for _, stream in landing.fetched(files)]
    assert found == [b"longer than listed", b"", "No such file or directory"]


def test_large_objects_are_read_in_blocks_from_any_place(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("etl.extract.remote_landing._SMALL", 1000)
    data = bytes(range(256)) * 100
    store.put(f"{DAY}/large.bin", data)
    landing = open_landing(store.settings())
    for listed in (len(data), 10):  # known as large, and grown since it was listed
        for _, stream in landing.fetched([LandingFile(f"{DAY}/large.bin", listed, "")]):
            assert not isinstance(stream, OSError)
            assert stream.read() == data
        assert isinstance(stream, OSError) or stream.closed
    with landing.open(f"{DAY}/large.bin") as stream:
        assert stream.seekable()
        assert stream.read(10) == data[:10]
        stream.seek(-5, 2)
        assert stream.read() == data[-5:]
        stream.seek(0)
        assert stream.read() == data
