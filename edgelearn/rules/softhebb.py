r"""SoftHebb: Oja-like learning under soft competition; the third factor says who wins and who is pushed away.

.. math::
    \Delta_{ij} &= m_j (x_i - u_j w_{ij}) \\
    w_{ij} &\leftarrow w_{ij} + \eta \sqrt{|\,\|w_j\| - 1|}\; \Delta_{ij} / M

u is the drive, m the signed competition (`signals.competition`). A unit whose weights have norm 1 has converged
and its rate is 0. A mini-batch divides the sum of its changes by their largest entry (Journé et al. 2023, ICLR,
"Hebbian deep learning without feedback", section 3; Moraitis et al. 2022, Neuromorph. Comput. Eng. 2:044017,
eq. 8), so that ``eta`` is the most a weight moves. One sample at a time that would be one more pass over all
weights; M is then a bound of that entry which the norms give: :math:`\max_j |m_j| (\max_i |x_i| + |u_j| \|w_j\|)`.
So would be the new norms, and u, being :math:`w_j^T x`, gives them: with :math:`r_j` the rate of the unit and
:math:`k = 1 - r_j u_j`, it is :math:`\|w_j\|^2 \leftarrow k^2 \|w_j\|^2 + 2 k r_j u_j + r_j^2 \|x\|^2`.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.bounds import positive
from edgelearn.compiled import compiled
from edgelearn.kernels.checks import largest
from edgelearn.kernels.order import in_order
from edgelearn.rules.base import Rule
from edgelearn.types import F32, Array

_TINY = np.float32(1e-30)
_ONE, _TWO = np.float32(1.0), np.float32(2.0)


class Params(NamedTuple):
    eta: np.float32  # the most a weight moves in a step at norm 2 or 0, > 0


class State(NamedTuple):
    norm: F32  # (n_post,) Euclidean norm of each unit's weights; below 0: not measured yet
    rate: F32  # (n_post,) the signed rate of each unit in the last step


def init(n_pre: int, n_post: int) -> State:
    """Return norms that are measured at the first step."""
    return State(np.full(n_post, -1, np.float32), np.zeros(n_post, np.float32))


def step(p: Params, s: State, w: Array, pre: Array, post: Array, third: Array) -> tuple[State, Array]:
    """Return the next state and weights; the arguments stay as they were."""
    norm = np.where(s.norm < 0, np.sqrt(in_order(w * w)), s.norm)
    top = np.max(np.abs(pre))
    bound = np.max(np.abs(third) * (top + np.abs(post) * norm)) + _TINY
    rate = p.eta * np.sqrt(np.abs(norm - _ONE)) * third / bound
    scaled = pre / (top + _TINY)  # whose squares do not vanish
    keep, reach = _ONE - rate * post, rate * (top * np.sqrt(in_order(scaled * scaled)))
    square = (keep * keep * (norm * norm) + _TWO * keep * (rate * post)) + reach * reach
    moved = w + rate * (pre[:, None] - post * w)
    return State(np.sqrt(np.where(square < 0, w.dtype.type(0), square)), rate), moved


@compiled()
def kernel(w: F32, pre: F32, post: F32, third: F32, norm: F32, rate: F32, eta: float) -> None:
    """`step` in place."""
    n, m = w.shape
    zero, length = np.float32(0.0), np.float32(0.0)
    if norm[0] < zero:
        _measure(w, norm)
    top = largest(pre)
    for i in range(n):
        v = pre[i] / (top + _TINY)
        length += v * v
    length = top * np.sqrt(length)
    for j in range(m):
        rate[j] = abs(third[j]) * (top + abs(post[j]) * norm[j])
    bound = largest(rate) + _TINY
    for j in range(m):
        rate[j] = eta * np.sqrt(abs(norm[j] - _ONE)) * third[j] / bound
        k, g = _ONE - rate[j] * post[j], rate[j] * length
        square = (k * k * (norm[j] * norm[j]) + _TWO * k * (rate[j] * post[j])) + g * g
        norm[j] = np.sqrt(zero if square < zero else square)
    _move(w, pre, post, rate)


@compiled()
def _move(w: F32, pre: F32, post: F32, rate: F32) -> None:
    """Four rows a pass, a quarter apart: rate and post are loaded once for four, and each quarter is one stream."""
    n, m = w.shape
    h = n // 4
    for i in range(h):
        a, b, c, d = pre[i], pre[i + h], pre[i + 2 * h], pre[i + 3 * h]
        p, q, r, s = w[i], w[i + h], w[i + 2 * h], w[i + 3 * h]
        for j in range(m):
            g, u = rate[j], post[j]
            e, f, k, v = p[j], q[j], r[j], s[j]
            e, f, k, v = e + g * (a - u * e), f + g * (b - u * f), k + g * (c - u * k), v + g * (d - u * v)
            p[j], q[j], r[j], s[j] = e, f, k, v
    for i in range(4 * h, n):
        row = w[i]
        for j in range(m):
            row[j] += rate[j] * (pre[i] - post[j] * row[j])


@compiled()
def _measure(w: F32, norm: F32) -> None:
    for j in range(w.shape[1]):
        norm[j] = np.float32(0.0)
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            norm[j] += w[i, j] * w[i, j]
    for j in range(w.shape[1]):
        norm[j] = np.sqrt(norm[j])


def batch(p: Params, s: State, w: Array, pre: Array, post: Array, third: Array) -> tuple[State, Array]:
    """Return state and weights after one mini-batch: pre (n, n_pre), post and third (n, n_post)."""
    moved = pre.T @ third
    moved -= np.einsum("nj,nj->j", third, post) * w
    rate = p.eta * np.sqrt(np.abs(_norm(w) - _ONE)) / (max(moved.max(), -moved.min()) + _TINY)
    moved *= rate
    moved += w
    return State(_norm(moved), rate), moved


def _norm(w: Array) -> Array:
    return np.asarray(np.sqrt(np.einsum("ij,ij->j", w, w)))


def rule(eta: float = 0.1) -> Rule:
    """Return the rule; raises ConfigError for eta <= 0."""
    return Rule(
        "softhebb", Params(positive("eta", eta)), init, step, kernel, sees="drive", local="layer", batch=batch
    )
