r"""Hyperbolic tangent: :math:`y = \tanh u`, slope :math:`1 - y^2`.

LeCun et al. 1998, "Efficient BackProp", section 4.4.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.kernels.functions import define_tanh, tanh
from edgelearn.neurons.base import Neuron, NoState, no_state
from edgelearn.types import F32, Array


class Params(NamedTuple):
    """Nothing to set."""


def step(p: Params, s: NoState, drive: Array) -> tuple[NoState, Array, Array]:
    """Return the state, the output and its slope."""
    out = define_tanh(drive)
    return s, out, 1 - out * out


@compiled()
def kernel(drive: F32, out: F32, slope: F32) -> None:
    """`step` in place."""
    for j in range(drive.shape[0]):
        out[j] = tanh(drive[j])
        slope[j] = np.float32(1.0) - out[j] * out[j]


def batch(p: Params, drive: Array) -> Array:
    """Return the outputs of many samples, drive (n, n_post)."""
    return np.asarray(np.tanh(drive))


def neuron() -> Neuron:
    """Return the unit."""
    return Neuron("tanh", Params(), no_state, step, kernel, batch=batch)
