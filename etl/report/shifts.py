"""Find where a series of daily counts shifts: pure functions over arrays, no knowledge of sources or tables.

A share (articles with a headline among articles) is held against the days before it as a beta-binomial: its mean and
its spread from day to day are those of these days, so that small days, restless sources and weekly rhythms are
expected to swing. A mean (words per article) is held against them by Student's t. Stretches of 1, 2, 4 and 7 days are
tried at each day: large sources show in one, small ones need some.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

STRETCHES = (1, 2, 4, 7)
"""Days that are judged together."""

_SCREEN = 2.5
"""Standard deviations below which the exact probability is not worth computing."""
_PART = 0.5
"""Part that each day of a stretch must have in its change, so that one odd day does not speak for those beside it."""
_EDGE = 0.01
"""Shares are never taken as surer than this far from 0 and 1: the past is never long enough to say so."""
_WORD_SPREAD = 0.8
"""Standard deviation of an article's words over their mean, as far as newspapers go."""


@dataclass(frozen=True, slots=True)
class Shift:
    """From one day on the series is another; days are positions in it."""

    first: int
    """Where the change begins."""
    seen: int
    """The day on which it can be told."""
    usual: float
    found: float
    """Of the days from `first` to `seen` together."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What counts as a shift."""

    level: float
    """Probability, for one stretch and direction, that chance raises it."""
    days: int
    least_days: int
    least_total: int
    least_change: float
    """Of a share, or of the logarithm of a mean."""
    least_at_once: float
    """The same, for what a single day shows: lesser changes must be seen on a second day too."""
    day_to_day: float
    settled_after: int

    def change(self, length: int) -> float:
        """The least change that days together, so many, can show."""
        return self.least_at_once if length == 1 else self.least_change


@dataclass(frozen=True, slots=True)
class _Stretches:
    """All stretches of one length whose past suffices: positions of their first days, and what is usual and found."""

    first: Ints
    length: int
    usual: Floats
    found: Floats
    deviation: Floats
    """In standard deviations, with its sign."""
    exact: Callable[[int], float]
    """Probability of what is found, or more, for the stretch at an index."""


def share_shifts(counts: Ints, totals: Ints, limits: Limits) -> list[Shift]:
    """Shifts of a share, `counts` of `totals` a day, in the order of days; days without a total are passed over."""
    return _shifts(counts.astype(np.float64), totals.astype(np.float64), limits, _shares)


def mean_shifts(sums: Ints, totals: Ints, limits: Limits) -> list[Shift]:
    """Shifts of a positive mean, `sums` over `totals` a day, in the order of days; see `share_shifts`."""
    usable = np.where(sums > 0, totals, 0)
    return _shifts(sums.astype(np.float64), usable.astype(np.float64), limits, _means)


_Measure = Callable[[Floats, Floats, int, Limits], _Stretches]


def _shifts(counts: Floats, totals: Floats, limits: Limits, measure: _Measure) -> list[Shift]:
    """Scan for the first shift, decide by the days after it what is usual then, and go on from there."""
    days = np.flatnonzero(totals)
    found: list[Shift] = []
    start = 0
    while (hit := _first(counts[days], totals[days], start, limits, measure)) is not None:
        first, last, usual, value = hit
        found.append(Shift(int(days[first]), int(days[last]), usual, value))
        back = _back_at(counts[days], totals[days], found[-1], range(last + 1, first + limits.settled_after))
        if back is None:  # what is new has become usual; the past begins with it
            days, start = days[first:], 0
        else:  # it was an episode, which is no part of the past
            days, start = np.delete(days, slice(first, back)), first
    return found


def _first(
    counts: Floats, totals: Floats, start: int, limits: Limits, measure: _Measure
) -> tuple[int, int, float, float] | None:
    """The shift that can be told first, from the day `start` on: its first and last day, what is usual, and found."""
    best: tuple[int, float, int, float, float] | None = None
    for length in STRETCHES:
        stretches = measure(counts, totals, length, limits)
        last = stretches.first + length - 1
        likely = (np.abs(stretches.deviation) >= _SCREEN) & (last >= start)
        for index in np.flatnonzero(likely & _lasting(counts / totals, stretches)).tolist():
            if best is not None and last[index] > best[0]:
                break
            chance = stretches.exact(index)
            if chance < limits.level and (best is None or (last[index], chance) < best[:2]):
                usual, found = float(stretches.usual[index]), float(stretches.found[index])
                best = (int(last[index]), chance, int(stretches.first[index]), usual, found)
    return None if best is None else (best[2], best[0], best[3], best[4])


def _lasting(daily: Floats, stretches: _Stretches) -> npt.NDArray[np.bool_]:
    """Whether every day of a stretch has its part in the change: at least half of what its days have on average."""
    change = stretches.found - stretches.usual
    parts = [(daily[stretches.first + n] - stretches.usual) * np.sign(change) for n in range(stretches.length)]
    lasting: npt.NDArray[np.bool_] = np.min(parts, axis=0) >= _PART * np.abs(change)
    return lasting


def _back_at(counts: Floats, totals: Floats, shift: Shift, after: range) -> int | None:
    """The first of the days after a shift that is, with the next one, nearer to what was usual; None where it stays."""
    for day in after:
        if day + 1 < len(counts):
            values = counts[day] / totals[day], counts[day : day + 2].sum() / totals[day : day + 2].sum()
            if all(abs(value - shift.usual) < abs(value - shift.found) for value in values):
                return day
    return None


def _before(values: Floats, days: int) -> Floats:
    """Sum of the up to `days` values before each position."""
    sums: Floats = np.concatenate([[0.0], np.cumsum(values)])
    at = np.arange(len(values))
    return sums[at] - sums[np.maximum(at - days, 0)]


def _together(values: Floats, first: Ints, length: int) -> Floats:
    sums: Floats = np.concatenate([[0.0], np.cumsum(values)])
    return sums[first + length] - sums[first]


def _candidates(totals: Floats, length: int, limits: Limits) -> Ints:
    """First days of the stretches of a length that have a past to be held against."""
    enough = (np.arange(len(totals)) >= limits.least_days) & (_before(totals, limits.days) >= limits.least_total)
    return np.flatnonzero(enough[: max(len(totals) - length + 1, 0)])


def _shares(counts: Floats, totals: Floats, length: int, limits: Limits) -> _Stretches:
    first = _candidates(totals, length, limits)
    days = np.minimum(first, limits.days).astype(np.float64)
    total = _before(totals, limits.days)[first]
    count = _before(counts, limits.days)[first]
    share = np.clip((count + 0.5) / (total + 1), _EDGE, 1 - _EDGE)
    product = share * (1 - share)
    # Kleinman's moments: how much more the days differ than chance would have them, as a correlation within a day.
    scatter = _before(counts**2 / totals, limits.days)[first] - count**2 / total
    room = total - _before(totals**2, limits.days)[first] / total - (days - 1)
    spread = (scatter - product * (days - 1)) / (product * np.maximum(room, 1.0))
    least = limits.day_to_day**2 / (_EDGE * (1 - _EDGE)) ** 0.5 / np.sqrt(product)
    spread = np.clip(np.maximum(spread, least), 0.0, 0.9)
    spread = np.minimum(spread * (1 + 1 / days) + 1 / total, 0.95)  # and what is usual is not known exactly
    here, sums = _together(totals, first, length), _together(counts, first, length)
    found = sums / here
    deviation = (found - share) / np.sqrt(product * (spread + (1 - spread) / here))
    deviation[np.abs(found - share) < limits.change(length)] = 0.0

    def exact(index: int) -> float:
        return beta_binomial_tail(
            round(sums[index]), round(here[index]), share[index], spread[index], upper=deviation[index] > 0
        )

    return _Stretches(first, length, share, found, deviation, exact)


def beta_binomial_tail(count: int, total: int, share: float, spread: float, *, upper: bool) -> float:
    """Probability of `count` or more (or, not `upper`, or fewer) of `total`, where the share itself varies.

    Args:
        count: 0 to `total`.
        total: Number of trials.
        share: Mean of the share, within 0 and 1.
        spread: Variance of the share over `share * (1 - share)`, within 0 and 1.
        upper: Which tail.
    """
    if upper:
        count, share = total - count, 1 - share
    a, b = (x * (1 / spread - 1) for x in (share, 1 - share))
    none = math.lgamma(total + b) - math.lgamma(total + a + b) + math.lgamma(a + b) - math.lgamma(b)
    k = np.arange(count)
    steps = np.log((total - k) * (k + a)) - np.log((k + 1) * (total - k - 1 + b))
    return min(float(np.exp(none + np.concatenate([[0.0], np.cumsum(steps)])).sum()), 1.0)


def _means(sums: Floats, totals: Floats, length: int, limits: Limits) -> _Stretches:
    first = _candidates(totals, length, limits)
    days = np.minimum(first, limits.days).astype(np.float64)
    logs = np.log(sums / totals)
    usual = _before(logs, limits.days)[first] / days
    variance = (_before(logs**2, limits.days)[first] / days - usual**2) * days / (days - 1)
    noise = _WORD_SPREAD**2 * _before(1 / totals, limits.days)[first] / days
    here = _together(totals, first, length)
    found = np.log(_together(sums, first, length) / here)
    expected = np.maximum(variance, limits.day_to_day**2 + noise)
    expected = expected * (1 + 1 / days) + np.maximum(_WORD_SPREAD**2 / here - noise, 0.0)
    deviation = (found - usual) / np.sqrt(expected)
    deviation[np.abs(found - usual) < limits.change(length)] = 0.0

    def exact(index: int) -> float:
        return student_tail(abs(deviation[index]), days[index] - 1)

    return _Stretches(first, length, np.exp(usual), np.exp(found), deviation, exact)


def student_tail(value: float, degrees: float) -> float:
    """Probability that Student's t exceeds a positive value, to about a tenth of itself (Wallace's approximation)."""
    bound = (8 * degrees + 1) / (8 * degrees + 3)
    return NormalDist().cdf(-bound * math.sqrt(degrees * math.log1p(value**2 / degrees)))


def level_of(false_alarms: float, series: int) -> float:
    """The level at which `series` of a source together raise `false_alarms` in 1,000 days by chance.

    Stretches that end on one day share most of their days, hence count as one test.
    """
    return false_alarms / 1000 / (series * 2)
