r"""Rectified linear unit: :math:`y = \max(0, u)`; slope 1 above 0. Nair & Hinton 2010, ICML."""

from typing import NamedTuple

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.neurons.base import Neuron, NoState, no_state
from edgelearn.types import F32, Array


class Params(NamedTuple):
    """A rectifier has no constants."""


def step(p: Params, s: NoState, drive: Array) -> tuple[NoState, Array, Array]:
    """Return the state, the output and its slope."""
    above = drive > 0
    return s, np.where(above, drive, drive.dtype.type(0)), above.astype(drive.dtype)


@compiled()
def kernel(drive: F32, out: F32, slope: F32) -> None:
    """`step` in place."""
    for j in range(drive.shape[0]):
        above = drive[j] > np.float32(0.0)
        out[j] = drive[j] if above else np.float32(0.0)
        slope[j] = np.float32(1.0) if above else np.float32(0.0)


def batch(p: Params, drive: Array) -> Array:
    """Return the outputs of many samples, drive (n, n_post)."""
    return np.asarray(np.maximum(drive, drive.dtype.type(0)))


def neuron() -> Neuron:
    """Return the unit."""
    return Neuron("relu", Params(), no_state, step, kernel, batch=batch)
