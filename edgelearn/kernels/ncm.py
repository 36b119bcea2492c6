r"""Nearest class mean in float32, in one declared order, so that C can be equal bit for bit.

.. math:: s_c = \sum (x - o), \qquad
          \text{score}_c = (x - o) \cdot s_c / n_c - \tfrac12 |s_c / n_c|^2 - \tfrac12 |x - o|^2

o is the first sample ever learned: near the data float32 keeps the digits that tell classes apart.
Sums run over features in order 0 … D-1; a running compensation (Kahan 1965) keeps the class sums true
where plain float32 stops counting after 2**24 samples. Arrays are (n_pre, n_post): features by classes.
"""

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.types import F32, Array


@compiled()
def learn(x: F32, c: int, sign: float, origin: F32, sums: F32, carry: F32, inverse: F32, half: F32) -> None:
    """Add (``sign`` +1) or take away (-1) one sample, in place.

    x, origin (D,), sums and carry (D, C); inverse (C,) holds 1/n_c *after* the step, half (C,) receives |mean|²/2.
    """
    square = np.float32(0.0)
    for i in range(x.shape[0]):
        add = np.float32(sign) * (x[i] - origin[i]) - carry[i, c]
        total = sums[i, c] + add
        carry[i, c] = (total - sums[i, c]) - add
        sums[i, c] = total
        mean = total * inverse[c]
        square += mean * mean
    half[c] = np.float32(0.5) * square


@compiled()
def scores(x: F32, origin: F32, sums: F32, inverse: F32, half: F32, out: F32) -> None:
    """Write minus half the squared distance to each mean into ``out`` (C,).

    x, origin (D,), sums (D, C), inverse and half (C,) as in `learn`.
    """
    n, m = sums.shape
    for j in range(m):
        out[j] = np.float32(0.0)
    square = np.float32(0.0)
    for i in range(n):
        value = x[i] - origin[i]
        square += value * value
        for j in range(m):
            out[j] += value * sums[i, j]
    own = np.float32(0.5) * square
    for j in range(m):
        out[j] = (out[j] * inverse[j] - half[j]) - own


@compiled()
def learn_stream(
    X: F32, classes: Array, counts: Array, origin: F32, sums: F32, carry: F32, inverse: F32, half: F32
) -> None:
    """`learn` for many rows: X (n, D), classes (n,), counts (C,) int64, all in place."""
    for k in range(X.shape[0]):
        c = classes[k]
        counts[c] += 1
        inverse[c] = np.float32(1.0) / np.float32(counts[c])
        square = np.float32(0.0)
        for i in range(X.shape[1]):
            add = (X[k, i] - origin[i]) - carry[i, c]
            total = sums[i, c] + add
            carry[i, c] = (total - sums[i, c]) - add
            sums[i, c] = total
            mean = total * inverse[c]
            square += mean * mean
        half[c] = np.float32(0.5) * square


def define_learn(x: F32, origin: F32, sums: F32, carry: F32, count: int) -> tuple[F32, F32, np.float32]:
    """The definition of `learn` for one class, in NumPy: sums and carry (D,) before, count after the step."""
    add = (x - origin) - carry
    total = sums + add
    mean = total * (np.float32(1.0) / np.float32(count))
    square = np.float32(0.0)
    for value in mean:
        square = square + value * value
    return total, (total - sums) - add, np.float32(0.5) * square


def define_scores(x: F32, origin: F32, sums: F32, inverse: F32, half: F32) -> F32:
    """The definition of `scores`, in NumPy: returns (C,)."""
    out, square = np.zeros(sums.shape[1], np.float32), np.float32(0.0)
    for value, row in zip(x - origin, sums, strict=True):
        square = square + value * value
        out = out + value * row
    return np.asarray((out * inverse - half) - np.float32(0.5) * square)
