"""What the tests of `transform` share: parsing a text without a file around it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from etl.transform.parse import parse
from etl.transform.record import Document, Record, Refusal


def make_document(text: str) -> Document:
    return Document(
        text=text,
        document_id="0" * 32,
        source_uri="2026-03-04/page.txt",
        source_offset=0,
        source_length=len(text.encode("utf-8", "surrogatepass")),
        media_type="text/plain",
        charset="utf-8",
        collected_at=datetime(2026, 3, 5, tzinfo=UTC),
    )


@pytest.fixture(scope="session")
def document_of() -> Callable[[str], Document]:
    return make_document


@pytest.fixture(scope="session")
def read() -> Callable[[str], Record]:
    """Parse a text that must be an article."""

    def call(text: str) -> Record:
        result = parse(make_document(text))
        assert isinstance(result, Record), result
        return result

    return call


@pytest.fixture(scope="session")
def refuse() -> Callable[[str], Refusal]:
    """Parse a text that must be refused."""

    def call(text: str) -> Refusal:
        result = parse(make_document(text))
        assert isinstance(result, Refusal), result
        return result

    return call
