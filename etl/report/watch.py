"""Thresholds of warnings and alarms: `watch.toml`, overlaid with a file that the user may name."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from etl.errors import SettingsInvalid
from etl.settings import Settings

_DEFAULTS = Path(__file__).with_name("watch.toml")

_Days = Annotated[int, Field(ge=2)]
_Count = Annotated[int, Field(ge=1)]
_Share = Annotated[float, Field(gt=0, lt=1)]
_Multiple = Annotated[float, Field(gt=1)]


class _Thresholds(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class HistoryThresholds(_Thresholds):
    """Rules against a day's own past; `watch.toml` says what each number means."""

    days: _Days
    least_days: _Days
    least_same_weekdays: _Days
    fewest_rows: _Share
    most_rows: _Multiple
    least_rows: _Count
    fill_rate_change: _Share
    fill_rate_chance: Annotated[float, Field(ge=0)]
    least_articles: _Count


class DriftThresholds(_Thresholds):
    """When a change of a source is an alarm; `watch.toml` says what each number means."""

    days: _Days
    least_days: _Days
    least_articles: _Count
    false_alarms: Annotated[float, Field(gt=0, le=1000)]
    least_change: _Share
    least_at_once: _Share
    least_ratio: _Multiple
    least_ratio_at_once: _Multiple
    day_to_day: _Share
    day_to_day_words: _Share
    settled_after: _Days


class Watch(_Thresholds):
    """All thresholds."""

    history: HistoryThresholds
    drift: DriftThresholds


def read_watch(settings: Settings) -> Watch:
    """The thresholds in force.

    Raises:
        SettingsInvalid: the file that the setting `watch` names is missing, or holds what cannot be used.
    """
    values = _read(_DEFAULTS)
    if settings.watch is not None:
        for name, given in _read(settings.watch).items():
            both = isinstance(given, dict) and name in values
            values[name] = values[name] | given if both else given
    try:
        return Watch.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        message = f"`{name}` in `{settings.watch}`: {first['msg']}; `{_DEFAULTS}` says what may stand there"
        raise SettingsInvalid(message) from None


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"thresholds `{file}` cannot be read: {error}; mend the file or leave the setting `watch` out"
        raise SettingsInvalid(message) from error
