"""Which of the headlines that a page states is the article's, and what of it names the site."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from etl.transform.headlines import ranked, site_keys, without_site
from etl.transform.main_headings import read_main_heading
from etl.transform.metadata import read_metadata


def headlines_of(html: str, url: str = "https://www.saltby-gazette.example/news/boat.html") -> tuple[str, ...]:
    return read_metadata(LexborHTMLParser(html), url).headlines


def test_what_readers_see_goes_before_what_search_engines_see() -> None:
    found = ranked(
        ["Saltby ferry: band, captain and timetable"],
        ["The captain who learned the tuba"],
        ["The captain who learned the tuba"],
        ["Saltby ferry: band, captain and timetable"],
    )
    assert found == ["The captain who learned the tuba", "Saltby ferry: band, captain and timetable"]


def test_a_stated_headline_stands_where_only_the_heading_differs() -> None:
    found = ranked(["The captain who learned the tuba"], ["Tuba at sea: the captain"], ["Tuba at sea: the captain"])
    assert found[0] == "The captain who learned the tuba"


def test_a_heading_does_not_complete_a_headline_that_is_whole() -> None:
    stated = "Ferry council on Thursday: will the tuba stay? A clear statement"
    assert ranked([stated], [f"{stated} from the band"], [stated])[0] == stated


@pytest.mark.parametrize(
    ("title", "headline"),
    [
        ("Boat sinks : Saltby Gazette", "Boat sinks"),
        ("Boat sinks | The Saltby Gazette – News and Weather", "Boat sinks"),
        ("Prisons : les gardiens reprennent le travail", "Prisons : les gardiens reprennent le travail"),
    ],
)
def test_names_of_sites_are_cut_off(title: str, headline: str) -> None:
    sites = site_keys(["The Saltby Gazette", "Saltby Gazette", "The Saltby Gazette – News and Weather"], [])
    assert without_site(title, sites) == headline


@pytest.mark.parametrize(
    "heading",
    [
        '<h1 class="site-title"><a href="/">Notes from the pier</a></h1>',
        '<h1><a href="https://notes.example/">Notes from the pier</a></h1>',
        '<a href="https://web.archive.org/web/20080731095558/http://notes.example/"><h1>Notes from the pier</h1></a>',
    ],
)
def test_a_heading_that_leads_to_the_front_page_names_the_site(heading: str) -> None:
    title = "<title>Why gulls laugh | Notes from the pier</title>"
    assert headlines_of(f"<head>{title}</head><body>{heading}<p>Text</p></body>", "https://blog.example/7") == (
        "Why gulls laugh",
    )


def test_a_department_behind_a_bar_is_cut_off_a_page_title() -> None:
    assert headlines_of("<title>Captain learns the tuba | Boats and more</title>") == ("Captain learns the tuba",)
    assert (
        headlines_of("<title>Captain learns | tuba</title><h1>Captain learns | tuba</h1>")[0] == "Captain learns | tuba"
    )


@pytest.mark.parametrize(
    ("html", "rest"),
    [
        ('<h1><span class="dachzeile">Am Hafen</span> Kapitänin lernt Tuba</h1>', "Kapitänin lernt Tuba"),
        ("<h1> <small>Am Hafen</small><br>Kapitänin lernt Tuba</h1>", "Kapitänin lernt Tuba"),
        ('<h1><span class="text">Kapitänin</span> lernt Tuba</h1>', "Kapitänin lernt Tuba"),
        ('<h1><span class="label">Live</span></h1>', "Live"),
    ],
)
def test_a_heading_is_read_with_and_without_its_kicker(html: str, rest: str) -> None:
    element = LexborHTMLParser(html).css_first("h1")
    assert element is not None
    assert read_main_heading(element).rest == rest
