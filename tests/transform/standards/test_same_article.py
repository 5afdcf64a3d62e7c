"""One article in every format: what the formats can say alike comes out alike."""

from pathlib import Path

import pytest

from etl.transform.parse import parse
from tests.transform.standards.reading import as_json, document_of, read_items

SAME = Path(__file__).parent / "same"
ITEMS = ("newsml.xml", "ninjs-1.json", "ninjs-2.json", "ninjs-3.json")


def record_of(name: str) -> dict[str, object]:
    """The record without the evidence of the date, which names the field that each format has for it."""
    data = (SAME / name).read_bytes()
    record = as_json(parse(document_of(data, "text/html")) if name.endswith("html") else read_items(data)[0])
    assert record["article"].pop("published_evidence")
    return dict(record)


@pytest.mark.parametrize("name", [*ITEMS, "page.html"])
def test_the_article_is_that_of_the_nitf(name: str) -> None:
    assert record_of(name) == record_of("nitf.xml")


def test_the_article_is_whole() -> None:
    record = record_of("nitf.xml")
    article = record["article"]
    assert isinstance(article, dict)
    assert article["kicker"] == "Tirol"
    assert article["headline"] == "Seilbahn auf den Hochkogel fährt wieder"
    assert article["lead"].endswith("nun acht Minuten.")
    assert article["body"].startswith("Die Seilbahn auf den Hochkogel nimmt")
    assert article["body"].endswith("nicht überstanden hätten.")
    assert article["body"].count("\n\n") == 4
    assert article["authors"] == ["Maria Lechner"]
    assert article["published_at"] == "2026-03-04 09:15:00+00:00"
    assert article["published_offset_minutes"] == 60
    assert article["modified_at"] == "2026-03-04 10:40:00+00:00"
    assert article["language"] == "de"
    assert article["topics"] == ["Verkehr", "Tourismus"]
    assert article["image_captions"] == ["Die neuen Kabinen fassen zehn Personen."]
    assert article["image_credits"] == ["Anna Karl/APA"]
    agencies = record["agencies"]
    assert isinstance(agencies, list)
    assert [(row["agency_code"], row["scope"]) for row in agencies] == [
        ("apa", "image"),
        ("apa", "text"),
        ("dpa", "text"),
    ]
