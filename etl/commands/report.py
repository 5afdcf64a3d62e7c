"""`news-etl report`: pages that show what the corpus holds and how its days stand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from etl import console
from etl.commands.common import (
    ConfigOption,
    DatesOption,
    FromOption,
    JsonOption,
    LandingOption,
    ToOption,
    WarehouseOption,
    asked_days,
    errors_shown,
    resolve_settings,
)
from etl.errors import NewsEtlError


@errors_shown
def report(
    *,
    dates: DatesOption = None,
    first: FromOption = None,
    last: ToOption = None,
    corpus_only: Annotated[bool, typer.Option("--corpus-only", help="Leave the pages of days as they are.")] = False,
    rewrite: Annotated[bool, typer.Option("--rewrite", help="Write pages that are up to date as well.")] = False,
    warehouse_only: Annotated[
        bool, typer.Option("--warehouse-only", help="Do not list the landing zone to find days that are stale.")
    ] = False,
    opened: Annotated[bool, typer.Option("--open", help="Show the page of the corpus in a browser.")] = False,
    landing: LandingOption = None,
    warehouse: WarehouseOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the page of the corpus and a page for each day, as far as something has changed, and say where they are.

    The pages stand in the warehouse: `_reports/index.html`, and `_reports/days/YYYY-MM-DD.html` for a day. Each is one
    file that any browser shows without network; give it away as it is. With --date, or --from and --to, only the pages
    of these days are written, and that of the corpus.

    They show volumes, filled fields, agencies, rejects with commands that print their bytes, what the rules found, and
    which days are blocked, failed, stale or were never run. Airflow writes them at the end of each run. A page takes
    under a second: for thousands of days that have none yet, begin with --corpus-only.

    Examples:
    - `news-etl report --open`
    - `news-etl report --date 2026-03-02 --warehouse-only`
    """
    from etl.report.standing import keep_due
    from etl.report.write import check_known, corpus_file, write_corpus, write_days

    settings = resolve_settings({"landing": landing, "warehouse": warehouse}, config)
    days = asked_days(dates, first, last)
    if corpus_only and days:
        message = "--corpus-only writes no pages of days; leave --date, --from and --to out"
        raise typer.BadParameter(message)
    check_known(settings, asked_days(dates, None, None))  # those of a range may have gaps
    if not warehouse_only and settings.warehouse.is_dir():
        from etl.due import closed_before, day_conditions

        # As the schedule's maintenance does: of a day that is not closed nothing can be said, nor of one to come.
        before = closed_before(settings, datetime.now(UTC))
        try:
            with console.listing_progress() as listing:
                keep_due(
                    settings.warehouse, day_conditions(settings, wanted=lambda day: day < before, progress=listing)
                )
        except NewsEtlError as error:
            console.err.print(f"not compared with the landing zone: {error}", markup=False)
    files: list[Path] = []
    if not corpus_only:
        with console.err.status("writing pages of days") as status:
            for file in write_days(settings, days, changed_only=not rewrite):
                files.append(file)
                status.update(f"writing pages of days: {len(files):,}")
    page = write_corpus(settings)
    if as_json:
        facts = {"corpus": str(page.absolute()), "days": [str(file.absolute()) for file in files]}
        console.print_json_line(facts)
    else:
        written = f" and {len(files):,} page{'' if len(files) == 1 else 's'} of days" if files else ""
        console.out.print(f"{page.absolute()}{written}", markup=False)
    if opened:
        typer.launch(corpus_file(settings.warehouse).absolute().as_uri())
