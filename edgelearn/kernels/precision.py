r"""The inverse P of (statistics + prior), kept by rank-1 steps (Sherman & Morrison 1950), in float64.

.. math:: (A \pm v v^T)^{-1} = P \mp \frac{(Pv)(Pv)^T}{1 \pm v^T P v}

float32 is not enough: after 2e5 samples decisions drift from the exact ones. The outer product is taken of one
scaled vector with itself, so P stays symmetric to the last bit.
"""

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.types import F64

LOOKS = 2  # coordinates of the prior looked at in each step
SLACK = 1.1  # a coordinate within this factor of where it should be stays


@compiled(fastmath=True)
def settle(P: F64, rows: F64, bias: F64, prior: F64, spread: F64, weight: F64, step: int, t: F64) -> None:
    """Let the prior follow the spread of the features, a coordinate or two a step, all in place.

    The prior of feature i is to be ``weight[i] * spread[i] / step``
    (spread (D,): its squared deviations summed over ``step`` samples). Moving one
    coordinate is a rank-1 step on P (D, D), on every row of rows (C, D) = means P, and on bias (C,) =
    -½ means·rows (or (0,) where there is none). What P says of the data stays exactly as it was; t (D,) is scratch.
    """
    n = prior.shape[0]
    for look in range(LOOKS):
        i = (step * LOOKS + look) % n
        wanted = weight[i] * spread[i] / step
        if wanted <= 0.0 or (prior[i] < SLACK * wanted and wanted < SLACK * prior[i]):
            continue
        change = wanted - prior[i]
        gain = change / (1.0 + change * P[i, i])
        for m in range(rows.shape[0]):
            along = rows[m, i]
            if m < bias.shape[0]:
                bias[m] += 0.5 * gain * along * along
            for j in range(n):
                rows[m, j] -= gain * along * P[i, j]
        root, sign = np.sqrt(abs(gain)), np.sign(gain)
        for j in range(n):
            t[j] = root * P[i, j]
        for a in range(n):
            left = sign * t[a]
            for j in range(n):
                P[a, j] -= left * t[j]
        prior[i] = wanted


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
    """Return (P, P v) after ``- v vᵀ``, or None when v cannot have been part of the statistics."""
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


def pack(P: F64) -> F64:
    """Return the lower triangle of a symmetric matrix (D, D) as a vector: half the bytes to store."""
    return P[np.tril_indices(len(P))]


def unpack(packed: F64, out: F64) -> None:
    """Write what `pack` returned into ``out`` (D, D)."""
    lower = np.tril_indices(len(out))
    out[lower] = packed
    out.T[lower] = packed
