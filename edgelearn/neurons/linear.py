r"""Linear unit: :math:`y = u`, slope 1. Oja 1982, J. Math. Biol. 15, eq. 1."""

from typing import NamedTuple

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.neurons.base import Neuron, NoState, no_state
from edgelearn.types import F32, Array


class Params(NamedTuple):
    """A linear unit has no constants."""


def step(p: Params, s: NoState, drive: Array) -> tuple[NoState, Array, Array]:
    """Return the state, the output and its slope."""
    return s, np.array(drive), np.ones_like(drive)


@compiled()
def kernel(drive: F32, out: F32, slope: F32) -> None:
    """`step` in place."""
    for j in range(drive.shape[0]):
        out[j] = drive[j]
        slope[j] = np.float32(1.0)


def batch(p: Params, drive: Array) -> Array:
    """Return the outputs of many samples, drive (n, n_post)."""
    return np.array(drive)


def neuron() -> Neuron:
    """Return the unit."""
    return Neuron("linear", Params(), no_state, step, kernel, batch=batch)
