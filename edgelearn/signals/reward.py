r"""Reward minus what was expected: a running baseline, so that a reward teaches only as far as it surprises.

.. math::
    m_j &= r - \bar r \\
    \bar r &\leftarrow \bar r + \alpha\, (r - \bar r)

``teach`` (1,) is r; the baseline moves after it was used. Frémaux & Gerstner 2016, Front. Neural Circuits 9:85
(a reward prediction error as the neuromodulator); Williams 1992, Mach. Learn. 8:229 (reinforcement baseline).
"""

from typing import NamedTuple

import numpy as np

from edgelearn.bounds import fraction
from edgelearn.compiled import compiled
from edgelearn.signals.base import Signal, one
from edgelearn.types import F32, Array


class Params(NamedTuple):
    alpha: np.float32  # share of a surprise that moves the baseline, in [0, 1); 0 has no baseline


class State(NamedTuple):
    baseline: F32  # (1,) running mean of the rewards


def init(n_post: int) -> State:
    """Return an expectation of 0."""
    return State(np.zeros(1, np.float32))


def step(p: Params, s: State, out: Array, teach: Array) -> tuple[State, Array]:
    """Return the next state and the third factor (n_post,), the same for all units."""
    surprise = teach - s.baseline
    return State(s.baseline + p.alpha * surprise), np.repeat(surprise, len(out))


@compiled()
def kernel(out: F32, teach: F32, third: F32, baseline: F32, alpha: float) -> None:
    """`step` in place."""
    surprise = teach[0] - baseline[0]
    baseline[0] += alpha * surprise
    for j in range(out.shape[0]):
        third[j] = surprise


def signal(alpha: float = 0.02) -> Signal:
    """Return the signal; raises ConfigError for an alpha outside [0, 1)."""
    return Signal("reward", Params(fraction("alpha", alpha)), init, step, kernel, "reward", one)
