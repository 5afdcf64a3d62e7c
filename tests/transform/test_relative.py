"""Dates that count from the time of collection."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.transform.relative import read_relative

COLLECTED = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
TODAY, YESTERDAY, BEFORE = date(2026, 3, 5), date(2026, 3, 4), date(2026, 3, 3)
WORDS = st.lists(
    st.one_of(
        st.sampled_from(["vor", "3", "Stunden", "99", "hours", "ago", "hace", "il", "y", "a", "gestern"]),
        st.sampled_from([",", "14:30", "Updated", "前", "5", "March", "日", "2", "and", "é"]),
    ),
    max_size=9,
).map(" ".join)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("vor 3 Stunden", TODAY),
        ("vor einer Stunde", TODAY),
        ("Vor 10 Std. 20 Min.", YESTERDAY),
        ("2 hours ago", TODAY),
        ("an hour ago", TODAY),
        ("10 hours ago", YESTERDAY),
        ("1 hour 20 minutes ago", TODAY),
        ("hace 2 días", BEFORE),
        ("il y a 3 heures", TODAY),
        ("2 giorni fa", BEFORE),
        ("há 2 dias", BEFORE),
        ("2 dagen geleden", BEFORE),
        ("2 dni temu", BEFORE),
        ("för 2 dagar sedan", BEFORE),
        ("for 2 dager siden", BEFORE),
        ("2 päivää sitten", BEFORE),
        ("před 2 dny", BEFORE),
        ("2 napja", BEFORE),
        ("acum 2 zile", BEFORE),
        ("πριν από 2 ημέρες", BEFORE),
        ("2 gün önce", BEFORE),
        ("2 дня назад", BEFORE),
        ("2 дні тому", BEFORE),
        ("2日前", BEFORE),
        ("2天前", BEFORE),
        ("2일 전", BEFORE),
        ("قبل ٢ أيام", BEFORE),
        ("2 hari yang lalu", BEFORE),
        ("2 दिन पहले", BEFORE),
        ("heute", TODAY),
        ("gestern", YESTERDAY),
        ("vorgestern", BEFORE),
        ("Yesterday", YESTERDAY),
        ("ayer", YESTERDAY),
        ("hier", YESTERDAY),
        ("avant-hier", BEFORE),
        ("ieri", YESTERDAY),
        ("ontem", YESTERDAY),
        ("gisteren", YESTERDAY),
        ("wczoraj", YESTERDAY),
        ("igår", YESTERDAY),
        ("eilen", YESTERDAY),
        ("вчера", YESTERDAY),
        ("昨日", YESTERDAY),
        ("어제", YESTERDAY),
        ("By Jane Roe 3 hours ago", TODAY),
        ("4 March", YESTERDAY),
        ("March 4", YESTERDAY),
        ("3月4日", YESTERDAY),
        ("6 March", date(2026, 3, 6)),
        ("8 March", date(2025, 3, 8)),
    ],
)
def test_days_counted_from_the_collection(text: str, day: date) -> None:
    stamp = read_relative(text, COLLECTED)
    assert stamp is not None
    assert stamp.day == day


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("heute, 08:30 Uhr", datetime(2026, 3, 5, 8, 30, tzinfo=UTC)),
        ("Yesterday at 10:05 AM", datetime(2026, 3, 4, 10, 5, tzinfo=UTC)),
        ("10:05 | hier", datetime(2026, 3, 4, 10, 5, tzinfo=UTC)),
        ("mandag 2. mars kl. 14.47", datetime(2026, 3, 2, 14, 47, tzinfo=UTC)),
        ("vor 3 Stunden", None),
    ],
)
def test_only_a_written_time_is_a_time(text: str, at: datetime | None) -> None:
    stamp = read_relative(text, COLLECTED)
    assert stamp is not None
    assert stamp.at == at


def test_the_words_before_tell_an_update() -> None:
    texts = ("Updated 2 hours ago", "Published 2 hours ago", "Aktualisiert vor 2 Stunden")
    stamps = [read_relative(text, COLLECTED) for text in texts]
    assert [stamp.updated for stamp in stamps if stamp] == [True, False, True]


@pytest.mark.parametrize(
    "text",
    [
        "USA Today",
        "3 months ago",
        "vor 2 Jahren",
        "3 hours",
        "vor 3 Uhr",
        "Yesterday the river rose",
        "The man who was found 3 days ago by the river near Eastmere had been missing",
        "Match of 31 February",
        "",
    ],
)
def test_what_names_no_day(text: str) -> None:
    assert read_relative(text, COLLECTED) is None


@settings(max_examples=300, deadline=None)
@given(st.one_of(WORDS, st.text(max_size=100)), st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_a_day_lies_in_the_year_before_the_collection(text: str, collected: datetime) -> None:
    collected = collected.replace(tzinfo=UTC)
    stamp = read_relative(text, collected)
    if stamp:
        assert -1 <= (collected.date() - stamp.day).days <= 366
        assert 0 <= stamp.start < stamp.end <= len(text)
