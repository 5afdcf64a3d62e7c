"""What the commands share: options, settings, the days asked for, and how our own errors are shown."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, ParamSpec

import typer

from etl import console
from etl.errors import NewsEtlError, SettingsInvalid
from etl.settings import DEFAULT_CONFIG, Settings, load_settings

ConfigOption = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="TOML file of settings.")]
LandingOption = Annotated[
    str | None, typer.Option("--landing", metavar="FOLDER|URL", help="Landing zone: a folder or e.g. s3://bucket/news.")
]
WarehouseOption = Annotated[Path | None, typer.Option("--warehouse", metavar="FOLDER", help="Warehouse.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]
DatesOption = Annotated[
    list[str] | None, typer.Option("--date", metavar="YYYY-MM-DD", help="Landing day; may be given several times.")
]
FromOption = Annotated[str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="First day of a range.")]
ToOption = Annotated[str | None, typer.Option("--to", metavar="YYYY-MM-DD", help="Last day of a range.")]

P = ParamSpec("P")


def errors_shown(command: Callable[P, None]) -> Callable[P, None]:
    """Show our own errors as one line; exit with 2 for settings, 1 for all else."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except NewsEtlError as error:
            print_error(error)
            raise typer.Exit(2 if isinstance(error, SettingsInvalid) else 1) from None

    return wrapped


def print_error(error: NewsEtlError, prefix: str = "") -> None:
    """Show an error of our own as one line."""
    console.err.print(f"{prefix}{type(error).__name__}: {error}", style="red", markup=False)


def resolve_settings(flags: dict[str, Any], config: Path | None) -> Settings:
    """The settings of a command: flags over environment over the file named, else `./news-etl.toml`."""
    return load_settings(flags, config=config, default_config=Path(DEFAULT_CONFIG))


def known_codes(codes: list[str] | None) -> list[str]:
    """The reject codes that were asked for, each once."""
    from etl.tables import REJECT_CODES

    unknown = [name for name in codes or [] if name not in REJECT_CODES and not name.startswith("rule:")]
    if unknown:
        message = f"there is no code `{unknown[0]}`; codes: {', '.join(REJECT_CODES)}"
        raise typer.BadParameter(message)
    return list(dict.fromkeys(codes or []))


def asked_days(dates: list[str] | None, first: str | None, last: str | None) -> list[str]:
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


@contextmanager
def terminated_like_interrupted() -> Iterator[None]:
    """Let a request to end (`kill`, a service manager) stop the workers and be recorded, as Ctrl-C is."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
