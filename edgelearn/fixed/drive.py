r"""The drive of each unit: exact sums, so that no order need be declared.

.. math:: u_j = \left(\sum_i x_i w_{ij}\right) / 2^{b + 3}

x has 15 fraction bits, w has b, u has 12. Products are int32, sums int64 (which 2**32 inputs could not fill); rounded
and saturated once, at the end.
"""

import numpy as np

from edgelearn.fixed.number import DRIVE_BITS, I16, INPUT_BITS, halved, saturated
from edgelearn.types import Array


def drive(x: Array, w: Array, weight_bits: int) -> I16:
    """Return the drives (n_post,) of ``x`` (n_pre,) int16 by ``w`` (n_pre, n_post) int16."""
    total = x.astype(np.int64) @ w.astype(np.int64)
    return saturated(halved(total, INPUT_BITS + weight_bits - DRIVE_BITS))
