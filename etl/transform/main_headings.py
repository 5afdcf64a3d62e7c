"""Read the main headings (`h1`) of an HTML page: headlines, perhaps with a kicker inside, and names of the site."""

from __future__ import annotations

import re
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from etl.transform.dom import opens_kicker

_TEXT_MAX = 2000
_KICKER_MAX = 60
_REST_MIN = 8
_DEPTH = 3
"""How deep inside the heading the kicker's element may stand."""
_FRONT_PAGE = re.compile(r"(?:https?://web\.archive\.org/web/\w+/)?(?:https?:)?//[^/?#]+/?|/")
"""Address of a front page, also as archives have it."""
_LOGO = re.compile(r"\b(?:logo|branding|brand|site-?(?:title|name))\b", re.IGNORECASE)
_EDGE = " \t\n\u00a0:|/–—-·•"


class MainHeading(NamedTuple):
    """An `h1`."""

    text: str
    rest: str
    """The text without the kicker that it begins with; the whole text where there is none."""
    names_site: bool
    """It is the page's logo or leads to the front page."""


def read_main_heading(element: LexborNode) -> MainHeading:
    """What an `h1` says; bounded work."""
    text = _text(element)
    return MainHeading(text, _without_kicker(element, text), _names_site(element))


def _text(element: LexborNode) -> str:
    return " ".join(element.text(separator=" ").split())[:_TEXT_MAX]


def _without_kicker(element: LexborNode, text: str) -> str:
    inner = element
    for _ in range(_DEPTH):
        child = inner.first_child
        while child is not None and child.tag == "-text" and not (child.text_content or "").strip():
            child = child.next
        if child is None or child.tag == "-text":
            break
        if opens_kicker(child):
            kicker = _text(child)
            rest = text.removeprefix(kicker).strip(_EDGE)
            return rest if kicker and len(kicker) <= _KICKER_MAX and len(rest) >= _REST_MIN else text
        inner = child
    return text


def _names_site(element: LexborNode) -> bool:
    attributes = element.attributes
    if _LOGO.search(f"{attributes.get('class') or ''} {attributes.get('id') or ''}"):
        return True
    link = element.css_first("a[href]") or (element.parent if element.parent and element.parent.tag == "a" else None)
    return link is not None and _FRONT_PAGE.fullmatch((link.attributes.get("href") or "").strip()) is not None
