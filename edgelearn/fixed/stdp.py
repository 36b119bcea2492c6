r"""Pair STDP in fixed point: `edgelearn.rules.stdp`, in the same order of events.

Traces fade by :math:`(\lambda x) / 2^{15}`, cut, so that they reach 0; int16. A spike (a value above 0) sets its trace
to ``one``, or, additive, adds ``one`` to it, saturating. Then, b being the weights' fraction bits:

.. math::
    w_{ij} &\leftarrow w_{ij} + (-d_j y_j\,[\,/ 2^{15} (w_{ij} - \text{low})] + r_i) / 2^{t} \text{ at a spike of } i \\
    w_{ij} &\leftarrow w_{ij} + (d'_j x_i\,[\,/ 2^{15} (\text{high} - w_{ij})] + r'_i) / 2^{t'} \text{ at a spike of } j

held within [low, high] after each; d and d' are the third factor by the rates, int16. The factors in brackets are those
of soft bounds, which are less than 2**15 apart, so every product stays below 2**30. Depression draws once for each
input that spikes, potentiation once for each input with a trace, if any unit spikes.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.fixed.number import HIGHEST, I16, draws, scaled
from edgelearn.types import I64, Array


class Params(NamedTuple):
    eta_pre: int  # depression: eta_pre / 2**t_pre
    t_pre: int  # 1 to 30
    eta_post: int  # potentiation: eta_post / 2**t_post
    t_post: int
    decay_pre: int  # of the pre trace kept per step, 15 bits, below 2**15
    decay_post: int  # the same of the post trace
    one: int  # what a spike writes into its trace
    additive: int  # 1: it adds; 0: it sets
    soft: int  # 1: changes shrink towards the bounds
    low: int  # bounds of a weight
    high: int


class State(NamedTuple):
    x: I16  # (n_pre,) pre trace
    y: I16  # (n_post,) post trace


def init(n_pre: int, n_post: int) -> State:
    """Return traces of zeros."""
    return State(np.zeros(n_pre, np.int16), np.zeros(n_post, np.int16))


def step(
    p: Params, s: State, w: Array, pre: Array, out: Array, third: Array, dither: int
) -> tuple[State, I16, int]:
    """Return the next state, weights and generator; pre (n_pre,), out and third (n_post,), all int16."""
    early, late = pre > 0, out > 0
    x, y = _trace(p, p.decay_pre, s.x, early), _trace(p, p.decay_post, s.y, late)
    wide = w.astype(np.int64)
    dither, r = draws(dither, early, p.t_pre)
    down = scaled(third, p.eta_pre) * y
    by = (down >> 15) * (wide - p.low) if p.soft else down[None, :]
    wide = np.where(early[:, None], np.clip(wide + ((r[:, None] - by) >> p.t_pre), p.low, p.high), wide)
    if late.any():
        dither, r = draws(dither, x, p.t_post)
        up = x.astype(np.int64)[:, None] * scaled(third, p.eta_post)
        by = (up >> 15) * (p.high - wide) if p.soft else up
        touched = (x != 0)[:, None] & late
        wide = np.where(touched, np.clip(wide + ((r[:, None] + by) >> p.t_post), p.low, p.high), wide)
    return State(x, y), wide.astype(np.int16), dither


def _trace(p: Params, decay: int, trace: Array, spikes: Array) -> I16:
    faded: I64 = (trace.astype(np.int64) * decay) >> 15
    risen = np.minimum(faded + p.one, HIGHEST) if p.additive else p.one
    return np.where(spikes, risen, faded).astype(np.int16)
