"""Soft competition of many samples at once, where the order of sums is free; of one sample: neurons/softmax.py.

exp has the polynomial of `functions.exp`, and puts its power of two into the exponent's bits, which vectorises; so
does NumPy's argmax, which finds the highest.
"""

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.types import F32, I64

_LOWEST = np.float32(-87.0)
_LOG2E, _LN2_HIGH, _LN2_LOW = np.float32(1.44269504), np.float32(0.693359375), np.float32(-2.12194440e-4)
_P0, _P1, _P2 = np.float32(1.9875691500e-4), np.float32(1.3981999507e-3), np.float32(8.3334519073e-3)
_P3, _P4, _P5 = np.float32(4.1665795894e-2), np.float32(1.6666665459e-1), np.float32(5.0000001201e-1)
_HALF, _ONE = np.float32(0.5), np.float32(1.0)
_BIAS, _MANTISSA = np.int32(127), np.int32(23)  # of a float32


@compiled(fastmath=True)
def shares(drive: F32, best: I64, t: np.float32, out: F32) -> None:
    """Write softmax(t * drive) of each row of drive (n, n_post), highest at best (n,), into out (n, n_post)."""
    n, m = drive.shape
    bits = np.empty(m, np.int32)
    power = bits.view(np.float32)
    for i in range(n):
        top = drive[i, best[i]]
        for j in range(m):
            y = t * (drive[i, j] - top)
            y = y if y > _LOWEST else _LOWEST
            k = np.floor(y * _LOG2E + _HALF)
            r = (y - k * _LN2_HIGH) - k * _LN2_LOW
            p = ((((_P0 * r + _P1) * r + _P2) * r + _P3) * r + _P4) * r + _P5
            out[i, j] = (p * (r * r) + r) + _ONE
            bits[j] = (np.int32(k) + _BIAS) << _MANTISSA
        for j in range(m):
            out[i, j] *= power[j]
        total = np.float32(0.0)
        for j in range(m):
            total += out[i, j]
        scale = _ONE / total
        for j in range(m):
            out[i, j] *= scale


@compiled(fastmath=True)
def signed(share: F32, best: I64, third: F32) -> None:
    """Write share (n, n_post) into third, negative but at best (n,) of each row."""
    for i in range(share.shape[0]):
        for j in range(share.shape[1]):
            third[i, j] = -share[i, j]
        third[i, best[i]] = share[i, best[i]]
