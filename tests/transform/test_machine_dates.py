"""Dates that pages state for machines."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.transform.machine_dates import read_metadata_stamp

ZONES = st.integers(-14 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
MOMENTS = st.datetimes(datetime(1971, 1, 2), datetime(2099, 12, 30), timezones=ZONES)  # noqa: DTZ001 - bounds are naive


@pytest.mark.parametrize(
    ("value", "at", "offset"),
    [
        ("2026-03-04T14:46:12+02:00", "12:46:12", 120),
        ("2026-03-04T14:46:12.123+0200", "12:46:12", 120),
        ("2026-03-04T14:46:12.1234567Z", "14:46:12", 0),
        ("2026-03-04T14:46:12+02", "12:46:12", 120),
        ("2026-03-04T14:46+02:00", "12:46", 120),
        ("2026-03-04 14:46:12 +0200", "12:46:12", 120),
        ("2026-03-04 14:46:12 +02:00", "12:46:12", 120),
        ("2026-03-04 14:46:12 UTC", "14:46:12", 0),
        ("2026-03-04T14:46:12\u221205:00", "19:46:12", -300),
        ("2026-03-04T14:46:12+01:00[Europe/Vienna]", "13:46:12", 60),
        ("2026-03-04T4:10:00", "04:10", None),
        ("2026-03-04 14:46", "14:46", None),
        ("2026/03/04 14:46:12", "14:46:12", None),
        ("20260304T144612Z", "14:46:12", 0),
        ("20260304144612", "14:46:12", None),
        ("2026-03-04, 2:46 PM", "14:46", None),
        ("Wed, 04 Mar 2026 14:46:12 GMT", "14:46:12", 0),
        ("Wed, 04 Mar 2026 14:46:12 +0200", "12:46:12", 120),
        ("Wed Mar 04 2026 14:46:12 GMT+0100 (Central European Standard Time)", "13:46:12", 60),
        ("Wed Mar  4 14:46:12 CET 2026", "13:46:12", 60),
        ("Wed Mar 4 14:46:12 2026", "14:46:12", None),
        ("1772635572", "14:46:12", 0),
        ("1772635572000", "14:46:12", 0),
        ("3/4/2026 2:46:12 PM", "14:46:12", None),
        ("4. März 2026 14:46 Uhr", "14:46", None),
        ("Mi., 04.03.2026 - 14:46", "14:46", None),
        ("  2026-03-04T14:46:12Z\n", "14:46:12", 0),
    ],
)
def test_day_time_and_offset(value: str, at: str, offset: int | None) -> None:
    stamp = read_metadata_stamp(value)
    assert stamp is not None
    assert stamp.day == date(2026, 3, 4)
    assert stamp.at == datetime.fromisoformat(f"2026-03-04T{at}+00:00")
    assert stamp.offset_minutes == offset


@pytest.mark.parametrize(
    "value",
    ["2026-03-04", "2026-3-4", "20260304", "2026/03/04", "2026.03.04", "March 4, 2026", "4 mars 2026", "04.03.2026"],
)
def test_days_without_a_time(value: str) -> None:
    stamp = read_metadata_stamp(value)
    assert stamp is not None
    assert (stamp.day, stamp.at, stamp.offset_minutes) == (date(2026, 3, 4), None, None)


@pytest.mark.parametrize("value", ["2026-03-04T25:10:00", "2026-03-04T14:46:12+99:00"])
def test_a_broken_time_leaves_the_day(value: str) -> None:
    stamp = read_metadata_stamp(value)
    assert stamp is not None
    assert (stamp.day, stamp.at) == (date(2026, 3, 4), None)


@pytest.mark.parametrize(
    ("month_first", "day"), [(True, date(2026, 3, 4)), (False, date(2026, 4, 3)), (None, None)], ids=str
)
def test_ambiguous_numbers_need_a_hint(month_first: bool | None, day: date | None) -> None:  # noqa: FBT001 - a table
    stamp = read_metadata_stamp("3/4/2026", month_first=month_first)
    assert (stamp.day if stamp else None) == day


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "null",
        "0",
        "0000-00-00",
        "0001-01-01T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "1969-12-31T19:00:00-05:00",
        "1599-12-31",
        "2101-01-01",
        "2026",
        "2026-03",
        "2026-02-30",
        "P1DT2H",
        "PT5M",
        "14:36",
        "637787971747838761",
        "12345678",
        "99999999999",
        "F209885CB67483E328902B765AF126C5",
        "00:00-YY-DD-MM",
        "{{date}}",
        "The river rose on 4 March 2026, and the bridge was closed",
        "2026-03-04" * 30,
    ],
)
def test_nonsense_is_no_date(value: str) -> None:
    assert read_metadata_stamp(value) is None


@given(MOMENTS)
def test_iso_and_rfc_2822_give_back_what_was_written(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    for text in (moment.isoformat(), moment.isoformat(sep=" "), format_datetime(moment)):
        stamp = read_metadata_stamp(text)
        assert stamp is not None
        assert stamp.day == moment.date()
        assert stamp.at == moment.astimezone(UTC)
        offset = moment.utcoffset()
        assert offset is not None
        assert stamp.offset_minutes == offset // timedelta(minutes=1)


@given(st.one_of(st.text(max_size=150), st.text(alphabet="0123456789-/:.TZ+ ", max_size=40)))
def test_any_value_is_a_day_of_our_calendar_or_none(value: str) -> None:
    stamp = read_metadata_stamp(value)
    if stamp:
        assert 1600 <= stamp.day.year <= 2100
        assert stamp.at is None or abs((stamp.at.date() - stamp.day).days) <= 2
