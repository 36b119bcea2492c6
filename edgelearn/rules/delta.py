r"""Delta rule (LMS): move the weights of an active input against the error.

.. math:: w_{ij} \leftarrow w_{ij} + \eta\, m_j\, x_i

m is the error, target less output. Widrow & Hoff 1960, "Adaptive switching circuits", IRE WESCON 4:96. It
converges to least squares while :math:`\eta\, \|x\|^2 < 2`.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.bounds import ordered, positive
from edgelearn.compiled import compiled
from edgelearn.rules.base import NoState, Rule, bounded, no_state
from edgelearn.types import F32, Array


class Params(NamedTuple):
    eta: np.float32  # learning rate per step, > 0
    low: np.float32  # hard bounds of a weight
    high: np.float32


def step(p: Params, s: NoState, w: Array, pre: Array, post: Array, third: Array) -> tuple[NoState, Array]:
    """Return the state and the next weights; the arguments stay as they were."""
    return s, bounded(w + p.eta * third * pre[:, None], p.low, p.high)


@compiled()
def kernel(w: F32, pre: F32, post: F32, third: F32, eta: float, low: float, high: float) -> None:
    """`step` in place."""
    for i in range(w.shape[0]):
        x = pre[i]
        for j in range(w.shape[1]):
            v = w[i, j] + (eta * third[j]) * x
            v = low if v < low else v
            w[i, j] = high if v > high else v


def batch(p: Params, s: NoState, w: Array, pre: Array, post: Array, third: Array) -> tuple[NoState, Array]:
    """Return state and weights after one mini-batch: pre (n, n_pre), post and third (n, n_post)."""
    return s, bounded(w + p.eta * (pre.T @ third), p.low, p.high)


def rule(eta: float = 0.01, low: float = -np.inf, high: float = np.inf) -> Rule:
    """Return the rule; raises ConfigError for eta <= 0 or low >= high."""
    return Rule(
        "delta", Params(positive("eta", eta), *ordered(low, high)), no_state, step, kernel, batch=batch
    )
