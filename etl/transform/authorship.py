"""Say who wrote an article: persons stated for machines, else those of its bylines, else the publisher who signs it."""

from __future__ import annotations

from etl.transform.authors import read_author_values
from etl.transform.blocks import Label
from etl.transform.bylines import begins_with_given_name, names_agency, read_names
from etl.transform.clues import Clue, Line
from etl.transform.dates import without_stamps
from etl.transform.metadata import Metadata

_TEXT_LABELS = frozenset({Label.BODY, Label.LEAD, Label.HEADLINE})


def read_authors(lines: list[Line], labels: list[Label], metadata: Metadata) -> tuple[str, ...]:
    """The names of the authors in their order, without agencies.

    Where the page states but the publisher as author and no byline names a person, it is the publisher as stated.
    """
    for attribution in metadata.authors:
        persons = () if attribution.is_site else read_author_values(attribution.values)
        if persons:
            return tuple(dict.fromkeys(persons))
    signed = _signed(lines, labels)
    if signed:
        return tuple(dict.fromkeys(signed))
    sites = [value for a in metadata.authors if a.is_site for value in a.values if not names_agency(value)]
    return tuple(sites[:1])


def _signed(lines: list[Line], labels: list[Label]) -> list[str]:
    """The names of introduced bylines; of the others only the first line that holds any, those beside a date first."""
    introduced: list[str] = []
    beside_date: list[str] = []
    bare: list[str] = []
    for line, label in zip(lines, labels, strict=True):
        text = line.block.text
        if label is Label.BYLINE and line.clue is Clue.BYLINE:
            introduced += read_names(text)
        elif label is Label.BYLINE and not bare:
            bare = [name for name in read_names(text) if _may_sign(name, lines, labels)]
        elif label is Label.DATE and not beside_date:
            beside_date = read_names(without_stamps(text))
    return introduced or beside_date or bare


def _may_sign(name: str, lines: list[Line], labels: list[Label]) -> bool:
    """Whether a line that is but a name names a person: by the given name, or because the text does not speak of it."""
    if begins_with_given_name(name):
        return True
    words = {word.casefold() for word in name.split() if len(word) > 2}
    return not any(
        words & {word.strip(".,;:!?\"'“”„()").casefold() for word in line.block.text.split()}
        for line, label in zip(lines, labels, strict=True)
        if label in _TEXT_LABELS
    )
