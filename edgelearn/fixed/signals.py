r"""Third factors in fixed point; outputs y and third factors m have the unit's fraction bits.

- unsupervised: :math:`m = 1` in 12 bits; competition: :math:`m_j = y_j` for the winner, :math:`-y_j` for all others;
- label_error: :math:`m_j = t_j - y_j`, t the one-hot label, saturated;
- reward: :math:`m = r - \bar r` in 12 bits, saturated; :math:`\bar r \leftarrow \bar r + \alpha m` in 28 bits (int32),
  exact: with α below 1 the mean cannot leave the range of the rewards.
"""

import math
from typing import NamedTuple

import numpy as np

from edgelearn.fixed.number import DRIVE_BITS, HIGHEST, I16, I32, LOWEST, fixed, saturated
from edgelearn.types import Array


class Reward(NamedTuple):
    alpha: int  # share of a surprise that moves the mean, 16 bits, below 2**16


class RewardState(NamedTuple):
    baseline: I32  # (1,) running mean of the rewards, 28 bits


def reward_state() -> RewardState:
    """Return an expectation of 0."""
    return RewardState(np.zeros(1, np.int32))


def unsupervised(n_post: int) -> I16:
    """Return ones (n_post,)."""
    return np.full(n_post, 1 << DRIVE_BITS, np.int16)


def competition(out: Array) -> I16:
    """Return the outputs (n_post,), all but the first of the highest with the other sign."""
    winner = np.arange(len(out)) == np.argmax(out)
    return saturated(np.where(winner, out.astype(np.int64), -out.astype(np.int64)))


def label_error(out: Array, label: int, bits: int) -> I16:
    """Return how far the outputs (n_post,) of ``bits`` fraction bits are from the one-hot label."""
    teach = np.where(np.arange(len(out)) == label, min(1 << bits, HIGHEST), 0)
    return saturated(teach - out)


def reward(p: Reward, s: RewardState, n_post: int, r: int) -> tuple[RewardState, I16]:
    """Return the next state and the third factors (n_post,) for a reward ``r``, 12 bits."""
    expected = int(s.baseline[0])
    surprise = min(max(r - (expected >> 16), LOWEST), HIGHEST)
    state = RewardState(np.array([expected + p.alpha * surprise], np.int32))
    return state, np.full(n_post, surprise, np.int16)


def reward_of(value: float) -> int | None:
    """Return a float32 reward in 12 bits, to the nearest, halves upwards; None unless it is within [-8, 8)."""
    r = float(np.float32(value))
    if not math.isfinite(r) or not -8 <= r < 8:
        return None
    return fixed(r, DRIVE_BITS)
