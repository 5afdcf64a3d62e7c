"""The parser does not fall below its floors on the project's own pages, which are as hard as real ones."""

import math
from pathlib import Path

import pytest

from benchmarks.quality.measured import OURS, Measured
from benchmarks.quality.peers import LONG_LINES, say_text
from benchmarks.quality.report import own_figures
from benchmarks.quality.sets import INPUTS, Sample, own_set
from tests.quality.floors import BelowFloor, missed, raised, read_floors, write_floors
from tests.quality.predictions import predict

FLOORS = read_floors()


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return own_set()


@pytest.fixture(scope="module", params=INPUTS)
def measured(request: pytest.FixtureRequest, samples: list[Sample]) -> Measured:
    form = request.param
    found = Measured(f"own pages, {form}", form, samples)
    found.add(OURS, {sample.id: predict(sample.id, sample.data(form), INPUTS[form]) for sample in samples})
    return found


def test_the_parser_is_not_below_its_floors(measured: Measured) -> None:
    floors = {form: of_form for form, of_form in FLOORS.items() if form == measured.form}
    figures = own_figures([measured])
    assert missed(floors, figures) == []
    assert floors[measured.form].keys() == figures[measured.form].keys(), "make quality QUALITY_ARGS=--raise-floors"


def test_no_page_is_refused_and_no_author_is_an_agency(measured: Measured) -> None:
    assert measured.refused == 0
    assert measured.agency_names == {OURS: 0}


def test_long_lines_alone_do_not_make_the_article(samples: list[Sample]) -> None:
    lines = Measured("own pages, text", "text", samples)
    lines.add(LONG_LINES, say_text(LONG_LINES, samples))
    assert lines.groups()["own"]["body"][LONG_LINES].score <= 0.92


def test_floors_follow_what_is_measured_and_never_fall(tmp_path: Path) -> None:
    floors = {"text": {"body": 0.9, "lead": 0.8}}
    higher = raised(floors, {"text": {"body": 0.9459, "lead": 0.801}, "html": {"body": 0.97}})
    assert higher == {"text": {"body": 0.94, "lead": 0.8}, "html": {"body": 0.965}}
    write_floors(higher, tmp_path / "floors.toml")
    assert read_floors(tmp_path / "floors.toml") == higher


@pytest.mark.parametrize("figures", [{"text": {"body": 0.8999}}, {"text": {"lead": 1.0}}, {}])
def test_a_figure_below_its_floor_or_lost_is_refused(figures: dict[str, dict[str, float]]) -> None:
    floors = {"text": {"body": 0.9}}
    assert missed(floors, figures)
    with pytest.raises(BelowFloor, match="body ROUGE-LSum F1"):
        raised(floors, figures)


def test_a_perfect_figure_has_a_floor_below_one() -> None:
    assert math.isclose(raised({}, {"html": {"date": 1.0}})["html"]["date"], 0.995)
