"""Features of a window of samples, the definition that the firmware equals to the last bit.

Of the ``n`` samples x of one channel, as fractions of full scale (x / 32768): sums are whole numbers and exact,
``f32`` is one rounding to nearest, each division one more.

    S = sum x, Q = sum x x, D = sum (x[i] - x[i-1])², d = max(n - 1, 1)
    mean      f32(S) / f32(n) · 2⁻¹⁵
    variance  f32(n Q - S S) / f32(n n) · 2⁻³⁰
    energy    f32(D) / f32(d) · 2⁻³⁰          of the upper band: the first difference is a high pass
    crossings f32(c) / f32(d)                 c: how often n x[i] ≥ S changes from one sample to the next
"""

import numpy as np

from edgelearn.types import F32, Array
from firmware_bridge.protocol.constants import FEATURES

_FRACTION = np.float32(2.0**-15)


def features_of(samples: Array, which: int) -> F32:
    """Return the features ``which`` (a sum of FEATURES) of ``samples`` (channels, n) int16: channel after channel,
    each in the order of FEATURES."""
    x = samples.astype(np.int64)
    n = x.shape[1]
    total, steps = x.sum(axis=1), np.diff(x, axis=1)
    above = n * x >= total[:, None]
    crossed = (above[:, 1:] != above[:, :-1]).sum(axis=1)
    length, between = np.int64(n).astype(np.float32), np.int64(max(n - 1, 1)).astype(np.float32)
    square = np.int64(n * n).astype(np.float32)
    spread = (n * (x * x).sum(axis=1) - total * total).astype(np.float32)
    columns = {
        "mean": total.astype(np.float32) / length * _FRACTION,
        "variance": spread / square * (_FRACTION * _FRACTION),
        "energy": (steps * steps).sum(axis=1).astype(np.float32) / between * (_FRACTION * _FRACTION),
        "crossings": crossed.astype(np.float32) / between,
    }
    return np.stack([columns[name] for name, bit in FEATURES.items() if which & bit], axis=1).reshape(-1)
