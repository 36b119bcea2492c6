r"""Sums in the one declared order of everything that has a twin in C: over pre, from the first to the last.

.. math:: u_j = ((0 + x_0 w_{0j}) + x_1 w_{1j}) + \dots

The weights are (n_pre, n_post), so the inner loop runs over post and vectorises although no sum is reordered;
eight rows a pass save most of the loads and stores of u.
"""

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.types import F32, Array


def in_order(terms: Array) -> Array:
    """The definition: the sum of ``terms`` over the first axis, from 0, one after the other."""
    total = np.zeros(terms.shape[1:], terms.dtype)
    for term in terms:
        total = total + term
    return total


def define_drive(x: Array, w: Array) -> Array:
    """The definition of `drive`: x (n_pre,), w (n_pre, n_post) -> (n_post,), in their dtype."""
    return in_order(x[:, None] * w)


@compiled()
def drive(x: F32, w: F32, out: F32) -> None:
    """Write the drive of each unit, ``x @ w`` in the declared order, into out (n_post,).

    x (n_pre,), w (n_pre, n_post) in C order.
    """
    n, m = w.shape
    for j in range(m):
        out[j] = np.float32(0.0)
    i = 0
    while i + 8 <= n:
        a, b, c, d = x[i], x[i + 1], x[i + 2], x[i + 3]
        e, f, g, h = x[i + 4], x[i + 5], x[i + 6], x[i + 7]
        for j in range(m):
            total = ((out[j] + a * w[i, j]) + b * w[i + 1, j]) + c * w[i + 2, j]
            total = ((total + d * w[i + 3, j]) + e * w[i + 4, j]) + f * w[i + 5, j]
            out[j] = (total + g * w[i + 6, j]) + h * w[i + 7, j]
        i += 8
    while i < n:
        a = x[i]
        for j in range(m):
            out[j] += a * w[i, j]
        i += 1


@compiled()
def drive_events(active: Array, n_active: int, x: F32, w: F32, out: F32) -> None:
    """`drive` of an input that is zero everywhere but at ``active[:n_active]`` (ascending indices).

    Equal to `drive` bit for bit while the weights are finite: a product with 0 leaves a sum as it is.
    """
    m = w.shape[1]
    for j in range(m):
        out[j] = np.float32(0.0)
    for k in range(n_active):
        i = active[k]
        a = x[i]
        for j in range(m):
            out[j] += a * w[i, j]
