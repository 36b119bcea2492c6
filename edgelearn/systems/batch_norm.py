r"""Batch normalisation of a layer's drives, forwards and backwards: Ioffe & Szegedy 2015, ICML, algorithms 1 and 2.

.. math::
    \hat u &= (u - \mu) / \sqrt{\sigma^2 + \epsilon}, \quad v = \gamma \hat u + \beta \\
    \partial / \partial u &= \gamma\, (\delta - \bar\delta - \hat u\, \overline{\delta \hat u})
    / \sqrt{\sigma^2 + \epsilon}, \quad \delta = \partial / \partial v

Bars, mean and variance are over the rows of a batch: its samples, and with maps their positions. Running
statistics follow that variance as it is, without the m / (m - 1) of algorithm 2.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.systems import chain
from edgelearn.types import F32, Array

EPSILON = np.float32(1e-5)  # added to a variance
FOLLOW = np.float32(0.1)  # share of a batch in running statistics


class Normal(NamedTuple):
    """Drives of a batch in units of their own deviation."""

    u: Array  # (rows, units)
    by: Array  # (units,) 1 / deviation
    mean: Array  # (units,)
    variance: Array  # (units,)


def forward(u: Array) -> Normal:
    """Return drives (rows, units) normalised; they are overwritten."""
    mean = u.mean(axis=0)
    u -= mean
    variance = _along(u, u) / len(u)
    by = 1 / np.sqrt(variance + EPSILON)
    u *= by
    return Normal(u, by, mean, variance)


class Gradient(NamedTuple):
    """Of a loss, by what was normalised and by the two constants of each unit."""

    u: Array  # (rows, units)
    gain: Array  # (units,)
    shift: Array  # (units,)


def backward(seen: Normal, gain: Array, by_v: Array) -> Gradient:
    """Return the gradients, of that by v (rows, units)."""
    by_gain, by_shift = _along(by_v, seen.u), by_v.sum(axis=0)
    by_u = seen.u * (by_gain / -len(by_v))
    by_u += by_v
    by_u -= by_shift / len(by_v)
    by_u *= gain * seen.by
    return Gradient(by_u, by_gain, by_shift)


def _along(a: Array, b: Array) -> Array:
    """Return the sums of products (units,) over rows, without an array of the products."""
    return np.asarray(np.einsum("ij,ij->j", a, b))


def follow(mean: Array, variance: Array, seen: Normal) -> None:
    """Let running statistics (units,) follow those of a batch, in place."""
    mean += FOLLOW * (seen.mean - mean)
    variance += FOLLOW * (seen.variance - variance)


def standing(gain: F32, shift: F32, mean: F32, variance: F32) -> chain.Scale:
    """Return the normalisation that running statistics make, once nothing is learned any more."""
    by = gain / np.sqrt(variance + EPSILON)
    return chain.Scale(by, shift - mean * by)
