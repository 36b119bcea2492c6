"""Is every value finite, and of a size that can be worked with? How large is the largest? One pass, no allocation."""

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.types import F32

LARGEST = np.float32(2.0**55)  # 3.6e16: sums of squares of 10⁵ such values still fit float32

_EXPONENT = np.int32(0x7F800000)  # all ones in a float32 that is NaN or infinite
_SIZE = np.int32(0x7FFFFFFF)  # all but the sign


@compiled()
def all_finite(x: F32) -> bool:
    """Return whether no value of ``x`` (any length) is NaN or infinite."""
    bits = x.view(np.int32)
    bad = 0
    for i in range(bits.shape[0]):  # an integer reduction vectorises whatever the float law says
        bad |= (bits[i] & _EXPONENT) == _EXPONENT
    return bad == 0


@compiled()
def all_below(x: F32, limit: np.float32) -> bool:
    """Return whether every value of ``x`` (any length) is smaller in size than ``limit``; NaN is not."""
    below = True
    for i in range(x.shape[0]):
        below &= abs(x[i]) < limit
    return below


@compiled()
def largest(x: F32) -> np.float32:
    """Return the largest size of a value of ``x`` (any length, 0 if none); NaN if one is NaN."""
    bits, top = x.view(np.int32), np.int32(0)
    for i in range(bits.shape[0]):  # sizes order as their bits do, NaN above all, and integers vectorise
        top = max(top, bits[i] & _SIZE)
    return np.float32(np.int32(top).view(np.float32))
