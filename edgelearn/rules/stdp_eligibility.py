r"""STDP eligibility: a causal and a non-causal term, gated at once by the third factor (S-TLLR).

.. math::
    \bar x_i &\leftarrow \lambda_{pre}\, \bar x_i + x_i \\
    e_{ij} &= a_{pre}\, \psi_j \bar x_i + a_{post}\, \bar\psi_j x_i \\
    w_{ij} &\leftarrow w_{ij} + \eta\, m_j\, e_{ij} \\
    \bar\psi_j &\leftarrow \lambda_{post}\, \bar\psi_j + \psi_j

The trace of the input includes the current step, the trace of the unit excludes it. psi is the slope of a spiking
unit, m its learning signal: less the gradient of the loss by the unit's output. The eligibility is a product of
two vectors, so only their traces are kept. Apolinario & Roy 2025, TMLR, "S-TLLR: STDP-inspired Temporal Local Learning
Rule for Spiking Neural Networks", the section of that name, in the form of its published code (a_post takes in one
power of lam_post). With a_post = 0 and lam_pre the leak of the unit it is e-prop (Bellec et al. 2020, Nat. Commun.
11:3625).
"""

from typing import NamedTuple

import numpy as np

from edgelearn.bounds import finite, fraction, ordered, positive
from edgelearn.compiled import compiled
from edgelearn.rules.base import Rule, bounded
from edgelearn.types import F32, Array


class Params(NamedTuple):
    eta: np.float32  # learning rate per step, > 0
    lam_pre: np.float32  # trace of the input kept per step, in [0, 1)
    lam_post: np.float32  # trace of the unit kept per step, in [0, 1)
    a_pre: np.float32  # weight of the causal term, input before unit
    a_post: np.float32  # weight of the non-causal term, unit before input
    low: np.float32  # hard bounds of a weight
    high: np.float32


class State(NamedTuple):
    pre_trace: F32  # (n_pre,) the inputs so far
    post_trace: F32  # (n_post,) the slopes before this step


def init(n_pre: int, n_post: int) -> State:
    """Return traces of zeros."""
    return State(np.zeros(n_pre, np.float32), np.zeros(n_post, np.float32))


def step(p: Params, s: State, w: Array, pre: Array, post: Array, third: Array) -> tuple[State, Array]:
    """Return the next state and weights; the arguments stay as they were."""
    pre_trace = p.lam_pre * s.pre_trace + pre
    causal = (p.eta * third) * (p.a_pre * post)
    other = (p.eta * third) * (p.a_post * s.post_trace)
    moved = bounded(w + pre_trace[:, None] * causal + pre[:, None] * other, p.low, p.high)
    return State(pre_trace, p.lam_post * s.post_trace + post), moved


@compiled()
def kernel(
    w: F32, pre: F32, post: F32, third: F32, pre_trace: F32, post_trace: F32,
    eta: float, lam_pre: float, lam_post: float, a_pre: float, a_post: float, low: float, high: float,
) -> None:  # fmt: skip
    """`step` in place."""
    n, m = w.shape
    for i in range(n):
        pre_trace[i] = lam_pre * pre_trace[i] + pre[i]
    i = 0
    while i + 4 <= n:
        x, y, z, q = pre[i], pre[i + 1], pre[i + 2], pre[i + 3]
        a, b, c, d = pre_trace[i], pre_trace[i + 1], pre_trace[i + 2], pre_trace[i + 3]
        for j in range(m):
            causal = (eta * third[j]) * (a_pre * post[j])
            other = (eta * third[j]) * (a_post * post_trace[j])
            w[i, j] = _clip(w[i, j] + a * causal + x * other, low, high)
            w[i + 1, j] = _clip(w[i + 1, j] + b * causal + y * other, low, high)
            w[i + 2, j] = _clip(w[i + 2, j] + c * causal + z * other, low, high)
            w[i + 3, j] = _clip(w[i + 3, j] + d * causal + q * other, low, high)
        i += 4
    while i < n:
        for j in range(m):
            causal = (eta * third[j]) * (a_pre * post[j])
            other = (eta * third[j]) * (a_post * post_trace[j])
            w[i, j] = _clip(w[i, j] + pre_trace[i] * causal + pre[i] * other, low, high)
        i += 1
    for j in range(m):
        post_trace[j] = lam_post * post_trace[j] + post[j]


@compiled()
def _clip(v: float, low: float, high: float) -> float:
    v = low if v < low else v
    return high if v > high else v


def rule(
    eta: float = 0.001,
    lam_pre: float = 0.5,
    lam_post: float = 0.2,
    a_pre: float = 1.0,
    a_post: float = -1.0,
    low: float = -np.inf,
    high: float = np.inf,
) -> Rule:
    """Return the rule; raises ConfigError for eta <= 0, a trace outside [0, 1), a factor not finite, low >= high."""
    traces = fraction("lam_pre", lam_pre), fraction("lam_post", lam_post)
    factors = finite("a_pre", a_pre), finite("a_post", a_post)
    params = Params(positive("eta", eta), *traces, *factors, *ordered(low, high))
    return Rule("stdp_eligibility", params, init, step, kernel, sees="slope")
