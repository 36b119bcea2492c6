"""Scores into probabilities, without a temporary."""

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.types import F64


@compiled(fastmath=True)
def softmax(scores: F64) -> F64:
    """Return the softmax of scores (C,)."""
    out = np.empty(scores.shape[0])
    top = scores.max()
    total = 0.0
    for m in range(scores.shape[0]):
        out[m] = np.exp(scores[m] - top)
        total += out[m]
    for m in range(scores.shape[0]):
        out[m] /= total
    return out


@compiled()
def margin(chances: F64, best: int) -> float:
    """Return the probability of the best class less that of the second; chances (C,)."""
    second = 0.0
    for m in range(chances.shape[0]):
        if m != best and chances[m] > second:
            second = chances[m]
    return float(chances[best] - second)
