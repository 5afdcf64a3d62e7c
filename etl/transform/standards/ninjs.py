"""Read ninjs (News in JSON) 1.x, 2.x and 3.x: 2 made lists of what 1 had as keys, 3 writes the keys in camel case."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from etl.transform.metadata import Evidence
from etl.transform.record import RelatedItem
from etl.transform.standards.nitf import read_content
from etl.transform.standards.prose import (
    Picture,
    Prose,
    code_of,
    is_html,
    names,
    prose_of_html,
    prose_of_text,
)
from etl.transform.standards.story import Story, is_named, kicker_of
from etl.transform.standards.tree import TreeRefused, plain, read_xml
from etl.transform.standards.unfit import ItemUnfit, refuse_other_kind, refuse_withdrawn

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_WRAPPERS = ("items", "_items")
_Item = dict[str, Any]


def read_ninjs(text: str) -> Story:
    """The story of a ninjs object, be it alone or the first in a list.

    Raises:
        TreeRefused: not JSON, or no object.
        ItemUnfit: withdrawn, not text, or without a body.
    """
    item = _object(text)
    refuse_withdrawn(_string(item, "pubstatus"))
    refuse_other_kind(_string(item, "type"))
    inner = _body(item)
    if not inner.body.pieces:
        message = "holds no text in its body"
        raise ItemUnfit(message)
    heads = [*_roles(item, "headline", "headlines")]
    main = [text for role, text in heads if not is_named("kicker", role) and not is_named("subtitle", role)]
    byline = _string(item, "byline") or _string(item, "by")
    return Story(
        body=inner.body,
        headline=_string(item, "headline") or next(iter(main), "") or inner.headline or _string(item, "title"),
        kicker=next((text for role, text in heads if is_named("kicker", role)), "")
        or inner.kicker
        or kicker_of(_string(item, "slugline")),
        lead=_lead(item, heads) or inner.lead,
        bylines=(byline,) if byline else inner.bylines,
        dateline=_string(item, "dateline") or inner.dateline,
        suppliers=tuple(_suppliers(item)),
        holders=(_string(item, "copyrightholder"), _string(item, "copyrightnotice"), *inner.holders),
        pictures=tuple(_pictures(item)),
        topics=_topics(item),
        published=(
            *_dates(item, "firstcreated", "contentcreated"),
            *inner.published,
            *_dates(item, "versioncreated"),
        ),
        modified=(*_dates(item, "versioncreated"), *inner.modified),
        language=_string(item, "language") or inner.language,
        url=_string(item, "uri"),
        related=(*_related(item), *inner.related),
        is_partial=_string(item, "representationtype").casefold() in names()["partial"],
    )


def _object(text: str) -> _Item:
    try:
        value = json.loads(text, object_pairs_hook=_keyed)
    except RecursionError as error:
        message = "not readable JSON: it nests too deep"
        raise TreeRefused(message) from error
    except ValueError as error:  # numbers of too many digits raise it too
        message = f"not well-formed JSON: {error}"
        raise TreeRefused(message) from error
    if isinstance(value, dict):
        value = next((value[name] for name in _WRAPPERS if isinstance(value.get(name), list)), value)
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, dict)), None)
    if not isinstance(value, dict):
        message = "the JSON holds no object"
        raise TreeRefused(message)
    return value


def _keyed(pairs: list[tuple[str, Any]]) -> _Item:
    """An object with keys in small letters: of 3.x as of 2.x."""
    return {key.lower(): value for key, value in reversed(pairs)}


def _string(item: _Item, key: str) -> str:
    """A text without tags; empty where the value is anything else."""
    value = item.get(key)
    if not isinstance(value, str):
        return ""
    value = _clean(value)
    return " ".join(piece.text for piece in prose_of_html(value).pieces) if is_html(value) else plain(value)


def _clean(text: str) -> str:
    """A text without halves of surrogate pairs, which JSON can hold and no file can."""
    return _LONE_SURROGATE.sub("\ufffd", text)


def _objects(item: _Item, key: str) -> list[_Item]:
    """The objects of a list, or of an object that names each."""
    value = item.get(key)
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [each for each in values if isinstance(each, dict)]


def _roles(item: _Item, key: str, plural: str) -> Iterator[tuple[str, str]]:
    """Role and raw text of `headline_kicker` and the like, and of the entries of `headlines`."""
    for entry in _objects(item, plural):
        value = _string(entry, "value")
        if value:
            yield code_of(_string(entry, "role")), value
    for name in item:
        if name.startswith(f"{key}_") and (value := _string(item, name)):
            yield name.removeprefix(f"{key}_"), value


def _body(item: _Item) -> Story:
    """The body that holds most structure: markup before plain text."""
    found: list[tuple[int, str, str]] = []
    ranks = names()["body"]
    for entry in _objects(item, "bodies"):
        kind = _string(entry, "contenttype").casefold()
        role = code_of(_string(entry, "role"))
        sort = "nitf" if "nitf" in kind else "html" if "html" in kind else role
        found += _ranked(ranks, sort, entry.get("value"))
    for name in item:
        if name.startswith("body_"):
            found += _ranked(ranks, name.removeprefix("body_"), item[name])
    for _, sort, text in sorted(found, key=lambda each: each[0]):
        story = _nitf(text) if sort == "nitf" else None
        body = prose_of_html(text) if is_html(text) else prose_of_text(text)
        story = story or Story(body=body)
        if story.body.pieces:
            return story
    return Story(body=Prose([], []))


def _ranked(ranks: tuple[str, ...], sort: str, value: object) -> list[tuple[int, str, str]]:
    if not isinstance(value, str) or not value.strip() or (sort not in ranks and "<?xml" in value[:100]):
        return []
    return [(ranks.index(sort) if sort in ranks else len(ranks), sort, _clean(value))]


def _nitf(text: str) -> Story | None:
    """NITF as the body; None where it is none, and is then read like HTML."""
    try:
        root = read_xml(text)
    except TreeRefused:
        return None
    return read_content(root) if root.tag == "nitf" else None


def _lead(item: _Item, heads: list[tuple[str, str]]) -> tuple[str, ...]:
    """Sub-titles, and the description that is likest to a standfirst."""
    below = [text for role, text in heads if is_named("subtitle", role)]
    known = names()["lead"]
    fit = [each for each in _roles(item, "description", "descriptions") if each[0] not in names()["no_lead"]]
    fit.sort(key=lambda each: known.index(each[0]) if each[0] in known else len(known))
    return (*below, *(text for _, text in fit[:1]))


def _suppliers(item: _Item) -> Iterator[str]:
    yield _string(item, "creditline")
    yield _string(item, "source")
    yield from (_string(entry, "name") for key in ("infosource", "infosources") for entry in _objects(item, key))
    yield _string(item, "provider")


def _pictures(item: _Item) -> Iterator[Picture]:
    for entry in _objects(item, "associations"):
        if _string(entry, "type") in ("picture", "graphic"):
            told = [text for role, text in _roles(entry, "description", "descriptions") if role != "alt"]
            credit = _string(entry, "creditline") or _string(entry, "byline") or _string(entry, "by")
            holder = _string(entry, "copyrightholder")
            yield Picture(next(iter(told), ""), credit or holder)


def _topics(item: _Item) -> tuple[str, ...]:
    """Names of subjects, and keywords; the codes where no subject has a name."""
    subjects = [entry for key in ("subject", "subjects") for entry in _objects(item, key)]
    found = [_string(entry, "name") for entry in subjects]
    keywords = item.get("keywords")
    found += [plain(_clean(word)) for word in (keywords if isinstance(keywords, list) else ()) if isinstance(word, str)]
    codes = [
        _string(entry, "code") or _string(entry, "literal") or code_of(_string(entry, "uri")) for entry in subjects
    ]
    return tuple(filter(None, found)) or tuple(codes)


def _dates(item: _Item, *keys: str) -> Iterator[Evidence]:
    yield from (Evidence(_string(item, key), key) for key in keys)


def _related(item: _Item) -> Iterator[RelatedItem]:
    """Associated items of text that have a headline."""
    for entry in _objects(item, "associations"):
        title = _string(entry, "headline") or next((text for _, text in _roles(entry, "headline", "headlines")), "")
        title = title or _string(entry, "title")
        if title and _string(entry, "type") in ("text", "composite", ""):
            hrefs = [_string(rendition, "href") for rendition in _objects(entry, "renditions")]
            web = (
                address for address in (*hrefs, _string(entry, "uri")) if address.startswith(("https://", "http://"))
            )
            told = next((text for _, text in _roles(entry, "description", "descriptions")), None)
            yield RelatedItem(title, teaser=told, url=next(web, None))
