r"""Soft winner-take-all: units share an output of 1 by their drives.

.. math:: y_j = \exp(t\,(u_j - \max u)) / \textstyle\sum_k \exp(t\,(u_k - \max u))

Slope :math:`t\, y_j (1 - y_j)`. Moraitis et al. 2022, Neuromorph. Comput. Eng. 2:044017, eq. 1.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.bounds import at_least
from edgelearn.compiled import compiled
from edgelearn.kernels.functions import define_exp, exp
from edgelearn.kernels.order import in_order
from edgelearn.kernels.shares import shares
from edgelearn.neurons.base import Neuron, NoState, no_state
from edgelearn.types import F32, Array


class Params(NamedTuple):
    t: np.float32  # inverse temperature, >= 0; 0 shares equally whatever the drive


def step(p: Params, s: NoState, drive: Array) -> tuple[NoState, Array, Array]:
    """Return the state, the shares and their slopes."""
    raised = define_exp(p.t * (drive - drive.max()))
    share = raised / in_order(raised)
    return s, share, p.t * (share * (1 - share))


@compiled()
def kernel(drive: F32, out: F32, slope: F32, t: float) -> None:
    """`step` in place."""
    n = drive.shape[0]
    top = drive[0]
    for j in range(n):
        top = drive[j] if drive[j] > top or drive[j] != drive[j] else top
    total = np.float32(0.0)
    for j in range(n):
        out[j] = exp(t * (drive[j] - top))
        total += out[j]
    for j in range(n):
        out[j] = out[j] / total
        slope[j] = t * (out[j] * (np.float32(1.0) - out[j]))


def batch(p: Params, drive: F32) -> F32:
    """Return the shares of many samples, drive (n, n_post)."""
    out = np.empty_like(drive)
    shares.dispatcher(drive, drive.argmax(axis=1), p.t, out)
    return out


def neuron(t: float = 1.0) -> Neuron:
    """Return the unit; raises ConfigError for t < 0."""
    return Neuron("softmax", Params(at_least("t", t, 0)), no_state, step, kernel, batch=batch, local="layer")
