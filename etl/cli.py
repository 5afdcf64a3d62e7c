"""The command `news-etl`: run days, parse files, and ask the warehouse how it stands. No Airflow needed."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec

import typer

from etl import __version__, console
from etl.contract import Published
from etl.errors import DayBlocked, NewsEtlError, SettingsInvalid
from etl.settings import DEFAULT_CONFIG, Settings, load_settings

app = typer.Typer(
    name="news-etl",
    help="Turn raw news article files into validated Parquet tables, day by day.",
    epilog="Settings come from flags, else NEWS_ETL_* variables, else ./news-etl.toml; see docs/settings.md.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    add_completion=False,
)

ConfigOption = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="TOML file of settings.")]
LandingOption = Annotated[Path | None, typer.Option("--landing", metavar="FOLDER", help="Landing zone.")]
WarehouseOption = Annotated[Path | None, typer.Option("--warehouse", metavar="FOLDER", help="Warehouse.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]
DatesOption = Annotated[
    list[str] | None, typer.Option("--date", metavar="YYYY-MM-DD", help="Landing day; may be given several times.")
]
FromOption = Annotated[str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="First day of a range.")]
ToOption = Annotated[str | None, typer.Option("--to", metavar="YYYY-MM-DD", help="Last day of a range.")]

if TYPE_CHECKING:
    from etl.engines.local import LocalEngine

P = ParamSpec("P")


def main() -> None:
    """Entry point of the `news-etl` command."""
    app()


def _errors_shown(command: Callable[P, None]) -> Callable[P, None]:
    """Show our own errors as one line; exit with 2 for settings, 1 for all else."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except NewsEtlError as error:
            _print_error(error)
            raise typer.Exit(2 if isinstance(error, SettingsInvalid) else 1) from None

    return wrapped


def _print_error(error: NewsEtlError, prefix: str = "") -> None:
    console.err.print(f"{prefix}{type(error).__name__}: {error}", style="red", markup=False)


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


@app.command()
@_errors_shown
def run(
    folder: Annotated[
        Path | None,
        typer.Argument(help="A folder of files to take as one day (with --date), instead of a landing zone."),
    ] = None,
    *,
    dates: DatesOption = None,
    first: FromOption = None,
    last: ToOption = None,
    landing: LandingOption = None,
    warehouse: WarehouseOption = None,
    config: ConfigOption = None,
    workers: Annotated[int | None, typer.Option(help="Worker processes; default: one per core.")] = None,
    batch_bytes: Annotated[int | None, typer.Option(help="Size of a batch in bytes.")] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Publish a day even if it is now empty or under half of what it was.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Extract, transform, validate and load days.

    Without a day, every day found in the landing zone is run.

    Examples:
    - `news-etl run --landing samples/landing --date 2026-03-02`
    - `news-etl run --from 2026-03-02 --to 2026-03-04`
    - `news-etl run ~/clippings --date 2026-03-02`
    """
    from etl.engines.local import LocalEngine

    if folder is not None and landing is not None:
        message = "give a FOLDER or --landing, not both"
        raise typer.BadParameter(message)
    flags: dict[str, Any] = {"warehouse": warehouse, "workers": workers, "batch_bytes": batch_bytes}
    flags |= {"landing": folder, "day_folder": ""} if folder else {"landing": landing}
    settings = _settings(flags, config)
    days = _days(dates, first, last)
    if folder is not None and len(days) != 1:
        message = "a FOLDER is one day: say which with --date"
        raise typer.BadParameter(message)
    days = days or _landing_days(settings)
    if not as_json:
        console.err.print(f"landing {settings.landing.absolute()}\nwarehouse {settings.warehouse.absolute()}")
    with _terminated_like_interrupted(), LocalEngine(settings) as engine:
        failures = {day: e for day in days if (e := _run_day(engine, day, force=force, as_json=as_json)) is not None}
    if len(days) > 1 and failures and not as_json:
        console.err.print(f"{len(failures)} of {len(days)} days did not publish:", style="red")
        for day, failure in failures.items():
            _print_error(failure, f"  {day} ")
    if failures:
        raise typer.Exit(1)


def _run_day(engine: LocalEngine, day: str, *, force: bool, as_json: bool) -> NewsEtlError | None:
    """Run a day and show how it ended; its error where it did not publish, so that the next day gets its turn."""
    try:
        with console.day_progress(day) as progress:
            result = engine.run_day(day, force=force, progress=progress)
    except KeyboardInterrupt:
        console.err.print(f"{day} interrupted; `news-etl status` shows how it stands", style="red", markup=False)
        raise
    except NewsEtlError as error:
        if as_json:
            outcome = "blocked" if isinstance(error, DayBlocked) else "failed"
            console.print_json_line(
                {"day": day, "outcome": outcome, "error": type(error).__name__, "message": str(error)}
            )
        else:
            _print_error(error, f"{day} ")
        return error
    if as_json:
        seconds = {stage: round(value, 3) for stage, value in result.seconds.items()}
        console.print_json_line({"day": day, "run_id": result.run_id, **result.published, "seconds": seconds})
    else:
        console.out.print(_day_line(day, result.published, result.seconds), markup=False)
    return None


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Let a request to end (`kill`, a service manager) stop the workers and be recorded, as Ctrl-C is."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _day_line(day: str, published: Published, seconds: dict[str, float]) -> str:
    from etl.tables import TABLES

    rows = ", ".join(f"{published['rows'].get(name, 0):,} {name}" for name in TABLES if name != "runs")
    times = ", ".join(f"{stage} {value:.1f}" for stage, value in seconds.items())
    return f"{day} {published['message']}: {rows} (seconds: {times})"


@app.command()
@_errors_shown
def parse(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", exists=True, dir_okay=False, help="Text or HTML files, compressed or not."),
    ],
    *,
    url: Annotated[str | None, typer.Option(help="Address of the page, where it is known.")] = None,
    collected_at: Annotated[
        str | None, typer.Option(metavar="TIME", help="When the page was fetched (ISO 8601); relative dates need it.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Show what the parser finds in files: one line of JSON each, on standard output.

    A file that gives no article gives a line with `reject`; the exit code stays 0.
    """
    from etl.parse_files import parse_file

    settings = _settings({}, config)
    when = _moment(collected_at) if collected_at else None
    for file in files:
        console.print_json_line(parse_file(file, settings, url=url, collected_at=when))


@app.command()
@_errors_shown
def status(*, warehouse: WarehouseOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show every day: published, empty, blocked or failed (and why), with its rows."""
    from dataclasses import asdict

    from etl.history import day_states
    from etl.tables import TABLES

    settings = _settings({"warehouse": warehouse}, config)
    states = day_states(settings.warehouse)
    if as_json:
        console.print_json_line([asdict(state) for state in states])
        return
    if not states:
        console.out.print(f"no runs in {settings.warehouse.absolute()}; start with `news-etl run`", markup=False)
        return
    names = [name for name in TABLES if name != "runs"]
    headings = {"day": False, "state": False, "run": False, **dict.fromkeys(names, True)}
    rows = [[s.day, s.state, s.run_id, *(s.rows.get(name) for name in names)] for s in states]
    console.print_table(headings, rows, gap=1)  # fits into 80 columns
    for state in states:
        if state.reason:
            kept = f" (tables: still run {state.published_run})" if state.published_run else ""
            console.out.print(f"{state.day} {state.state}{kept}: {state.reason}", markup=False)


@app.command()
@_errors_shown
def snapshot(
    *,
    number: Annotated[int | None, typer.Option("--number", help="A kept snapshot instead of the current one.")] = None,
    warehouse: WarehouseOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the folder of the current snapshot, resolved once: read all tables below it and they fit together.

    Example: `duckdb -c "from '$(news-etl snapshot)/articles/**/*.parquet' limit 5"`
    """
    from etl.warehouse import open_warehouse

    settings = _settings({"warehouse": warehouse}, config)
    opened = open_warehouse(settings.warehouse, number)
    if as_json:
        facts = {"snapshot": opened.snapshot, "path": str(opened.path), "days": opened.days()}
        console.print_json_line(facts)
    else:
        console.out.print(str(opened.path), markup=False)


@app.command()
@_errors_shown
def rejects(
    *,
    code: Annotated[list[str] | None, typer.Option("--code", help="Only this code, e.g. `undecodable`.")] = None,
    dates: DatesOption = None,
    first: FromOption = None,
    last: ToOption = None,
    run_id: Annotated[str | None, typer.Option("--run", help="A blocked or failed run, e.g. 2026-03-02.0001.")] = None,
    listed: Annotated[bool, typer.Option("--list", help="Each reject, not only the counts.")] = False,
    warehouse: WarehouseOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what did not become part of the tables, and why: counts by code, or each reject with --list."""
    from etl.rejects import find_rejects
    from etl.tables import REJECT_CODES

    unknown = [name for name in code or [] if name not in REJECT_CODES and not name.startswith("rule:")]
    if unknown:
        message = f"there is no code `{unknown[0]}`; codes: {', '.join(REJECT_CODES)}"
        raise typer.BadParameter(message)
    settings = _settings({"warehouse": warehouse}, config)
    days = _days(dates, first, last)
    found = find_rejects(settings.warehouse, run_id=run_id, days=days, codes=code or [])
    if as_json:
        for row in found.to_pylist():
            console.print_json_line(row)
        return
    if listed:
        for row in found.to_pylist():
            where = row["source_uri"] + ("" if not row["row_key"] else f" {row['row_table']} {row['row_key']}")
            console.out.print(console.one_line(f"{row['code']}  {where}  {row['message']}"), markup=False)
        return
    counts: dict[str, int] = {}
    for name in found.column("code").to_pylist():
        counts[name] = counts.get(name, 0) + 1
    if not counts:
        console.out.print("no rejects")
        return
    rows = [
        [name, count, *REJECT_CODES["rule:<name>" if name.startswith("rule:") else name]]
        for name, count in sorted(counts.items())
    ]
    console.print_table({"code": False, "rows": True, "meaning": False, "remedy": False}, rows)


def _settings(flags: dict[str, Any], config: Path | None) -> Settings:
    return load_settings(flags, config=config, default_config=Path(DEFAULT_CONFIG))


def _days(dates: list[str] | None, first: str | None, last: str | None) -> list[str]:
    """The days that were asked for, in the order given; a range counts with both its ends."""
    from etl.extract.plan import parse_day

    if (first is None) != (last is None):
        message = "--from and --to go together"
        raise typer.BadParameter(message)
    days = [parse_day(day).isoformat() for day in dates or []]
    if first is not None and last is not None:
        days += [day.isoformat() for day in _range(parse_day(first), parse_day(last))]
    return list(dict.fromkeys(days))


def _range(first: date, last: date) -> Iterator[date]:
    if last < first:
        message = f"--to {last} lies before --from {first}"
        raise typer.BadParameter(message)
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def _landing_days(settings: Settings) -> list[str]:
    from etl.extract.plan import landing_days

    days = landing_days(settings.landing, settings.day_folder)
    if not days:
        message = f"no day folders ({settings.day_folder}) in {settings.landing}; name days with --date"
        raise typer.BadParameter(message)
    return days


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = f"`{text}` is not an ISO 8601 time, e.g. 2015-10-21T16:29:00+02:00"
        raise typer.BadParameter(message) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


if __name__ == "__main__":
    main()
