"""What others say of a page: general extractors of HTML, where `make peers` has installed them, and rules for text."""

from __future__ import annotations

import json
import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.quality.progress import progress
from benchmarks.quality.sets import Sample, fingerprint
from etl.extract.charset import Decoded, decode

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".local" / "peers"
_KEPT = ROOT / ".local" / "quality"
LONG_LINES = "lines of 80+"
_LONG = 80

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Peer:
    """An extractor: how it is called in tables, whose it is, and what it does with the source of a page."""

    name: str
    package: str
    read: Callable[[str], Row]


def use_peers() -> None:
    """Let Python find what `make peers` installed, after everything else."""
    if str(FOLDER) not in sys.path:
        sys.path.append(str(FOLDER))


def peers() -> list[Peer]:
    """The extractors that are installed."""
    use_peers()
    return [peer for peer in _PEERS if _version(peer.package)]


def say_html(peer: Peer, samples: list[Sample]) -> dict[str, Row]:
    """Rows by page; made once for a version and a set, then kept in .local/quality."""
    kept = _KEPT / f"{peer.name.replace(' ', '-')}-{_version(peer.package)}-{fingerprint(samples)}.jsonl"
    if not kept.exists():
        _silence()
        lines = [
            json.dumps({"id": sample.id, **_say(peer, sample.html)}, ensure_ascii=False) + "\n"
            for sample in progress(samples, peer.name)
        ]
        kept.parent.mkdir(parents=True, exist_ok=True)
        temporary = kept.with_suffix(".tmp")
        temporary.write_text("".join(lines), encoding="utf-8")
        temporary.rename(kept)
    with kept.open(encoding="utf-8") as rows:
        return {row["id"]: row for row in map(json.loads, rows)}


def say_text(name: str, samples: list[Sample]) -> dict[str, Row]:
    """Rows by page of a rule for text: `whole text` or `lines of 80+`."""
    shortest = _LONG if name == LONG_LINES else 1
    return {sample.id: {"body": "\n".join(_lines(sample.text.decode(), shortest))} for sample in samples}


TEXT_RULES = ("whole text", LONG_LINES)


def _lines(text: str, shortest: int) -> Iterator[str]:
    return (line for line in map(str.strip, text.splitlines()) if len(line) >= shortest)


def _say(peer: Peer, data: bytes) -> Row:
    """What the peer says; nothing where it fails, as it would in use."""
    decoded = decode(data, html=True)
    if not isinstance(decoded, Decoded):
        return {}
    try:
        return peer.read(decoded.text)
    except Exception as error:  # noqa: BLE001 - whatever a peer raises, the page counts as not read
        return {"error": f"{type(error).__name__}: {error}"}


def _trafilatura(html: str, **options: bool) -> Row:
    found = import_module("trafilatura").bare_extraction(html, with_metadata=True, include_comments=False, **options)
    if found is None:
        return {}
    authors = [name.strip() for name in (found.author or "").split(";") if name.strip()]
    return {"headline": found.title, "body": found.text, "published_at": found.date, "authors": authors}


def _newspaper(html: str) -> Row:
    page = import_module("newspaper").Article("https://news.example/page", fetch_images=False)
    page.download(input_html=html)
    page.parse()
    day = page.publish_date.date().isoformat() if page.publish_date else None
    return {"headline": page.title, "body": page.text, "published_at": day, "authors": list(page.authors)}


def _readability(html: str) -> Row:
    document = import_module("readability").Document(html)
    title, summary = document.short_title(), document.summary()
    tree = import_module("lxml.html").document_fromstring(summary)
    for block in tree.iter("p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "br", "tr", "figure"):
        block.tail = f"\n{block.tail or ''}"
    return {"headline": title, "body": tree.text_content()}


_PEERS = (
    Peer("trafilatura", "trafilatura", _trafilatura),
    Peer("trafilatura precision", "trafilatura", partial(_trafilatura, favor_precision=True)),
    Peer("trafilatura fast", "trafilatura", partial(_trafilatura, fast=True)),
    Peer("newspaper4k", "newspaper4k", _newspaper),
    Peer("readability", "readability-lxml", _readability),
)


def _silence() -> None:
    """Peers tell much about pages that they cannot read."""
    warnings.simplefilter("ignore")
    for name in ("trafilatura", "htmldate", "newspaper", "readability"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
