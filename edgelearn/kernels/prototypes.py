"""Distances to stored prototypes; float32, order of sums free."""

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.types import F32, Array


@compiled(fastmath=True)
def distances(x: F32, rows: F32, used: int, out: F32) -> None:
    """Write the squared distance of x (D,) to each of the first ``used`` rows (K, D) into out (K,)."""
    for k in range(used):
        total = np.float32(0.0)
        for j in range(x.shape[0]):
            difference = x[j] - rows[k, j]
            total += difference * difference
        out[k] = total


@compiled()
def nearest(distance: F32, owner: Array, used: int, c: int, skip: int) -> int:
    """Return the prototype of class c with the least distance, ``skip`` left out; -1 when there is none."""
    best = -1
    for k in range(used):
        if owner[k] == c and k != skip and (best < 0 or distance[k] < distance[best]):
            best = k
    return best
