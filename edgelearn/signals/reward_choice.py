r"""Reward of a choice: only the unit that was chosen learns, by how much better it went than it thought.

.. math:: m_k = r - y_k \text{ for the chosen unit } k, \quad 0 \text{ otherwise}

``teach`` (2,) is (k, r): the index of the chosen unit and the reward, 1 right and 0 wrong where y are probabilities.
Roelfsema & van Ooyen 2005, Neural Comput. 17:2176 (attention-gated reinforcement learning, AGREL).
"""

from typing import NamedTuple

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.errors import InputError
from edgelearn.signals.base import NoState, Signal, no_state
from edgelearn.types import F32, Array


class Params(NamedTuple):
    """Nothing to set."""


def step(p: Params, s: NoState, out: Array, teach: Array) -> tuple[NoState, Array]:
    """Return the state and the third factor (n_post,); an index that no unit has teaches nobody."""
    return s, np.where(np.arange(len(out)) == teach[0], teach[1] - out, out.dtype.type(0))


@compiled()
def kernel(out: F32, teach: F32, third: F32) -> None:
    """`step` in place."""
    for j in range(out.shape[0]):
        third[j] = teach[1] - out[j] if np.float32(j) == teach[0] else np.float32(0.0)


def check(n_post: int, teach: Array) -> None:
    """Raise InputError unless ``teach`` names one of the units."""
    if not (0 <= teach[0] < n_post and teach[0] == int(teach[0])):
        raise InputError(f"teach[0] must be the index of the chosen unit, below {n_post}, not {teach[0]:g}")


def signal() -> Signal:
    """Return the signal."""
    return Signal("reward_choice", Params(), no_state, step, kernel, "choice", lambda _: 2, check=check)
