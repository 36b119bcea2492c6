"""No teacher: the third factor is 1, and the rule learns from its two ends alone."""

from typing import NamedTuple

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.signals.base import NoState, Signal, no_state
from edgelearn.types import F32, Array


class Params(NamedTuple):
    """Nothing to set."""


def step(p: Params, s: NoState, out: Array, teach: Array) -> tuple[NoState, Array]:
    """Return the state and ones (n_post,)."""
    return s, np.ones_like(out)


@compiled()
def kernel(out: F32, teach: F32, third: F32) -> None:
    """`step` in place."""
    for j in range(out.shape[0]):
        third[j] = np.float32(1.0)


def batch(p: Params, out: Array, teach: Array) -> Array:
    """Return ones (n, n_post)."""
    return np.ones_like(out)


def signal() -> Signal:
    """Return the signal."""
    return Signal("unsupervised", Params(), no_state, step, kernel, batch=batch)
