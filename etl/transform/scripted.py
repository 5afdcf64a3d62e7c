"""Find the article of a page that is filled in by scripts: the longest piece of HTML among the strings of its scripts.

Such pages hold their text as JSON for the program that shows it; the strings may hold JSON in turn.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser

from etl.transform.blocks import Block
from etl.transform.dom import read_dom

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_PARAGRAPH = "<p"
_HTML_MIN = 500
_ARTICLE = '<main><h1></h1><article class="article"><div class="article-body">{}</div></article></main>'
"""What the program that shows the text puts around it, in one way or another."""
_SCRIPTS_MAX = 4_000_000
"""Characters of scripts that are read."""
_LEVELS = 2


def scripted_blocks(tree: LexborHTMLParser) -> list[Block]:
    """The blocks of the longest string of HTML with paragraphs; none where no script holds one."""
    scripts = "\n".join(node.text() for node in tree.css("script"))[:_SCRIPTS_MAX]
    longest = max(_fragments(scripts, _LEVELS), key=len, default="")
    return read_dom(LexborHTMLParser(_ARTICLE.format(longest))) if longest else []


def _fragments(script: str, levels: int) -> Iterator[str]:
    for literal in _STRING.findall(script):
        if len(literal) < _HTML_MIN:
            continue
        try:
            text = json.loads(literal, strict=False)
        except ValueError:
            continue
        if levels > 1 and '"' in text:
            nested = list(_fragments(text, levels - 1))
            yield from nested
            if nested:
                continue
        if _PARAGRAPH in text:
            yield text
