"""The figures below which the parser must not fall on the project's own pages: floors.toml, which only ever rises."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path

from tests.quality.scoring import MEASURES

FILE = Path(__file__).parent / "floors.toml"
MARGIN = 0.005
"""How far below a measured figure its floor is."""

Figures = Mapping[str, Mapping[str, float]]
"""Input form (text, html), measure, figure."""

_HEAD = """\
# What the parser must reach on the project's own pages: measured minus 0.005. Written by
# `make quality QUALITY_ARGS=--raise-floors`, which refuses to lower any.
"""


class BelowFloor(Exception):
    """The parser has become worse by some measure; the message names each."""


def read_floors(file: Path = FILE) -> dict[str, dict[str, float]]:
    """The floors by input form and measure."""
    return tomllib.loads(file.read_text(encoding="utf-8"))


def missed(floors: Figures, measured: Figures) -> list[str]:
    """What lies below its floor, or is not measured any more."""
    return [
        f"{form}, {MEASURES[measure]}: {figure:.4f}, floor {floor}"
        for form, of_form in floors.items()
        for measure, floor in of_form.items()
        if (figure := measured.get(form, {}).get(measure, 0.0)) < floor
    ]


def raised(floors: Figures, measured: Figures) -> dict[str, dict[str, float]]:
    """The floors that follow from what was measured, none lower than before.

    Raises:
        BelowFloor: where a figure lies below its floor: the parser has to be mended, not the floor.
    """
    if found := missed(floors, measured):
        raise BelowFloor("\n".join(found))
    return {
        form: {
            measure: max(floors.get(form, {}).get(measure, 0.0), math.floor((figure - MARGIN) * 1000) / 1000)
            for measure, figure in of_form.items()
        }
        for form, of_form in measured.items()
    }


def write_floors(floors: Figures, file: Path = FILE) -> None:
    """Write the floors, each measure with its name."""
    sections = (
        "\n".join(
            [f"\n[{form}]", *(f"{measure} = {floor:.3f} # {MEASURES[measure]}" for measure, floor in of_form.items())]
        )
        for form, of_form in floors.items()
    )
    file.write_text(f"{_HEAD}{chr(10).join(sections)}\n", encoding="utf-8")
