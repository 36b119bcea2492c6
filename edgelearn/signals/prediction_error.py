r"""Prediction error, weighted by its precision: a unit that is often wrong is believed less.

.. math::
    m_j &= (t_j - y_j) / \max(\sigma^2_j, \epsilon) \\
    \sigma^2_j &\leftarrow \sigma^2_j + \alpha\, ((t_j - y_j)^2 - \sigma^2_j)

``teach`` (n_post,) is what the unit should have predicted; the variance starts at 1 and moves after it was used.
Friston 2005, Phil. Trans. R. Soc. B 360:815; Bogacz 2017, J. Math. Psychol. 76:198, section 2.4 (the variance that
its learning rule ends at is this mean of squares). With alpha 0 it is the plain error of Whittington & Bogacz 2017.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.bounds import fraction, positive
from edgelearn.compiled import compiled
from edgelearn.signals.base import Signal, each
from edgelearn.types import F32, Array


class Params(NamedTuple):
    alpha: np.float32  # share of a squared error that moves the variance, in [0, 1)
    epsilon: np.float32  # the lowest variance believed, > 0: no precision is above 1 / epsilon


class State(NamedTuple):
    variance: F32  # (n_post,) running mean of the squared error


def init(n_post: int) -> State:
    """Return variances of 1."""
    return State(np.ones(n_post, np.float32))


def step(p: Params, s: State, out: Array, teach: Array) -> tuple[State, Array]:
    """Return the next state and the third factor (n_post,)."""
    error = teach - out
    third = error / np.where(s.variance < p.epsilon, p.epsilon, s.variance)
    return State(s.variance + p.alpha * (error * error - s.variance)), third


@compiled()
def kernel(out: F32, teach: F32, third: F32, variance: F32, alpha: float, epsilon: float) -> None:
    """`step` in place."""
    for j in range(out.shape[0]):
        error, v = teach[j] - out[j], variance[j]
        third[j] = error / (epsilon if v < epsilon else v)
        variance[j] = v + alpha * (error * error - v)


def batch(p: Params, out: Array, teach: Array) -> Array:
    """Return the third factors of many samples, out and teach (n, n_post), while the variance stays at 1."""
    return np.asarray((teach - out) / max(np.float32(1), p.epsilon))


def signal(alpha: float = 0.01, epsilon: float = 0.01) -> Signal:
    """Return the signal, for many samples at once only with alpha 0, where a sample does not change the next one's.

    Raises ConfigError for an alpha outside [0, 1) or epsilon <= 0.
    """
    params = Params(fraction("alpha", alpha), positive("epsilon", epsilon))
    return Signal(
        "prediction_error", params, init, step, kernel, "target", each, None if params.alpha else batch
    )
