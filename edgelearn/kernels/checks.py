"""Is every value finite, and of a size that can be worked with? One pass, no allocation."""

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.types import F32

LARGEST = np.float32(2.0**55)  # 3.6e16: sums of squares of 10⁵ such values still fit float32

_EXPONENT = np.int32(0x7F800000)  # all ones in a float32 that is NaN or infinite


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
