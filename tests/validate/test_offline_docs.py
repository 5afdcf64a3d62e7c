"""Data Docs without network: nothing is loaded, every link leads to a file, all that was found can be read."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from selectolax.lexbor import LexborHTMLParser

from etl.errors import RuleBlocked
from etl.validate.day import validate_day
from etl.validate.history import docs_folder
from etl.validate.suites import load_suites
from tests.validate.synthetic import DAY, make_run, sound_day

LOADING = ("src", "srcset", "data", "poster", "background", "action", "formaction", "integrity")


@pytest.fixture(scope="module")
def docs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The docs of a day that a rule blocks, another takes rows out of, and a third warns of."""
    folder = tmp_path_factory.mktemp("docs")
    run = make_run(folder)
    staged = sound_day(20)
    staged.articles[3]["headline"] = "<script>alert(1)</script>" * 20
    staged.articles[4]["article_id"] = "no id"
    staged.write(run)
    with pytest.raises(RuleBlocked):
        validate_day(run)
    return docs_folder(folder / "warehouse", run["run_id"])


def pages(docs: Path) -> dict[Path, LexborHTMLParser]:
    return {page: LexborHTMLParser(page.read_text(encoding="utf-8")) for page in sorted(docs.rglob("*.html"))}


def test_every_table_has_its_pages(docs: Path) -> None:
    names = [page.relative_to(docs).parts[0] for page in pages(docs)]
    assert sorted(names) == sorted(["index.html", *["expectations", "validations"] * len(load_suites(None))])


def test_no_page_loads_or_runs_anything(docs: Path) -> None:
    for page, tree in pages(docs).items():
        assert not tree.css("script, link, base, iframe, object, embed, img"), page
        for node in tree.css("*"):
            named = [name for name in node.attributes if name in LOADING or name.startswith("on")]
            assert not named, (page, node.tag, named)
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"@import|url\(|https?://|//[a-z]+\.", text), page


def test_every_link_leads_to_something(docs: Path) -> None:
    for page, tree in pages(docs).items():
        for link in tree.css("[href]"):
            address, _, place = unquote(link.attributes["href"] or "").partition("#")
            target = (page.parent / address).resolve() if address else page
            assert target.is_file(), (page, address)
            assert not place or target != page or tree.css_first(f'[id="{place}"]') is not None, (page, place)


def test_what_was_found_can_be_read_without_scripts(docs: Path) -> None:
    for page, tree in pages(docs).items():
        [style] = tree.css("style")
        hidden = re.findall(r"([^{}]+){[^}]*display: none", style.text().replace("@media print {", ""))
        assert [each.strip() for each in hidden] == [".cooltip .top, .popover", ".col-lg-2"], (
            "tips, and contents in print"
        )
        assert not [node for node in tree.css("[hidden]") if (node.text() or "").strip()], page
        assert not tree.css("[style]"), page
    results = next(tree for page, tree in pages(docs).items() if page.name == "articles-articles.html")
    states = {node.text() for node in results.css("td b.passed, td b.failed")}
    assert states == {"passed", "failed"}
    assert "Great Expectations Version" in (results.body.text() if results.body else "")


def test_the_index_names_every_rule_and_what_it_found(docs: Path) -> None:
    tree = LexborHTMLParser((docs / "index.html").read_text(encoding="utf-8"))
    rows = [[cell.text() for cell in row.css("td")] for row in tree.css("tbody tr")]
    suites = load_suites(None)
    assert [row[0] for row in rows] == [rule.name for suite in suites.values() for rule in suite.rules]
    assert {heading.text() for heading in tree.css("h2")} == set(suites)
    by_rule = {row[0]: row for row in rows}
    assert by_rule["article_id_pattern"][1:5] == ["failed", "block", "20", "1"]
    assert by_rule["headline_length"][1:5] == ["passed", "quarantine", "20", "1"]
    assert "they keep the day from being published" in tree.body.text() if tree.body else False
    assert [heading.text() for heading in tree.css("h1")] == [f"What the rules found in run {DAY}.0001"]


def test_they_are_small(docs: Path) -> None:
    assert not (docs / "static").exists()
    assert sum(file.stat().st_size for file in docs.rglob("*") if file.is_file()) < 600_000
