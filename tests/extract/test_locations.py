"""Names of files as URIs and back."""

import os
import re

from hypothesis import example, given
from hypothesis import strategies as st

from etl.extract.locations import escape_name, path_of, source_of, unescape_name, uri_of

NAMES = st.binary(min_size=1, max_size=30).filter(lambda b: b"\0" not in b and b"/" not in b).map(os.fsdecode)


@given(NAMES)
@example("a!b.txt")
@example("a\\x21b.txt")
@example("\\")
@example(os.fsdecode(bytes(range(1, 47)) + bytes(range(48, 256))))
def test_every_name_leads_back_to_its_file(name: str) -> None:
    uri = uri_of(name)
    uri.encode("utf-8")
    assert path_of(uri) == name
    assert not re.search("[\x00-\x1f\x7f!]", uri)


@given(st.binary(max_size=30))
def test_members_of_containers_may_be_called_anything(name: bytes) -> None:
    assert unescape_name(escape_name(name)) == name


def test_an_exclamation_mark_only_ever_sets_a_member_apart() -> None:
    assert uri_of("2026-03-02/Tor! Tor!.txt") == r"2026-03-02/Tor\x21 Tor\x21.txt"
    assert uri_of("two\nlines.txt") == r"two\x0alines.txt"


@given(NAMES, NAMES)
def test_no_two_names_share_a_uri(one: str, other: str) -> None:
    assert (uri_of(one) == uri_of(other)) == (one == other)


def test_plain_names_stay_as_they_are() -> None:
    assert uri_of("2026-03-02/kurier/über uns.txt") == "2026-03-02/kurier/über uns.txt"


def test_source_is_the_first_folder_below_the_day() -> None:
    assert source_of("2026-03-02/kurier/politik/a.txt", "2026-03-02") == "kurier"
    assert source_of("2026-03-02/a.txt", "2026-03-02") is None
    assert source_of("2026/03/02/kurier/a.txt", "2026/03/02") == "kurier"
    assert source_of("kurier/a.txt", "") == "kurier"
