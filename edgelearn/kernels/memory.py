"""Where a large array lies: on a cache line's edge, and not where another array lies in its page.

A vector store across two lines costs twice, and a load waits for a store to the same place of another page
(Fog, "The microarchitecture of Intel, AMD and VIA CPUs", memory aliasing): together up to 1.7 times.
"""

import numpy as np

from edgelearn.types import Array

LINE, PAGE = 64, 4096
_LARGE = 64 * PAGE  # from here on two pages more are not felt
_APART = 21 * LINE  # about a third of a page


def placed(array: Array, number: int = 0) -> Array:
    """Return a copy that starts on a line; ``number`` tells large arrays that are used together apart."""
    step, shift = (PAGE, number * _APART % PAGE) if array.nbytes >= _LARGE else (LINE, 0)
    room = np.empty(array.nbytes + step + shift, np.uint8)
    start = -room.ctypes.data % step + shift
    copy = room[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy
