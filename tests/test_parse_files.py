"""A file through extract and transform without a warehouse."""

from pathlib import Path

from etl.parse_files import parse_file
from etl.settings import Settings
from etl.tables import ARTICLES
from tests.conftest import SAMPLES


def parsed(uri: str, url: str | None = None) -> dict[str, object]:
    (found,) = parse_file(SAMPLES / uri, Settings(landing=Path("landing"), warehouse=Path("warehouse")), url=url)
    article = found["article"]
    assert isinstance(article, dict)
    return article


def test_a_page_says_its_address_and_with_it_its_source() -> None:
    article = parsed("2026-03-04/seehund-station.html")
    assert [name for name in ARTICLES.column_names if name not in article] == ["ingest_date"]
    assert article["url"] == "https://www.kuestenbote.example/region/seehundstation-erster-heuler-3391.html"
    assert (article["source"], article["media_type"]) == ("kuestenbote.example", "text/html")
    assert article["published_evidence"] == "meta date: 2026-03-04T08:02:00+01:00"


def test_relative_addresses_are_resolved_against_the_given_one() -> None:
    article = parsed("2026-03-04/prairie-courier/ice-road.html.gz", url="https://mirror.example/a/b")
    assert article["url"] == "https://mirror.example/news/ice-road-loon-narrows-closes-early"
    assert article["source"] == "mirror.example"


def test_a_given_address_tells_the_source_of_text() -> None:
    article = parsed("2026-03-02/agenturmeldung-leuchtturm.txt", url="https://www.bote.example/a")
    assert (article["url"], article["source"]) == ("https://www.bote.example/a", "bote.example")
