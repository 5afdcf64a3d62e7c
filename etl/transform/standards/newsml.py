"""Read NewsML-G2 news items: fields of `itemMeta` and `contentMeta`, text of XHTML, NITF or plain text inside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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
    read_prose,
)
from etl.transform.standards.story import Story, is_named, kicker_of
from etl.transform.standards.tree import Node, TreeRefused
from etl.transform.standards.unfit import ItemUnfit, refuse_other_kind, refuse_withdrawn

_OTHER_ITEMS = ("packageItem", "conceptItem", "knowledgeItem", "planningItem", "catalogItem")


def read_newsml(root: Node) -> Story:
    """The story of a `newsItem`, be it alone or the one in a `newsMessage`.

    Raises:
        TreeRefused: the root is something else.
        ItemUnfit: another kind of item (a package, a picture), withdrawn, or without text.
    """
    item = root if root.tag == "newsItem" else next(iter(root.within("newsItem")), None)
    if item is None:
        other = next((node.tag for node in (root, *root.within(*_OTHER_ITEMS)) if node.tag in _OTHER_ITEMS), None)
        if other or root.tag == "newsMessage":
            message = f"holds a `{other}`, not a news item" if other else "is a message without a news item"
            raise ItemUnfit(message)
        message = f"the root element is `{root.tag[:40]}`, neither `newsItem` nor `newsMessage`"
        raise TreeRefused(message)
    meta = item.at("itemMeta") or Node("itemMeta")
    content = item.at("contentMeta") or Node("contentMeta")
    for node in meta.named("pubStatus"):
        refuse_withdrawn(_code(node))
    for node in meta.named("itemClass"):
        refuse_other_kind(_code(node))
    inner = _content_of(item.at("contentSet") or Node("contentSet"))
    if not inner.body.pieces:
        message = "holds no text in its `contentSet`"
        raise ItemUnfit(message)
    headlines = content.named("headline")
    main = [
        node.text() for node in headlines if code_of(node.get("role")) not in (*names()["kicker"], *names()["subtitle"])
    ]
    return Story(
        body=inner.body,
        headline=_first(main) or inner.headline or _first(node.text() for node in meta.named("title")),
        kicker=_first(node.text() for node in headlines if is_named("kicker", code_of(node.get("role"))))
        or inner.kicker
        or kicker_of(_first(node.text() for node in content.named("slugline"))),
        lead=_lead(content, headlines) or inner.lead,
        bylines=_bylines(content) or inner.bylines,
        dateline=_first(node.text() for node in content.named("dateline")) or inner.dateline,
        suppliers=tuple(_suppliers(content, meta)),
        holders=tuple(_holders(item)) + inner.holders,
        pictures=tuple(_pictures(item)),
        topics=_topics(content),
        published=tuple(_dates(meta, "firstCreated"))
        + tuple(_dates(content, "contentCreated"))
        + inner.published
        + tuple(_dates(meta, "versionCreated")),
        modified=(*_dates(meta, "versionCreated"), *_dates(content, "contentModified")),
        language=_first(node.get("tag") for node in content.named("language")) or item.get("lang") or inner.language,
        url=item.get("guid"),
        related=(*_related(meta, content), *inner.related),
    )


def _content_of(contents: Node) -> Story:
    """What the first part of the content with text says: XHTML, NITF, or text that is not part of the XML."""
    for node in contents.named("inlineXML"):
        if (nitf := next(iter(node.within("nitf")), None)) is not None:
            story = read_content(nitf)
        else:
            page = next(iter(node.within("html")), node)
            story = Story(body=read_prose(page.at("body") or page))
        if story.body.pieces:
            return story
    for node in contents.named("inlineData"):
        text = "".join(part for part in node.parts if isinstance(part, str))
        html = "html" in node.get("contenttype") or is_html(text)
        body = prose_of_html(text) if html else prose_of_text(text)
        if body.pieces:
            return Story(body=body)
    return Story(body=Prose([], []))


def _first(texts: Iterable[str]) -> str:
    return next((text for text in texts if text), "")


def _code(node: Node) -> str:
    return node.get("qcode", "uri", "literal")


def _name(node: Node) -> str:
    """The name of a party or concept; else its literal, else the code."""
    if name := _first(name.text() for name in node.named("name")):
        return name
    code = node.get("literal") or node.get("qcode")
    return code.rpartition(":")[2]


def _lead(content: Node, headlines: list[Node]) -> tuple[str, ...]:
    """Sub-titles, and the description that is likest to a standfirst."""
    below = [node.text() for node in headlines if is_named("subtitle", code_of(node.get("role")))]
    known = names()["lead"]
    told = [(code_of(node.get("role")), node) for node in content.named("description")]
    fit = [(role, node) for role, node in told if role not in names()["no_lead"]]
    fit.sort(key=lambda each: known.index(each[0]) if each[0] in known else len(known))
    pieces = read_prose(fit[0][1]).pieces if fit else []
    return tuple(text for text in (*below, *(piece.text for piece in pieces)) if text)


def _bylines(content: Node) -> tuple[str, ...]:
    """The line made for readers; else the persons among the creators."""
    lines = tuple(text for node in content.named("by") if (text := node.text()))
    return lines or tuple(
        text for node in content.named("creator") if (text := _first(n.text() for n in node.named("name")))
    )


def _suppliers(content: Node, meta: Node) -> Iterator[str]:
    yield from (node.text() for node in content.named("creditline"))
    yield from (_name(node) for node in content.named("infoSource"))
    yield from (_name(node) for node in meta.named("provider"))


def _holders(item: Node) -> Iterator[str]:
    rights = item.named("rightsInfo")
    yield from (_name(node) for info in rights for node in info.named("copyrightHolder"))
    yield from (node.text() for info in rights for node in info.named("copyrightNotice"))


def _pictures(item: Node) -> Iterator[Picture]:
    """Pictures that the content set points to, with what `partMeta` says of them."""
    contents = item.at("contentSet") or Node("contentSet")
    remote = [node for node in contents.named("remoteContent") if node.get("contenttype").startswith("image/")]
    known = {node.get("id") for node in remote} - {""}
    for part in item.named("partMeta"):
        if known.isdisjoint(part.get("contentrefs").split()):
            continue
        caption = _first(node.text() for node in part.named("description"))
        credit = _first(node.text() for node in part.named("creditline"))
        yield Picture(caption, credit or _first(_name(node) for node in part.named("creator")))


def _topics(content: Node) -> tuple[str, ...]:
    """Names of subjects but for persons, places and the like, and keywords; the codes where no subject has a name."""
    subjects = [node for node in content.named("subject") if code_of(node.get("type")) not in names()["no_topic"]]
    found = [name for node in subjects if (name := _first(name.text() for name in node.named("name")))]
    found += [node.text() for node in content.named("keyword")]
    return tuple(found) or tuple(_name(node) for node in subjects)


def _dates(parent: Node, tag: str) -> Iterator[Evidence]:
    yield from (Evidence(node.text(), tag) for node in parent.named(tag))


def _related(*parents: Node) -> Iterator[RelatedItem]:
    """Links to other items of text that have a title."""
    for link in (node for parent in parents for node in parent.named("link")):
        relation, kind = code_of(link.get("rel")), link.get("contenttype")
        others = [code_of(_code(node)) for node in link.named("itemClass")]
        title = _first(node.text() for node in link.within("title", "headline"))
        unfit = relation in names()["same_item"] or kind.startswith(("image/", "video/", "audio/"))
        if title and not unfit and not any(code in names()["not_text"] for code in others):
            yield RelatedItem(title, url=link.get("href"))
