r"""Pair STDP: a spike is written into a trace at its end of the synapse; the spike at the other end reads it.

.. math::
    x_i &\leftarrow 1 \text{ at a spike of } i, \text{ else } \lambda_x x_i \qquad
    y_j \leftarrow 1 \text{ at a spike of } j, \text{ else } \lambda_y y_j \\
    w_{ij} &\leftarrow w_{ij} - \eta_\text{pre}\, m_j\, y_j \;[w_{ij} - w_\text{low}] \text{ at a spike of } i \\
    w_{ij} &\leftarrow w_{ij} + \eta_\text{post}\, m_j\, x_i \;[w_\text{high} - w_{ij}] \text{ at a spike of } j

In this order in every step: traces fade and take the step's own spikes, depression, potentiation; the weight is held
within its bounds after each. With ``additive`` traces a spike adds 1 to what is left of the trace; with ``soft`` bounds
the factors in brackets are there. A value above 0 is a spike.

Diehl & Cook 2015, Front. Comput. Neurosci. 9:99, section 2.3, with the set-to-one traces of its code (in its text they
add up); the order is that of BindsNET's PostPre (Hazan et al. 2018, Front. Neuroinform. 12:89). Soft bounds: van Rossum
et al. 2000, J. Neurosci. 20:8812.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.bounds import at_least, flag, fraction, ordered
from edgelearn.compiled import compiled
from edgelearn.errors import ConfigError
from edgelearn.rules.base import Rule, bounded
from edgelearn.types import F32, Array

VARIANTS = ({"additive": True, "soft": True},)  # settings of golden vectors beside the defaults


class Params(NamedTuple):
    eta_pre: np.float32  # depression at a pre spike, >= 0
    eta_post: np.float32  # potentiation at a post spike, >= 0
    decay_pre: np.float32  # of the pre trace kept per step, exp(-dt/tau), in [0, 1)
    decay_post: np.float32  # the same of the post trace
    additive: np.float32  # 1: a spike adds 1 to its trace; 0: it sets it to 1
    soft: np.float32  # 1: changes shrink towards the bounds
    low: np.float32  # bounds of a weight
    high: np.float32


class State(NamedTuple):
    x: F32  # (n_pre,) pre trace
    y: F32  # (n_post,) post trace


def init(n_pre: int, n_post: int) -> State:
    """Return traces of zeros."""
    return State(np.zeros(n_pre, np.float32), np.zeros(n_post, np.float32))


def step(p: Params, s: State, w: Array, pre: Array, post: Array, third: Array) -> tuple[State, Array]:
    """Return the next state and weights; the arguments stay as they were."""
    early, late = pre > 0, post > 0
    x, y = _trace(p, p.decay_pre, s.x, early), _trace(p, p.decay_post, s.y, late)
    down = p.eta_pre * third * y
    lower = w - (down * (w - p.low) if p.soft else down)
    w = np.where(early[:, None] & (y != 0), bounded(lower, p.low, p.high), w)
    up = (p.eta_post * third) * x[:, None]
    higher = w + (up * (p.high - w) if p.soft else up)
    return State(x, y), np.where((x != 0)[:, None] & late, bounded(higher, p.low, p.high), w)


def _trace(p: Params, decay: np.float32, trace: Array, spikes: Array) -> Array:
    faded = decay * trace
    return np.where(spikes, faded + 1 if p.additive else 1, faded)


@compiled()
def kernel(
    w: F32, pre: F32, post: F32, third: F32, x: F32, y: F32, eta_pre: float, eta_post: float,
    decay_pre: float, decay_post: float, additive: float, soft: float, low: float, high: float,
) -> None:  # fmt: skip
    """`step` in place; only rows of pre spikes and columns of post spikes are touched."""
    zero, one = np.float32(0.0), np.float32(1.0)
    n, m = w.shape
    for i in range(n):
        faded = decay_pre * x[i]
        x[i] = faded if not pre[i] > zero else (faded + one if additive > zero else one)
    for j in range(m):
        faded = decay_post * y[j]
        y[j] = faded if not post[j] > zero else (faded + one if additive > zero else one)
    for i in range(n):
        if pre[i] > zero:
            for j in range(m):
                down = eta_pre * third[j] * y[j]
                v = w[i, j] - (down * (w[i, j] - low) if soft > zero else down)
                v = low if v < low else v
                v = high if v > high else v
                w[i, j] = v if y[j] != zero else w[i, j]
    for j in range(m):
        if post[j] > zero:
            for i in range(n):
                up = (eta_post * third[j]) * x[i]
                v = w[i, j] + (up * (high - w[i, j]) if soft > zero else up)
                v = low if v < low else v
                v = high if v > high else v
                w[i, j] = v if x[i] != zero else w[i, j]


def rule(
    eta_pre: float = 1e-4,
    eta_post: float = 1e-2,
    decay_pre: float = 0.9512294,
    decay_post: float = 0.9512294,
    additive: bool = False,
    soft: bool = False,
    low: float = 0.0,
    high: float = 1.0,
) -> Rule:
    """Return the rule; raises ConfigError for a rate below 0, a decay outside [0, 1), low >= high or no bool as a flag.

    The decays as they stand are exp(-1/20): 20 ms in steps of 1 ms.
    """
    params = Params(
        at_least("eta_pre", eta_pre, 0),
        at_least("eta_post", eta_post, 0),
        fraction("decay_pre", decay_pre),
        fraction("decay_post", decay_post),
        np.float32(flag("additive", additive)),
        np.float32(flag("soft", soft)),
        *ordered(low, high),
    )
    if soft and not np.isfinite([params.low, params.high]).all():
        raise ConfigError(f"soft bounds must be finite, not low={low!r}, high={high!r}")
    return Rule("stdp", params, init, step, kernel)
