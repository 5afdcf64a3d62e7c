"""Dates in lines of text: forms, times, zones, publication against update, and what is none."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.transform.dates import is_date_line, month_first_in, read_stamps, without_stamps

DAY = date(2026, 3, 4)
LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "4",
                "31",
                "99",
                "March",
                "2026",
                "04.03.2026",
                "3/4/2021",
                "2026-03-04T10:05:00+01:00",
                ":",
                ".",
                "/",
                ",",
                "-",
            ]
        ),
        st.sampled_from(
            [
                "14h30",
                "14.30",
                "Uhr",
                "2:30",
                "p.m.",
                "ET",
                "GMT+2",
                "UTC−5",
                "Z",
                "Updated",
                "Published",
                "aktualisiert",
            ]
        ),
        st.sampled_from(["2026年3月4日", "更新", "٤", "مارس", "٢٠٢٦", "มีนาคม", "2569"]),
    ),
    max_size=14,
).map(" ".join)


@pytest.mark.parametrize(
    "text",
    [
        "Mittwoch, 04.03.2026",
        "4. März 2026",
        "4. Mär. 2026",
        "March 4, 2026",
        "Mar 4 2026",
        "4th of March 2026",
        "04-Mar-26",
        "le 4 mars 2026",
        "mercredi 4 mars 2026",
        "4 de marzo de 2026",
        "4 marzo, 2026",
        "4 de març del 2026",
        "mercoledì 4 marzo 2026",
        "4 de março de 2026",
        "4 maart 2026",
        "4 marca 2026 r.",
        "den 4 mars 2026",
        "d. 4. marts 2026",
        "4. mars 2026",
        "4. maaliskuuta 2026",
        "4. märts 2026",
        "4. března 2026",
        "4. marca 2026",
        "2026. március 4.",
        "4 martie 2026",
        "4 Μαρτίου 2026",
        "4 Mart 2026 Çarşamba",
        "4 MART 2026",
        "4 марта 2026 г.",
        "4 березня 2026 року",
        "4. ožujka 2026.",
        "4. marec 2026",
        "2026 m. kovo 4 d.",
        "2026年3月4日",
        "2026年 3月 4日（水）"[:-3],
        "2026년 3월 4일",
        "2026. 3. 4.",
        "2026/03/04",
        "٤ مارس ٢٠٢٦",
        "4 مارس/آذار 2026",
        "4 Maret 2026",
        "4 मार्च 2026",
        "४ मार्च २०२६",
        "4 tháng 3, 2026",
        "ngày 4 tháng 3 năm 2026",
        "4 มีนาคม 2569",
        "4/3/2026",
        "4. 3. 2026",
        "2026-03-04",
        "2026-3-4",
    ],
)
def test_days_of_many_languages(text: str) -> None:
    assert [stamp.day for stamp in read_stamps(text)] == [DAY]
    assert is_date_line(text)


def test_months_of_two_words() -> None:
    assert [stamp.day for stamp in read_stamps("4 كانون الثاني 2026")] == [date(2026, 1, 4)]


@pytest.mark.parametrize(
    ("text", "at", "offset"),
    [
        ("04.03.2026, 14:30 Uhr", "14:30", None),
        ("04.03.2026 - 14.30 Uhr", "14:30", None),
        ("4.3.2026 klo 14.30", "14:30", None),
        ("4.3.2026-14:30", "14:30", None),
        ("Publicerad 4 mars 2026 kl. 14.30", "14:30", None),
        ("4 mars 2026 à 14h30", "14:30", None),
        ("4 mars 2026 à 14h", "14:00", None),
        ("4 marzo 2026 alle ore 14.30", "14:30", None),
        ("March 4, 2026 2:30 pm", "14:30", None),
        ("March 4, 2026, 2:30 p.m.", "14:30", None),
        ("March 4, 2026 | 2pm", "14:00", None),
        ("12:05 AM, March 4, 2026", "00:05", None),
        ("14:30 | 04.03.2026", "14:30", None),
        ("2026.03.04. 오후 2:30", "14:30", None),
        ("2026년 3월 4일 오후 2시 30분", "14:30", None),
        ("2026年3月4日 14時30分", "14:30", None),
        ("2026年3月4日 下午2:30", "14:30", None),
        ("4 مارس 2026 2:30 م", "14:30", None),
        ("4 Maret 2026 14.30 WIB", "07:30", 420),
        ("March 4, 2026 10:05 am EST", "15:05", -300),
        ("March 4, 2026 10:05 a.m. ET", "15:05", -300),
        ("04.03.2026, 14:30 Uhr MEZ", "13:30", 60),
        ("04/03/2026 - 14:30 GMT+2", "12:30", 120),
        ("4 March 2026 14:30 (UTC+05:30)", "09:00", 330),
        ("4 March 2026 10:00 UTC\u22125", "15:00", -300),
        ("4 March 2026 14:30 +0200", "12:30", 120),
        ("4 March 2026 14:30 GMT", "14:30", 0),
        ("Wed, 04 Mar 2026 14:30 GMT", "14:30", 0),
        ("2026-03-04T14:30:12+02:00", "12:30:12", 120),
        ("2026-03-04T14:30-05:00", "19:30", -300),
        ("2026-03-04T14:30:00Z", "14:30", 0),
        ("4 March 2026, 17:07 IST", "11:37", 330),
    ],
)
def test_times_and_zones(text: str, at: str, offset: int | None) -> None:
    (stamp,) = read_stamps(text)
    assert stamp.day == DAY
    assert stamp.at == datetime.fromisoformat(f"2026-03-04T{at}+00:00")
    assert stamp.offset_minutes == offset
    assert is_date_line(text)


def test_zones_without_a_season_follow_summer_time() -> None:
    offsets = [
        read_stamps(f"{day} 10:00 a.m. ET")[0].offset_minutes
        for day in ("March 7, 2026", "March 8, 2026", "October 31, 2026", "November 1, 2026")
    ]
    assert offsets == [-300, -240, -240, -300]


def test_a_span_of_time_is_no_offset() -> None:
    (stamp,) = read_stamps("4 March 2026 10:00-11:30")
    assert (stamp.at, stamp.offset_minutes) == (datetime(2026, 3, 4, 10, tzinfo=UTC), None)


def test_a_moment_past_midnight_elsewhere_keeps_the_written_day() -> None:
    (stamp,) = read_stamps("2026-03-04T23:30:00-05:00")
    assert (stamp.day, stamp.at) == (DAY, datetime(2026, 3, 5, 4, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "updated"),
    [
        ("Published 4 March 2026 10:05, updated 5 March 2026 11:00", [False, True]),
        ("08:39, 06 Jan 2026Updated 08:41, 06 Jan 2026", [False, True]),
        ("Veröffentlicht am 04.03.2026 (Letztes Update: 05.03.2026)", [False, True]),
        ("Stand: 04.03.2026, 14:30 Uhr", [False]),
        ("Zuletzt aktualisiert: 04.03.2026", [True]),
        ("Update vom 4. März 2026", [True]),
        ("Update: the bridge is closed. Published 4 March 2026", [False]),
        ("Publié le 4 mars 2026, mis à jour le 5 mars 2026 à 10h05", [False, True]),
        ("Actualizado el 4 de marzo de 2026", [True]),
        ("Pubblicato il 4 marzo 2026 - Aggiornato il 5 marzo 2026", [False, True]),
        ("Atualizado em 4 de março de 2026", [True]),
        ("Bijgewerkt op 4 maart 2026", [True]),
        ("Uppdaterad 4 mars 2026", [True]),
        ("Opdateret 4. marts 2026", [True]),
        ("Päivitetty 4.3.2026", [True]),
        ("Aktualizováno 4. března 2026", [True]),
        ("Aktualizacja: 4 marca 2026", [True]),
        ("Frissítve: 2026. március 4.", [True]),
        ("Actualizat: 4 martie 2026", [True]),
        ("Τελευταία ενημέρωση: 4 Μαρτίου 2026", [True]),
        ("Güncelleme: 4 Mart 2026", [True]),
        ("Обновлено 4 марта 2026", [True]),
        ("Оновлено 4 березня 2026", [True]),
        ("آخر تحديث: 4 مارس 2026", [True]),
        ("Diperbarui 4 Maret 2026", [True]),
        ("अपडेटेड 4 मार्च 2026", [True]),
        ("公開 2026/3/4 10:00 更新 2026/3/4 11:00", [False, True]),
        ("2026/3/4 10:00 公開 2026/3/4 11:00 更新", [False, True]),
        ("입력 2026.03.04 10:00 수정 2026.03.04 11:00", [False, True]),
    ],
)
def test_publication_and_update(text: str, updated: list[bool]) -> None:
    assert [stamp.updated for stamp in read_stamps(text)] == updated


def test_the_time_of_an_update_is_not_that_of_the_publication() -> None:
    (stamp,) = read_stamps("4 March 2026 | Updated 10:00")
    assert (stamp.at, stamp.updated) == (None, False)


def test_each_date_has_its_own_time() -> None:
    first, second = read_stamps("Published 04.03.2026 14:30 Updated 05.03.2026")
    assert (first.at, second.at) == (datetime(2026, 3, 4, 14, 30, tzinfo=UTC), None)


@pytest.mark.parametrize(
    ("text", "month_first", "days"),
    [
        ("3/4/2021", False, [date(2021, 4, 3)]),
        ("3/4/2021", True, [date(2021, 3, 4)]),
        ("3/4/2021", None, []),
        ("3/25/2021", None, [date(2021, 3, 25)]),
        ("25/3/2021", None, [date(2021, 3, 25)]),
        ("3/25/2021, updated 4/2/2021", None, [date(2021, 3, 25), date(2021, 4, 2)]),
        ("4/4/2021", None, [date(2021, 4, 4)]),
        ("3-4-2021", None, [date(2021, 4, 3)]),
        ("3.4.2021", None, [date(2021, 4, 3)]),
        ("3.4.2021", True, [date(2021, 4, 3)]),
    ],
)
def test_day_or_month_first(text: str, month_first: bool | None, days: list[date]) -> None:  # noqa: FBT001 - a table
    assert [stamp.day for stamp in read_stamps(text, month_first=month_first)] == days


@pytest.mark.parametrize(
    ("domain", "first"),
    [
        ("example.us", True),
        ("example.gov", True),
        ("example.co.uk", False),
        ("example.com", None),
        ("example.ca", None),
    ],
)
def test_the_country_of_a_domain_may_tell_the_order(domain: str, first: bool | None) -> None:  # noqa: FBT001 - a table
    assert month_first_in(domain) is first


def test_days_after_the_latest_are_left_out() -> None:
    text = "Published 4 March 2026, event on 6 March 2026"
    assert [stamp.day for stamp in read_stamps(text, latest=date(2026, 3, 5))] == [DAY]


@pytest.mark.parametrize(
    "text",
    [
        "31.02.2026",
        "4.3.1599",
        "4 March 1599",
        "4.3.2101",
        "Version 1.2.3",
        "192.168.10.12",
        "March 2026",
        "2026",
        "4 Marsh 2026",
        "32 March 2026",
        "0 March 2026",
        "2026-13-04",
        "+49 30 1234567",
    ],
)
def test_what_is_no_day(text: str) -> None:
    assert not read_stamps(text)


@pytest.mark.parametrize(
    "text", ["14:30 Uhr", "10:05 AM", "Stand: 14.30 Uhr", "Heute, 14:30 Uhr", "14h30", "오후 2:30"]
)
def test_lines_of_a_time_alone(text: str) -> None:
    assert is_date_line(text)


@pytest.mark.parametrize(
    "text",
    [
        "Am 4. März 2026 starb er in Wien.",
        "He was born on 4 March 2026.",
        "Die Bilanz 2026",
        "3:2",
        "24h",
        "14.30",
        "No digits here",
        "",
        "The meeting of 4 March 2026 in the town hall",
        "https://example.org/2026/03/04/the-river-rises/",
    ],
)
def test_what_is_no_date_line(text: str) -> None:
    assert not is_date_line(text)


def test_other_words_may_stand_beside_a_date() -> None:
    text = "Eastmere, 4 March 2026, 10:05 | Jane Roe"
    assert not is_date_line(text, others=2)
    assert is_date_line(text, others=3)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Published 4 March 2026 by Jane Roe", "by Jane Roe"),
        ("Home | Loïc Le Clerc | 4 mars 2026 à 10h05", "Home | Loïc Le Clerc"),
        ("Jane Roe, 04.03.2026, 14:30 Uhr", "Jane Roe,"),
        ("Stand: 04.03.2026", ""),
    ],
)
def test_what_a_date_line_says_beside_its_dates(text: str, rest: str) -> None:
    assert without_stamps(text) == rest


@settings(max_examples=400, deadline=None)
@given(st.one_of(LINES, st.text(max_size=240)), st.sampled_from([True, False, None]))
def test_stamps_stand_in_the_text_in_order(text: str, month_first: bool | None) -> None:  # noqa: FBT001 - drawn
    position = 0
    for stamp in read_stamps(text, month_first=month_first):
        assert position <= stamp.start < stamp.end <= len(text)
        position = stamp.end
        assert 1600 <= stamp.day.year <= 2100
        assert stamp.offset_minutes is None or abs(stamp.offset_minutes) < 15 * 60
        if stamp.at:
            local = stamp.at + timedelta(minutes=stamp.offset_minutes or 0)
            assert local.date() == stamp.day
        else:
            assert stamp.offset_minutes is None
    for others in (0, 3):
        is_date_line(text, others=others)
    without_stamps(text)


@pytest.mark.parametrize(
    "text", ["1" * 10**6, "4 March " * 10**5, "4.3." * 10**5, "2026-" * 10**5, "a:" * 10**6, "4 " * 10**6, "٤" * 10**6]
)
def test_long_lines_cost_no_more_than_short_ones(text: str) -> None:
    start = time.perf_counter()
    read_stamps(text)
    is_date_line(text)
    is_date_line(text[:200])
    assert time.perf_counter() - start < 0.2
