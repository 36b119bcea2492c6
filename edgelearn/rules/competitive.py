r"""Competitive learning: the unit that wins moves towards the input, each at the rate of its own experience.

.. math::
    \eta_j &= m_j \max(\eta_{min},\, 1 / (1 + n_j)), \qquad n_j \leftarrow n_j + |m_j| \\
    w_j &\leftarrow v_j / \|v_j\|, \qquad v_j = w_j + \eta_j (x - w_j)

m names the winner (`signals.conscience`: 1 for one unit, 0 for all others) and n counts how often a unit won: its
weights start as the mean of what it won, and from :math:`1/\eta_{min}` wins on forget the oldest. Every unit that has
learned has norm 1. Rumelhart & Zipser 1985, Cognitive Science 9:75, "Feature discovery by competitive learning", with
the Euclidean norm; the rate is MacQueen's 1967 (k-means, section 1.1), bounded below.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.bounds import between
from edgelearn.compiled import compiled
from edgelearn.kernels.order import in_order
from edgelearn.rules.base import Rule
from edgelearn.types import F32, Array

_TINY, _ONE = np.float32(1e-30), np.float32(1.0)


class Params(NamedTuple):
    eta_min: np.float32  # the rate of a unit that won often, in [0, 1]


class State(NamedTuple):
    wins: F32  # (n_post,) how often each unit was taught


def init(n_pre: int, n_post: int) -> State:
    """Return the state of units that never won."""
    return State(np.zeros(n_post, np.float32))


def step(p: Params, s: State, w: Array, pre: Array, post: Array, third: Array) -> tuple[State, Array]:
    """Return the next state and weights; the arguments stay as they were."""
    rate = third * np.maximum(p.eta_min, 1 / (1 + s.wins))
    moved = w + rate * (pre[:, None] - w)
    norm = np.sqrt(in_order(moved * moved)) + _TINY
    return State(s.wins + np.abs(third)), np.where(third != 0, moved / norm, w)


@compiled()
def kernel(w: F32, pre: F32, post: F32, third: F32, wins: F32, eta_min: float) -> None:
    """`step` in place; few units are taught, so it goes down their columns alone."""
    n, m = w.shape
    for j in range(m):
        if third[j] != np.float32(0.0):
            own = _ONE / (_ONE + wins[j])
            rate = third[j] * (eta_min if eta_min > own else own)
            square = np.float32(0.0)
            for i in range(n):
                v = w[i, j] + rate * (pre[i] - w[i, j])
                square += v * v
                w[i, j] = v
            norm = np.sqrt(square) + _TINY
            for i in range(n):
                w[i, j] /= norm
            wins[j] += abs(third[j])


def rule(eta_min: float = 1e-3) -> Rule:
    """Return the rule; raises ConfigError for an ``eta_min`` outside [0, 1]."""
    return Rule("competitive", Params(between("eta_min", eta_min, 0, 1)), init, step, kernel, local="unit")
