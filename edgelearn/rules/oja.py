r"""Oja: Hebb with a forgetting that keeps the norm; one unit finds the first principal component.

.. math:: w_{ij} \leftarrow w_{ij} + \eta\, m_j\, y_j (x_i - y_j w_{ij})

Oja 1982, "Simplified neuron model as a principal component analyzer", J. Math. Biol. 15:267. The input must have
mean 0; with m = 1 and a linear unit the norm of its weights tends to 1. Several units all find the same one (see
`rules.sanger`).
"""

from typing import NamedTuple

import numpy as np

from edgelearn.bounds import positive
from edgelearn.compiled import compiled
from edgelearn.rules.base import NoState, Rule, no_state
from edgelearn.types import F32, Array


class Params(NamedTuple):
    eta: np.float32  # learning rate per step, > 0; stable while eta · y² < 1


def step(p: Params, s: NoState, w: Array, pre: Array, post: Array, third: Array) -> tuple[NoState, Array]:
    """Return the state and the next weights; the arguments stay as they were."""
    return s, w + (p.eta * third) * post * (pre[:, None] - post * w)


@compiled()
def kernel(w: F32, pre: F32, post: F32, third: F32, eta: float) -> None:
    """`step` in place."""
    for i in range(w.shape[0]):
        x = pre[i]
        for j in range(w.shape[1]):
            w[i, j] += (eta * third[j]) * post[j] * (x - post[j] * w[i, j])


def batch(p: Params, s: NoState, w: Array, pre: Array, post: Array, third: Array) -> tuple[NoState, Array]:
    """Return state and weights after one mini-batch: pre (n, n_pre), post and third (n, n_post)."""
    gain = third * post
    return s, w + p.eta * (pre.T @ gain - (gain * post).sum(axis=0) * w)


def rule(eta: float = 0.01) -> Rule:
    """Return the rule; raises ConfigError for eta <= 0."""
    return Rule("oja", Params(positive("eta", eta)), no_state, step, kernel, batch=batch)
