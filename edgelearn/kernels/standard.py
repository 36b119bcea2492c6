"""Features brought to one scale as they come, by the mean and spread of the stream so far; float32, declared order.

Welford 1962, "Note on a method for calculating corrected sums of squares and products", Technometrics 4:419.
"""

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.types import F32


@compiled()
def track(x: F32, n: int, scale: F32) -> None:
    """Take x (D,), the n-th sample, into scale (3, D): mean, scatter and 1/spread (0 where nothing varies)."""
    zero, one = np.float32(0.0), np.float32(1.0)
    part, all_but = np.float32(1.0 / n), np.float32(1.0 / max(n - 1, 1))
    for j in range(x.shape[0]):
        apart = x[j] - scale[0, j]
        scale[0, j] += apart * part
        scale[1, j] += apart * (x[j] - scale[0, j])
        scale[2, j] = one / np.sqrt(scale[1, j] * all_but) if scale[1, j] > zero else zero


@compiled()
def standardise(x: F32, scale: F32, z: F32) -> np.float32:
    """Write x (D,) in units of its spread into z (D + 1,), whose last entry is 1 for the bias; return |z|²."""
    n = x.shape[0]
    square = np.float32(1.0)
    for j in range(n):
        z[j] = (x[j] - scale[0, j]) * scale[2, j]
    for j in range(n):
        square += z[j] * z[j]
    z[n] = np.float32(1.0)
    return square
