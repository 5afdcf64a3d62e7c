"""Counts and hashes say the same as their plain definitions, for whatever text."""

import hashlib
import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from etl.transform.measure import content_hash, word_count

UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
WORD = re.compile(rf"[{UNSPACED}]|(?:(?![{UNSPACED}])\w)+(?:['’.-](?:(?![{UNSPACED}])\w)+)*")
TRICKY = (
    "aZ_0 \n\t.-'’…\u00a0\u2009\u3000\x1c\x85\u2028ÄßſÅ\u212bİ½²´¨ﬀǅ\u0301\u0327\u0345e\u0308"
    "อา東ｱﾞ（！𠀀ㆍ각가\u11a8ᄀ\u1161कि\u09be\ud800😀“„–"
)
TEXTS = st.text(st.sampled_from(TRICKY) | st.characters(), max_size=60)


def plain_word_count(text: str) -> int:
    return len(WORD.findall(text))


def plain_content_hash(text: str) -> str:
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return hashlib.sha256(folded.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@given(TEXTS)
@example("U.S.A. don't-stop -a --b c- 'd' e..f")
@example("a’b 東京で AFP’が 3.5")
@example("x. \u0301y\n\u0301 z\u00a0\u0301")
def test_any_text(text: str) -> None:
    assert word_count(text) == plain_word_count(text)
    assert content_hash(text) == plain_content_hash(text)
    padded = f"{'It is a plain sentence. ' * 9}{text}"  # mostly ASCII goes another way
    assert word_count(padded) == plain_word_count(padded)
    assert content_hash(padded) == plain_content_hash(padded)


@pytest.mark.parametrize("plane", range(17))
def test_any_character(plane: int) -> None:
    for start in range(plane << 16, (plane + 1) << 16, 1 << 12):
        text = "".join(f"A{chr(point)}b-{chr(point)} " for point in range(start, start + (1 << 12)))
        assert word_count(text) == plain_word_count(text)
        assert content_hash(text) == plain_content_hash(text)
