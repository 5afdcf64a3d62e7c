"""`news-etl raw`: the original bytes of an article or a reject."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from etl.commands.common import ConfigOption, LandingOption, WarehouseOption, errors_shown, resolve_settings


@errors_shown
def raw(
    name: Annotated[str, typer.Argument(metavar="ARTICLE_ID", help="An article_id, a document_id or a source_uri.")],
    *,
    day: Annotated[str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="Look in this landing day.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write into this file instead.")] = None,
    landing: LandingOption = None,
    warehouse: WarehouseOption = None,
    config: ConfigOption = None,
) -> None:
    """Print the bytes that an article was made of: the file, the archive's member, the answer's body, the text field.

    Examples:
    - `news-etl raw 0f3c9a1b2d4e5f60718293a4b5c6d7e8`
    - `news-etl raw '2026-03-02/crawl.warc.gz!48213' -o page.html`
    """
    from etl.extract.plan import parse_day
    from etl.raw import find_document, read_raw

    settings = resolve_settings({"landing": landing, "warehouse": warehouse}, config)
    place = find_document(settings.warehouse, name, parse_day(day).isoformat() if day else None)
    data = read_raw(settings, place)
    if output is not None:
        output.write_bytes(data)
    else:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
