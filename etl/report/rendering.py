"""Pages from their templates: one HTML file each, with its style inside and nothing loaded from elsewhere."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from etl.report.periods import in_words
from etl.report.plots import Cell
from etl.report.wording import count, percent, shown, told

_TEMPLATES = Path(__file__).with_name("templates")


def render(template: str, **values: Any) -> str:
    """Fill a template; whatever is not markup of our own is escaped."""
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "breakable": _breakable,
        "cell": _cell,
        "day": in_words,
        "percent": percent,
        "shown": shown,
        "told": told,
    }
    environment.globals |= {
        "count": count,
        # Ours, and without anything that HTML would read.
        "style": Markup((_TEMPLATES / "style.css").read_text(encoding="utf-8")),  # noqa: S704
    }
    return environment


def _breakable(name: str) -> Markup:
    """A name of several words without blanks, which a narrow column may break before any of them."""
    return Markup("<wbr>").join(re.split(r"(?<=[._])", name))  # what is joined is escaped


def _cell(value: Cell) -> str:
    """A value of a table of numbers: shares as percents, counts with thousands apart."""
    if value is None:
        return "–"
    if isinstance(value, float):
        return percent(value)
    return f"{value:,}" if isinstance(value, int) else shown(value)
