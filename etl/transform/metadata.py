"""What an HTML page says about its article in JSON-LD, Open Graph, `meta`, microdata, `link`, `time` and `h1`."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from etl.transform.elements import Elements, clean, collect, metadata_names
from etl.transform.headlines import key_of, names_site, ranked, site_keys, without_site
from etl.transform.jsonld import Node, index_of, read_nodes, types_of, values_of
from etl.transform.microdata import read_microdata

_BODY_MAX = 400_000
_VALUES_MAX = 50
"""Values of one property that are read."""
_BREAK = re.compile(r"<(?:br|/?p|/?div|/?li|/?h[1-6]|/?blockquote)\b[^<>]{0,2000}>", re.IGNORECASE)
_TITLE_MIN = 12
"""Letters below which being part of a title tells nothing."""
_HEADINGS_MAX = 5
_NOT_IN_ADDRESS = re.compile("[\\s\x00-\x1f\ud800-\udfff]")
_LINKED_MAX = 4
_STATED = ("author", "creator")
_BLANKS = frozenset({"null", "None", "undefined", "false"})
_LETTER = re.compile(r"[^\W\d_]")
_HANDLE = re.compile(r"[a-z0-9._-]+")
"""A name for logging in: true names come first."""
_ADDRESS = re.compile(r"(?:https?:|www\.|/|@|#)|\S+@\S+\Z")
_URL_DAY = re.compile(
    r"(?:/|[_-](?=\d{4}[-/_]))((?:19|20)\d\d)[/_-]?(0[1-9]|1[0-2])[/_-]?(0[1-9]|[12]\d|3[01])(?=[/_.?-]|$)"
)
_URL_DAY_LAST = re.compile(r"(?<!\d)(0[1-9]|[12]\d|3[01])([.-]?)(0[1-9]|1[0-2])\2((?:19|20)\d\d)(?!\d)")
_ARCHIVED = re.compile(r"^https?://[^/]+/web/\d{14}[a-z_]*/")
"""Archives put the time of their copy before the address."""
_PUBLISHED_NAME = re.compile(
    r"pub(?:lish(?:ed|ing)?|lication)?[-_.: ]?(?:date|time|on\b|at\b)|date[-_.: ]?pub|creat\w*[-_.]?date"
)
_LANGUAGE = re.compile(r"([a-zA-Z]{2,3})(?:[-_].*)?\Z", re.DOTALL)


class Evidence(NamedTuple):
    """A raw value and the name of the metadata that it stands in, e.g. `article:published_time`."""

    value: str
    source: str


class Attribution(NamedTuple):
    """All values of one source, e.g. of `meta author`: names, lists of names, sometimes agencies or departments."""

    values: tuple[str, ...]
    source: str
    is_site: bool = False
    """Whether the site itself is named, which signs what nobody else does."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """Raw values: dates, names and topics are as written, but for entities, tags and white space."""

    headlines: tuple[str, ...] = ()
    """Candidates, best first, without the name of the site."""
    description: str | None = None
    authors: tuple[Attribution, ...] = ()
    """What each source says, most trusted first; what names but the site last."""
    published: tuple[Evidence, ...] = ()
    """Candidates, most trusted first."""
    modified: tuple[Evidence, ...] = ()
    section: str | None = None
    keywords: tuple[str, ...] = ()
    language: str | None = None
    """Primary subtag in lower case, e.g. `de`; templates often state a wrong one."""
    canonical: str | None = None
    """Absolute http(s) address."""
    site_name: str | None = None
    article_body: str | None = None
    """The text as JSON-LD has it, a paragraph a line where it marks them; sites cut it, or flatten it."""
    is_free: bool | None = None
    kind: str | None = None
    """Type of the page's node in JSON-LD or microdata, e.g. `NewsArticle`."""
    og_type: str | None = None

    @property
    def is_article(self) -> bool:
        """Whether the page's node is an article or the like."""
        lists = metadata_names()
        return self.kind in (*lists["news"], *lists["works"])


def read_metadata(tree: LexborHTMLParser, url: str | None) -> Metadata:
    """The metadata of a page; pure, never raises.

    Args:
        tree: The page.
        url: Its address where that is known: relative addresses are resolved against it.
    """
    found = collect(tree)
    canonical = _canonical(found, url)
    nodes = read_nodes(found.scripts)
    reader = _Reader(index_of(nodes))
    title_keys = [
        key_of(clean(title))
        for title in (*found.metas.get("og:title", ()), found.title, *(heading.text for heading in found.headings[:3]))
    ]
    chooser = _Chooser(reader, title_keys, {place for address in (canonical, url) if (place := _place(address))})
    articles, pages = chooser.split(nodes)
    micro_articles, micro_pages = chooser.split(read_microdata(found.properties)) if found.properties else ([], [])
    about = [*articles, *micro_articles, *pages, *micro_pages]
    canonical = canonical or _own_address(articles, url)
    site_name = (
        found.first("og:site_name") or reader.first(about, "publisher") or reader.first(_websites(nodes), "name")
    )
    sites = site_keys((site_name, *_site_names(found)), (canonical or url,))
    return Metadata(
        headlines=_headlines(found, reader, about, sites),
        description=reader.first(articles, "description") or found.first("og:description", "description"),
        authors=_authors(found, reader, [*articles, *micro_articles], [*pages, *micro_pages], sites),
        published=_dates(found, reader, about, "published", canonical or url),
        modified=_dates(found, reader, about, "modified", None),
        section=reader.first(about, "articleSection") or found.first(*metadata_names()["sections"]),
        keywords=_keywords(found, reader, about),
        language=_language(found, reader, about),
        canonical=canonical,
        site_name=site_name,
        article_body=_article_body(articles),
        is_free=_is_free(found, reader, about),
        kind=next((clean(name) for node in about for name in types_of(node)), None),
        og_type=found.first("og:type"),
    )


class _Reader:
    """Reads values of nodes of JSON-LD and microdata."""

    def __init__(self, index: dict[str, Node]) -> None:
        self._index = index

    def values(self, node: Node, name: str) -> tuple[str, ...]:
        """The different values of a property, in order."""
        if name not in node:
            return ()
        found = (clean(value) for value in islice(values_of(node[name], self._index), _VALUES_MAX))
        return tuple(dict.fromkeys(value for value in found if value))

    def first(self, nodes: Iterable[Node], name: str) -> str | None:
        """The first value of the first node that has one."""
        return next((value for node in nodes for value in self.values(node, name)), None)


class _Chooser:
    """Tells the nodes of the page's own article from those of others that it shows: by their title and address."""

    def __init__(self, reader: _Reader, titles: list[str], places: set[str]) -> None:
        self._reader = reader
        self._titles = titles
        self._places = places

    def split(self, nodes: list[Node]) -> tuple[list[Node], list[Node]]:
        """The nodes of the article, and those of the page or of no telling type; the most fitting first."""
        ranks = [_rank(node) for node in nodes]
        works = [(rank, node) for rank, node in zip(ranks, nodes, strict=True) if rank > 1]
        pages = [(rank, node) for rank, node in zip(ranks, nodes, strict=True) if rank == 1]
        return self._fitting(works, strict=True), self._fitting(pages, strict=False)

    def _fitting(self, ranked: list[tuple[int, Node]], *, strict: bool) -> list[Node]:
        """The nodes in order of rank and likeness; with `strict` those that share nothing only where none does."""
        if len(ranked) < 2:
            return [node for _, node in ranked]
        scored = [(rank, self._likeness(node), node) for rank, node in ranked]
        scored.sort(key=lambda entry: -entry[0] - 2 * entry[1])
        if strict:
            scored = [entry for entry in scored if entry[1]] or scored[:1]
        return [node for _, _, node in scored]

    def _likeness(self, node: Node) -> int:
        """How many of title and address the node shares with the page: 0 to 2."""
        titled = any(
            self._is_title(key_of(value)) for name in ("headline", "name") for value in self._reader.values(node, name)
        )
        return titled + any(_place(address) in self._places for address in _addresses(node))

    def _is_title(self, key: str) -> bool:
        return len(key) >= _TITLE_MIN and any(
            key in title or (len(title) >= _TITLE_MIN and title in key) for title in self._titles
        )


def _rank(node: Node) -> int:
    """3 for an article of news, 2 for other articles, 1 for what may describe the page, 0 for what does not."""
    names = set(types_of(node))
    lists = metadata_names()
    if not names.isdisjoint(lists["news"]):
        return 3
    if not names.isdisjoint(lists["works"]):
        return 2
    return int(not names.isdisjoint(lists["pages"]) or (not names and ("headline" in node or "datePublished" in node)))


def _addresses(node: Node) -> Iterator[str]:
    for value in (node.get(name) for name in ("url", "mainEntityOfPage", "@id")):
        for item in value if isinstance(value, list) else [value]:
            address = item.get("@id") or item.get("url") if isinstance(item, dict) else item
            if isinstance(address, str):
                yield address


@lru_cache(maxsize=200)
def _place(address: str | None) -> str | None:
    """Host and path of an address, for comparing; None for a site's front page."""
    try:
        parts = urlsplit((address or "").strip())
        host, path = parts.hostname or "", parts.path.strip("/")
    except ValueError:
        return None
    return f"{host.removeprefix('www.')}/{path}".casefold() if host and path else None


def _canonical(found: Elements, url: str | None) -> str | None:
    """The first absolute http(s) address that the page gives as its own; one that leads to the front page last."""
    first = None
    for value in (found.canonical, *found.metas.get("og:url", ())[:1], *found.metas.get("twitter:url", ())[:1]):
        address = web_address(value, url) if value else None
        if address and _place(address):
            return address
        first = first or address
    return first


def web_address(value: str, base: str | None = None) -> str | None:
    """The http(s) address that `value` stands for; None where it stands for none."""
    address = html.unescape(value.strip())
    try:
        if not address.startswith(("https://", "http://")):
            address = urljoin(base or "", address)
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and parts.hostname and not _NOT_IN_ADDRESS.search(address)
    except ValueError:
        return None
    return address if usable else None


def _own_address(articles: list[Node], url: str | None) -> str | None:
    stated = (web_address(address, url) for node in articles for address in _addresses(node))
    return next((address for address in stated if address and _place(address)), None)


def _websites(nodes: list[Node]) -> list[Node]:
    return [node for node in nodes if "WebSite" in types_of(node)]


def _site_names(found: Elements) -> list[str]:
    logos = [clean(heading.text) for heading in found.headings if heading.names_site]
    return [*(clean(value) for _, values in found.named("sites") for value in values[:2]), *logos]


def _headlines(found: Elements, reader: _Reader, about: list[Node], sites: frozenset[str]) -> tuple[str, ...]:
    """Candidates without the site's name, best first."""

    def named(texts: Iterable[str]) -> list[str]:
        headlines = (without_site(text, sites) for text in dict.fromkeys(map(clean, texts)))
        return [headline for headline in headlines if (key := key_of(headline)) and key not in sites]

    stated = [value for node in about for value in reader.values(node, "headline")[:1]]
    written = [values[0] for _, values in found.named("titles")]
    known = {key_of(clean(text)) for text in (*stated, *written, found.title)}
    shown = [heading for heading in found.headings if not heading.names_site][:_HEADINGS_MAX]
    headings = [heading.text if key_of(clean(heading.text)) in known else heading.rest for heading in shown]
    return tuple(ranked(named(stated), named(headings), named(written), named([found.title])))


def _authors(
    found: Elements, reader: _Reader, articles: list[Node], pages: list[Node], sites: frozenset[str]
) -> tuple[Attribution, ...]:
    stated = [Attribution(reader.values(node, name), name) for node in articles for name in _STATED]
    stated += [_attribution(values, f"meta {name}") for name, values in found.named("authors")]
    stated.append(_attribution(_linked_names(found.author_links), "rel=author"))
    stated.append(_attribution(_linked_names(found.author_cards), "class=author"))
    stated += [Attribution(reader.values(node, "author"), "author") for node in pages]
    found_names: list[Attribution] = []
    for values, source, _ in stated:
        named = tuple(value for value in values if _may_be_name(value))
        people = tuple(value for value in named if not names_site(value, sites))
        if people or (named and source in _STATED):  # templates put the site into `meta` of every page
            found_names.append(Attribution(people or named, source, is_site=not people))
    return tuple(sorted(dict.fromkeys(found_names), key=_trust))


def _linked_names(links: list[str]) -> list[str]:
    """The bare names (`All posts by …` repeats one); none where the page links to the authors of many articles."""
    texts = list(dict.fromkeys(text for link in links if (text := clean(link))))
    bare = [text for text in texts if not any(other in text for other in texts if other != text)]
    return bare if len(bare) <= _LINKED_MAX else []


def _trust(attribution: Attribution) -> int:
    """Least trusted are the site and names for logging in."""
    return 2 if attribution.is_site else int(all(_HANDLE.fullmatch(value) for value in attribution.values))


def _attribution(values: list[str], source: str) -> Attribution:
    return Attribution(tuple(dict.fromkeys(clean(value) for value in values[:_VALUES_MAX])), source)


def _may_be_name(value: str) -> bool:
    """No address, number or blank."""
    return not (_ADDRESS.match(value) or value in _BLANKS or not _LETTER.search(value))


def _dates(found: Elements, reader: _Reader, about: list[Node], kind: str, url: str | None) -> tuple[Evidence, ...]:
    """Dates of publication or of change; those of the article's nodes first, what may be another's date last."""
    names = ("datePublished", "dateCreated", "uploadDate") if kind == "published" else ("dateModified",)
    stated = [Evidence(value, names[0]) for node in about for value in reader.values(node, names[0])[:1]]
    stated += [Evidence(clean(value), f"meta {name}") for name, values in found.named(kind) for value in values[:1]]
    stated += [Evidence(value, name) for name in names[1:] for node in about for value in reader.values(node, name)[:1]]
    if kind == "published":
        stated += [Evidence(clean(values[0]), f"meta {name}") for name, values in found.like(_PUBLISHED_NAME)]
        stated += [Evidence(clean(value), "time[datetime]") for value in found.times if value][:1]
        address = _ARCHIVED.sub("", url or "")
        if day := _URL_DAY.search(address):
            stated.append(Evidence(f"{day[1]}-{day[2]}-{day[3]}", "url"))
        elif day := _URL_DAY_LAST.search(address):
            stated.append(Evidence(f"{day[4]}-{day[3]}-{day[1]}", "url"))
    unique: dict[str, Evidence] = {}
    for evidence in stated:
        if evidence.value:
            unique.setdefault(evidence.value, evidence)
    return tuple(unique.values())


def _keywords(found: Elements, reader: _Reader, about: list[Node]) -> tuple[str, ...]:
    lists = [reader.values(node, "keywords") for node in about]
    lists += [tuple(clean(value) for value in values[:_VALUES_MAX]) for _, values in found.named("keywords")]
    for values in lists:
        parts = values if len(values) > 1 else re.split("[,;|]", "".join(values))
        words = tuple(dict.fromkeys(word for part in parts if (word := part.strip())))
        if words:
            return words[:_VALUES_MAX]
    return ()


def _language(found: Elements, reader: _Reader, about: list[Node]) -> str | None:
    stated = (reader.first(about, "inLanguage"), found.language, found.first("og:locale", "language", "dc.language"))
    return next((match[1].lower() for value in stated if value and (match := _LANGUAGE.match(value.strip()))), None)


def _article_body(articles: list[Node]) -> str | None:
    for node in articles:
        value = node.get("articleBody")
        if isinstance(value, list):
            value = "\n".join(part for part in value if isinstance(part, str))
        if isinstance(value, str):
            text = _BREAK.sub("\n", html.unescape(value[:_BODY_MAX]))
            lines = (clean(line, _BODY_MAX) for line in text.splitlines())
            return "\n".join(line for line in lines if line) or None
    return None


def _is_free(found: Elements, reader: _Reader, about: list[Node]) -> bool | None:
    """Whether the whole article is free to read; false too where a part of it is not."""
    parts = [part for node in about for part in _nodes(node.get("hasPart"))]
    stated = [
        value.rpartition("/")[2].lower()
        for node in [*about, *parts]
        for value in reader.values(node, "isAccessibleForFree")
    ]
    tier = found.first("article:content_tier")
    stated.append({"free": "true", "locked": "false"}.get(tier.lower(), "") if tier else "")
    return False if "false" in stated else True if "true" in stated else None


def _nodes(value: Any) -> list[Node]:
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict)]
