r"""BCM: an output above its sliding threshold strengthens, one below it weakens, so units become selective.

.. math::
    w_{ij} &\leftarrow w_{ij} + \eta\, m_j\, y_j (y_j - \theta_j)\, x_i \\
    \theta_j &\leftarrow \lambda\, \theta_j + (1 - \lambda)\, y_j^2

Bienenstock, Cooper & Munro 1982, J. Neurosci. 2:32, with the threshold of Intrator & Cooper 1992, Neural Networks
5:3: the mean of the squared output. It must follow faster than the weights move, or they grow without
end: an output that answers one pattern of probability P ends at 1 / P, so keep eta · |x|² / P well below
1 - decay, and the memory 1 / (1 - decay) above the number of patterns.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.bounds import fraction, positive
from edgelearn.compiled import compiled
from edgelearn.rules.base import Rule
from edgelearn.types import F32, Array

_ONE = np.float32(1.0)


class Params(NamedTuple):
    eta: np.float32  # learning rate per step, > 0
    decay: np.float32  # threshold kept per step, in [0, 1)


class State(NamedTuple):
    threshold: F32  # (n_post,) running mean of the squared output


def init(n_pre: int, n_post: int) -> State:
    """Return thresholds of 0: at first every output strengthens."""
    return State(np.zeros(n_post, np.float32))


def step(p: Params, s: State, w: Array, pre: Array, post: Array, third: Array) -> tuple[State, Array]:
    """Return the next state and weights; the arguments stay as they were."""
    moved = w + (p.eta * third) * post * (post - s.threshold) * pre[:, None]
    threshold: Array = p.decay * s.threshold + (_ONE - p.decay) * (post * post)
    return State(threshold), moved


@compiled()
def kernel(w: F32, pre: F32, post: F32, third: F32, threshold: F32, eta: float, decay: float) -> None:
    """`step` in place."""
    for i in range(w.shape[0]):
        x = pre[i]
        for j in range(w.shape[1]):
            w[i, j] += (eta * third[j]) * post[j] * (post[j] - threshold[j]) * x
    for j in range(w.shape[1]):
        threshold[j] = decay * threshold[j] + (_ONE - decay) * (post[j] * post[j])


def rule(eta: float = 1e-3, decay: float = 0.99) -> Rule:
    """Return the rule; raises ConfigError for eta <= 0 or a decay outside [0, 1)."""
    return Rule("bcm", Params(positive("eta", eta), fraction("decay", decay)), init, step, kernel)
