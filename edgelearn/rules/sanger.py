r"""Sanger's generalised Hebbian algorithm: each unit learns from what the units before it leave unexplained.

.. math:: w_{ij} \leftarrow w_{ij} + \eta\, m_j\, y_j \Big(x_i - \sum_{k \le j} y_k w_{ik}\Big)

Sanger 1989, "Optimal unsupervised learning in a single-layer linear feedforward neural network", Neural Networks
2:459. The input must have mean 0; with linear units and m = 1 the weights tend to the principal components,
the largest first. The sum is taken away from x unit by unit, in the order of the units.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.bounds import positive
from edgelearn.compiled import compiled
from edgelearn.rules.base import NoState, Rule, no_state
from edgelearn.types import F32, Array


class Params(NamedTuple):
    eta: np.float32  # learning rate per step, > 0; stable while eta · |y|² < 1


def step(p: Params, s: NoState, w: Array, pre: Array, post: Array, third: Array) -> tuple[NoState, Array]:
    """Return the state and the next weights; the arguments stay as they were."""
    left = np.subtract.accumulate(np.column_stack([pre, post * w]), axis=1)[:, 1:]
    return s, w + (p.eta * third) * post * left


@compiled()
def kernel(w: F32, pre: F32, post: F32, third: F32, eta: float) -> None:
    """`step` in place; what is left depends on the unit before, so rows run side by side to hide the wait."""
    n, m = w.shape
    i = 0
    while i + 8 <= n:
        a, b, c, d = pre[i], pre[i + 1], pre[i + 2], pre[i + 3]
        e, f, g, h = pre[i + 4], pre[i + 5], pre[i + 6], pre[i + 7]
        for j in range(m):
            y = post[j]
            gain = (eta * third[j]) * y
            a, b, c, d = a - y * w[i, j], b - y * w[i + 1, j], c - y * w[i + 2, j], d - y * w[i + 3, j]
            e, f, g, h = e - y * w[i + 4, j], f - y * w[i + 5, j], g - y * w[i + 6, j], h - y * w[i + 7, j]
            w[i, j] += gain * a
            w[i + 1, j] += gain * b
            w[i + 2, j] += gain * c
            w[i + 3, j] += gain * d
            w[i + 4, j] += gain * e
            w[i + 5, j] += gain * f
            w[i + 6, j] += gain * g
            w[i + 7, j] += gain * h
        i += 8
    while i < n:
        a = pre[i]
        for j in range(m):
            a -= post[j] * w[i, j]
            w[i, j] += (eta * third[j]) * post[j] * a
        i += 1


def batch(p: Params, s: NoState, w: Array, pre: Array, post: Array, third: Array) -> tuple[NoState, Array]:
    """Return state and weights after one mini-batch: pre (n, n_pre), post and third (n, n_post)."""
    gain = third * post
    return s, w + p.eta * (pre.T @ gain - w @ np.triu(post.T @ gain))


def rule(eta: float = 0.01) -> Rule:
    """Return the rule; raises ConfigError for eta <= 0."""
    return Rule("sanger", Params(positive("eta", eta)), no_state, step, kernel, local="layer", batch=batch)
