"""Whether the words that a row was read from stand in its document: looked for anew, by no code of the parser."""

from __future__ import annotations

import html
import json
import re
from functools import cached_property

from etl.transform.record import Document

_PLAIN = "text/plain"
_ADDRESS = "url"
"""The name in evidence that was read from the page's address."""
_TAG = re.compile(r"<!\[CDATA\[|\]\]>|<[^<>]*>")
_TRIES, _MARKUP = 20, 600
"""Places at which words are looked for, and characters of markup among them."""
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|[\"\\/bfnrt])")
_INVISIBLE = re.compile(r"[\s\u00ad\u200b-\u200f\u2060\ufeff]+")


class Source:
    """The text of a document, and the forms of it in which words may stand; each is made when it is needed first."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def holds(self, words: str) -> bool:
        r"""Whether the words stand in the text.

        In plain text they stand as they are. In HTML, XML and JSON they may have tags, references (`&eacute;`) and
        escapes (`\u00e9`) in between, and other white space.
        """
        if words in self._document.text:
            return True
        if self._document.media_type == _PLAIN:
            return False
        bare = _INVISIBLE.sub("", words)
        return self._stands_near(words, bare) or bare in self._shown or bare in self._unescaped

    def _stands_near(self, words: str, bare: str) -> bool:
        """Whether they begin where their first word stands; to rewrite whole pages for each would take long."""
        text, first = self._document.text, words.split(maxsplit=1)[0] if words.strip() else words
        start = text.find(first)
        for _ in range(_TRIES):
            if start < 0:
                return False
            near = text[start : start + 4 * len(words) + _MARKUP]
            if _INVISIBLE.sub("", html.unescape(_TAG.sub("", near))).startswith(bare):
                return True
            start = text.find(first, start + 1)
        return False

    def holds_evidence(self, evidence: str | None) -> bool | None:
        """Whether the evidence of a date, a line or `name: value` of metadata, stands in the text.

        None where there is none, or where it may come from beside the text: the address, or the record around it.
        """
        if evidence is None or self._document.stated is not None:
            return None
        name, _, value = evidence.partition(": ")
        if name == _ADDRESS and value:
            return None
        return (
            (bool(value) and value in self._document.text)
            or self.holds(evidence)
            or (bool(value) and self.holds(value))
        )

    @cached_property
    def _unescaped(self) -> str:
        """References and escapes resolved, with tags and what they hold, without white space."""
        text = html.unescape(self._document.text)
        if "\\" in text:
            text = html.unescape(_ESCAPE.sub(_resolved, text))  # JSON holds HTML
        return _INVISIBLE.sub("", text)

    @cached_property
    def _shown(self) -> str:
        """The text between the tags, without white space."""
        text = html.unescape(_TAG.sub("", self._document.text))
        return _INVISIBLE.sub("", text)


def _resolved(match: re.Match[str]) -> str:
    """The character that an escape of JSON stands for; half of a pair stands for none."""
    character = str(json.loads(f'"{match.group()}"'))
    return "" if character.isspace() or "\ud800" <= character <= "\udfff" else character
