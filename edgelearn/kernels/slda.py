r"""Streaming LDA, predict and learn, in one call each; float64, order of sums free.

.. math:: S \mathrel{+}= v v^T,\; v = \sqrt{\tfrac{n_c}{n_c+1}} (x - \mu_c), \quad
          P = (S + \Lambda)^{-1}, \quad u_c = P \mu_c

.. math:: \text{score}_c = n (u_c \cdot x - \tfrac12 \mu_c \cdot u_c) + \frac{\mathrm{tr}(P S)}{2 (n_c + 1)}

Means, P, u and the biases all change by rank 1, so a prediction never needs an inverse. The last term takes back
what the noise of a mean of n_c samples adds to its distance from everything, tr(PS)/n_c on average, or a class
that came late would never win (Moran & Murphy 1979, Applied Statistics 28(3); n_c + 1 instead of n_c, since after
one sample the correction is as noisy as the mean).
"""

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.kernels.precision import LEVERAGE, advance, settle, soften
from edgelearn.types import F64, Array


@compiled(fastmath=True)
def learn(
    x: Array,
    c: int,
    P: F64,
    wait: F64,
    means: F64,
    u: F64,
    bias: F64,
    counts: Array,
    prior: F64,
    weight: F64,
    scatter: F64,
    n_seen: int,
    scratch: F64,
) -> float:
    """Learn x (D,) as class c, in place; return tr(P S), the dimensions that the data has filled.

    P (D (D+1)/2,), wait, prior and weight (D,) as in `precision`; means, u (C, D); bias, counts (C,); scatter
    (D,) gathers the diagonal of S; n_seen counts this sample; scratch (2, D).
    """
    n = x.shape[0]
    seen = counts[c]
    counts[c] = seen + 1
    v, k = scratch[0], scratch[1]
    factor = np.sqrt(seen / (seen + 1.0)) if seen > 0 else 1.0
    for j in range(n):
        v[j] = factor * (x[j] - means[c, j])  # the mean of a new class is 0
    advance(P, wait, v, k)
    if seen == 0:
        for j in range(n):
            means[c, j], u[c, j], wait[j] = v[j], k[j], 0.0
    else:
        leverage = 0.0
        for j in range(n):
            leverage += k[j] * v[j]
        for j in range(n):
            scatter[j] += v[j] * v[j]
        if leverage > LEVERAGE:
            _brace(P, wait, means, u, bias, prior, v, k)
            leverage = 0.0
            for j in range(n):
                leverage += k[j] * v[j]
        gain = 1.0 / (1.0 + leverage)
        _turn(u, bias, v, k, gain)
        shift, root = 1.0 / (factor * (seen + 1.0)), np.sqrt(gain)
        for j in range(n):
            means[c, j] += shift * v[j]
            u[c, j] += shift * gain * k[j]
            wait[j] = root * k[j]
    own = 0.0
    for j in range(n):
        own += means[c, j] * u[c, j]
    bias[c] = -0.5 * own
    settle(P, wait, u, bias, prior, scatter, weight, n_seen, v)
    filled = float(n)
    for j in range(n):
        filled -= prior[j] * (P[(j + 1) * (j + 2) // 2 - 1] - wait[j] * wait[j])
    return filled


@compiled(fastmath=True)
def _brace(P: F64, wait: F64, means: F64, u: F64, bias: F64, prior: F64, v: F64, k: F64) -> None:
    """Raise the prior before a sample that dwarfs all before it, and write P v anew into k (D,)."""
    for j in range(v.shape[0]):
        wait[j] = 0.0
    soften(P, wait, u, bias, prior, v, k)
    for m in range(u.shape[0]):
        bias[m] = 0.0
        for j in range(v.shape[0]):
            bias[m] -= 0.5 * means[m, j] * u[m, j]
    advance(P, wait, v, k)


@compiled(fastmath=True)
def _turn(u: F64, bias: F64, v: F64, k: F64, gain: float) -> None:
    """Carry a rank-1 step of P over to every class: u (C, D), bias (C,); v, k = P v (D,)."""
    for m in range(u.shape[0]):
        along = 0.0
        for j in range(v.shape[0]):
            along += v[j] * u[m, j]
        bias[m] += 0.5 * gain * along * along
        along *= gain
        for j in range(v.shape[0]):
            u[m, j] -= along * k[j]


@compiled(fastmath=True)
def scores(x: Array, n_seen: float, filled: float, u: F64, bias: F64, counts: Array, out: F64) -> None:
    """Write one score a class into out (C,): x (D,), filled = tr(P S), u (C, D), bias and counts (C,)."""
    for m in range(u.shape[0]):
        total = 0.0
        for j in range(x.shape[0]):
            total += x[j] * u[m, j]
        out[m] = n_seen * (total + bias[m]) + 0.5 * filled / (counts[m] + 1)
