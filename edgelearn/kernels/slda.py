r"""Streaming LDA, predict and learn, in one call each; float64, order of sums free.

.. math:: S \mathrel{+}= v v^T,\; v = \sqrt{\tfrac{n_c}{n_c+1}} (x - \mu_c), \quad
          P = (S + \Lambda)^{-1}, \quad u_c = P \mu_c, \quad \text{score}_c = n (u_c \cdot x - \tfrac12 \mu_c \cdot u_c)

Means, P, u and the biases all change by rank 1, so a prediction never needs an inverse.
"""

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.types import F64, Array


@compiled(fastmath=True)
def learn(
    x: Array, c: int, P: F64, means: F64, u: F64, bias: F64, counts: Array, scatter: F64, v: F64, k: F64
) -> None:
    """Learn x (D,) as class c, in place.

    P (D, D); means, u (C, D); bias, counts (C,); scatter (D,) gathers the diagonal of S; v, k (D,) are scratch.
    """
    n = x.shape[0]
    seen = counts[c]
    counts[c] = seen + 1
    if seen == 0:
        for i in range(n):
            means[c, i] = x[i]
        own = 0.0
        for i in range(n):
            total = 0.0
            for j in range(n):
                total += P[i, j] * means[c, j]
            u[c, i] = total
            own += total * means[c, i]
        bias[c] = -0.5 * own
        return
    factor = np.sqrt(seen / (seen + 1.0))
    for i in range(n):
        v[i] = factor * (x[i] - means[c, i])
        scatter[i] += v[i] * v[i]
    leverage = 0.0
    for i in range(n):
        total = 0.0
        for j in range(n):
            total += P[i, j] * v[j]
        k[i] = total
        leverage += total * v[i]
    gain = 1.0 / (1.0 + leverage)
    for m in range(u.shape[0]):
        along = 0.0
        for j in range(n):
            along += v[j] * u[m, j]
        bias[m] += 0.5 * gain * along * along
        along *= gain
        for j in range(n):
            u[m, j] -= along * k[j]
    shift = 1.0 / (factor * (seen + 1.0))
    own = 0.0
    for j in range(n):
        means[c, j] += shift * v[j]
        u[c, j] += shift * gain * k[j]
        own += means[c, j] * u[c, j]
    bias[c] = -0.5 * own
    root = np.sqrt(gain)
    for i in range(n):
        v[i] = root * k[i]
    for i in range(n):
        left = v[i]
        for j in range(n):
            P[i, j] -= left * v[j]


@compiled(fastmath=True)
def scores(x: Array, n_seen: float, u: F64, bias: F64, out: F64) -> None:
    """Write n (u·x + bias) a class into out (C,): x (D,), u (C, D), bias (C,)."""
    for m in range(u.shape[0]):
        total = 0.0
        for j in range(x.shape[0]):
            total += x[j] * u[m, j]
        out[m] = n_seen * (total + bias[m])
