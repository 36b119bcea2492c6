r"""Conscience: one unit wins and learns, and who wins often needs a higher drive to win again.

.. math::
    m_j = 1 \text{ for } j = \arg\max_k (y_k - b_k), \quad 0 \text{ otherwise}, \qquad
    b_j \leftarrow b_j + \beta (m_j - 1/n)

DeSieno 1988, IEEE Int. Conf. Neural Networks 1:117, "Adding a conscience to competitive learning", as a handicap that
adds up. With :math:`\beta = 0` it is plain winner-take-all, where units that start badly never win.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.bounds import at_least
from edgelearn.compiled import compiled
from edgelearn.signals.base import Signal
from edgelearn.types import F32, Array


class Params(NamedTuple):
    beta: np.float32  # handicap per win, in units of the output, >= 0


class State(NamedTuple):
    bias: F32  # (n_post,) handicap b of each unit


def init(n_post: int) -> State:
    """Return handicaps of 0."""
    return State(np.zeros(n_post, np.float32))


def step(p: Params, s: State, out: Array, teach: Array) -> tuple[State, Array]:
    """Return the state and the third factor (n_post,); of equals the first wins."""
    third = (np.arange(len(out)) == np.argmax(out - s.bias)).astype(out.dtype)
    return State(s.bias + p.beta * (third - 1 / out.dtype.type(len(out)))), third


@compiled()
def kernel(out: F32, teach: F32, third: F32, bias: F32, beta: float) -> None:
    """`step` in place."""
    n, best = out.shape[0], 0
    top = out[0] - bias[0]
    for j in range(1, n):
        v = out[j] - bias[j]
        if not (np.isnan(top) or v <= top):  # the first NaN wins, as NumPy has it
            best, top = j, v
    share = np.float32(1.0) / np.float32(n)
    for j in range(n):
        third[j] = np.float32(1.0) if j == best else np.float32(0.0)
        bias[j] += beta * (third[j] - share)


def signal(beta: float = 3e-3) -> Signal:
    """Return the signal; raises ConfigError for beta < 0."""
    return Signal("conscience", Params(at_least("beta", beta, 0)), init, step, kernel)
