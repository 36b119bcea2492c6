r"""STDP that waits for dopamine: pairs of spikes leave a slow eligibility, which a late reward turns into change.

.. math::
    x_i &\leftarrow \lambda_x\, x_i + \text{pre}_i \\
    c_{ij} &\leftarrow \lambda_c\, c_{ij} + A_+\, x_i\, \text{post}_j - A_-\, y_j\, \text{pre}_i \\
    y_j &\leftarrow \lambda_y\, y_j + \text{post}_j, \qquad d_j \leftarrow \lambda_d\, d_j + m_j \\
    w_{ij} &\leftarrow w_{ij} + \eta\, d_j\, c_{ij}

pre and post are spikes, 0 or 1. The third factor is dopamine as it is released, d what is left of it. The trace of the
input includes the current step, that of the unit excludes it: a spike that makes its unit spike in the same step came
before it. Izhikevich 2007, Cereb. Cortex 17:2443, "Solving the distal reward problem through linkage of STDP and
dopamine signaling"; Florian 2007, Neural Comput. 19:1468. Constants but eta are Izhikevich's, in steps of 1 ms.
"""

from math import exp
from typing import NamedTuple

import numpy as np

from edgelearn.bounds import at_least, fraction, ordered, positive
from edgelearn.compiled import compiled
from edgelearn.rules.base import Rule, bounded
from edgelearn.types import F32, Array


class Params(NamedTuple):
    eta: np.float32  # learning rate per step, > 0
    a_plus: np.float32  # left by input before unit, >= 0
    a_minus: np.float32  # taken by unit before input, >= 0
    decay_pre: np.float32  # trace of the input kept per step, exp(-dt/tau), in [0, 1)
    decay_post: np.float32  # the same of the unit
    decay_c: np.float32  # of the eligibility
    decay_d: np.float32  # of the dopamine
    low: np.float32  # bounds of a weight
    high: np.float32


class State(NamedTuple):
    x: F32  # (n_pre,) trace of the input
    y: F32  # (n_post,) trace of the unit
    c: F32  # (n_pre, n_post) eligibility
    d: F32  # (n_post,) dopamine


def init(n_pre: int, n_post: int) -> State:
    """Return traces of zeros, and no dopamine."""
    shapes = ((n_pre,), (n_post,), (n_pre, n_post), (n_post,))
    return State(*(np.zeros(shape, np.float32) for shape in shapes))


def step(p: Params, s: State, w: Array, pre: Array, post: Array, third: Array) -> tuple[State, Array]:
    """Return the next state and weights; the arguments stay as they were."""
    x, d = p.decay_pre * s.x + pre, p.decay_d * s.d + third
    c = (p.decay_c * s.c + (p.a_plus * post) * x[:, None]) - (p.a_minus * s.y) * pre[:, None]
    moved = bounded(w + (p.eta * d) * c, p.low, p.high)
    return State(x, p.decay_post * s.y + post, c, d), moved


@compiled()
def kernel(
    w: F32, pre: F32, post: F32, third: F32, x: F32, y: F32, c: F32, d: F32, eta: float, a_plus: float,
    a_minus: float, decay_pre: float, decay_post: float, decay_c: float, decay_d: float, low: float, high: float,
) -> None:  # fmt: skip
    """`step` in place."""
    for j in range(w.shape[1]):
        d[j] = decay_d * d[j] + third[j]
    for i in range(w.shape[0]):
        x[i] = decay_pre * x[i] + pre[i]
        for j in range(w.shape[1]):
            c[i, j] = (decay_c * c[i, j] + (a_plus * post[j]) * x[i]) - (a_minus * y[j]) * pre[i]
            v = w[i, j] + (eta * d[j]) * c[i, j]
            v = low if v < low else v
            w[i, j] = high if v > high else v
    for j in range(w.shape[1]):
        y[j] = decay_post * y[j] + post[j]


def rule(
    eta: float = 0.01,
    a_plus: float = 0.1,
    a_minus: float = 0.15,
    decay_pre: float = exp(-1 / 20),
    decay_post: float = exp(-1 / 20),
    decay_c: float = exp(-1 / 1000),
    decay_d: float = exp(-1 / 200),
    low: float = 0.0,
    high: float = 4.0,
) -> Rule:
    """Return the rule; raises ConfigError for eta <= 0, a factor below 0, a decay outside [0, 1) or low >= high.

    As they stand spikes are paired over 20 ms, eligibility lasts 1 s and dopamine 0.2 s, in steps of 1 ms.
    """
    factors = at_least("a_plus", a_plus, 0), at_least("a_minus", a_minus, 0)
    traces = fraction("decay_pre", decay_pre), fraction("decay_post", decay_post)
    slow = fraction("decay_c", decay_c), fraction("decay_d", decay_d)
    params = Params(positive("eta", eta), *factors, *traces, *slow, *ordered(low, high))
    return Rule("stdp_dopamine", params, init, step, kernel)
