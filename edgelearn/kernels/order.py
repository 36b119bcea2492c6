r"""Sums in the one declared order of everything that has a twin in C: over pre, from the first to the last.

.. math:: u_j = ((0 + x_0 w_{0j}) + x_1 w_{1j}) + \dots

An input of 0 is no event and takes no part. The weights are (n_pre, n_post), so the inner loop runs over post and
vectorises although no sum is reordered; six rows a pass save most of the loads and stores of u
and are still few enough streams for the memory.
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
    active = x != 0
    return in_order(x[active, None] * w[active])


@compiled()
def drive(x: F32, w: F32, out: F32) -> None:
    """Write the drive of each unit, ``x @ w`` over the inputs that are not 0, into out (n_post,).

    x (n_pre,), w (n_pre, n_post) in C order. Sparse input costs what its events cost.
    """
    n, m = w.shape
    for j in range(m):
        out[j] = np.float32(0.0)
    a = _next_event(x, 0)
    while a < n:
        b = _next_event(x, a + 1)
        c = _next_event(x, b + 1)
        d = _next_event(x, c + 1)
        e = _next_event(x, d + 1)
        f = _next_event(x, e + 1)
        if f < n:
            p, q, r, s, t, u = x[a], x[b], x[c], x[d], x[e], x[f]
            wa, wb, wc, wd, we, wf = w[a], w[b], w[c], w[d], w[e], w[f]
            for j in range(m):
                total = ((out[j] + p * wa[j]) + q * wb[j]) + r * wc[j]
                out[j] = ((total + s * wd[j]) + t * we[j]) + u * wf[j]
            a = _next_event(x, f + 1)
        else:
            p, wa = x[a], w[a]
            for j in range(m):
                out[j] += p * wa[j]
            a = b


@compiled()
def drive_ones(which: Array, w: F32, out: F32) -> None:
    """`drive` of an input that is 1 at ``which`` (ascending) and 0 elsewhere: out (n_post,)."""
    n, k = which.shape[0], 0
    for j in range(out.shape[0]):
        out[j] = np.float32(0.0)
    while k + 4 <= n:
        a, b, c, d = w[which[k]], w[which[k + 1]], w[which[k + 2]], w[which[k + 3]]
        for j in range(out.shape[0]):
            out[j] = (((out[j] + a[j]) + b[j]) + c[j]) + d[j]
        k += 4
    while k < n:
        a = w[which[k]]
        for j in range(out.shape[0]):
            out[j] += a[j]
        k += 1


@compiled()
def _next_event(x: F32, i: int) -> int:
    while i < x.shape[0] and x[i] == np.float32(0.0):
        i += 1
    return i
