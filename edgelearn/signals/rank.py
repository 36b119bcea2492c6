r"""Rank: the first unit learns, the k-th unlearns, the others rest.

.. math:: m_j = 1 \text{ where } y_j > 0, \quad -\Delta \text{ where } y_j < 0, \quad 0 \text{ otherwise}

The marks y are those of the neuron `ranked`. Krotov & Hopfield 2019, PNAS 116:7723, fast implementation.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.bounds import at_least
from edgelearn.compiled import compiled
from edgelearn.signals.base import NoState, Signal, no_state
from edgelearn.types import F32, Array


class Params(NamedTuple):
    delta: np.float32  # strength of the anti-Hebbian part, >= 0


def step(p: Params, s: NoState, out: Array, teach: Array) -> tuple[NoState, Array]:
    """Return the state and the third factor (n_post,)."""
    marks = np.where(out > 0, np.float32(1), np.where(out < 0, -p.delta, np.float32(0)))
    return s, marks.astype(out.dtype)


@compiled()
def kernel(out: F32, teach: F32, third: F32, delta: float) -> None:
    """`step` in place."""
    for j in range(out.shape[0]):
        y = out[j]
        third[j] = np.float32(1.0) if y > 0 else (-delta if y < 0 else np.float32(0.0))


def batch(p: Params, out: Array, teach: Array) -> Array:
    """Return the third factors of many samples, out (n, n_post)."""
    return step(p, NoState(), out, teach)[1]


def signal(delta: float = 0.4) -> Signal:
    """Return the signal; raises ConfigError for delta < 0."""
    return Signal("rank", Params(at_least("delta", delta, 0)), no_state, step, kernel, batch=batch)
