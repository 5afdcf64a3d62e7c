"""Altair charts become small SVG for a page: colours are left to the page's style sheet, tooltips are native titles."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

import altair as alt
import vl_convert
from markupsafe import Markup

from etl.report.wording import told

_SVG = "http://www.w3.org/2000/svg"

INK, FAINT, GRID = "#0a0001", "#0a0002", "#0a0003"
"""Stand-ins for colours: text, text of less weight, lines of the grid."""
SERIES = tuple(f"#0b000{number}" for number in range(1, 7))
"""Colours of series, in the order in which they are given away; `REST` is for all others together."""
REST = "#0b0000"
GOOD, NOTE, WARN, BAD = "#0c0001", "#0c0002", "#0c0003", "#0c0004"
"""Colours that mean something: all well, worth a look, a warning, a failure."""

CLASSES = {
    INK: "ink",
    FAINT: "faint",
    GRID: "grid",
    REST: "rest",
    **{colour: f"s{number}" for number, colour in enumerate(SERIES, start=1)},
    GOOD: "good",
    NOTE: "note",
    WARN: "warn",
    BAD: "bad",
}
"""Class in `style.css` for each stand-in: as `f-...` where it fills, as `l-...` where it is a line."""

FONT_SIZE = 11

_DROPPED = {
    "aria-hidden", "aria-label", "aria-roledescription", "role", "class", "pointer-events", "stroke-miterlimit",
    "font-family", "text-decoration",
}  # fmt: skip
_DEFAULTS = {"opacity": "1", "fill-opacity": "1", "stroke-width": "1", "font-size": f"{FONT_SIZE}px"}
_MEASURES = {"d", "transform", "x", "y", "x2", "y2", "width", "height", "fill-opacity"}
_INVISIBLE = ("transparent", "none")
_NUMBER = re.compile(r"-?\d+\.\d+")

_CONFIG: dict[str, Any] = {
    "background": "transparent",
    "font": "sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": FAINT,
        "titleColor": FAINT,
        "labelFontSize": FONT_SIZE,
        "titleFontSize": FONT_SIZE,
        "titleFontWeight": "normal",
        "gridColor": GRID,
        "domainColor": GRID,
        "tickColor": GRID,
        "labelPadding": 4,
    },
    "text": {"fontSize": FONT_SIZE, "color": INK},
    "bar": {"discreteBandSize": {"band": 0.78}},
}


def draw(chart: Any, *, width: int, height: int, label: str, kind: str = "plot") -> Markup:
    """Draw a chart as SVG that stands in a page.

    Args:
        chart: An Altair chart; its colours are those of this module, its marks' `description` becomes their tooltip.
        width: Of the whole picture in pixels, axes included; the page scales it to its column.
        height: The same.
        label: What the chart shows, for those who do not see it.
        kind: Its class in the style sheet.
    """
    sized = chart.properties(width=width, height=height, autosize=alt.AutoSizeParams(type="fit", contains="padding"))
    # The schema is that of Altair's own classes; checking it once more costs as much as drawing.
    spec = sized.to_dict(validate=False) | {"config": _CONFIG}
    root = ET.fromstring(vl_convert.vegalite_to_svg(spec))  # noqa: S314 - written by the renderer, not by others
    _clean(root)
    box = root.get("viewBox", f"0 0 {width} {height}")
    root.attrib = {"viewBox": box, "role": "img", "aria-label": told(label), "class": kind}
    ET.register_namespace("", _SVG)
    text = ET.tostring(root, encoding="unicode").replace(f' xmlns="{_SVG}"', "", 1)
    # Everything that came from data is text or an attribute's value here, and the serializer has escaped it.
    return Markup(text)  # noqa: S704


def _clean(element: ET.Element) -> None:
    """Drop what shows nothing, turn colours into classes and descriptions of marks into titles, round numbers."""
    for child in list(element):
        if _shows_nothing(child):
            element.remove(child)
            continue
        _clean(child)
        if child.tag == f"{{{_SVG}}}g" and not len(child):
            element.remove(child)
    described = element.get("aria-label") if element.get("role") == "graphics-symbol" and not len(element) else None
    colours = {prefix: CLASSES.get(element.get(name, "")) for name, prefix in (("fill", "f"), ("stroke", "l"))}
    classes = " ".join(f"{prefix}-{colour}" for prefix, colour in colours.items() if colour)
    element.attrib = {
        name: _NUMBER.sub(_rounded, value) if name in _MEASURES else value
        for name, value in element.attrib.items()
        if name not in _DROPPED and _DEFAULTS.get(name) != value and value not in CLASSES
    }
    if classes:
        element.set("class", classes)
    if described:
        ET.SubElement(element, f"{{{_SVG}}}title").text = described


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def _shows_nothing(element: ET.Element) -> bool:
    if element.get("display") == "none" or element.get("opacity") == "0":
        return True
    if element.tag == f"{{{_SVG}}}text":
        return not (element.text or "").strip()
    if element.tag == f"{{{_SVG}}}path":
        empty = element.get("d", "") in ("", "M0,0h0v0h0Z")
        fill, line = element.get("fill", "none"), element.get("stroke", "none")
        # Backgrounds inherit the root's `fill="none"`.
        return empty or (fill in _INVISIBLE and line in _INVISIBLE)
    if element.tag == f"{{{_SVG}}}rect":  # the background of the whole picture
        return element.get("fill") in _INVISIBLE
    return element.tag == f"{{{_SVG}}}defs" and not len(element)
