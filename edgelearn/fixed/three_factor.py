r"""Three-factor Hebb in fixed point: an eligibility trace waits for the neuromodulator.

.. math::
    e_{ij} &\leftarrow (\lambda\, e_{ij} + x_i y_j / 2^s + r_i) / 2^{15} \\
    w_{ij} &\leftarrow w_{ij} + (g_j e_{ij} + r'_i) / 2^t, \qquad g_j = m_j\, \eta_m / 2^{15}

x has 15 fraction bits, y those of its unit, e s fewer than y, int16, saturating. λ has 15 bits and is below 1, so the
sum stays below 2**31. A trace fades by the dither, which is right on average; without it a small one would stay for
ever. Each input draws twice, r (15 bits) and r' (t bits), whether it is 0 or not, for its traces fade.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.fixed.number import I16, draw, saturated, scaled
from edgelearn.types import I64, Array


class Params(NamedTuple):
    eta: int  # learning rate: eta / 2**t
    t: int  # 1 to 30
    low: int  # hard bounds of a weight
    high: int
    decay: int  # trace kept per step, 15 bits, below 2**15
    s: int  # fraction bits of the output less those of the trace, 0 to 15


class State(NamedTuple):
    trace: I16  # (n_pre, n_post) eligibility


def init(n_pre: int, n_post: int) -> State:
    """Return a trace of zeros."""
    return State(np.zeros((n_pre, n_post), np.int16))


def step(
    p: Params, s: State, w: Array, x: Array, out: Array, third: Array, dither: int
) -> tuple[State, I16, int]:
    """Return the next state, weights and generator; x (n_pre,), out and third (n_post,), all int16."""
    fading, moving = np.zeros((2, len(x), 1), np.int64)
    for i in range(len(x)):
        dither = draw(dither)
        fading[i] = dither >> 17
        dither = draw(dither)
        moving[i] = dither >> (32 - p.t)
    pairs: I64 = (x.astype(np.int64)[:, None] * out) >> p.s
    trace = saturated((p.decay * s.trace.astype(np.int64) + pairs + fading) >> 15)
    moved = w + ((scaled(third, p.eta) * trace + moving) >> p.t)
    return State(trace), np.clip(moved, p.low, p.high).astype(np.int16), dither
