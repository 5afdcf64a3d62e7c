"""The kinds of plots on the pages: bars, stacked columns over time, shares over time, and tables of shares in shades.

Each takes plain values and gives a `Plot`: the picture, what it shows in words, and its numbers as a table.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import altair as alt
from markupsafe import Markup

from etl.report.drawing import CLASSES, REST, SERIES, WARN, draw
from etl.report.periods import Timeline
from etl.report.wording import percent, shown

NARROW, WIDE = 340, 860
"""Widths of pictures in pixels: a column of the page (a phone's whole width), and the whole page of a desk's screen."""

_BAR = 22
"""Height of a horizontal bar with its space."""
_MOST_BARS = 12
_LABEL = 124
"""Room for names beside bars, in pixels."""
_LETTERS = 19
"""What fits there in a wide font: the browser's is not the one that the picture was laid out with."""

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Numbers:
    """A table of numbers; the first column names the row."""

    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    """Shares are floats from 0 to 1, counts are integers."""

    def is_number(self, column: int) -> bool:
        """Whether a column holds numbers."""
        return not any(isinstance(row[column], str) for row in self.rows)


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture with all that it takes to do without it."""

    title: str
    message: str
    """What it shows, as a sentence."""
    picture: Markup
    numbers: Numbers
    legend: Sequence[tuple[str, str]] = ()
    """Class of the colour and what it stands for."""
    wide: Markup | None = None
    """The same for broad screens."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its parts from left to right, and what is written at its end."""

    name: str
    parts: Sequence[float]
    text: str


def bars(
    title: str,
    message: str,
    found: Sequence[Bar],
    numbers: Numbers,
    legend: Sequence[tuple[str, str]] = (),
    *,
    full: float = 0,
) -> Plot:
    """Horizontal bars, as many as can be read; all others stand in the table.

    Args:
        title: Heading.
        message: What it shows.
        found: The bars from the top.
        numbers: All values.
        legend: Colour and meaning of each part.
        full: Where given, a bar may be as long as this; faint ones behind show what is missing.
    """
    colours = [colour for colour, _ in legend] or [SERIES[0]]
    drawn = found[:_MOST_BARS]
    if len(drawn) < len(found):
        message += f" Drawn are {len(drawn)} of {len(found):,}."
    names = [str(index) for index in range(len(drawn))]
    label = {str(index): _short(bar.name) for index, bar in enumerate(drawn)}
    longest = full or max((sum(bar.parts) for bar in drawn), default=0) or 1
    parts = [
        {
            "bar": str(index),
            "from": sum(bar.parts[:part]),
            "to": sum(bar.parts[: part + 1]),
            "colour": colours[part],
            "tip": f"{shown(bar.name)}: {bar.text}" + (f" ({legend[part][1]})" if len(bar.parts) > 1 else ""),
        }
        for index, bar in enumerate(drawn)
        for part, value in enumerate(bar.parts)
        if value
    ]
    ends = [{"bar": str(index), "end": full or sum(bar.parts), "text": bar.text} for index, bar in enumerate(drawn)]
    y = alt.Y("bar:N", sort=None, scale=alt.Scale(domain=names), axis=_names(label))
    scale = alt.Scale(domain=[0, longest * (1.28 if not full else 1.24)], nice=False)
    layers = []
    if full:
        tracks = _chart(ends).mark_bar(color=REST, opacity=0.25)
        layers.append(tracks.encode(y=y, x=alt.X("end:Q", scale=scale, axis=None)))
    layers += [
        _chart(parts)
        .mark_bar()
        .encode(
            y=y,
            x=alt.X("from:Q", scale=scale, axis=None),
            x2="to:Q",
            color=alt.Color("colour:N", scale=None),
            description="tip:N",
        ),
        _chart(ends).mark_text(align="left", dx=5).encode(y=y, x=alt.X("end:Q", scale=scale, axis=None), text="text:N"),
    ]
    picture = draw(alt.layer(*layers), width=NARROW, height=max(_BAR * len(drawn), _BAR) + 8, label=message)
    keys = [(CLASSES[colour], name) for colour, name in legend] if len(legend) > 1 else []
    return Plot(title, message, picture, numbers, keys)


def columns(
    title: str,
    message: str,
    line: Timeline,
    series: Mapping[str, Mapping[date, int]],
    colours: Sequence[str],
    *,
    numbers: Numbers,
    wide: bool = False,
    height: int = 170,
    marked: date | None = None,
) -> Plot:
    """Columns over time, the series stacked in their order.

    Args:
        title: Heading.
        message: What it shows.
        line: The periods.
        series: Values by name and start of period.
        colours: One for each series.
        numbers: All values.
        wide: Draw it for broad screens too.
        height: In pixels.
        marked: A period that stands out; the others are faint.
    """
    rows = [
        {
            "period": start.isoformat(),
            "value": values[start],
            "order": order,
            "colour": colour if marked in (None, start) else REST,
            "tip": f"{line.name(start)}: {values[start]:,}" + (f" {shown(name)}" if len(series) > 1 else ""),
        }
        for order, (colour, (name, values)) in enumerate(zip(colours, series.items(), strict=True))
        for start in line.starts
        if values.get(start)
    ]
    most = max((sum(values.get(start, 0) for values in series.values()) for start in line.starts), default=0)
    ticks = alt.Axis(title=None, grid=False, format="~s", tickCount=4, domain=False, ticks=False)
    if most <= 4:  # noqa: PLR2004 - so few are counted one by one
        ticks = alt.Axis(title=None, grid=False, values=list(range(most + 1)), format="d", domain=False, ticks=False)
    ticks.grid = True
    chart = (
        _chart(rows)
        .mark_bar()
        .encode(
            x=_time(line),
            y=alt.Y("value:Q", stack="zero", axis=ticks, scale=alt.Scale(domainMin=0)),
            color=alt.Color("colour:N", scale=None),
            order="order:O",
            description="tip:N",
        )
    )
    legend = [(CLASSES[colour], name) for colour, name in zip(colours, series, strict=True)] if len(series) > 1 else []
    narrow = draw(chart, width=NARROW, height=height, label=message)
    broad = draw(chart, width=WIDE, height=height + 30, label=message, kind="plot broad") if wide else None
    return Plot(title, message, narrow, numbers, legend, broad)


def share_over_time(
    title: str,
    message: str,
    line: Timeline,
    shares: Mapping[date, float],
    numbers: Numbers,
    *,
    full: bool,
    marked: date | None = None,
) -> Plot:
    """A share of something over time, as a line; periods without a value leave a gap.

    Args:
        title: Heading.
        message: What it shows.
        line: The periods.
        shares: From 0 to 1, by start of period.
        numbers: All values.
        full: The axis goes up to 100%, whatever the values.
        marked: A period in which something has changed.
    """
    rows = [{"period": start.isoformat(), "value": shares.get(start), "tip": ""} for start in line.starts]
    for row, start in zip(rows, line.starts, strict=True):
        row["tip"] = f"{line.name(start)}: {percent(shares.get(start))}"
    most = max(shares.values(), default=0.0)
    top = 1.0 if full else max(most * 1.1, 0.01)
    axis = alt.Axis(title=None, format="~%" if top > 0.05 else ".1~%", tickCount=4, domain=False, ticks=False)  # noqa: PLR2004
    y = alt.Y("value:Q", axis=axis, scale=alt.Scale(domain=[0, top], nice=not full))
    base = _chart(rows).encode(x=_time(line), y=y)
    points = base.transform_filter("isValid(datum.value)").mark_point(filled=True, size=14, opacity=1, color=SERIES[0])
    marks = [{"period": marked.isoformat()}] if marked else []
    chart = alt.layer(
        _chart(marks).mark_rule(color=WARN, strokeWidth=2, strokeDash=[4, 3]).encode(x=_time(line)),
        base.mark_area(color=SERIES[0], opacity=0.15),
        base.mark_line(color=SERIES[0], strokeWidth=1.6),
        points.encode(description="tip:N"),
    )
    return Plot(title, message, draw(chart, width=NARROW, height=170, label=message), numbers)


def shades(
    title: str,
    message: str,
    rows: Sequence[str],
    names: Mapping[str, str],
    shares: Mapping[tuple[str, str], float],
    *,
    numbers: Numbers,
    line: Timeline | None = None,
) -> Plot:
    """A table of shares in shades of one colour: the fuller, the deeper.

    Args:
        title: Heading.
        message: What it shows.
        rows: Names of the rows.
        names: Key of each column and its name; keys are starts of periods in ISO form where `line` is given.
        shares: From 0 to 1, by row and key of the column.
        numbers: All values.
        line: The columns are these periods.
    """
    index = {row: str(number) for number, row in enumerate(rows)}
    cells = [
        {"row": index[row], "period": key, "share": share, "tip": f"{shown(row)}, {names[key]}: {percent(share)}"}
        for (row, key), share in shares.items()
    ]
    label = {number: _short(row) for row, number in index.items()}
    heads = alt.Axis(
        title=None,
        orient="top",
        labelAngle=-50,
        labelExpr=_lookup({key: shown(name) for key, name in names.items()}),
        domain=False,
        ticks=False,
    )
    x = _time(line, 3) if line else alt.X("period:N", sort=None, scale=alt.Scale(domain=list(names)), axis=heads)
    base = _chart(cells).encode(
        x=x, y=alt.Y("row:N", sort=None, scale=alt.Scale(domain=list(index.values())), axis=_names(label))
    )
    opacity = alt.Opacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0.04, 1]), legend=None)
    chart: Any = base.mark_rect(color=SERIES[0]).encode(fillOpacity=opacity, description="tip:N")
    extra = 24 if line else 76
    picture = draw(chart, width=NARROW, height=18 * len(rows) + extra, label=message)
    return Plot(title, message, picture, numbers)


def _chart(rows: Sequence[Mapping[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=rows))


def _names(labels: Mapping[str, str]) -> alt.Axis:
    return alt.Axis(
        title=None,
        domain=False,
        ticks=False,
        labelExpr=_lookup(labels),
        labelLimit=0,
        minExtent=_LABEL,
        maxExtent=_LABEL,
    )


def _time(line: Timeline, most: int = 5) -> alt.X:
    ticks = {start.isoformat(): label for start, label in line.ticks(most).items()}
    axis = alt.Axis(
        title=None,
        values=list(ticks),
        labelExpr=_lookup(ticks),
        labelAngle=0,
        labelFlush=True,
        labelOverlap="greedy",
        grid=False,
    )
    return alt.X("period:O", scale=alt.Scale(domain=[start.isoformat() for start in line.starts]), axis=axis)


def _short(name: str) -> str:
    text = shown(name)
    return text if len(text) <= _LETTERS else text[: _LETTERS - 1].rstrip() + "…"


def _lookup(labels: Mapping[str, str]) -> str:
    """A Vega expression that gives each value its label; labels come from the corpus and are quoted."""
    return f"({json.dumps(dict(labels))})[datum.value]"
