"""Names of files as URIs and back."""

import os

from hypothesis import given
from hypothesis import strategies as st

from etl.extract.locations import path_of, source_of, uri_of

NAMES = st.binary(min_size=1, max_size=30).filter(lambda b: b"\0" not in b and b"/" not in b).map(os.fsdecode)


@given(NAMES)
def test_every_name_leads_back_to_its_file(name: str) -> None:
    uri = uri_of(name)
    uri.encode("utf-8")
    assert path_of(uri) == name


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
