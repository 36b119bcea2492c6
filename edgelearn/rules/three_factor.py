r"""Three-factor Hebb: an eligibility trace waits for the neuromodulator.

.. math::
    e_{ij} &\leftarrow \lambda\, e_{ij} + x_i y_j \\
    w_{ij} &\leftarrow w_{ij} + \eta\, m_j\, e_{ij}

Gerstner et al. 2018, Front. Neural Circuits 12:53, eq. 1-2. With the slope of a spiking unit as post and an
error by fixed feedback as m it is e-prop without adaptation (Bellec et al. 2020, Nat. Commun. 11:3625, eq. 13).
"""

from typing import NamedTuple

import numpy as np

from edgelearn.bounds import fraction, ordered, positive
from edgelearn.compiled import compiled
from edgelearn.rules.base import Rule, Sees, bounded, seen
from edgelearn.types import F32, Array


class Params(NamedTuple):
    eta: np.float32  # learning rate per step, > 0
    decay: np.float32  # trace kept per step, exp(-dt/tau), in [0, 1)
    low: np.float32  # hard bounds of a weight
    high: np.float32


class State(NamedTuple):
    trace: F32  # (n_pre, n_post) eligibility


def init(n_pre: int, n_post: int) -> State:
    """Return a trace of zeros."""
    return State(np.zeros((n_pre, n_post), np.float32))


def step(p: Params, s: State, w: Array, pre: Array, post: Array, third: Array) -> tuple[State, Array]:
    """Return the next state and weights; the arguments stay as they were."""
    trace = p.decay * s.trace + pre[:, None] * post
    return State(trace), bounded(w + p.eta * third * trace, p.low, p.high)


@compiled()
def kernel(
    w: F32, pre: F32, post: F32, third: F32, trace: F32, eta: float, decay: float, low: float, high: float
) -> None:
    """`step` in place."""
    for i in range(w.shape[0]):
        x = pre[i]
        for j in range(w.shape[1]):
            e = decay * trace[i, j] + x * post[j]
            trace[i, j] = e
            v = w[i, j] + (eta * third[j]) * e
            v = low if v < low else v
            w[i, j] = high if v > high else v


def rule(
    eta: float = 0.01,
    decay: float = 0.9,
    low: float = -np.inf,
    high: float = np.inf,
    sees: Sees = "out",
) -> Rule:
    """Return the rule; raises ConfigError for eta <= 0, a decay outside [0, 1), low >= high or an unknown ``sees``."""
    params = Params(positive("eta", eta), fraction("decay", decay), *ordered(low, high))
    return Rule("three_factor", params, init, step, kernel, sees=seen(sees))
