"""Files of news agencies: one item, or a message of several, in NITF, NewsML-G2 or ninjs."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from etl.extract.agency_files import agency_format, split_items
from etl.extract.columns import Facts
from etl.extract.html_charset import stated_charset
from etl.extract.walk import Break, Context, Member
from etl.transform.record import Refusal

_ITEM = re.compile(rb"<(?:[\w.-]+:)?(?:newsItem|nitf)\b")
_UNSPLIT = ("big5hkscs", "cp932", "cp949", "euc_jp", "gb18030", "iso2022_jp")
"""Charsets that expat does not read, so that items in them cannot be told apart."""
_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]{0,60})")


def read_agency_file(stream: io.BufferedReader, context: Context) -> Iterator[Member | Break]:
    """The items of an XML file; XML of other kinds is refused."""
    limit = context.limits.document_bytes
    data = stream.read(limit + 1)
    if len(data) > limit:
        refusal = Refusal("too_large", f"more than {limit} bytes (setting `max_document_bytes`)")
        yield Member("", 0, len(data), refusal)
        return
    members = agency_members(data)
    if members is None:
        root = _ROOT.search(data.replace(b"\0", b""))
        name = root[1].decode("ascii", "replace") if root else "?"
        refusal = Refusal("unsupported_format", f"XML of a kind that this version does not read: `<{name}>`")
        members = [Member("", 0, len(data), refusal)]
    yield from members


def agency_members(data: bytes) -> list[Member] | None:
    """The items of a file of an agency; None where it is none."""
    media_type = agency_format(data)
    if media_type is None:
        return None
    items = split_items(data, media_type)
    if isinstance(items, Refusal):
        return [Member("", 0, len(data), items)]
    if len(items) == 1 and items[0].length == len(data):
        if len(_ITEM.findall(data)) > 1 and stated_charset(data) in _UNSPLIT:
            message = f"a message of several items in {stated_charset(data)}; have it sent as UTF-8"
            return [Member("", 0, len(data), Refusal("unsupported_format", message))]
        return [Member("", 0, len(data), data, media_type=media_type)]
    facts = Facts(charset=stated_charset(data))  # an item alone does not say it
    return [
        Member(offset, offset, length, data[offset : offset + length], facts, media_type) for offset, length in items
    ]
