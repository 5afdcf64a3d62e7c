"""ROUGE-LSum F1 of a body against gold paragraphs, the best of the variants that the gold allows.

The union of longest common subsequences over sentences, as rouge_score defines it, with letters of all scripts kept
(a character of a script without blanks is a token) and sentences split by rules. The tables of subsequences are rows of
bits in integers, so that no compiler is needed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

Block = tuple[str, str]
"""Kind (summary, headline, optional, or anything else for a paragraph that must be there) and text."""

_DENSE = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_DENSE}]|[^\W_{_DENSE}]+")
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])[\"'”’»)\]]*\s+(?=[^a-zß-ÿ])|\n+")
_MAY_LACK = ("summary", "headline", "optional")

_Sentence = tuple[str, ...]


class _Candidate:
    """A sentence of the body: for each token a row of bits that says where it stands."""

    def __init__(self, sentence: _Sentence) -> None:
        self.width = len(sentence)
        self.places: dict[str, int] = {}
        for place, token in enumerate(sentence):
            self.places[token] = self.places.get(token, 0) | 1 << place

    def common(self, reference: _Sentence) -> Iterator[int]:
        """Where the longest common subsequence stands in `reference`: the one that a walk back through the table finds.

        A row has a zero where the length grows (Crochemore's bit-vector algorithm). The walk goes left where the length
        is larger than in the row above, else up.
        """
        full = (1 << self.width) - 1
        row, rows = full, []
        for index, token in enumerate(reference):
            places = self.places.get(token)
            if places is not None:
                above, hits = row, row & places
                row = ((row + hits) | (row - hits)) & full
                rows.append((index, places, above, row))
        left = full
        for index, places, above, row in reversed(rows):
            while left:
                if places & (left ^ left >> 1):
                    yield index
                    left >>= 1
                    break
                if (above & left).bit_count() == (row & left).bit_count():
                    break
                left >>= 1


def rouge_lsum(blocks: Sequence[Block], body: str) -> float:
    """F1 of `body` against the blocks; kinds that may lack are each there or not, and the best variant counts."""
    sentences = _sentences(body)
    if not sentences:
        return 0.0
    exact, candidates = frozenset(sentences), [_Candidate(sentence) for sentence in dict.fromkeys(sentences)]
    have = Counter(token for sentence in sentences for token in sentence)
    matched = [(kind, *_match(_sentences(text), exact, candidates)) for kind, text in blocks]
    best = 0.0
    for left_out in _choices({kind for kind, _ in blocks}):
        wanted, hits = 0, Counter[str]()
        for kind, tokens, found in matched:
            if kind not in left_out:
                wanted += tokens
                hits.update(found)
        best = max(best, 2 * (hits & have).total() / (have.total() + wanted))
    return best


def _match(
    references: list[_Sentence], exact: frozenset[_Sentence], candidates: list[_Candidate]
) -> tuple[int, Counter[str]]:
    """How many tokens the sentences have, and those that some sentence of the body shares in order."""
    found: Counter[str] = Counter()
    for reference in references:
        if reference in exact:
            found.update(reference)
            continue
        places: set[int] = set()
        for candidate in candidates:
            places.update(candidate.common(reference))
        found.update(reference[place] for place in places)
    return sum(map(len, references)), found


def _choices(kinds: set[str]) -> Iterator[tuple[str, ...]]:
    """What may be left out; never everything."""
    present = [kind for kind in _MAY_LACK if kind in kinds]
    for number in range(len(present) + 1):
        for left_out in combinations(present, number):
            if kinds - set(left_out):
                yield left_out


def _sentences(text: str) -> list[_Sentence]:
    found = (tuple(_TOKEN.findall(part.lower())) for part in _SENTENCE_END.split(text))
    return [sentence for sentence in found if sentence]
