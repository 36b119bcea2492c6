r"""Krotov & Hopfield: the best unit moves towards the input, the k-th best away from it.

.. math::
    \Delta_{ij} &= m_j (x_i - u_j w_{ij}) \\
    w_{ij} &\leftarrow w_{ij} + \eta\, \Delta_{ij} / M

m is the rank signal (`signals.rank`: the best 1, the k-th best -Δ, all others 0) and u the drive. Krotov & Hopfield
2019, "Unsupervised learning by competing hidden units", PNAS 116:7723, fast implementation. Their drive is
:math:`\sum_i \mathrm{sgn}(w)|w|^{p-1} x_i`: with p = 2 the ordinary one, which a `Layer` has; a system that computes
another (`edgelearn.systems.krotov_hopfield`) hands it in as u. The weights of units that win tend to p-norm 1. They
must start far longer (the authors draw each from N(0, 1)): a winner shrinks and lets others win, while from norm 1 one
unit wins all.

A mini-batch divides the sum of its changes by their largest entry, as the authors' code does. One sample alone would
then step as far however well it fits; M is a bound of that entry, over the units with m not 0:
:math:`\max_j |m_j| (\max_i |x_i| + |u_j| \max_i |w_{ij}|)`, and the step shrinks with the misfit.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.bounds import positive
from edgelearn.compiled import compiled
from edgelearn.rules.base import NoState, Rule, no_state
from edgelearn.types import F32, Array

_TINY = np.float32(1e-30)


class Params(NamedTuple):
    eta: np.float32  # the most a weight moves in a step, > 0


def step(p: Params, s: NoState, w: Array, pre: Array, post: Array, third: Array) -> tuple[NoState, Array]:
    """Return the state and the next weights; the arguments stay as they were."""
    taught = third != 0
    reach = np.max(np.abs(pre)) + np.abs(post) * np.max(np.abs(w), axis=0)
    bound = np.max(np.where(taught, np.abs(third) * reach, 0)) + _TINY
    moved = w + p.eta * third / bound * (pre[:, None] - post * w)
    return s, np.where(taught, moved, w)


@compiled()
def kernel(w: F32, pre: F32, post: F32, third: F32, eta: float) -> None:
    """`step` in place; two units of a layer are taught, so it goes down their columns alone."""
    n, m = w.shape
    zero, top = np.float32(0.0), np.float32(0.0)
    for i in range(n):
        v = abs(pre[i])
        top = v if v > top or v != v else top
    bound = zero
    for j in range(m):
        if third[j] != zero:
            largest = zero
            for i in range(n):
                v = abs(w[i, j])
                largest = v if v > largest or v != v else largest
            v = abs(third[j]) * (top + abs(post[j]) * largest)
            bound = v if v > bound or v != v else bound
    bound += _TINY
    for j in range(m):
        if third[j] != zero:
            rate, u = eta * third[j] / bound, post[j]
            for i in range(n):
                w[i, j] += rate * (pre[i] - u * w[i, j])


def batch(p: Params, s: NoState, w: Array, pre: Array, post: Array, third: Array) -> tuple[NoState, Array]:
    """Return state and weights after one mini-batch: pre (n, n_pre), post and third (n, n_post)."""
    moved = pre.T @ third
    moved -= np.einsum("nj,nj->j", third, post) * w
    moved *= p.eta / (max(moved.max(), -moved.min()) + _TINY)
    moved += w
    return s, moved


def rule(eta: float = 0.02) -> Rule:
    """Return the rule; raises ConfigError for eta <= 0."""
    params = Params(positive("eta", eta))
    return Rule("krotov_hopfield", params, no_state, step, kernel, sees="drive", local="layer", batch=batch)
