"""One typed settings object, from flags over environment over a TOML file; what is unknown or wrong is refused."""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from etl.errors import SettingsInvalid
from etl.extract.addresses import is_url, local_or_url, refuse_secrets, without_password
from etl.extract.columns import ROLES

ENV_PREFIX = "NEWS_ETL_"
CONFIG_VARIABLE = "NEWS_ETL_CONFIG"
DEFAULT_CONFIG = "news-etl.toml"

_PATHS = ("landing", "warehouse")
_FILES = ("suites", "watch")
"""Paths that need not be set."""
_UNSHOWN = ("landing_options", "notifier_arguments")
"""Settings whose refused values may be secrets, and stay out of messages."""
_AS_JSON = ("charsets", "columns", "languages", "landing_options", "notify", "notifier_arguments")
"""Tables and lists, which environment variables hold as JSON."""
LIMITS = (
    "max_document_bytes",
    "max_container_members",
    "max_container_bytes",
    "max_decompression_ratio",
    "max_nesting",
    "document_cpu_seconds",
    "document_memory_bytes",
)
"""Settings that decide which documents are refused, and nothing else about them."""
DATA_SETTINGS = ("day_folder", "charsets", "columns", "languages", *LIMITS)
"""Settings that decide what stands in the tables; all others only decide where and how fast."""


class Settings(BaseModel):
    """All settings of the pipeline; immutable. `docs/settings.md` is generated from the descriptions."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    landing: Path | str = Field(
        default=Path("landing"),
        description="Landing zone of raw files, only ever read: a folder, or the URL of a store, e.g. `s3://bucket/news`.",
    )
    landing_options: dict[str, Any] = Field(
        default_factory=dict,
        description="Arguments of the store's fsspec file system, e.g. `endpoint_url`; no secrets.",
    )
    landing_connection: str | None = Field(
        default=None, min_length=1, description="Id of the Airflow connection that opens the store."
    )
    warehouse: Path = Field(default=Path("warehouse"), description="Folder that the tables are published in.")
    day_folder: str = Field(
        default="%Y-%m-%d",
        description="Where the files of a day lie below `landing`, in strftime codes; empty: directly in it.",
    )
    batch_bytes: Annotated[int, Field(ge=1)] = Field(
        default=64 * 1024 * 1024, description="Size of the files that one batch takes, in bytes."
    )
    batch_documents: Annotated[int, Field(ge=1)] = Field(
        default=20_000, description="Number of files that one batch takes at most."
    )
    workers: Annotated[int, Field(ge=0)] = Field(
        default=0,
        description="Processes of `news-etl run`; 0: one per core. Airflow has its own parallelism.",
    )
    max_document_bytes: Annotated[int, Field(ge=1)] = Field(
        default=16 * 1024 * 1024, description="Documents above this size are rejected as `too_large`."
    )
    max_container_members: Annotated[int, Field(ge=1)] = Field(
        default=10_000_000, description="Members that one landing file may unfold into, nested ones included."
    )
    max_container_bytes: Annotated[int, Field(ge=1)] = Field(
        default=1 << 40, description="Bytes that the members of one landing file may have together, unpacked."
    )
    max_decompression_ratio: Annotated[int, Field(ge=1)] = Field(
        default=200,
        description="How many times its size compressed data may unfold to, where that is above 8 MiB.",
    )
    max_nesting: Annotated[int, Field(ge=0)] = Field(
        default=4, description="Containers and compressions inside one another; deeper ones are rejected."
    )
    columns: dict[Annotated[str, Field(pattern=f"^({'|'.join(ROLES)})$")], tuple[str, ...]] = Field(
        default_factory=dict,
        description="Columns of JSON Lines and Parquet by role (`html`, `text`, `url`, `source`, `collected`, "
        "`published`, `headline`, `authors`), before the well-known ones; a dot leads into nested records.",
    )
    document_cpu_seconds: Annotated[float, Field(ge=0.01, le=86_400)] = Field(
        default=30.0,
        description="CPU seconds that parsing a document may take; one that takes more is rejected as `parse_timeout`.",
    )
    document_memory_bytes: Annotated[int, Field(ge=1_000_000, le=1 << 50)] = Field(
        default=2 * 1024 * 1024 * 1024,
        description="Memory that parsing a document may take; one that takes more is rejected as `parse_memory`.",
    )
    charsets: dict[str, str] = Field(
        default_factory=dict,
        description="Charset by source, for documents that are not UTF-8 or UTF-16; others are tried as cp1252.",
    )
    languages: tuple[Annotated[str, Field(pattern="^[a-z]{2}$")], ...] = Field(
        default=(), description="ISO 639-1 codes that articles may be in; empty: every language known."
    )
    keep_snapshots: Annotated[int, Field(ge=1)] = Field(
        default=10, description="Snapshots to keep, whatever their age."
    )
    keep_hours: Annotated[float, Field(ge=0)] = Field(
        default=72.0, description="Snapshots younger than this many hours are kept, whatever their number."
    )
    keep_docs: Annotated[int, Field(ge=1)] = Field(default=100, description="Runs whose Data Docs are kept.")
    keep_run_days: Annotated[float, Field(ge=0)] = Field(
        default=90.0, description="Days after which the history of a run may go, where its day no longer needs it."
    )
    keep_staged_days: Annotated[float, Field(ge=0)] = Field(
        default=7.0,
        description="Days for which staged files of a failed run stay: a cleared task goes on from them.",
    )
    verify_days: Annotated[int, Field(ge=1)] = Field(
        default=30, description="Days within which the maintenance DAG has compared every file with its recorded hash."
    )
    lock_timeout: Annotated[float, Field(ge=0)] = Field(
        default=600.0, description="Seconds to wait for the publishing lock."
    )
    suites: Path | None = Field(
        default=None, description="Folder of the suites; default: `expectations/` of this project."
    )
    watch: Path | None = Field(
        default=None,
        description="TOML file of thresholds for warnings and drift alarms, over those in `etl/report/watch.toml`.",
    )
    notify: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        default=(),
        description="Command, as a list of words, that receives new drift alarms as JSON on its standard input.",
    )
    closing_time: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = Field(
        default="03:30",
        description="Time of the following day (HH:MM, UTC) at which a landing day is complete and Airflow builds it.",
    )
    publish_pool: Annotated[str, Field(min_length=1)] = Field(
        default="default_pool",
        description="Airflow pool of the tasks that publish; one of a single slot spares them to queue at the lock.",
    )
    deadline_hours: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="Hours after being queued within which a run of a day must have succeeded, else tell."
    )
    notifier: str | None = Field(
        default=None,
        pattern=r"^\w+(\.\w+)+$",
        description="Class of an Airflow notifier that is told of failed runs, missed deadlines and drift.",
    )
    notifier_arguments: dict[str, Any] = Field(
        default_factory=dict,
        description="Its arguments, e.g. a connection id; `{{ notice }}` is the text. No secrets.",
    )
    maintenance_time: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = Field(
        default="05:00",
        description="Time of day (HH:MM, UTC) at which Airflow looks for days that are stale and has them built again.",
    )

    @field_validator("landing", mode="before")
    @classmethod
    def _folder_or_url(cls, value: object) -> object:
        return local_or_url(value) if isinstance(value, str) else value

    @field_validator("landing_options")
    @classmethod
    def _no_secrets(cls, value: dict[str, Any]) -> dict[str, Any]:
        refuse_secrets(value)
        return value

    @field_validator("notifier_arguments")
    @classmethod
    def _no_secrets_either(cls, value: dict[str, Any]) -> dict[str, Any]:
        refuse_secrets(value, "keep it in an Airflow connection, and name that")
        return value

    @field_validator("day_folder")
    @classmethod
    def _days_apart(cls, value: str) -> str:
        days = [date(2001, 2, 3), date(2001, 2, 4), date(2001, 3, 3), date(2002, 2, 3)]
        if value and len({day.strftime(value) for day in days}) < len(days):
            message = "it must name year, month and day, e.g. `%Y-%m-%d` or `%Y/%m/%d`"
            raise ValueError(message)
        if ".." in value.split("/"):
            message = "it must stay below `landing`"
            raise ValueError(message)
        return value

    @field_validator("charsets")
    @classmethod
    def _charsets_exist(cls, value: dict[str, str]) -> dict[str, str]:
        for source, charset in value.items():
            try:
                " ".encode(charset)  # not "": Python does not look a charset up for nothing
            except LookupError:
                message = f"charset `{charset}` of source `{source}` is not known to Python"
                raise ValueError(message) from None
        return value

    def fingerprint(self) -> str:
        """Hash of the settings that decide about data (16 hex digits)."""
        chosen = {k: v for k, v in self.model_dump(mode="json").items() if k in DATA_SETTINGS}
        return hashlib.sha256(json.dumps(chosen, sort_keys=True).encode()).hexdigest()[:16]

    def to_json(self) -> dict[str, Any]:
        """The settings as JSON values, for `Run.settings`."""
        return self.model_dump(mode="json")

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote."""
        return cls.model_validate(dict(values))


def load_settings(
    flags: Mapping[str, Any] | None = None,
    *,
    config: Path | None = None,
    environ: Mapping[str, str] | None = None,
    default_config: Path | None = None,
    absolute_only: bool = False,
    flags_from: str = "the command line",
) -> Settings:
    """Resolve the settings: `flags` over `NEWS_ETL_*` over the TOML file over the defaults.

    Args:
        flags: Values from the command line; None values are left out.
        config: The TOML file; else the one named by `NEWS_ETL_CONFIG`, else `default_config` where it exists.
        environ: The environment; defaults to `os.environ`.
        default_config: `./news-etl.toml` for the command line, nothing under Airflow.
        absolute_only: Refuse relative landing and warehouse paths (under Airflow the working folder is nobody's).
        flags_from: Where the flags come from, for messages.

    Raises:
        SettingsInvalid: naming the setting, where it came from, and the remedy.
    """
    environ = os.environ if environ is None else environ
    merged: dict[str, Any] = {}
    origin: dict[str, str] = {}

    def take(values: Mapping[str, Any], where: str, base: Path) -> None:
        for name, value in values.items():
            if name not in Settings.model_fields:
                message = f"unknown setting `{name}` in {where}; known: {', '.join(Settings.model_fields)}"
                raise SettingsInvalid(message)
            is_path = name in (*_PATHS, *_FILES) and isinstance(value, str | Path)
            is_path = is_path and not (name == "landing" and is_url(str(value)))
            merged[name] = _path(name, value, where, None if absolute_only else base) if is_path else value
            origin[name] = where

    file = _config_file(config, environ, default_config)
    if file is not None:
        take(_read_toml(file), f"file `{file}`", file.resolve().parent)
    take(_read_environment(environ), "the environment", Path.cwd())
    take({k: v for k, v in (flags or {}).items() if v is not None}, flags_from, Path.cwd())
    missing = [name for name in _PATHS if absolute_only and name not in merged]
    if missing:
        names = " and ".join(f"{ENV_PREFIX}{name.upper()}" for name in missing)
        message = f"no `{missing[0]}` is set; under Airflow set {names} (or {CONFIG_VARIABLE}) to absolute paths"
        raise SettingsInvalid(message)
    for name in _PATHS:
        merged.setdefault(name, Path.cwd() / Settings.model_fields[name].default)
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        where = origin.get(name, "the defaults")
        reason = first["msg"].removeprefix("Value error, ")
        shown = "" if name in _UNSHOWN else f" `{without_password(str(first['input']))}`"
        message = f"bad value{shown} for setting `{name}` in {where}: {reason}"
        raise SettingsInvalid(message) from None


def _path(name: str, value: str | Path, where: str, base: Path | None) -> Path:
    """A path setting made absolute; without a base it must be so already."""
    if value == "":
        message = f"`{name}` is empty in {where}; name a folder, or leave the setting out"
        raise SettingsInvalid(message)
    path = Path(value).expanduser()
    if base is None and not path.is_absolute():
        message = f"`{name}` is `{value}` in {where}; under Airflow it must be an absolute path"
        raise SettingsInvalid(message)
    return path if base is None else base / path


def _config_file(config: Path | None, environ: Mapping[str, str], default: Path | None) -> Path | None:
    named = config or (Path(environ[CONFIG_VARIABLE]) if environ.get(CONFIG_VARIABLE) else None)
    if named is not None:
        if not named.is_file():
            message = f"settings file `{named}` does not exist; create it or leave --config and {CONFIG_VARIABLE} out"
            raise SettingsInvalid(message)
        return named
    return default if default is not None and default.is_file() else None


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"settings file `{file}` is not valid TOML: {error}"
        raise SettingsInvalid(message) from error


def _read_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """`NEWS_ETL_CHARSETS='{"taz": "cp1252"}'`: tables and lists are written as JSON, all else plainly."""
    values: dict[str, Any] = {}
    for variable, text in environ.items():
        if not variable.startswith(ENV_PREFIX) or variable == CONFIG_VARIABLE:
            continue
        name = variable.removeprefix(ENV_PREFIX).lower()
        if name in _AS_JSON:
            try:
                values[name] = json.loads(text)
            except json.JSONDecodeError as error:
                message = f"`{variable}` is not valid JSON: {error}"
                raise SettingsInvalid(message) from error
        else:
            values[name] = text
    return values
