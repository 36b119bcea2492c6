r"""Triangle code: what a drive has above the mean of its layer, raised to a power.

.. math:: y_j = \max(0,\, u_j - \bar u)^q

Slope :math:`(1 - 1/n)\, q\, y_j / (u_j - \bar u)` above the mean. Coates, Ng & Lee 2011, AISTATS 15:215, "triangle";
with q = 0.7 and 1.4 the activation of Journé et al. 2023, ICLR, "Hebbian deep learning without feedback".
"""

from typing import NamedTuple

import numpy as np

from edgelearn.bounds import positive
from edgelearn.compiled import compiled
from edgelearn.kernels.functions import define_exp, define_log, exp, log
from edgelearn.kernels.order import in_order
from edgelearn.neurons.base import Neuron, NoState, no_state
from edgelearn.types import F32, Array


class Params(NamedTuple):
    power: np.float32  # q > 0; 1 needs no logarithm and is exact


def step(p: Params, s: NoState, drive: Array) -> tuple[NoState, Array, Array]:
    """Return the state, the output and its slope."""
    zero, one, n = (drive.dtype.type(v) for v in (0, 1, len(drive)))
    above = drive - in_order(drive) / n
    above = np.where(above <= 0, zero, above)
    share = one - one / n
    if p.power == 1:
        return s, above, np.where(above == 0, zero, share)
    out = np.where(above == 0, zero, define_exp(p.power * define_log(above)))
    with np.errstate(invalid="ignore"):
        return s, out, np.where(above == 0, zero, share * (p.power * out / above))


@compiled()
def kernel(drive: F32, out: F32, slope: F32, power: float) -> None:
    """`step` in place."""
    n, zero = np.float32(drive.shape[0]), np.float32(0.0)
    mean = zero
    for j in range(drive.shape[0]):
        mean += drive[j]
    mean /= n
    share = np.float32(1.0) - np.float32(1.0) / n
    for j in range(drive.shape[0]):
        above = drive[j] - mean
        if above <= zero:
            out[j] = slope[j] = zero
        elif power == np.float32(1.0):
            out[j], slope[j] = above, share
        else:
            out[j] = exp(power * log(above))
            slope[j] = share * (power * out[j] / above)


def batch(p: Params, drive: Array) -> Array:
    """Return the outputs of many samples, drive (n, n_post)."""
    n = drive.shape[1]
    mean = drive @ np.full(n, 1 / n, drive.dtype)  # faster than mean()
    above: Array = drive - mean[:, None]
    np.maximum(above, drive.dtype.type(0), out=above)
    return above if p.power == 1 else np.power(above, p.power, out=above)


def neuron(power: float = 1.0) -> Neuron:
    """Return the unit; raises ConfigError for power <= 0."""
    return Neuron(
        "triangle", Params(positive("power", power)), no_state, step, kernel, batch=batch, local="layer"
    )
