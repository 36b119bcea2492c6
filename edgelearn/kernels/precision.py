r"""The inverse P of (statistics + prior), kept by rank-1 steps (Sherman & Morrison 1950), in float64.

.. math:: (A \pm v v^T)^{-1} = P \mp \frac{(Pv)(Pv)^T}{1 \pm v^T P v}

float32 is not enough: after 2e5 samples decisions drift from the exact ones. Two things make a step cheap:
P is symmetric, so only its lower triangle is kept, row after row (D (D+1)/2 values); and the outer product
of a step is not subtracted at once but waits in a vector, ``P_true = P - wait waitᵀ``, for the next step,
which passes over P anyway. One pass over half a matrix instead of two over a whole one.
"""

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.types import F64

LOOKS = 2  # coordinates of the prior looked at in each step
SLACK = 1.1  # a coordinate within this factor of where it should be stays
LEVERAGE = 1e10  # above this a coordinate of a sample first raises its prior


@compiled(fastmath=True)
def advance(P: F64, wait: F64, z: F64, out: F64) -> None:
    """Take up what waits and write P_true z into out; P (D (D+1)/2,) in place, wait, z, out (D,).

    Afterwards ``wait`` is spent: the caller writes the next outer product there, or zeros. (The loop over four
    rows sums and stores, but they lie in one array: how close never changes.)
    """
    n = z.shape[0]
    for j in range(n):
        out[j] = 0.0
    whole = n - n % 4
    for i in range(
        0, whole, 4
    ):  # four rows at a time: each z[j], wait[j], out[j] is loaded once for all four
        s0, s1 = i * (i + 1) // 2, (i + 1) * (i + 2) // 2
        s2, s3 = (i + 2) * (i + 3) // 2, (i + 3) * (i + 4) // 2
        p0, p1, p2, p3 = P[s0 : s0 + i], P[s1 : s1 + i], P[s2 : s2 + i], P[s3 : s3 + i]
        t0, t1, t2, t3 = wait[i], wait[i + 1], wait[i + 2], wait[i + 3]
        z0, z1, z2, z3 = z[i], z[i + 1], z[i + 2], z[i + 3]
        y0 = y1 = y2 = y3 = 0.0
        for j in range(i):
            zj, tj = z[j], wait[j]
            a, b = p0[j] - t0 * tj, p1[j] - t1 * tj
            c, d = p2[j] - t2 * tj, p3[j] - t3 * tj
            p0[j], p1[j], p2[j], p3[j] = a, b, c, d
            y0 += a * zj
            y1 += b * zj
            y2 += c * zj
            y3 += d * zj
            out[j] += a * z0 + b * z1 + c * z2 + d * z3
        out[i] += y0
        out[i + 1] += y1
        out[i + 2] += y2
        out[i + 3] += y3
        _corner(P, wait, z, out, i, i + 4, i)
    _corner(P, wait, z, out, whole, n, 0)


@compiled(fastmath=True)
def _corner(P: F64, wait: F64, z: F64, out: F64, first: int, last: int, left: int) -> None:
    """`advance` for the rows first…last-1 from column ``left`` up to their diagonal."""
    for i in range(first, last):
        row, late, own = P[i * (i + 1) // 2 : (i + 1) * (i + 2) // 2], wait[i], z[i]
        for j in range(left, i + 1):
            row[j] -= late * wait[j]
        along = 0.0
        for j in range(left, i + 1):
            along += row[j] * z[j]
        for j in range(left, i):
            out[j] += row[j] * own
        out[i] += along


@compiled(fastmath=True)
def settle(
    P: F64, wait: F64, rows: F64, bias: F64, prior: F64, spread: F64, weight: F64, step: int, t: F64
) -> None:
    """Let the prior follow the spread of the features, a coordinate or two a step, all in place.

    The prior of feature i is to be ``weight[i] * spread[i] / step`` (spread (D,): its squared deviations summed
    over ``step`` samples); where the weight is 0 it stays. rows (C, D) = means P_true, and bias (C,) =
    -½ means·rows (or (0,) where there is none), go along. What P says of the data stays exactly as it was;
    t (D,) is scratch.
    """
    for look in range(LOOKS):
        i = (step * LOOKS + look) % prior.shape[0]
        wanted = weight[i] * spread[i] / step
        if wanted <= 0.0 or (prior[i] < SLACK * wanted and wanted < SLACK * prior[i]):
            continue
        _move(P, wait, rows, bias, prior, i, wanted, spread[i], t)


@compiled(fastmath=True)
def soften(P: F64, wait: F64, rows: F64, bias: F64, prior: F64, z: F64, t: F64) -> None:
    """Raise the prior until no coordinate of z (D,) has a leverage z_i² P_ii above `LEVERAGE`, all in place.

    A sample that dwarfs all before it would cancel every digit of P along it. Arguments as in `settle`.
    """
    for i in range(z.shape[0]):
        own = P[(i + 1) * (i + 2) // 2 - 1] - wait[i] * wait[i]
        if z[i] * z[i] * own > LEVERAGE:
            _move(P, wait, rows, bias, prior, i, 2.0 * z[i] * z[i] / LEVERAGE, np.inf, t)


@compiled(fastmath=True)
def _move(
    P: F64, wait: F64, rows: F64, bias: F64, prior: F64, i: int, to: float, most: float, t: F64
) -> None:
    """Set the prior of feature i: a rank-1 step on P_true and all that depends on it.

    What the data say of the feature alone, 1/P_ii - prior, lies between 0 and ``most``; held to that, and with
    its own row divided instead of subtracted from, a step by any factor loses no digits.
    """
    n = prior.shape[0]
    for j in range(n):
        low, high = min(i, j), max(i, j)
        t[j] = P[high * (high + 1) // 2 + low] - wait[i] * wait[j]
    ratio = (to + min(max(1.0 / t[i] - prior[i], 0.0), most)) * t[i]
    gain = (1.0 - 1.0 / ratio) / t[i]
    for m in range(rows.shape[0]):
        own = rows[m, i]
        if m < bias.shape[0]:
            bias[m] += 0.5 * gain * own * own
        for j in range(n):
            rows[m, j] -= gain * own * t[j]
        rows[m, i] = own / ratio
    for a in range(n):
        left, late = gain * t[a], wait[a]
        row = P[a * (a + 1) // 2 : a * (a + 1) // 2 + a + 1]
        for j in range(a + 1):
            row[j] -= left * t[j] + late * wait[j]
    for j in range(n):
        low, high = min(i, j), max(i, j)
        P[high * (high + 1) // 2 + low] = t[j] / ratio
        wait[j] = 0.0
    prior[i] = to


@compiled(fastmath=True)
def quadratic(P: F64, wait: F64, z: F64) -> float:
    """Return zᵀ P_true z: P (D (D+1)/2,), wait and z (D,)."""
    total = 0.0
    late = 0.0
    for i in range(z.shape[0]):
        row = P[i * (i + 1) // 2 : i * (i + 1) // 2 + i + 1]
        along = 0.0
        for j in range(i):
            along += row[j] * z[j]
        total += z[i] * (2.0 * along + row[i] * z[i])
        late += wait[i] * z[i]
    return total - late * late


def diagonal(values: F64) -> F64:
    """Return a packed P (D (D+1)/2,) with these values (D,) on its diagonal."""
    i = np.arange(len(values))
    packed = np.zeros(len(values) * (len(values) + 1) // 2)
    packed[i * (i + 3) // 2] = values
    return packed


def whole(P: F64, wait: F64) -> F64:
    """Return P_true as a symmetric matrix (D, D)."""
    n = len(wait)
    full = np.zeros((n, n))
    full[np.tril_indices(n)] = P
    full = full + np.tril(full, -1).T
    return np.asarray(full - np.outer(wait, wait))


def pack(full: F64) -> F64:
    """Return the lower triangle of a symmetric matrix (D, D), row after row."""
    return full[np.tril_indices(len(full))]


def without(P: F64, v: F64) -> tuple[F64, F64] | None:
    """Return (P, P v) after ``- v vᵀ`` for a whole P (D, D), or None when v cannot have been part of it."""
    k = P @ v
    rest = 1.0 - float(v @ k)
    if rest <= 1e-9:
        return None
    return P + np.outer(k, k) / rest, k


def invert(A: F64) -> F64:
    """Return the inverse of a symmetric positive definite matrix, whatever the scales of its features."""
    scale = 1.0 / np.sqrt(np.diag(A))
    inverse = np.linalg.inv(A * scale * scale[:, None]) * scale * scale[:, None]
    return np.asarray((inverse + inverse.T) * 0.5)
