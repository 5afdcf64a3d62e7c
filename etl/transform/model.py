"""Say how likely each line of a page is text of the article: a small network over `features`, trained beforehand.

The weights (`data/model.npz`) come from `tools/train_labeller.py`. Per kind of page (`text`, `html`) they are the mean
and the scale of each column, and for each of a few members one hidden layer; the answer is the mean of their answers.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from etl.transform.features import Matrix, columns

_WEIGHTS = Path(__file__).parent / "data" / "model.npz"
CLIP = 5.0
"""Scaled columns are cut off here: what lies farther out was never seen in training."""

_ROWS = 8
"""Rows multiplied at once: so few that no library starts threads for them, which would cost more than it saves."""


class Network(NamedTuple):
    """The members side by side: the hidden units of all in one layer, an output each."""

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    hidden: NDArray[np.float64]
    hidden_bias: NDArray[np.float64]
    output: NDArray[np.float64]
    """Hidden units by members; a member's output has zeros for the units of the others."""
    output_bias: NDArray[np.float64]

    def probabilities(self, matrix: Matrix) -> list[float]:
        """For each row, how likely it is article text; 0 to 1."""
        scaled = matrix - self.mean
        scaled *= self.scale
        np.clip(scaled, -CLIP, CLIP, out=scaled)
        active = np.vstack([scaled[start : start + _ROWS] @ self.hidden for start in range(0, len(scaled), _ROWS)])
        answers = np.maximum(active + self.hidden_bias, 0.0) @ self.output + self.output_bias
        likely: list[float] = (1.0 / (1.0 + np.exp(-answers))).mean(axis=1).tolist()
        return likely


@cache
def network(*, marked: bool) -> Network:
    """The network for pages with markup or without; read once per process.

    Raises:
        ValueError: the weights were trained on other columns than `features` gives.
    """
    kind = "html" if marked else "text"
    with np.load(_WEIGHTS) as weights:
        found = Network(*(weights[f"{kind}_{name}"].astype(np.float64) for name in Network._fields))
    if len(found.mean) != len(columns(marked=marked)):
        message = f"`{_WEIGHTS.name}` knows {len(found.mean)} columns of {kind}, `features` gives others; train it anew"
        raise ValueError(message)
    return found
