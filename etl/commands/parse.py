"""`news-etl parse`: show what the parser finds in single files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from etl import console
from etl.commands.common import ConfigOption, errors_shown, resolve_settings


@errors_shown
def parse(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            exists=True,
            dir_okay=False,
            help="Pages, or containers of them (tar, zip, WARC, JSON Lines, Parquet, ...).",
        ),
    ],
    *,
    url: Annotated[str | None, typer.Option(help="Address of the page, where it is known.")] = None,
    collected_at: Annotated[
        str | None, typer.Option(metavar="TIME", help="When the page was fetched (ISO 8601); relative dates need it.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Show what the parser finds in files: one line of JSON a document, on standard output.

    A document that gives no article gives a line with `reject`; the exit code stays 0.
    """
    from etl.parse_files import parse_file

    settings = resolve_settings({}, config)
    when = _moment(collected_at) if collected_at else None
    for file in files:
        for line in parse_file(file, settings, url=url, collected_at=when):
            console.print_json_line(line)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = f"`{text}` is not an ISO 8601 time, e.g. 2015-10-21T16:29:00+02:00"
        raise typer.BadParameter(message) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
