r"""Ranked competition: the output names the two units that learn, the first by drive (1) and the k-th (-1).

.. math:: y_j = 1 \text{ for the highest } u_j, \quad -1 \text{ for the } k\text{-th}, \quad 0 \text{ otherwise}

Of equals the first comes first; the slope is 0. It is a code for the signal `rank`, not for the next layer: give
that one the drive by ``code``. Krotov & Hopfield 2019, PNAS 116:7723, fast implementation of the competition.
"""

from functools import partial
from typing import NamedTuple

import numpy as np

from edgelearn.bounds import whole
from edgelearn.compiled import compiled
from edgelearn.kernels.ranking import next_best, order
from edgelearn.neurons.base import Neuron, NoState, enough_units
from edgelearn.types import F32, Array


class Params(NamedTuple):
    k: np.float32  # the rank that is pushed away, a whole number of at least 2


def step(p: Params, s: NoState, drive: Array) -> tuple[NoState, Array, Array]:
    """Return the state, the marks and slopes of 0."""
    out, ranks = np.zeros_like(drive), order(drive)
    out[ranks[0]], out[ranks[int(p.k) - 1]] = 1, -1
    return s, out, np.zeros_like(drive)


@compiled()
def kernel(drive: F32, out: F32, slope: F32, k: float) -> None:
    """`step` in place."""
    for j in range(drive.shape[0]):
        out[j] = slope[j] = np.float32(0.0)
    first = last = next_best(drive, slope)
    for _ in range(int(k) - 1):
        last = next_best(drive, slope)
    for j in range(drive.shape[0]):
        slope[j] = np.float32(0.0)
    out[first], out[last] = np.float32(1.0), np.float32(-1.0)


def batch(p: Params, drive: Array) -> Array:
    """Return the marks of many samples, drive (n, n_post)."""
    out = np.zeros_like(drive)
    _mark.dispatcher(drive, int(p.k), out)
    return out


@compiled()
def _mark(drive: F32, k: int, out: F32) -> None:
    """Mark the best and the k-th of each row of drive (n, n_post), which has at least k, in an ``out`` of zeros."""
    best = np.empty(k, np.int64)
    for i in range(drive.shape[0]):
        row = drive[i]
        for j in range(row.shape[0]):
            v, place = row[j], min(j, k)
            while place > 0 and _before(v, row[best[place - 1]]):
                place -= 1
            if place < k:
                for other in range(min(j, k - 1), place, -1):
                    best[other] = best[other - 1]
                best[place] = j
        out[i, best[0]], out[i, best[k - 1]] = np.float32(1.0), np.float32(-1.0)


@compiled()
def _before(v: np.float32, other: np.float32) -> bool:
    return bool(v > other or (np.isnan(other) and not np.isnan(v)))


def neuron(k: int = 2) -> Neuron:
    """Return the unit; raises ConfigError for k < 2, and its ``init`` for a layer of fewer than k units."""
    k = whole("k", k, 2)
    start = partial(enough_units, k)
    return Neuron("ranked", Params(np.float32(k)), start, step, kernel, batch=batch, local="layer")
