r"""Softmax regression by normalised stochastic gradient, predict and learn fused; float32.

.. math:: p = \mathrm{softmax}(W z + b), \quad
          W \mathrel{+}= \frac{\eta}{1 + |z|^2} (\mathbb{1}_c - p) z^T, \quad z = (x - \mu) / \sigma

Mean and spread are those of the stream so far (Welford 1962).
"""

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.types import F32


@compiled(fastmath=True)
def learn(x: F32, c: int, n: int, eta: float, scale: F32, W: F32, bias: F32, z: F32, p: F32) -> None:
    """Learn x (D,), the n-th sample, as class c, in place.

    scale (3, D) holds mean, scatter and 1/spread so far; W (C, D), bias (C,); z (D,) and p (C,) receive the
    standardised sample and the probabilities before learning.
    """
    one = np.float32(1.0)
    square = one
    part, all_but = np.float32(1.0 / n), np.float32(1.0 / max(n - 1, 1))
    for j in range(x.shape[0]):
        apart = x[j] - scale[0, j]
        scale[0, j] += apart * part
        scale[1, j] += apart * (x[j] - scale[0, j])
        scale[2, j] = one / np.sqrt(scale[1, j] * all_but) if scale[1, j] > 0.0 else np.float32(0.0)
        z[j] = (x[j] - scale[0, j]) * scale[2, j]
    for j in range(x.shape[0]):
        square += z[j] * z[j]
    top = np.float32(-np.inf)
    for m in range(W.shape[0]):
        total = bias[m]
        for j in range(x.shape[0]):
            total += W[m, j] * z[j]
        p[m] = total
        top = max(top, total)
    total = np.float32(0.0)
    for m in range(W.shape[0]):
        p[m] = np.exp(p[m] - top)
        total += p[m]
    step = np.float32(eta) / square
    for m in range(W.shape[0]):
        p[m] /= total
        error = step * ((one if m == c else np.float32(0.0)) - p[m])
        for j in range(x.shape[0]):
            W[m, j] += error * z[j]
        bias[m] += error


@compiled(fastmath=True)
def scores(x: F32, scale: F32, W: F32, bias: F32, out: F32) -> None:
    """Write W z + b into out (C,): x (D,), scale (3, D) as in `learn`, W (C, D), bias (C,)."""
    for m in range(W.shape[0]):
        total = bias[m]
        for j in range(x.shape[0]):
            total += W[m, j] * ((x[j] - scale[0, j]) * scale[2, j])
        out[m] = total
