"""The pages of a corpus and of its days: what they say, that they need nothing else, and that nothing breaks out."""

import re
import shlex
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from etl.report.write import write_corpus, write_day, write_days
from tests.conftest import NewsEtl
from tests.report.conftest import BLOCKED, EMPTY, HOSTILE, NEW, PUBLISHED, Written

VOID = {"meta", "link", "br", "img", "input", "hr", "wbr"}
PAGES = ("corpus", PUBLISHED, BLOCKED, EMPTY)


class Page(HTMLParser):
    """Elements with their attributes, text, and tags that were not closed in their order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.misnested: list[str] = []
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.misnested.append(tag)

    def handle_data(self, data: str) -> None:
        if not self._open or self._open[-1] != "style":
            self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def html_of(written: Written, name: str) -> str:
    return written.corpus() if name == "corpus" else written.day(name)


@pytest.fixture(scope="module", params=PAGES)
def page(request: pytest.FixtureRequest, written: Written) -> Page:
    return Page(html_of(written, request.param))


def test_a_page_is_sound_html_with_landmarks_and_one_heading(page: Page) -> None:
    assert page.misnested == []
    assert {"header", "main", "footer", "nav"} <= {tag for tag, _ in page.elements}
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip([0, *levels], levels, strict=False))
    assert page.all("html") == [{"lang": "en"}]


def test_a_page_loads_nothing_and_runs_nothing(page: Page) -> None:
    assert {tag for tag, _ in page.elements}.isdisjoint({"script", "img", "iframe", "object", "embed", "base", "form"})
    for tag, attributes in page.elements:
        assert "src" not in attributes, tag
        assert not [name for name in attributes if name.startswith(("on", "xlink"))], tag
        for link in (attributes[name] for name in ("href", "xlink:href") if name in attributes):
            assert re.match(r"#|days/|\.\./|\d{4}-\d\d-\d\d\.html$|file:///|data:,$", link), link


def test_the_style_names_no_address(written: Written) -> None:
    for name in PAGES:
        style = html_of(written, name).partition("<style>")[2].partition("</style>")[0]
        assert not re.search(r"url\(|@import|https?:|<", style)


def test_links_within_the_report_lead_somewhere(written: Written) -> None:
    for name in PAGES:
        page = Page(html_of(written, name))
        here = written.folder / ("index.html" if name == "corpus" else f"days/{name}.html")
        ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
        for link in (a["href"] for a in page.all("a")):
            if link.startswith("#"):
                assert link[1:] in ids
            elif link.startswith("file:"):
                assert Path(unquote(link.removeprefix("file://"))).exists()
            else:
                assert (here.parent / link).resolve().is_file(), link


def test_every_plot_says_what_it_shows_and_has_its_numbers_beneath(page: Page) -> None:
    plots = page.all("svg")
    figures = page.all("figure")
    assert len(plots) >= len(figures)
    for plot in plots:
        assert plot["role"] == "img"
        assert plot["aria-label"].endswith(".")
    order = [tag for tag, _ in page.elements if tag in ("figure", "svg", "details", "table", "figcaption")]
    for start in (at for at, tag in enumerate(order) if tag == "figure"):
        after = order[start + 1 :]
        assert after[0] == "figcaption"
        assert [tag for tag in after if tag not in ("figcaption", "svg")][:2] == ["details", "table"]


def test_marks_of_plots_have_tooltips_and_colours_of_the_style_sheet(written: Written) -> None:
    html = written.corpus()
    assert re.search(r'<path [^>]*class="f-s1"[^>]*><title>bote: 11</title></path>', html)
    assert re.search(r'<path [^>]*class="f-s1"[^>]*><title>4 May 2026: 6 bote</title></path>', html)
    pictures = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert not [picture for picture in pictures if re.search(r"#[0-9a-f]{3,6}\b", picture)]


def test_both_schemes_of_colours_define_the_same_names(written: Written) -> None:
    style = written.corpus().partition("<style>")[2].partition("</style>")[0]
    light, dark = (set(re.findall(r"(--[a-z0-9]+):", part)) for part in style.split("prefers-color-scheme: dark")[:2])
    assert dark <= light
    assert set(re.findall(r"var\((--[a-z0-9]+)\)", style)) <= light
    assert {"--ink", "--paper", "--s1", "--bad"} <= dark


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_contrast_is_enough(written: Written, scheme: int) -> None:
    part = written.corpus().partition("<style>")[2].split("prefers-color-scheme: dark")[scheme]
    colours = dict(re.findall(r"(--[a-z0-9]+): (#[0-9a-f]{6})", part))
    text = [("--ink", on) for on in ("--paper", "--card", "--mark", "--published", "--stale", "--blocked", "--failed")]
    text += [("--soft", on) for on in ("--paper", "--card")] + [("--link", on) for on in ("--paper", "--card")]
    for ink, on in text:
        assert contrast(colours[ink], colours[on]) >= 4.5, (ink, on)
    for mark in ("--s1", "--s2", "--s3", "--s4", "--s5", "--s6", "--rest", "--good", "--note", "--warn", "--bad"):
        assert contrast(colours[mark], colours["--card"]) >= 3, mark


def test_text_of_the_corpus_stays_text(page: Page) -> None:
    assert "script" not in {tag for tag, _ in page.elements}


def test_hostile_names_are_shown_as_they_are(written: Written) -> None:
    for name in ("corpus", PUBLISHED):
        html = html_of(written, name)
        assert f"{HOSTILE}: 2" in Page(html).text  # the tooltip of its bar
        assert "<script" not in html
        assert HOSTILE not in html


def test_the_corpus_in_a_sentence_and_how_it_stands(written: Written) -> None:
    text = Page(written.corpus()).text
    assert "13 articles from 2 sources over 2 days, 4 May 2026 to 5 May 2026." in text
    assert "Days that need a look: 1 blocked, 1 stale, 1 new." in text
    assert "see whether its files are complete" in text
    assert f"since it was built, 1 file came ({PUBLISHED}/bote/Nachtrag-000.txt)" in text


def test_the_calendar_tells_each_days_state_and_links_to_its_page(written: Written) -> None:
    page = Page(written.corpus())
    found = {a["href"]: (a["class"], a["title"]) for a in page.all("a") if "title" in a}
    assert found == {
        f"days/{PUBLISHED}.html": ("stale", "4 May 2026: stale, 8 articles"),
        f"days/{BLOCKED}.html": ("blocked", "5 May 2026: blocked, 5 articles"),
        f"days/{EMPTY}.html": ("empty", "6 May 2026: empty"),
    }
    assert {"class": "new", "title": "7 May 2026: new"} in page.all("li")
    assert NEW not in {file.stem for file in (written.folder / "days").iterdir()}


def test_a_published_day(written: Written) -> None:
    text = Page(written.day(PUBLISHED)).text
    assert "Monday, 4 May 2026" in text
    assert "8 articles from 2 sources, 2 documents rejected (20%)." in text
    assert "published as snapshot 1" in text
    assert "Austria Presse Agentur" in text


def test_a_blocked_day_tells_why_and_shows_the_rejects_of_its_run(written: Written) -> None:
    text = Page(written.day(BLOCKED)).text
    assert "The newest run was blocked; the tables still hold what was published before." in text
    assert f"day {BLOCKED} now has 2 documents (2 files), published are 5" in text
    assert f"news-etl rejects --run {BLOCKED}.0002 --list" in text
    assert f"{BLOCKED}/kurier.txt" in text
    assert f"are those of run {BLOCKED}.0001" in text


def test_a_day_without_files(written: Written) -> None:
    text = Page(written.day(EMPTY)).text
    assert "No files had landed." in text
    assert "Nothing was rejected." in text


def commands(html: str, name: str) -> list[str]:
    return [unescape(found) for found in re.findall(rf'<code class="command">(news-etl {name} .*?)</code>', html)]


def test_commands_for_examples_print_their_bytes(written: Written, news_etl: NewsEtl) -> None:
    settings = written.settings
    where = ("--landing", str(settings.landing), "--warehouse", str(settings.warehouse))
    for day, sizes in ((PUBLISHED, [2048, 0]), (BLOCKED, [0])):
        found = commands(written.day(day), "raw")
        answers = [news_etl(*shlex.split(command)[1:], *where) for command in found]
        assert [answer.returncode for answer in answers] == [0] * len(sizes)
        assert sorted(len(news_etl_bytes(command, where)) for command in found) == sorted(sizes)


def news_etl_bytes(command: str, where: tuple[str, ...]) -> bytes:
    from typer.testing import CliRunner  # noqa: PLC0415 - the fixture gives text, and this is about bytes

    from etl.cli import app  # noqa: PLC0415

    return CliRunner().invoke(app, [*shlex.split(command)[1:], *where]).stdout_bytes


def test_commands_that_list_rejects_find_what_the_page_counts(written: Written, news_etl: NewsEtl) -> None:
    for day in ("corpus", PUBLISHED, BLOCKED):
        for command in commands(html_of(written, day), "rejects"):
            answer = news_etl(*shlex.split(command)[1:], "--warehouse", str(written.settings.warehouse))
            assert answer.returncode == 0
            assert len(answer.stdout.splitlines()) == 1


def test_pages_are_small(written: Written) -> None:
    assert max(file.stat().st_size for file in (written.folder / "days").iterdir()) < 300_000
    assert len(written.corpus()) < 300_000


def test_writing_again_gives_the_same_bytes(written: Written) -> None:
    before = {file: file.read_bytes() for file in written.folder.rglob("*.html")}
    write_corpus(written.settings)
    for day in (PUBLISHED, BLOCKED, EMPTY):
        write_day(written.settings, day)
    assert {file: file.read_bytes() for file in written.folder.rglob("*.html")} == before


def test_only_pages_of_changed_days_are_written_where_asked(written: Written) -> None:
    assert list(write_days(written.settings, changed_only=True)) == []
    page = written.folder / "days" / f"{EMPTY}.html"
    page.write_text(
        page.read_text(encoding="utf-8").replace('name="made-from" content="', 'name="made-from" content="0')
    )
    assert list(write_days(written.settings, changed_only=True)) == [page]
