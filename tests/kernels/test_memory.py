"""Large arrays of a layer lie on a line's edge, apart within their pages, and hold what they held."""

import numpy as np
import pytest

from edgelearn import Layer
from edgelearn.kernels.memory import LINE, PAGE, placed


@pytest.mark.parametrize("number", [0, 1, 2, 3])
@pytest.mark.parametrize("shape", [(3,), (7, 5), (300, 300)])
def test_a_placed_array_is_an_equal_copy_on_a_line(shape, number):
    array = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    copy = placed(array, number)
    assert np.array_equal(copy, array)
    assert copy.dtype == array.dtype
    assert copy.flags.c_contiguous
    assert copy.flags.writeable
    assert not np.shares_memory(copy, array)
    assert copy.ctypes.data % LINE == 0


def test_weights_and_trace_of_a_large_layer_lie_apart():
    layer = Layer(300, "three_factor")
    layer.bind(300)
    state = layer.state()
    assert (state["w"].ctypes.data - state["rule.trace"].ctypes.data) % PAGE >= 16 * LINE
