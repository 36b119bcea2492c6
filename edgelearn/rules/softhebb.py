r"""SoftHebb: Oja-like learning under soft competition; the third factor says who wins and who is pushed away.

.. math::
    \Delta_{ij} &= m_j (x_i - u_j w_{ij}) \\
    w_{ij} &\leftarrow w_{ij} + \eta \sqrt{|\,\|w_j\| - 1|}\; \Delta_{ij} / M

u is the drive, m the signed competition (`signals.competition`). A unit whose weights have norm 1 has converged
and its rate is 0. A mini-batch divides the sum of its changes by their largest entry (Journé et al. 2023, ICLR,
"Hebbian deep learning without feedback", section 3; Moraitis et al. 2022, Neuromorph. Comput. Eng. 2:044017,
eq. 8), so that ``eta`` is the most a weight moves. One sample at a time that would be one more pass over all
weights; M is then a bound of that entry which the norms give: :math:`\max_j |m_j| (\max_i |x_i| + |u_j| \|w_j\|)`.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.bounds import positive
from edgelearn.compiled import compiled
from edgelearn.kernels.order import in_order
from edgelearn.rules.base import Rule
from edgelearn.types import F32, Array

_TINY = np.float32(1e-30)
_ONE = np.float32(1.0)


class Params(NamedTuple):
    eta: np.float32  # the most a weight moves in a step at norm 2 or 0, > 0


class State(NamedTuple):
    norm: F32  # (n_post,) Euclidean norm of each unit's weights; below 0: not measured yet
    rate: F32  # (n_post,) the signed rate of each unit in the last step


def init(n_pre: int, n_post: int) -> State:  # noqa: ARG001 (the signature of every init)
    """Return norms that are measured at the first step."""
    return State(np.full(n_post, -1, np.float32), np.zeros(n_post, np.float32))


def step(p: Params, s: State, w: Array, pre: Array, post: Array, third: Array) -> tuple[State, Array]:
    """Return the next state and weights; the arguments stay as they were."""
    norm = np.where(s.norm < 0, np.sqrt(in_order(w * w)), s.norm)
    bound = np.max(np.abs(third) * (np.max(np.abs(pre)) + np.abs(post) * norm)) + _TINY
    rate = p.eta * np.sqrt(np.abs(norm - _ONE)) * third / bound
    moved = w + rate * (pre[:, None] - post * w)
    return State(np.sqrt(in_order(moved * moved)), rate), moved


@compiled()
def kernel(w: F32, pre: F32, post: F32, third: F32, norm: F32, rate: F32, eta: float) -> None:
    """`step` in place."""
    n, m = w.shape
    zero, top = np.float32(0.0), np.float32(0.0)
    if norm[0] < zero:
        _measure(w, norm)
    for i in range(n):
        v = abs(pre[i])
        top = v if v > top or v != v else top
    bound = zero
    for j in range(m):
        v = abs(third[j]) * (top + abs(post[j]) * norm[j])
        bound = v if v > bound or v != v else bound
    bound += _TINY
    for j in range(m):
        rate[j] = eta * np.sqrt(abs(norm[j] - _ONE)) * third[j] / bound
        norm[j] = zero
    i = 0
    while i + 4 <= n:
        a, b, c, d = pre[i], pre[i + 1], pre[i + 2], pre[i + 3]
        for j in range(m):
            r, u = rate[j], post[j]
            e, f, g, h = w[i, j], w[i + 1, j], w[i + 2, j], w[i + 3, j]
            e, f, g, h = e + r * (a - u * e), f + r * (b - u * f), g + r * (c - u * g), h + r * (d - u * h)
            w[i, j], w[i + 1, j], w[i + 2, j], w[i + 3, j] = e, f, g, h
            norm[j] = (((norm[j] + e * e) + f * f) + g * g) + h * h
        i += 4
    while i < n:
        for j in range(m):
            v = w[i, j] + rate[j] * (pre[i] - post[j] * w[i, j])
            w[i, j] = v
            norm[j] += v * v
        i += 1
    for j in range(m):
        norm[j] = np.sqrt(norm[j])


@compiled()
def _measure(w: F32, norm: F32) -> None:
    for j in range(w.shape[1]):
        norm[j] = np.float32(0.0)
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            norm[j] += w[i, j] * w[i, j]
    for j in range(w.shape[1]):
        norm[j] = np.sqrt(norm[j])


def batch(p: Params, s: State, w: Array, pre: Array, post: Array, third: Array) -> tuple[State, Array]:  # noqa: ARG001
    """Return state and weights after one mini-batch: pre (n, n_pre), post and third (n, n_post)."""
    change = pre.T @ third - (third * post).sum(axis=0) * w
    change /= np.abs(change).max() + _TINY
    norm = np.sqrt((w * w).sum(axis=0))
    rate = p.eta * np.sqrt(np.abs(norm - _ONE))
    moved = w + rate * change
    return State(np.sqrt((moved * moved).sum(axis=0)), rate), moved


def rule(eta: float = 0.1) -> Rule:
    """Return the rule; raises ConfigError for eta <= 0."""
    return Rule(
        "softhebb", Params(positive("eta", eta)), init, step, kernel, sees="drive", local="layer", batch=batch
    )
