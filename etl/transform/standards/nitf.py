"""Read NITF 3.x (News Industry Text Format), with or without its namespace, with the named entities of its DTD."""

from __future__ import annotations

import re

from etl.transform.blocks import Label
from etl.transform.credits import read_line
from etl.transform.metadata import Evidence
from etl.transform.record import RelatedItem
from etl.transform.standards.prose import Piece, Prose, code_of, names, read_prose
from etl.transform.standards.story import Story, is_named, kicker_of
from etl.transform.standards.tree import Node, TreeRefused
from etl.transform.standards.unfit import ItemUnfit, refuse_withdrawn

_DAY_ONLY = re.compile(r"(\d{8})(?:T?000000)?(?:[+-]\d{4}|Z)?")
"""NITF writes a day without time so, with the zone or without."""


def read_nitf(root: Node) -> Story:
    """The story of a `nitf` element.

    Raises:
        TreeRefused: the root is something else.
        ItemUnfit: withdrawn, or without text.
    """
    root = root if root.tag == "nitf" else next(iter(root.within("nitf")), root)
    if root.tag != "nitf":
        message = f"the root element is `{root.tag[:40]}`, not `nitf`"
        raise TreeRefused(message)
    head, data = root.at("head"), root.at("head", "docdata")
    refuse_withdrawn(data.get("management-status") if data else "")
    story = read_content(root)
    if not story.body.pieces and not story.lead:
        message = "holds no text in `body.content`"
        raise ItemUnfit(message)
    story.headline = story.headline or _text(root.at("head", "title"))
    head = head or Node("head")
    data = data or Node("docdata")
    publication = head.named("pubdata")
    story.published = (
        *(Evidence(_date(node.get("norm")), node.tag) for node in data.named("date.issue", "date.release")),
        *story.published,
        *(Evidence(_date(node.get("date.publication")), "date.publication") for node in publication),
    )
    story.modified = tuple(
        Evidence(_date(node.get("norm")), "revision-history") for node in reversed(head.named("revision-history"))
    )
    story.topics = _topics(head, data)
    story.holders = tuple(node.get("holder") for node in data.named("doc.copyright")) + story.holders
    story.url = next((link for node in publication if (link := node.get("ex-ref"))), None)
    story.language = root.get("lang") or _text_of_meta(head, "language") or story.language
    slug = _text_of_meta(head, "slug", "slugline")
    story.kicker = story.kicker or kicker_of(slug)
    return story


def read_content(root: Node) -> Story:
    """What the `body` of NITF says by itself; also for NITF inside another format."""
    head = root.at("body", "body.head") or Node("body.head")
    content = root.at("body", "body.content")
    body = read_prose(content) if content else Prose([], [])
    hl1, above, below = _headings(head)
    datelines = [*head.named("dateline"), *(content.within("dateline") if content else [])]
    days = [day for dateline in datelines for day in dateline.named("story.date")]
    ends = root.at("body", "body.end") or Node("body.end")
    abstract = [piece.text for node in head.named("abstract") for piece in read_prose(node).pieces]
    return Story(
        body=Prose(
            [*body.pieces, *(piece for node in ends.named("tagline") for piece in _credit_lines(node))], body.pictures
        ),
        headline=hl1,
        kicker=above,
        lead=(*below, *abstract),
        bylines=tuple(map(_byline, [*head.named("byline"), *(content.within("byline") if content else [])])),
        dateline=_text(next(iter(datelines), None)),
        suppliers=tuple(_text(node) for node in head.named("distributor")),
        holders=tuple(_text(node) for node in head.within("copyrite.holder")),
        published=tuple(Evidence(_date(day.get("norm") or day.text()), "story.date") for day in days),
        language=next((body.get("lang") for body in root.named("body") if body.get("lang")), None),
        related=_related(ends),
    )


def _credit_lines(node: Node) -> list[Piece]:
    """The tagline where it is nothing but a credit; else it is about the author or the provider."""
    pieces = read_prose(node).pieces
    credited = [piece for piece in pieces if (credit := read_line(piece.text)) and credit.mentions]
    return [piece._replace(label=Label.SOURCE_CREDIT) for piece in credited]


def _byline(node: Node) -> str:
    """The byline, with the title of the author set apart by a comma."""
    names_only = Node("byline", parts=[part for part in node.parts if isinstance(part, str) or part.tag != "byttl"])
    texts = [names_only.text().rstrip(" ,"), *(title.text() for title in node.named("byttl"))]
    return ", ".join(filter(None, texts))


def _headings(head: Node) -> tuple[str, str, tuple[str, ...]]:
    """Headline, kicker and sub-titles of `hedline`."""
    hedline = head.at("hedline")
    if hedline is None:
        return "", "", ()
    seconds = [(code_of(node.get("class")), node.text()) for node in hedline.named("hl2")]
    headline = next((text for node in hedline.named("hl1") if (text := node.text())), "")
    kicker = next((text for role, text in seconds if is_named("kicker", role)), "")
    return headline, kicker, tuple(text for role, text in seconds if text and not is_named("kicker", role))


def _topics(head: Node, data: Node) -> tuple[str, ...]:
    """Names of subjects and keywords; the codes where no subject has a name."""
    subjects = head.within("tobject.subject")
    kinds = ("tobject.subject.detail", "tobject.subject.matter", "tobject.subject.type")
    found = [name for node in subjects if (name := node.get(*kinds))]
    found += [node.get("key") for node in data.within("keyword")]
    found += [
        node.get("value") or node.text()
        for node in data.within("classifier")
        if code_of(node.get("type")) in names()["topic_classifiers"]
    ]
    return tuple(found) or tuple(node.get("tobject.subject.refnum") for node in subjects)


def _related(ends: Node) -> tuple[RelatedItem, ...]:
    """Links in the bibliography, which stands below the article."""
    links = [link for node in ends.named("bibliography") for link in node.within("a")]
    return tuple(RelatedItem(link.text(), url=link.get("href")) for link in links)


def _date(value: str) -> str:
    match = _DAY_ONLY.fullmatch(value)
    return match[1] if match else value


def _text(node: Node | None) -> str:
    return node.text() if node else ""


def _text_of_meta(head: Node, *wanted: str) -> str:
    return next((node.get("content") for node in head.named("meta") if node.get("name").casefold() in wanted), "")
