r"""The inverse of a growing matrix, kept by rank-1 steps (Sherman & Morrison 1950), in float64.

.. math:: (A \pm v v^T)^{-1} = P \mp \frac{(Pv)(Pv)^T}{1 \pm v^T P v}

float32 is not enough: after 2e5 samples decisions drift from the exact ones. The outer product is taken of one
scaled vector with itself, so P stays symmetric to the last bit.
"""

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.types import F64


@compiled(fastmath=True)
def add(P: F64, v: F64, k: F64) -> float:
    """Account for ``+ v vᵀ``: P (D, D) in place, k (D,) receives the old P v; return 1/(1 + vᵀPv)."""
    n = v.shape[0]
    for i in range(n):
        total = 0.0
        for j in range(n):
            total += P[i, j] * v[j]
        k[i] = total
    total = 0.0
    for i in range(n):
        total += v[i] * k[i]
    gain = 1.0 / (1.0 + total)
    root = np.sqrt(gain)
    for i in range(n):
        left = k[i] * root
        for j in range(n):
            P[i, j] -= left * (k[j] * root)
    return gain


@compiled(fastmath=True)
def quadratic(P: F64, v: F64) -> float:
    """Return vᵀPv for P (D, D), v (D,)."""
    total = 0.0
    for i in range(v.shape[0]):
        row = 0.0
        for j in range(v.shape[0]):
            row += P[i, j] * v[j]
        total += row * v[i]
    return total


def remove(P: F64, v: F64) -> tuple[F64, F64] | None:
    """Return (P, P v) after ``- v vᵀ``, or None when v cannot have been part of the matrix."""
    k = P @ v
    rest = 1.0 - float(v @ k)
    if rest <= 1e-9:
        return None
    t = k / np.sqrt(rest)
    return P + np.outer(t, t), k


def invert(A: F64) -> F64:
    """Return the inverse of a symmetric positive definite matrix, symmetric to the last bit."""
    inverse = np.linalg.inv(A)
    return np.asarray((inverse + inverse.T) * 0.5)
