"""Mutated files of every format: the short form of `make fuzz`."""

import pytest

from benchmarks.fuzz import run
from benchmarks.mutations import mutated, seeds

INPUTS = 125
"""Of each kind, 2,000 together."""


@pytest.mark.parametrize("kind", sorted(seeds()))
def test_nothing_escapes_the_readers_and_the_parser(kind: str) -> None:
    found = run(kind, range(INPUTS))
    assert not found.escapes
    assert found.articles, "mutations leave no good page: they prove little"
    assert found.rejects, "mutations damage nothing: they prove little"
    assert found.slowest[0] < 20


def test_an_input_can_be_made_again() -> None:
    assert mutated("zip", 7) == mutated("zip", 7) != mutated("zip", 7, seed=1)


def test_what_escapes_is_reported_with_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        message = "no such thing"
        raise ZeroDivisionError(message)

    monkeypatch.setattr("benchmarks.fuzz.parse", fail)
    found = run("text", range(3))
    assert "text:1 ZeroDivisionError: no such thing" in found.escapes
