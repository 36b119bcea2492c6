r"""e-prop: an eligibility that runs forward in time, with the slow part that an adapting threshold gives it.

.. math::
    \bar x_i &\leftarrow \alpha\, \bar x_i + x_i \\
    e_{ij} &= \psi_j\, (\bar x_i - \epsilon_{ij}), \qquad
    \epsilon_{ij} \leftarrow \rho\, \epsilon_{ij} + \beta\, e_{ij} \\
    \bar e_{ij} &\leftarrow \kappa\, \bar e_{ij} + e_{ij} \\
    w_{ij} &\leftarrow w_{ij} + \eta\, m_j\, \bar e_{ij}

psi is the slope of the unit, m its learning signal, less the gradient of the loss by what the unit sends; alpha is the
leak of the unit's potential, rho the share of its own threshold kept per step, beta what a spike adds to that, and
kappa the leak of the readout. epsilon is how far the synapse has moved the threshold: it remembers as long as the
threshold does, and makes delays of seconds learnable; with beta = 0 what is left is a trace of the input.

Bellec et al. 2020, Nat. Commun. 11:3625, eq. 4, 24 and 25, epsilon being beta times the second part of theirs; the unit
is `neurons.alif`.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.bounds import at_least, fraction, ordered, positive
from edgelearn.compiled import compiled
from edgelearn.rules.base import Rule, bounded
from edgelearn.types import F32, Array

VARIANTS = ({"beta": 0.0, "kappa": 0.0},)  # settings of golden vectors beside the defaults


class Params(NamedTuple):
    eta: np.float32  # learning rate per step, > 0
    alpha: np.float32  # trace of the input kept per step: the leak of the unit, in [0, 1)
    rho: np.float32  # slow part kept per step: the fading of the unit's threshold, in [0, 1)
    beta: np.float32  # what a spike adds to the unit's threshold, >= 0
    kappa: np.float32  # eligibility kept per step: the leak of the readout, in [0, 1)
    low: np.float32  # hard bounds of a weight
    high: np.float32


class State(NamedTuple):
    pre_trace: F32  # (n_pre,) the inputs so far
    slow: F32  # (n_pre, n_post) how far each synapse has moved its unit's threshold
    trace: F32  # (n_pre, n_post) eligibility, filtered as the readout filters spikes


def init(n_pre: int, n_post: int) -> State:
    """Return traces of zeros."""
    shape = n_pre, n_post
    return State(np.zeros(n_pre, np.float32), np.zeros(shape, np.float32), np.zeros(shape, np.float32))


def step(p: Params, s: State, w: Array, pre: Array, post: Array, third: Array) -> tuple[State, Array]:
    """Return the next state and weights; the arguments stay as they were."""
    pre_trace = p.alpha * s.pre_trace + pre
    eligible = post * (pre_trace[:, None] - s.slow)
    slow: Array = p.rho * s.slow + p.beta * eligible
    trace = p.kappa * s.trace + eligible
    moved = bounded(w + (p.eta * third) * trace, p.low, p.high)
    return State(pre_trace, slow, trace), moved


@compiled()
def kernel(
    w: F32, pre: F32, post: F32, third: F32, pre_trace: F32, slow: F32, trace: F32,
    eta: float, alpha: float, rho: float, beta: float, kappa: float, low: float, high: float,
) -> None:  # fmt: skip
    """`step` in place."""
    for i in range(w.shape[0]):
        x = alpha * pre_trace[i] + pre[i]
        pre_trace[i] = x
        for j in range(w.shape[1]):
            eligible = post[j] * (x - slow[i, j])
            slow[i, j] = rho * slow[i, j] + beta * eligible
            trace[i, j] = kappa * trace[i, j] + eligible
            v = w[i, j] + (eta * third[j]) * trace[i, j]
            v = low if v < low else v
            w[i, j] = high if v > high else v


def rule(
    eta: float = 0.001,
    alpha: float = 0.95,
    rho: float = 0.99,
    beta: float = 0.05,
    kappa: float = 0.95,
    low: float = -np.inf,
    high: float = np.inf,
) -> Rule:
    """Return the rule; raises ConfigError for eta <= 0, a share out of its bounds, beta < 0 or low >= high."""
    params = Params(
        positive("eta", eta),
        fraction("alpha", alpha),
        fraction("rho", rho),
        at_least("beta", beta, 0),
        fraction("kappa", kappa),
        *ordered(low, high),
    )
    return Rule("e_prop", params, init, step, kernel, sees="slope")
