r"""k-winners-take-all: the k highest drives pass, all others are 0; of equals the first wins.

.. math:: y_j = u_j \text{ if fewer than } k \text{ units come before } j, \quad 0 \text{ otherwise}

Slope 1 for a winner, 0 for the others. Makhzani & Frey 2014, ICLR, "k-Sparse autoencoders", section 2.
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
    k: np.float32  # how many units win, a whole number of at least 1


def step(p: Params, s: NoState, drive: Array) -> tuple[NoState, Array, Array]:
    """Return the state, the output and its slope."""
    slope = np.zeros_like(drive)
    slope[order(drive)[: int(p.k)]] = 1
    return s, np.where(slope > 0, drive, np.zeros_like(drive)), slope


@compiled()
def kernel(drive: F32, out: F32, slope: F32, k: float) -> None:
    """`step` in place."""
    for j in range(drive.shape[0]):
        out[j] = slope[j] = np.float32(0.0)
    for _ in range(int(k)):
        j = next_best(drive, slope)
        out[j] = drive[j]


def neuron(k: int = 1) -> Neuron:
    """Return the unit; raises ConfigError for k < 1, and its ``init`` for a layer of fewer than k units."""
    k = whole("k", k, 1)
    return Neuron("k_winners", Params(np.float32(k)), partial(enough_units, k), step, kernel, local="layer")
