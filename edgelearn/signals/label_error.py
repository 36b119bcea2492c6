r"""Label error: how far each unit is from what it should have said.

.. math:: m_j = t_j - y_j

``teach`` (n_post,) is the label, one-hot or soft: in [0, 1]. With the rule `delta` and softmax units it is the
gradient of the cross-entropy; Widrow & Hoff 1960, "Adaptive switching circuits", for linear ones.
"""

from typing import NamedTuple

from edgelearn.compiled import compiled
from edgelearn.signals.base import NoState, Signal, each, no_state, shares
from edgelearn.types import F32, Array


class Params(NamedTuple):
    """Nothing to set."""


def step(p: Params, s: NoState, out: Array, teach: Array) -> tuple[NoState, Array]:
    """Return the state and the errors (n_post,)."""
    return s, teach - out


@compiled()
def kernel(out: F32, teach: F32, third: F32) -> None:
    """`step` in place."""
    for j in range(out.shape[0]):
        third[j] = teach[j] - out[j]


def batch(p: Params, out: Array, teach: Array) -> Array:
    """Return the errors of many samples, out and teach (n, n_post)."""
    return teach - out


def signal() -> Signal:
    """Return the signal."""
    return Signal("label_error", Params(), no_state, step, kernel, "label", each, batch, shares)
