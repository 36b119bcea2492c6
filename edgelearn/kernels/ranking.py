"""Who comes next: the order of a competition, highest first, of equals the first one, NaN behind all numbers."""

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.types import F32, Array


def order(values: Array) -> Array:
    """The definition: the indices of ``values`` (…, n), the first in the competition first."""
    return np.argsort(-values, kind="stable")


@compiled()
def next_best(values: F32, taken: F32) -> int:
    """Return the index of the first in the competition of those with ``taken`` 0, and set its ``taken`` to 1.

    values and taken (n,), at least one of them still 0.
    """
    best = -1
    for j in range(values.shape[0]):
        if taken[j] > np.float32(0.0):
            continue
        v = values[j]
        if best < 0 or v > values[best] or (values[best] != values[best] and v == v):  # noqa: PLR0124 (NaN)
            best = j
    taken[best] = np.float32(1.0)
    return best
