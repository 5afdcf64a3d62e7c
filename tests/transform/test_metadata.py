"""What an HTML page says about its article besides its text."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from etl.transform.headlines import site_keys, without_site
from etl.transform.metadata import Attribution, Evidence, Metadata, read_metadata

URL = "https://www.seeblick-kurier.example/politik/bahnhof-123"


def read(head: str, body: str = "", url: str | None = URL) -> Metadata:
    return read_metadata(LexborHTMLParser(f"<html><head>{head}</head><body>{body}</body></html>"), url)


def jsonld(*nodes: dict[str, Any] | list[Any]) -> str:
    return "".join(f'<script type="application/ld+json">{json.dumps(node)}</script>' for node in nodes)


ARTICLE = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": "Bahnhof wird umgebaut &amp; erweitert",
    "description": "Ab Mai  rollen\nBagger.",
    "datePublished": "2026-03-02T08:15:00+01:00",
    "dateModified": "2026-03-02T10:00:00+01:00",
    "author": [{"@type": "Person", "name": "Jana Wolff"}, "Tom Berger"],
    "articleSection": "Politik",
    "keywords": ["Bahn", "Seeblick"],
    "inLanguage": "de-AT",
    "articleBody": "<p>Erster Absatz &quot;A&quot;.</p><p>Zweiter <b>Absatz</b>.</p>",
    "isAccessibleForFree": False,
    "publisher": {"@type": "Organization", "name": "Seeblick-Kurier"},
    "url": URL,
}


def test_json_ld_of_the_article() -> None:
    assert read(jsonld(ARTICLE)) == Metadata(
        headlines=("Bahnhof wird umgebaut & erweitert",),
        description="Ab Mai rollen Bagger.",
        authors=(Attribution(("Jana Wolff", "Tom Berger"), "author"),),
        published=(Evidence("2026-03-02T08:15:00+01:00", "datePublished"),),
        modified=(Evidence("2026-03-02T10:00:00+01:00", "dateModified"),),
        section="Politik",
        keywords=("Bahn", "Seeblick"),
        language="de",
        canonical=URL,
        site_name="Seeblick-Kurier",
        article_body='Erster Absatz "A".\nZweiter Absatz .',
        is_free=False,
        kind="NewsArticle",
    )


def test_meta_elements() -> None:
    found = read(
        """<title>Bahnhof wird umgebaut | Seeblick-Kurier</title>
        <link rel="canonical" href="/politik/bahnhof-123?x=1&amp;y=2">
        <meta property="og:title" content="Bahnhof wird umgebaut - Seeblick Kurier">
        <meta property="og:site_name" content="Seeblick-Kurier"> <meta property="og:type" content="article">
        <meta name="description" content="Kurz gesagt."> <meta property="og:description" content="Ab Mai.">
        <meta name="Author" content="Jana Wolff"> <meta property="article:author" content="https://seite.example/jana">
        <meta property="article:published_time" content="2026-03-02"> <meta name="date" content="2026-03-01">
        <meta property="article:modified_time" content="2026-03-03T01:00Z">
        <meta property="article:section" content="Politik"> <meta name="news_keywords" content="Bahn, Umbau,,Bahn">
        <meta property="article:content_tier" content="locked"> <meta property="og:locale" content="de_AT">"""
    )
    assert found == Metadata(
        headlines=("Bahnhof wird umgebaut",),
        description="Ab Mai.",
        authors=(Attribution(("Jana Wolff",), "meta author"),),
        published=(Evidence("2026-03-02", "meta article:published_time"), Evidence("2026-03-01", "meta date")),
        modified=(Evidence("2026-03-03T01:00Z", "meta article:modified_time"),),
        section="Politik",
        keywords=("Bahn", "Umbau"),
        language="de",
        canonical="https://www.seeblick-kurier.example/politik/bahnhof-123?x=1&y=2",
        site_name="Seeblick-Kurier",
        is_free=False,
        og_type="article",
    )


def test_microdata() -> None:
    found = read(
        "",
        """<article itemscope itemtype="http://schema.org/NewsArticle">
        <h1 itemprop="headline">Bahnhof wird umgebaut</h1>
        <p itemprop="author" itemscope itemtype="http://schema.org/Person">
        Von <span itemprop="name">Jana Wolff</span></p>
        <p itemprop="author">Tom Berger</p>
        <time itemprop="datePublished" datetime="2026-03-02T08:15">Montag</time>
        <div itemscope itemtype="http://schema.org/Comment"><b itemprop="author">Leser1</b>
        <i itemprop="datePublished" content="2026-03-05"></i></div></article>""",
    )
    assert found.headlines == ("Bahnhof wird umgebaut",)
    assert found.authors == (Attribution(("Jana Wolff", "Tom Berger"), "author"),)
    assert found.published[0] == Evidence("2026-03-02T08:15", "datePublished")
    assert "2026-03-05" not in {evidence.value for evidence in found.published}
    assert found.kind == "NewsArticle"


def test_a_graph_with_references() -> None:
    graph = {
        "@graph": [
            {"@type": "WebSite", "@id": "#site", "name": "Seeblick-Kurier"},
            {"@type": "Person", "@id": "#jana", "name": "Jana Wolff"},
            {"@type": "WebPage", "@id": URL, "datePublished": "2026-03-01", "inLanguage": "de"},
            {"@type": ["Article"], "headline": "Umbau", "author": {"@id": "#jana"}, "publisher": {"@id": "#site"}},
        ]
    }
    found = read(jsonld(graph))
    assert (found.headlines, found.site_name, found.language, found.kind) == (
        ("Umbau",),
        "Seeblick-Kurier",
        "de",
        "Article",
    )
    assert found.authors == (Attribution(("Jana Wolff",), "author"),)
    assert found.published == (Evidence("2026-03-01", "datePublished"),)


def test_nodes_of_other_articles_are_left_aside() -> None:
    other = ARTICLE | {"headline": "Ganz etwas anderes", "url": "https://www.seeblick-kurier.example/x", "author": "Y"}
    own = ARTICLE | {"@type": "BlogPosting", "headline": "Bahnhof wird umgebaut"}
    found = read('<meta property="og:title" content="Bahnhof wird umgebaut">' + jsonld([other, own]))
    assert found.headlines == ("Bahnhof wird umgebaut",)
    assert [attribution.values for attribution in found.authors] == [("Jana Wolff", "Tom Berger")]


def test_broken_json_ld_is_read() -> None:
    script = json.dumps(ARTICLE)[:-1].replace("Ab Mai", 'Ab "Mai"') + ",\n}; // end"
    found = read(f'<script type="application/ld+json"><!-- {script} --></script>')
    assert found.headlines == ("Bahnhof wird umgebaut & erweitert",)
    assert found.authors[0].values == ("Jana Wolff", "Tom Berger")


@pytest.mark.parametrize(
    ("head", "headlines"),
    [
        ("<title>Sieg in Murtal – Seeblick Kurier</title>", ("Sieg in Murtal",)),
        ("<title>Seeblick-Kurier: Sieg in Murtal</title>", ("Sieg in Murtal",)),
        ("<title>Sieg in Murtal | Sport | seeblick-kurier.example</title>", ("Sieg in Murtal",)),
        ("<title>Sieg - trotz allem - in Murtal</title>", ("Sieg - trotz allem - in Murtal",)),
        ("<title>Seeblick-Kurier</title>", ()),
        ("<title></title><svg><title>Menu</title></svg>", ("Menu",)),
    ],
)
def test_the_name_of_the_site_is_no_part_of_the_headline(head: str, headlines: tuple[str, ...]) -> None:
    assert read(f'<meta property="og:site_name" content="Seeblick-Kurier">{head}').headlines == headlines


@pytest.mark.parametrize(
    ("title", "url"),
    [
        ("Le Fil du Rhône - Un lavoir sauvé", "https://www.lefildurhone.example/a"),
        ("Un lavoir sauvé | Küstenbote", "https://kuestenbote.example/a"),
        ("Un lavoir sauvé - DER KURIER", "https://www.kurier.example/a"),
    ],
)
def test_the_site_is_known_by_its_host_too(title: str, url: str) -> None:
    assert read(f"<title>{title}</title>", url=url).headlines == ("Un lavoir sauvé",)


def test_the_name_of_a_site_is_cut_where_words_are_not_spaced() -> None:
    head = '<meta property="og:site_name" content="湾岸日報"><title>島に新しい船：湾岸日報</title>'
    assert read(head).headlines == ("島に新しい船",)


def test_the_heading_that_the_title_repeats_comes_first() -> None:
    head = '<meta property="og:title" content="Sieg für die Mannschaft in Murtal"><title>Sieg in Murtal - Sport</title>'
    found = read(head, "<h1>Sport aus der Region</h1><h1>Sieg in Murtal</h1>")
    assert found.headlines == ("Sieg in Murtal", "Sieg für die Mannschaft in Murtal", "Sport aus der Region")


def test_a_headline_cut_for_its_place_is_replaced_by_the_whole_one() -> None:
    whole = "Der lange Streit um den Umbau des alten Bahnhofs am See geht nach vielen Jahren zu Ende"
    found = read(jsonld(ARTICLE | {"headline": whole[:70] + "…"}), f"<h1>{whole}</h1>")
    assert found.headlines[0] == whole


def test_people_are_trusted_more_than_the_site_and_log_in_names() -> None:
    head = '<meta property="og:site_name" content="Seeblick-Kurier"><meta name="author" content="Jana Wolff">'
    site = read(head + jsonld(ARTICLE | {"author": {"@type": "Organization", "name": "Seeblick-Kurier.example"}}))
    assert site.authors == (
        Attribution(("Jana Wolff",), "meta author"),
        Attribution(("Seeblick-Kurier.example",), "author", is_site=True),
    )
    login = read(head + jsonld(ARTICLE | {"author": "jana.wolff"}))
    assert [attribution.values for attribution in login.authors] == [("Jana Wolff",), ("jana.wolff",)]


def test_links_to_authors() -> None:
    links = (
        '<a rel="author nofollow">Jana Wolff</a> <a rel="author">Alle Artikel von Jana Wolff</a><a rel="tag">Bahn</a>'
    )
    assert read("", links).authors == (Attribution(("Jana Wolff",), "rel=author"),)
    assert read("", "".join(f"<a rel=author>Autor {letter}</a>" for letter in "ABCDEF")).authors == ()


def test_authors_on_business_cards_are_those_of_the_entry_and_not_of_its_comments() -> None:
    signed = '<span class="author vcard">von <a class="url fn n" href="/author/jw">Jana Wolff</a></span>'
    comment = '<div class="comment-author vcard"><cite class="fn">Otto Kern</cite></div>'
    assert read("", signed + comment).authors == (Attribution(("Jana Wolff",), "class=author"),)
    assert read("", comment).authors == ()
    lists = "".join(signed.replace("Wolff", name) for name in ("Adler", "Berg", "Celik", "Dorn", "Ebert"))
    assert read("", lists).authors == ()


def test_what_is_no_name_is_left_out() -> None:
    head = "".join(
        f'<meta name="author" content="{value}">' for value in ("https://x.example/a", "null", "4711", "a@b.example")
    )
    assert read(head).authors == ()


@pytest.mark.parametrize(
    ("links", "url", "canonical"),
    [
        ('<link rel="canonical" href="https://a.example/b">', None, "https://a.example/b"),
        ('<link rel="canonical" href="/b">', None, None),
        ('<link rel="canonical" href="//a.example/b">', URL, "https://a.example/b"),
        ('<link rel="canonical" href="//a.example/"><meta property="og:url" content="//a.example/b">', URL, "https://a.example/b"),
        ('<link rel="canonical" href="https://a.example/">', None, "https://a.example/"),
        ('<link rel="canonical" href="javascript:alert(1)">', URL, None),
        ('<link rel="canonical" href="http://[bad/">', URL, None),
        ('<link rel="alternate" href="https://a.example/b">', URL, None),
        (jsonld(ARTICLE), None, URL),
        (jsonld({"@type": "NewsArticle", "mainEntityOfPage": {"@id": "https://a.example/c"}}), None, "https://a.example/c"),
    ],
)  # fmt: skip
def test_canonical_address(links: str, url: str | None, canonical: str | None) -> None:
    assert read(links, url=url).canonical == canonical


@pytest.mark.parametrize(
    ("head", "body", "source"),
    [
        ('<meta name="site-pubDate" content="2026-03-02">', "", "meta site-pubdate"),
        ('<meta name="vr:published_time" content="2026-03-02">', "", "meta vr:published_time"),
        ("", '<span property="schema:dateCreated" content="2026-03-02">vorgestern</span>', "meta schema:datecreated"),
        ("", '<abbr class="published" title="2026-03-02">vorgestern</abbr>', "time[datetime]"),
        ("", '<time>vorgestern</time><time datetime="2026-03-02">vorgestern</time>', "time[datetime]"),
    ],
)
def test_dates_of_publication_by_other_names(head: str, body: str, source: str) -> None:
    assert read(head, body).published == (Evidence("2026-03-02", source),)


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("2026/03/02/sieg", "2026-03-02"),
        ("2026-03/02/sieg", "2026-03-02"),
        ("news/20260302/sieg", "2026-03-02"),
        ("sieg-in-murtal-2026-03-02.html", "2026-03-02"),
        ("20261302/sieg", None),
        ("web/20260302112040/sieg", None),
        ("sieg-20260302", None),
    ],
)
def test_the_day_in_the_address_is_the_last_candidate(path: str, day: str | None) -> None:
    found = read("", '<time datetime="2026-03-03">gestern</time>', url=f"https://a.example/{path}")
    last = (Evidence(day, "url"),) if day else ()
    assert found.published == (Evidence("2026-03-03", "time[datetime]"), *last)


@pytest.mark.parametrize(
    ("value", "free"),
    [("False", False), ("http://schema.org/True", True), (True, True), ("", None), ("maybe", None)],
)
def test_free_to_read(value: Any, free: bool | None) -> None:  # noqa: FBT001
    assert read(jsonld({"@type": "NewsArticle", "isAccessibleForFree": value})).is_free is free


def test_an_article_with_a_closed_part_is_not_free() -> None:
    node = {"@type": "NewsArticle", "isAccessibleForFree": True, "hasPart": {"isAccessibleForFree": False}}
    assert read(jsonld(node)).is_free is False


def test_values_can_be_stored() -> None:
    node = ARTICLE | {"headline": "Um\u0000bau \ud83d der Bru\u0308cke", "articleBody": "a\ud800b"}
    found = read(jsonld(node))
    assert found.headlines == ("Umbau der Brücke",)
    assert found.article_body == "ab"


def test_an_empty_page_says_nothing() -> None:
    assert read_metadata(LexborHTMLParser(""), None) == Metadata()


PIECES = st.sampled_from(
    [
        "<meta ", "property=", "name=", "content=", '"og:title"', '"author"', '"date"', "<title>", "</title>", "<h1>",
        "<time datetime=", "<link rel=canonical href=", '"http://["', '"//a/b"', '<a rel="author">', "itemprop=",
        '"author headline"', "<div ", "</div>", ">", '<script type="application/ld+json">', "</script>", '{"@type":',
        '"NewsArticle"', '"headline":', "{", "}", "[", "]", ",", ":", "<svg>", "<frameset>", "<!--", "&#x0;",
        "\\ud800", "itemscope ",
    ]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=8), max_size=60).map("".join), st.sampled_from([None, URL, "http://[", "x"]))
@example("<script type='application/ld+json'>" + "[" * 100_000 + "</script>", None)
@example("<div itemscope>" * 3000 + "<i itemprop=author>x</i>" * 300, None)
def test_no_page_breaks_it(page: str, url: str | None) -> None:
    found = read_metadata(LexborHTMLParser(page.encode("utf-8", "replace")), url)
    texts = (*found.headlines, *(name for attribution in found.authors for name in attribution.values), found.canonical)
    assert all(text.strip() and text.encode() for text in texts if text is not None)


@given(st.binary(max_size=300))
def test_no_bytes_break_it(page: bytes) -> None:
    read_metadata(LexborHTMLParser(page), URL)


@given(st.text(st.sampled_from("ab|-–: ·."), max_size=30))
def test_a_headline_never_loses_all(title: str) -> None:
    assert without_site(title, site_keys(["ab"], [])).strip() or not title.strip()


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://kerra.example/2026/03/04/ferries", "2026-03-04"),
        ("https://kerra.example/bericht_vom_04.03.2026_faehren", "2026-03-04"),
        ("https://kerra.example/aktuelles/04032026-faehren", "2026-03-04"),
        ("https://archive.example/web/20260401000000/https://kerra.example/ferries", None),
        ("https://archive.example/web/20260401000000/https://kerra.example/2026/03/04/ferries", "2026-03-04"),
        ("https://kerra.example/art12345678", None),
    ],
)
def test_day_in_the_address(url: str, day: str | None) -> None:
    published = read_metadata(LexborHTMLParser("<p>text</p>"), url).published
    assert [evidence.value for evidence in published] == ([day] if day else [])
