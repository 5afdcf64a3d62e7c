"""Read the item that a document of an agency format holds, or say why it is no article."""

from __future__ import annotations

from etl.transform.record import Document, Refusal
from etl.transform.standards import NEWSML, NITF
from etl.transform.standards.newsml import read_newsml
from etl.transform.standards.ninjs import read_ninjs
from etl.transform.standards.nitf import read_nitf
from etl.transform.standards.story import Story
from etl.transform.standards.tree import TreeRefused, read_xml
from etl.transform.standards.unfit import ItemUnfit


def read_story(document: Document) -> Story | Refusal:
    """The story in a document of one of `standards.MEDIA_TYPES`; never raises."""
    try:
        if document.media_type == NITF:
            return read_nitf(read_xml(document.text))
        if document.media_type == NEWSML:
            return read_newsml(read_xml(document.text))
        return read_ninjs(document.text)
    except TreeRefused as error:
        return Refusal("malformed", f"`{document.source_uri}` is no {document.media_type}: {error}.")
    except ItemUnfit as error:
        return Refusal("not_an_article", f"`{document.source_uri}` {error}.")
