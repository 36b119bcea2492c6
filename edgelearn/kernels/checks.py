"""Is every value finite? One pass, no allocation."""

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.types import F32

_EXPONENT = np.int32(0x7F800000)  # all ones in a float32 that is NaN or infinite


@compiled()
def all_finite(x: F32) -> bool:
    """Return whether no value of ``x`` (any length) is NaN or infinite."""
    bits = x.view(np.int32)
    bad = 0
    for i in range(bits.shape[0]):  # an integer reduction vectorises whatever the float law says
        bad |= (bits[i] & _EXPONENT) == _EXPONENT
    return bad == 0
