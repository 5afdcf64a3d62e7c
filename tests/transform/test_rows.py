"""Rows from records."""

import pytest

from etl.tables import AGENCIES, ARTICLES, RELATED_ITEMS, staged_schema
from etl.transform.record import Agency, Article, Document, Record, RelatedItem
from etl.transform.rows import agency_rows, article_row, related_rows


def document(source: str | None = None, url: str | None = None) -> Document:
    return Document("text", "0" * 32, "2026-03-02/a.html", 0, 4, "text/html", "utf-8", source=source, url=url)


def test_rows_have_the_columns_of_the_registry() -> None:
    record = Record(
        Article("Ein Absatz."), (RelatedItem("Titel"),), (Agency("apa", "APA", "AT", "wire", "text", "APA"),)
    )
    assert list(article_row(document(), record, "1")) == staged_schema(ARTICLES).names
    assert list(related_rows(document(), record)[0]) == staged_schema(RELATED_ITEMS).names
    assert list(agency_rows(document(), record)[0]) == staged_schema(AGENCIES).names


@pytest.mark.parametrize(
    ("folder", "given", "stated", "source", "url"),
    [
        ("kurier", "https://a.example/x", "https://www.b.example/y", "kurier", "https://www.b.example/y"),
        (None, "https://a.example/x", "https://www.B.example:8080/y", "b.example", "https://www.B.example:8080/y"),
        (None, "https://a.example/x", None, "a.example", "https://a.example/x"),
        (None, "no address", None, None, "no address"),
        (None, "http://[", None, None, "http://["),
        (None, None, None, None, None),
    ],
)
def test_source_is_the_folder_or_else_the_domain_of_the_address(
    folder: str | None, given: str | None, stated: str | None, source: str | None, url: str | None
) -> None:
    row = article_row(document(folder, given), Record(Article("Ein Absatz.", url=stated)), "1")
    assert (row["source"], row["url"]) == (source, url)
