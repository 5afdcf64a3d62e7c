"""HTML into blocks: what a reader sees as lines and paragraphs, with the markup around them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from etl.transform.blocks import Block
from etl.transform.dom import hint_names, read_dom


def blocks_of(html: str) -> list[Block]:
    return read_dom(LexborHTMLParser(html))


def texts_of(html: str) -> list[str]:
    return [block.text for block in blocks_of(html)]


def test_blocks_are_what_a_reader_sees() -> None:
    html = """<body><script>var a = "no";</script><style>p {}</style><nav><a href="/">Start</a></nav>
    <h1>A  <b>headline</b></h1><div>loose text<p>one <i>two</i>\nthree</p>after</div>
    <template><p>never</p></template><ul><li>item</li></ul></body>"""
    assert texts_of(html) == ["A headline", "loose text", "one two three", "after", "item"]


@pytest.mark.parametrize(
    ("html", "texts"),
    [
        ("<div>First paragraph of the report here.<br><br>Second one</div>", 2),
        ("<div>First sentence of the report, which is long.<br>Second one</div>", 2),
        ("<p>and the sentence<br>goes on here</p>", 1),
        ("<h1>Headline that<br>Goes On</h1>", 1),
        ("<div>Section<br>Title of the item<br>and its second half</div>", 2),
    ],
)
def test_line_breaks(html: str, texts: int) -> None:
    assert len(texts_of(html)) == texts


def test_short_cells_make_a_row_and_long_ones_a_block_each() -> None:
    prose = "A cell that holds a whole paragraph of the article, as pages set in tables do it, is a block of its own."
    assert texts_of("<table><tr><td>1</td><td>Kerra Rovers</td><td>12</td></tr></table>") == ["1 Kerra Rovers 12"]
    assert texts_of(f"<table><tr><td>{prose}</td><td>{prose}</td></tr></table>") == [prose, prose]


def test_markup_is_kept_as_evidence() -> None:
    html = """<article class="story"><div class="article-body"><p>Some <a href="/a">linked words</a> here</p></div>
    <aside id="relatedStories"><h3 style="display: none">Hidden heading</h3></aside></article>"""
    paragraph, heading = blocks_of(html)
    assert paragraph.markup is not None
    assert heading.markup is not None
    assert paragraph.markup.tag == "p"
    assert paragraph.markup.href == "/a"
    assert 0.4 < paragraph.markup.link_share < 0.7
    assert paragraph.markup.near & 1 << hint_names().index("body")
    assert heading.markup.chain & 1 << hint_names().index("related")
    assert heading.markup.hidden
    assert heading.markup.strong_share == 1.0
    assert paragraph.markup.container != heading.markup.container


def test_entries_of_menus_are_no_blocks_but_links_that_tell_something_are() -> None:
    menu = '<div class="x"><a href="/a">Sport</a></div><div class="kicker"><a href="/b">Politik</a></div>'
    assert texts_of(menu) == ["Politik"]
    assert texts_of('<div><a href="/c">Harbour master resigns after storm</a></div>') == [
        "Harbour master resigns after storm"
    ]


def test_invisible_signs_go_and_letters_are_composed() -> None:
    assert texts_of("<p>Donau\u00addampf\u200bschiff Cafe\u0301</p>") == ["Donaudampfschiff Café"]


def test_depth_is_no_danger_and_time_stays_linear() -> None:
    deep = "<div>" * 5_000 + "text at the bottom" + "</div>" * 5_000
    begin = time.process_time()
    blocks_of(deep)
    wide = "<p>" + "<span class='a b c'>word </span>" * 100_000
    blocks_of(wide)
    assert time.process_time() - begin < 20


@settings(max_examples=100)
@given(st.text(alphabet=st.sampled_from(list("<>/abdivpr =\"'\n&;\x00é")), max_size=300))
def test_any_text_can_be_read(html: str) -> None:
    for block in blocks_of(html):
        assert block.text == " ".join(block.text.split())
        assert block.text
        assert block.markup is not None
        assert 0 <= block.markup.link_share <= 1
