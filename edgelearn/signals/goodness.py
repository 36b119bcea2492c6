r"""Goodness: a layer raises the length of its output for real samples and lowers it for corrupted ones.

.. math::
    p &= \sigma(\textstyle\sum_j y_j^2 - \theta n) \\
    m_j &= 2\,(c - p)

``teach`` (1,) is c: 1 real, 0 corrupted. With the rule `hebb` on rectified units :math:`m_j x_i y_j` is the gradient of
the log-likelihood of c by the weights: exact, and local. Hinton 2022, arXiv 2212.13345, eq. 1.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.bounds import positive
from edgelearn.compiled import compiled
from edgelearn.errors import InputError
from edgelearn.kernels.functions import define_exp, exp
from edgelearn.kernels.order import in_order
from edgelearn.signals.base import NoState, Signal, no_state, one
from edgelearn.types import F32, Array


class Params(NamedTuple):
    theta: np.float32  # mean square of the outputs at which real and corrupted are as likely, > 0


def step(p: Params, s: NoState, out: Array, teach: Array) -> tuple[NoState, Array]:
    """Return the state and the third factor (n_post,), the same for all units."""
    excess = in_order(out * out) - p.theta * out.dtype.type(len(out))
    unit = np.ones_like(out)
    return s, (unit + unit) * (teach - unit / (unit + define_exp(-excess)))


@compiled()
def kernel(out: F32, teach: F32, third: F32, theta: float) -> None:
    """`step` in place."""
    square, one_ = np.float32(0.0), np.float32(1.0)
    for j in range(out.shape[0]):
        square += out[j] * out[j]
    chance = one_ / (one_ + exp(-(square - theta * np.float32(out.shape[0]))))
    for j in range(out.shape[0]):
        third[j] = np.float32(2.0) * (teach[0] - chance)


def batch(p: Params, out: Array, teach: Array) -> Array:
    """Return the third factors of many samples, out (n, n_post) and teach (n, 1)."""
    excess = (out * out).sum(axis=1, keepdims=True) - p.theta * out.dtype.type(out.shape[1])
    return np.repeat(2 * (teach - 1 / (1 + define_exp(-excess))), out.shape[1], axis=1)


def check(n_post: int, teach: Array) -> None:
    """Raise InputError unless ``teach`` is a share of reality."""
    if not 0 <= teach[0] <= 1:
        raise InputError(f"teach must be 1 for a real sample and 0 for a corrupted one, not {teach[0]:g}")


def signal(theta: float = 1.0) -> Signal:
    """Return the signal; raises ConfigError for theta <= 0."""
    params = Params(positive("theta", theta))
    return Signal("goodness", params, no_state, step, kernel, "real", one, batch, check)
