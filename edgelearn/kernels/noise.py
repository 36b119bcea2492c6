"""Noise of our own, the same in every language: four bytes of a hash of (seed, sample, unit), added up.

It is symmetric, of mean 0 and variance 1, close to normal and never beyond 3.5.
"""

from collections.abc import Callable

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.types import F32, I64

WORD = 0xFFFFFFFF  # the largest seed
_UNIT = np.float32(1 / np.sqrt(4 * (256**2 - 1) / 12))  # 1 / the deviation of a sum of four bytes


@compiled()
def _mix(x: int) -> int:
    """Return a hash of 32 bits, one to one (lowbias32, Wellons 2018; its second factor minus 2³²: 63 bits hold it)."""
    x = (x ^ (x >> 16)) * 0x7FEB352D & 0xFFFFFFFF
    x = (x ^ (x >> 15)) * -0x7B935975 & 0xFFFFFFFF
    return x ^ (x >> 16)


_hash: Callable[[I64], I64] = _mix.definition  # type: ignore[assignment]  # the same text for arrays


def define_normal(seed: I64, sample: I64, n: int) -> F32:
    """The definition: the noise of units 0..n-1 (n,) in a sample; seed and sample (1,)."""
    word = _hash(_hash(_hash(seed) + sample & WORD) + np.arange(n) & WORD)
    total: I64 = (word & 255) + (word >> 8 & 255) + (word >> 16 & 255) + (word >> 24)
    return (total - 510).astype(np.float32) * _UNIT


@compiled()
def start(seed: int, sample: int) -> int:
    """Return where the noise of a sample begins, for `normal`."""
    return _mix(_mix(seed) + sample & 0xFFFFFFFF)


@compiled()
def normal(begin: int, unit: int) -> np.float32:
    """Return the noise of one unit in the sample that begins there."""
    word = _mix(begin + unit & 0xFFFFFFFF)
    total = (word & 255) + (word >> 8 & 255) + (word >> 16 & 255) + (word >> 24)
    return np.float32(np.float32(total - 510) * _UNIT)
