"""Scores of one or more predictors on a set of pages, summed by group of pages."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from benchmarks.quality.sets import LABELLED, Sample
from tests.quality.corpus import REGISTRY
from tests.quality.scoring import LABEL_MEASURES, Counts, score_page, total

OURS = "ours"
_NEEDS = {
    "body": "body",
    "title": "headline",
    "date": "published_at",
    "authors": "authors",
    "kept": "body",
    "noise": "body",
    "agencies_text": "agencies",
    "agencies_image": "agencies",
    "related": "related_items",
    "section": "related_items",
    "teaser": "related_items",
    "sections": "related_items",
    "teasers": "related_items",
    "headline": "headline",
    "lead": "lead",
    "lines": "body",
}
"""What rows must have to be scored by a measure; a peer that never says it is not compared by it."""

Rows = Mapping[str, Mapping[str, Any]]
"""Predictions by page."""


@dataclass
class Measured:
    """All that is known of one input form of one set."""

    name: str
    form: str
    samples: list[Sample]
    pages: dict[str, list[dict[str, Counts]]] = field(default_factory=dict)
    """For each predictor the scores of the samples, in their order."""
    refused: int = 0
    agency_names: dict[str, int] = field(default_factory=dict)
    """For each predictor that names authors, how many of them are agencies."""

    def add(self, predictor: str, rows: Rows) -> None:
        """Score a predictor."""
        said = {key for row in rows.values() for key, value in row.items() if value is not None}
        self.pages[predictor] = [
            {
                measure: counts
                for measure, counts in score_page(sample.gold(self.form), rows.get(sample.id, {})).items()
                if predictor == OURS or _NEEDS[measure] in said
            }
            for sample in self.samples
        ]
        if predictor == OURS or "authors" in said:
            names = [name for row in rows.values() for name in row.get("authors") or ()]
            self.agency_names[predictor] = sum(name.casefold() in _agency_spellings() for name in names)
        if predictor == OURS:
            self.refused = sum("refused" in row for row in rows.values())

    def groups(self) -> dict[str, dict[str, dict[str, Counts]]]:
        """Group, measure, predictor; measures of labelled lines are a group of their own in a set of several."""
        several = len({sample.gold(self.form).group for sample in self.samples}) > 1

        def group(sample: Sample, measure: str) -> str:
            return LABELLED if several and measure in LABEL_MEASURES else sample.gold(self.form).group

        found: dict[str, dict[str, dict[str, Counts]]] = defaultdict(lambda: defaultdict(dict))
        for predictor in self.pages:
            for key, sums in self._sums(predictor, group).items():
                for measure, counts in sums.items():
                    found[key][measure][predictor] = counts
        return {key: dict(measures) for key, measures in found.items()}

    def by(self, key: Callable[[Sample], str]) -> dict[str, tuple[int, dict[str, Counts]]]:
        """Number of pages and our scores by a property of the pages."""
        sums = self._sums(OURS, lambda sample, _: key(sample))
        return {name: (sum(key(sample) == name for sample in self.samples), sums[name]) for name in sorted(sums)}

    def worst(self, number: int) -> list[tuple[Sample, dict[str, Counts]]]:
        """The pages on which we find least of what is wanted, over all measures alike."""
        ranked = sorted(zip(self.samples, self.pages[OURS], strict=True), key=lambda page: _merit(page[1]))
        return ranked[:number]

    def _sums(self, predictor: str, group: Callable[[Sample, str], str]) -> dict[str, dict[str, Counts]]:
        parts: dict[str, list[dict[str, Counts]]] = defaultdict(list)
        for sample, scores in zip(self.samples, self.pages[predictor], strict=True):
            split: dict[str, dict[str, Counts]] = defaultdict(dict)
            for measure, counts in scores.items():
                split[group(sample, measure)][measure] = counts
            for key, some in split.items():
                parts[key].append(some)
        return {key: total(pages) for key, pages in parts.items()}


def _merit(scores: Mapping[str, Counts]) -> float:
    """The score of the body first, then how many other measures are met."""
    body = scores["body"].score if "body" in scores else scores["kept"].score if "kept" in scores else 1.0
    return body - sum(counts.score < 1 for measure, counts in scores.items() if measure != "body") / 1000


@cache
def _agency_spellings() -> frozenset[str]:
    """Names and aliases of the agencies in the registry, in lower case."""
    files = [tomllib.loads(path.read_text(encoding="utf-8")) for path in REGISTRY.glob("*.toml")]
    agencies = [agency for file in files for agency in file["agency"]]
    return frozenset(name.casefold() for agency in agencies for name in (agency["name"], *agency["aliases"]))
