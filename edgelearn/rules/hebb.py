r"""Hebb: what fires together wires together, as much as the third factor says.

.. math:: w_{ij} \leftarrow w_{ij} - \lambda\, w_{ij} + \eta\, m_j\, y_j\, x_i

Gerstner & Kistler 2002, "Mathematical formulations of Hebbian learning", Biol. Cybern. 87:404, section 2. Without
decay :math:`\lambda`, bounds or a signed third factor the weights grow without end. With noise as the output and
a reward as the third factor it is node perturbation; with the slope and an error it is a gradient step.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.bounds import fraction, ordered, positive
from edgelearn.compiled import compiled
from edgelearn.rules.base import NoState, Rule, Sees, bounded, no_state, seen
from edgelearn.types import F32, Array

VARIANTS = ({"decay": 0.1},)  # settings of golden vectors beside the defaults


class Params(NamedTuple):
    eta: np.float32  # learning rate per step, > 0
    decay: np.float32  # share of a weight lost per step, in [0, 1)
    low: np.float32  # hard bounds of a weight
    high: np.float32


def step(p: Params, s: NoState, w: Array, pre: Array, post: Array, third: Array) -> tuple[NoState, Array]:
    """Return the state and the next weights; the arguments stay as they were."""
    moved = (w - p.decay * w) + (p.eta * third) * post * pre[:, None]
    return s, bounded(moved, p.low, p.high)


@compiled()
def kernel(
    w: F32, pre: F32, post: F32, third: F32, eta: float, decay: float, low: float, high: float
) -> None:
    """`step` in place."""
    for i in range(w.shape[0]):
        x = pre[i]
        for j in range(w.shape[1]):
            v = (w[i, j] - decay * w[i, j]) + (eta * third[j]) * post[j] * x
            v = low if v < low else v
            w[i, j] = high if v > high else v


def batch(p: Params, s: NoState, w: Array, pre: Array, post: Array, third: Array) -> tuple[NoState, Array]:
    """Return state and weights after one mini-batch: pre (n, n_pre), post and third (n, n_post)."""
    change = p.eta * (pre.T @ (third * post)) - len(pre) * p.decay * w
    return s, bounded(w + change, p.low, p.high)


def rule(
    eta: float = 0.01,
    decay: float = 0.0,
    low: float = -np.inf,
    high: float = np.inf,
    sees: Sees = "out",
) -> Rule:
    """Return the rule; raises ConfigError for eta <= 0, a decay outside [0, 1), low >= high or an unknown ``sees``."""
    params = Params(positive("eta", eta), fraction("decay", decay), *ordered(low, high))
    return Rule("hebb", params, no_state, step, kernel, sees=seen(sees), batch=batch)
