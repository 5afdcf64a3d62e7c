"""Microdata of a page (`itemscope`, `itemprop`) as nodes of the same shape as those of JSON-LD."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from selectolax.lexbor import LexborNode

from etl.transform.jsonld import Node

_READ_MAX = 300
"""Properties that are read; pages with more list other articles or comments."""
_WANTED = frozenset(
    {
        "headline", "name", "author", "creator", "datePublished", "dateModified", "dateCreated", "description",
        "articleSection", "keywords", "isAccessibleForFree", "inLanguage", "mainEntityOfPage", "url", "publisher",
    }
)  # fmt: skip
_LINKS = frozenset({"mainEntityOfPage", "url"})
_PEOPLE = frozenset({"author", "creator"})
_TEXT_MAX = 1000
_DEPTH_MAX = 200
"""Ancestors among which an item is looked for; pages that nest deeper are made to break parsers."""


def read_microdata(elements: Iterable[LexborNode]) -> list[Node]:
    """The items at the top of the page, in order, from its elements with `itemprop`."""
    items: dict[int, Node] = {}
    tops: list[Node] = []
    for count, element in enumerate(elements):
        if count >= _READ_MAX:
            break
        attributes = element.attributes
        names = _WANTED.intersection((attributes.get("itemprop") or "").split())
        if not names:
            continue
        owner = _owner(element.parent, items, tops)
        if "itemscope" in attributes:
            value: Any = items.setdefault(element.mem_id, _item(attributes))
            if not names.isdisjoint(_PEOPLE) and "name" not in value:
                value["name"] = [element.text()[:_TEXT_MAX]]  # until a property inside says it
                value["@guessed"] = True
        else:
            value = _value(element, attributes, link=not names.isdisjoint(_LINKS))
        for name in names:
            if name == "name" and owner.pop("@guessed", False):
                owner["name"] = []
            owner.setdefault(name, []).append(value)
    return tops


def _owner(element: LexborNode | None, items: dict[int, Node], tops: list[Node]) -> Node:
    """The item that an element's property belongs to: the nearest one around it, else the page as a whole."""
    key, attributes = 0, {}
    for _ in range(_DEPTH_MAX):
        if element is None:
            break
        found = items.get(element.mem_id)
        if found is not None:
            return found
        around = element.attributes
        if "itemscope" in around:
            key, attributes = element.mem_id, around
            break
        element = element.parent
    if key not in items:
        items[key] = _item(attributes)
        tops.append(items[key])
    return items[key]


def _item(attributes: dict[str, str | None]) -> Node:
    kind = attributes.get("itemtype")
    return {"@type": kind.split()} if kind else {}


def _value(element: LexborNode, attributes: dict[str, str | None], *, link: bool) -> str:
    for name in ("content", "datetime", *(("href", "itemid") if link else ())):
        value = attributes.get(name)
        if value:
            return value
    return element.text()[:_TEXT_MAX]
