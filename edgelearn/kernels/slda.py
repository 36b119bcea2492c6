r"""Streaming LDA, predict and learn, in one call each; float64, order of sums free.

.. math:: S \mathrel{+}= v v^T,\; v = \sqrt{\tfrac{n_c}{n_c+1}} (x - \mu_c), \quad
          P = (S + \Lambda)^{-1}, \quad u_c = P \mu_c, \quad \text{score}_c = n (u_c \cdot x - \tfrac12 \mu_c \cdot u_c)

Means, P, u and the biases all change by rank 1, so a prediction never needs an inverse.
"""

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.types import F64, Array


@compiled(fastmath=True)
def learn(x: Array, c: int, P: F64, means: F64, u: F64, bias: F64, counts: Array, v: F64, k: F64) -> None:
    """Learn x (D,) as class c, in place: P (D, D); means, u (C, D); bias, counts (C,); v, k (D,) scratch."""
    n = x.shape[0]
    seen = counts[c]
    if seen > 0:
        factor = np.sqrt(seen / (seen + 1.0))
        for i in range(n):
            v[i] = factor * (x[i] - means[c, i])
        leverage = 0.0
        for i in range(n):
            total = 0.0
            for j in range(n):
                total += P[i, j] * v[j]
            k[i] = total
            leverage += total * v[i]
        gain = 1.0 / (1.0 + leverage)
        root = np.sqrt(gain)
        for i in range(n):
            left = k[i] * root
            for j in range(n):
                P[i, j] -= left * (k[j] * root)
        for m in range(u.shape[0]):
            along = 0.0
            for j in range(n):
                along += k[j] * means[m, j]
            bias[m] += 0.5 * gain * along * along
            along *= gain
            for j in range(n):
                u[m, j] -= along * k[j]
        inward = gain / (factor * (seen + 1.0))
        for j in range(n):
            means[c, j] += v[j] / (factor * (seen + 1.0))
            u[c, j] += inward * k[j]
    else:
        for i in range(n):
            means[c, i] = x[i]
        for i in range(n):
            total = 0.0
            for j in range(n):
                total += P[i, j] * means[c, j]
            u[c, i] = total
    total = 0.0
    for j in range(n):
        total += means[c, j] * u[c, j]
    bias[c] = -0.5 * total
    counts[c] = seen + 1


@compiled(fastmath=True)
def scores(x: Array, n_seen: float, u: F64, bias: F64, out: F64) -> None:
    """Write n (u·x + bias) a class into out (C,): x (D,), u (C, D), bias (C,)."""
    for m in range(u.shape[0]):
        total = 0.0
        for j in range(x.shape[0]):
            total += x[j] * u[m, j]
        out[m] = n_seen * (total + bias[m])
