r"""Recursive least squares: ridge regression onto one-hot labels, one sample at a time, float64.

.. math:: k = R z / (1 + z^T R z), \quad W \mathrel{+}= k (y - W^T z)^T, \quad R \mathrel{-}= k (R z)^T

Equal to the closed form at every step (Plackett 1950; Haykin 2002, Adaptive Filter Theory, ch. 9).
"""

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.kernels.precision import LEVERAGE, advance, settle, soften
from edgelearn.types import F32, F64

ROUNDING = 1e-12  # of values of order 1


@compiled(fastmath=True)
def lift(x: F32, origin: F64, z: F64) -> None:
    """Write (x - origin, …, 1): x, origin (D,), z at least (D+1,); what lies between is left alone."""
    for i in range(x.shape[0]):
        z[i] = x[i] - origin[i]
    z[z.shape[0] - 1] = 1.0


@compiled(fastmath=True)
def rectify(z: F64, first: int) -> None:
    """Replace z[first:-1] by max(z, 0); what is no more than rounding is 0 too, or a prior would follow it."""
    for i in range(first, z.shape[0] - 1):
        z[i] = z[i] if z[i] > ROUNDING else 0.0


@compiled(fastmath=True)
def learn(
    z: F64,
    c: int,
    n: int,
    R: F64,
    wait: F64,
    W: F64,
    prior: F64,
    weight: F64,
    mean: F64,
    scatter: F64,
    k: F64,
) -> None:
    """Learn z (M,), the n-th sample, as class c, in place.

    R (M (M+1)/2,), wait, prior and weight (M,) as in `precision`; W (C, M); mean and scatter (M,) follow the
    features (Welford 1962); k (M,) is scratch.
    """
    size = z.shape[0]
    for i in range(size):
        apart = z[i] - mean[i]
        mean[i] += apart / n
        scatter[i] += apart * (z[i] - mean[i])
    advance(R, wait, z, k)
    leverage = 0.0
    for i in range(size):
        leverage += k[i] * z[i]
    if leverage > LEVERAGE:
        for i in range(size):
            wait[i] = 0.0
        soften(R, wait, W, k[:0], prior, z, k)
        advance(R, wait, z, k)
        leverage = 0.0
        for i in range(size):
            leverage += k[i] * z[i]
    gain = 1.0 / (1.0 + leverage)
    for m in range(W.shape[0]):
        error = 1.0 if m == c else 0.0
        for j in range(size):
            error -= W[m, j] * z[j]
        error *= gain
        for j in range(size):
            W[m, j] += error * k[j]
    root = np.sqrt(gain)
    for i in range(size):
        wait[i] = root * k[i]
    settle(R, wait, W, k[:0], prior, scatter, weight, n, k)


@compiled(fastmath=True)
def scores(z: F64, W: F64, out: F64) -> None:
    """Write W z into out (C,): z (M,), W (C, M)."""
    for m in range(W.shape[0]):
        total = 0.0
        for j in range(z.shape[0]):
            total += W[m, j] * z[j]
        out[m] = total
