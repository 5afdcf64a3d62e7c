"""Items that are no articles: pictures, packages, what was withdrawn."""

from __future__ import annotations

from etl.transform.standards.prose import code_of, names


class ItemUnfit(Exception):
    """The item is well-formed, but no article of text; the message says what it is."""


def refuse_withdrawn(status: str) -> None:
    """Raise `ItemUnfit` where the publishing status says that nobody may publish the item."""
    code = code_of(status)
    if code in names()["withdrawn"]:
        message = f"was withdrawn by its provider (status `{code}`)"
        raise ItemUnfit(message)


def refuse_other_kind(kind: str) -> None:
    """Raise `ItemUnfit` where the class of the item is not text."""
    code = code_of(kind)
    if code in names()["not_text"]:
        message = f"is an item of the class `{code}`, not of text"
        raise ItemUnfit(message)
