r"""Signed competition: the winner learns, every other unit unlearns by its share.

.. math:: m_j = y_j \text{ for } j = \arg\max_k y_k, \quad -y_j \text{ otherwise}

Journé et al. 2023, ICLR, "Hebbian deep learning without feedback", section 3 (anti-Hebbian losers).
"""

from typing import NamedTuple

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.kernels.shares import signed
from edgelearn.signals.base import NoState, Signal, no_state
from edgelearn.types import F32, Array


class Params(NamedTuple):
    """Nothing to set."""


def step(p: Params, s: NoState, out: Array, teach: Array) -> tuple[NoState, Array]:
    """Return the state and the third factor (n_post,); of equals the first wins."""
    return s, np.where(np.arange(len(out)) == np.argmax(out), out, -out)


@compiled()
def kernel(out: F32, teach: F32, third: F32) -> None:
    """`step` in place."""
    best = 0
    for j in range(out.shape[0]):
        if out[best] != out[best]:
            break
        if out[j] > out[best] or out[j] != out[j]:
            best = j
    for j in range(out.shape[0]):
        third[j] = out[j] if j == best else -out[j]


def batch(p: Params, out: F32, teach: F32) -> F32:
    """Return the third factors of many samples, out (n, n_post)."""
    third = np.empty_like(out)
    signed.dispatcher(out, out.argmax(axis=1), third)
    return third


def signal() -> Signal:
    """Return the signal."""
    return Signal("competition", Params(), no_state, step, kernel, batch=batch)
