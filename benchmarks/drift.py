"""Drift alarms on synthetic sources: how many changes of a layout are found, how soon, and how many alarms are false.

Run with `python -m benchmarks.drift [--sources N] [--days N] [--seed N]`. Sources differ in size, in what their pages
tell, in their weekly rhythm, in how restless they are, and in slow trends; now and then a day is odd. Half of the
sources change their layout once: some of what was found is lost or wrongly found, bodies come out cut or swollen,
documents are rejected. A change is found by an alarm in a measure that it has changed; every other alarm is false.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from etl.report.drift import MEASURES, WORDS, Alarm, alarms
from etl.report.statistics import DAYS, LANGUAGES, REASONS, SOURCES, SUPPLIERS, Statistics
from etl.settings import Settings

SIZES = (4, 12, 40, 150, 600)
"""Documents of a source on a working day."""
FIRST = dt.date(2015, 1, 1)
QUIET = 60
"""Days before the first change, and after the last."""
CHANGED_MEASURES = 4
"""A change of layout shows in 1 to as many measures."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Corpus:
    """Synthetic statistics, and what was done to the sources."""

    statistics: Statistics
    sizes: dict[str, int]
    changes: dict[str, tuple[dt.date, tuple[str, ...]]]
    """By source: the day of its change, and the measures in which it shows."""
    days: dict[str, list[dt.date]] = field(default_factory=dict)
    """By source: the days on which it had documents."""


def make_corpus(sources: int, days: int, seed: int) -> Corpus:
    """`sources` of all sizes in turn over `days`; every other one changes."""
    rng = np.random.default_rng(seed)
    tables, sizes, changes, held = [], {}, {}, {}
    for number in range(sources):
        name = f"source-{number:04}"
        sizes[name] = SIZES[number // 2 % len(SIZES)]
        change = _change(rng, days) if number % 2 else None
        rows, changed = _source(rng, sizes[name], days, change)
        if change is not None:
            changes[name] = (FIRST + dt.timedelta(days=change[0]), changed)
        present = np.flatnonzero(rows["articles"] + rows["rejects"])
        held[name] = [FIRST + dt.timedelta(days=int(day)) for day in present]
        columns = {column: rows.get(column, np.zeros(days, np.int64))[present] for column in SOURCES.names[2:]}
        tables.append(pa.table({"ingest_date": held[name], "source": [name] * len(present), **columns}, schema=SOURCES))
    table = pa.concat_tables(tables).sort_by([("ingest_date", "ascending"), ("source", "ascending")])
    nothing = (schema.empty_table() for schema in (LANGUAGES, SUPPLIERS, REASONS))
    return Corpus(Statistics(DAYS.empty_table(), table, *nothing), sizes, changes, held)


def _change(rng: np.random.Generator, days: int) -> tuple[int, tuple[str, ...]]:
    measures = rng.choice(MEASURES, rng.integers(1, CHANGED_MEASURES + 1), replace=False)
    return int(rng.integers(QUIET, days - QUIET)), tuple(str(name) for name in measures)


def _rhythm(rng: np.random.Generator, days: int, least: float, most: float) -> Floats:
    """What moves a measure from day to day, in logits or logarithms: weekday, trend, season, noise with long tails."""
    day = np.arange(days)
    weekday = rng.normal(0, 0.1, 7) + np.append(np.zeros(5), rng.normal(0, 0.4, 2))
    trend = rng.normal(0, 0.5) * day / 365 + rng.normal(0, 0.2) * np.sin(2 * np.pi * (day / 365 + rng.random()))
    noise = rng.uniform(least, most) * rng.standard_t(6, days)
    return weekday[day % 7] + trend + noise


def _source(
    rng: np.random.Generator, size: int, days: int, change: tuple[int, tuple[str, ...]] | None
) -> tuple[dict[str, Ints], tuple[str, ...]]:
    """Counts of a source by day."""
    weekly = np.append(np.ones(5), rng.choice([0.0, 0.4, 0.7, 1.0], 2))
    mean = size * weekly[np.arange(days) % 7] * np.exp(0.3 * _rhythm(rng, days, 0.1, 0.6))
    documents = rng.poisson(mean)
    odd = np.where(rng.random(days) < 1 / 200, 1.0, 0.0) * rng.normal(0, 1, days)
    usual = {
        "headline": rng.beta(60, 1),
        "lead": rng.choice([0.0, rng.uniform(0.1, 0.95)], p=[0.2, 0.8]),
        "authors": rng.uniform(0.05, 0.95),
        "published_date": rng.choice([0.0, rng.uniform(0.3, 0.9), 0.995], p=[0.3, 0.2, 0.5]),
        "related": rng.choice([0.0, rng.uniform(0.2, 0.99)], p=[0.4, 0.6]),
        "agency": rng.uniform(0.01, 0.7),
        "image_credit": rng.choice([0.0, rng.uniform(0.1, 0.9)], p=[0.4, 0.6]),
        "truncated": rng.choice([0.0, 0.01, rng.uniform(0.1, 0.5)], p=[0.5, 0.3, 0.2]),
        "rejects": rng.beta(1, 25),
    }
    day, changing = change or (days, ())
    shares = {}
    for name, share in usual.items():
        share = np.clip(share, 0.0005, 0.9995)  # noqa: PLW2901 - of which logits can be taken
        logits = np.log(share / (1 - share)) + _rhythm(rng, days, 0.05, 0.35) + odd * rng.normal(0, 1)
        shares[name] = 1 / (1 + np.exp(-logits))
        if name in changing:
            lost = share >= 0.3  # noqa: PLR2004 - below it there is too little to lose
            shares[name][day:] = shares[name][day:] * rng.uniform(0, 0.1) if lost else rng.uniform(0.7, 1)
    rows = {"rejects": rng.binomial(documents, shares.pop("rejects"))}
    articles = documents - rows["rejects"]
    for name, share in shares.items():
        rows[name if name == "truncated" else f"with_{name}"] = rng.binomial(articles, share)
    level = np.log(rng.uniform(150, 700)) + 0.3 * _rhythm(rng, days, 0.1, 0.4) + 0.1 * odd
    if WORDS in changing:
        level[day:] += np.log(rng.choice([rng.uniform(0.2, 0.55), rng.uniform(1.8, 3)]))
    spread = rng.uniform(0.4, 0.9) / np.sqrt(np.maximum(articles, 1))
    words = articles * np.exp(level + rng.normal(0, 1, days) * spread)
    return rows | {"articles": articles, "words": np.ceil(words).astype(np.int64)}, changing


@dataclass
class Tally:
    """What became of the sources of one size."""

    source_days: float = 0
    """Of days after a change, only the part of the measures counts that it left alone."""
    false: int = 0
    changes: int = 0
    missed: int = 0
    delays: list[int] = field(default_factory=list)
    """Days with documents from the change to the alarm: 1, where the day of the change raised it."""

    def within(self, days: int) -> float:
        """Share of the changes that were found within so many days."""
        return sum(delay <= days for delay in self.delays) / max(self.changes, 1)

    def per_thousand(self) -> float:
        """False alarms per 1,000 days of a source."""
        return 1000 * self.false / max(self.source_days, 1)


def judge(corpus: Corpus, found: Sequence[Alarm]) -> dict[int, Tally]:
    """Hold alarms against what was done, by size of source.

    A change is found by the first alarm, from its day on, in a measure that it has changed. An alarm is false where its
    measure has not changed, or not yet.
    """
    tallies = {size: Tally() for size in SIZES}
    of: dict[str, list[Alarm]] = {}
    for alarm in found:
        of.setdefault(alarm.source, []).append(alarm)
    for source, size in corpus.sizes.items():
        tally, days = tallies[size], corpus.days[source]
        changed, measures = corpus.changes.get(source, (dt.date.max, ()))
        seen = [a.seen for a in of.get(source, []) if a.seen >= changed and a.measure in measures]
        before = sum(day < changed for day in days)
        tally.source_days += before + (len(days) - before) * (1 - len(measures) / len(MEASURES))
        tally.false += len(of.get(source, [])) - len(seen)
        if source in corpus.changes:
            tally.changes += 1
            if seen:
                tally.delays.append(sum(changed <= day <= min(seen) for day in days))
            else:
                tally.missed += 1
    return tallies


def main() -> None:
    """Print a line of JSON for each size of source, then one for all and one for the time that it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=600)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    corpus = make_corpus(options.sources, options.days, options.seed)
    began = time.process_time()
    found = alarms(corpus.statistics, Settings())
    seconds = time.process_time() - began
    tallies = judge(corpus, found)
    together = Tally()
    for size, tally in tallies.items():
        print(json.dumps({"documents_a_day": size, **_figures(tally)}))
        for name in ("source_days", "false", "changes", "missed", "delays"):
            setattr(together, name, getattr(together, name) + getattr(tally, name))
    print(json.dumps({"documents_a_day": "all", **_figures(together)}))
    print(
        json.dumps({"alarms": len(found), "rows": corpus.statistics.sources.num_rows, "cpu_seconds": round(seconds, 1)})
    )


def _figures(tally: Tally) -> dict[str, float]:
    delays = sorted(tally.delays)
    return {
        "source_days": round(tally.source_days),
        "false_alarms_per_1000": round(tally.per_thousand(), 2),
        "changes": tally.changes,
        "found_within_1_day": round(tally.within(1), 3),
        "found_within_2_days": round(tally.within(2), 3),
        "found_within_7_days": round(tally.within(7), 3),
        "missed": tally.missed,
        "slowest_days": delays[-1] if delays else 0,
    }


if __name__ == "__main__":
    main()
