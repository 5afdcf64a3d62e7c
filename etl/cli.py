"""The command `news-etl`: run days, parse files, and ask the warehouse how it stands. No Airflow needed."""

from __future__ import annotations

from typing import Annotated

import typer

from etl import __version__, console
from etl.commands.clean import clean
from etl.commands.drift import drift
from etl.commands.parse import parse
from etl.commands.raw import raw
from etl.commands.rejects import rejects
from etl.commands.replay import replay
from etl.commands.report import report
from etl.commands.rules import rules
from etl.commands.run import run
from etl.commands.snapshot import snapshot
from etl.commands.status import status
from etl.commands.verify import verify

app = typer.Typer(
    name="news-etl",
    help="Turn raw news article files into validated Parquet tables, day by day.",
    epilog="Settings come from flags, else NEWS_ETL_* variables, else ./news-etl.toml; see docs/settings.md.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback(invoke_without_command=True)
def _global(
    ctx: typer.Context,
    *,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show what the stages log.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        console.out.print(__version__)
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        console.out.print(ctx.get_help())
        raise typer.Exit
    console.show_log(verbose=verbose)


for command in (run, parse, status, snapshot, rejects, replay, raw, report, drift, rules, verify, clean):
    app.command()(command)


def main() -> None:
    """Entry point of the `news-etl` command."""
    app()


if __name__ == "__main__":
    main()
