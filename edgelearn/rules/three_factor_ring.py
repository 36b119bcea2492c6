r"""Three-factor Hebb for sparse rewards: it keeps the last K (pre, post) and makes the trace when a reward comes.

.. math::
    e_{ij} &= \sum_{k=0}^{K-1} \lambda^k x_i^{(t-k)} y_j^{(t-k)} \\
    w_{ij} &\leftarrow w_{ij} + \eta\, m_j\, e_{ij} \quad \text{when } m \ne 0

`rules.three_factor` (Gerstner et al. 2018, Front. Neural Circuits 12:53, eq. 1-2) whose trace forgets all that is
older than K steps: what is missing is :math:`\lambda^K` times the trace of K steps ago, and K is the smallest with
:math:`\lambda^K \le` tolerance. The sum starts at the oldest pair, :math:`e \leftarrow \lambda e + x_i y_j`, so the
first K steps are equal to the bit.

Memory is K (n_pre + n_post) numbers in place of n_pre · n_post. A step without reward costs n_pre + n_post, one with
a reward about K / 3 times a step of `three_factor`: it is faster where rewards come less often than that.
"""

import math
from functools import partial
from typing import NamedTuple

import numpy as np

from edgelearn.bounds import fraction, ordered, positive
from edgelearn.compiled import compiled
from edgelearn.errors import ConfigError
from edgelearn.rules.base import Rule, Sees, bounded, seen
from edgelearn.types import F32, I64, Array

LONGEST = 100_000  # pairs: 0.4 MB for each input and each unit


class Params(NamedTuple):
    eta: np.float32  # learning rate per step, > 0
    decay: np.float32  # trace kept per step, exp(-dt/tau), in [0, 1)
    low: np.float32  # hard bounds of a weight
    high: np.float32


class State(NamedTuple):
    pres: F32  # (K, n_pre) the last inputs
    posts: F32  # (K, n_post) and what their units did
    oldest: I64  # (1,) the row that the next pair takes
    row: F32  # (n_post,) the trace of one input's synapses, the last that was made


def init(length: int, n_pre: int, n_post: int) -> State:
    """Return a ring of ``length`` pairs of zeros."""
    ring = np.zeros((length, n_pre), np.float32), np.zeros((length, n_post), np.float32)
    return State(*ring, np.zeros(1, np.int64), np.zeros(n_post, np.float32))


def step(p: Params, s: State, w: Array, pre: Array, post: Array, third: Array) -> tuple[State, Array]:
    """Return the next state and weights; the arguments stay as they were."""
    pres, posts, length = s.pres.copy(), s.posts.copy(), len(s.pres)
    pres[s.oldest[0]], posts[s.oldest[0]] = pre, post
    oldest = (s.oldest + 1) % length
    if not third.any():
        return State(pres, posts, oldest, s.row), w.copy()
    trace = np.zeros_like(w)
    for k in range(length):
        at = (oldest[0] + k) % length
        trace = p.decay * trace + pres[at, :, None] * posts[at]
    moved = bounded(w + p.eta * third * trace, p.low, p.high)
    return State(pres, posts, oldest, trace[-1]), moved


@compiled()
def kernel(
    w: F32, pre: F32, post: F32, third: F32, pres: F32, posts: F32, oldest: I64, row: F32,
    eta: float, decay: float, low: float, high: float,
) -> None:  # fmt: skip
    """`step` in place."""
    length, zero = pres.shape[0], np.float32(0.0)
    pres[oldest[0], :] = pre
    posts[oldest[0], :] = post
    oldest[0] = (oldest[0] + 1) % length
    rewarded = False
    for j in range(w.shape[1]):
        rewarded = rewarded or third[j] != zero
    if not rewarded:
        return
    for i in range(w.shape[0]):
        _trace(i, pres, posts, oldest[0], row, decay)
        for j in range(w.shape[1]):
            v = w[i, j] + (eta * third[j]) * row[j]
            v = low if v < low else v
            w[i, j] = high if v > high else v


@compiled()
def _trace(i: int, pres: F32, posts: F32, oldest: int, row: F32, decay: float) -> None:
    """Write the trace of input i's synapses into row (n_post,); four pairs a pass."""
    length, m = posts.shape
    for j in range(m):
        row[j] = np.float32(0.0)
    k = 0
    while k + 4 <= length:
        p, q = (oldest + k) % length, (oldest + k + 1) % length
        r, s = (oldest + k + 2) % length, (oldest + k + 3) % length
        a, b, c, d = pres[p, i], pres[q, i], pres[r, i], pres[s, i]
        for j in range(m):
            e = decay * (decay * row[j] + a * posts[p, j]) + b * posts[q, j]
            row[j] = decay * (decay * e + c * posts[r, j]) + d * posts[s, j]
        k += 4
    while k < length:
        p = (oldest + k) % length
        a = pres[p, i]
        for j in range(m):
            row[j] = decay * row[j] + a * posts[p, j]
        k += 1


def rule(
    eta: float = 0.01,
    decay: float = 0.9,
    tolerance: float = 0.01,
    low: float = -np.inf,
    high: float = np.inf,
    sees: Sees = "out",
) -> Rule:
    """Return the rule; raises ConfigError for eta <= 0, a decay outside [0, 1), a tolerance outside (0, 1), more
    than LONGEST pairs, low >= high or an unknown ``sees``."""
    params = Params(positive("eta", eta), fraction("decay", decay), *ordered(low, high))
    if not positive("tolerance", tolerance) < 1:
        raise ConfigError(f"tolerance must be in (0, 1), not {tolerance!r}")
    length = pairs(decay, tolerance)
    if length > LONGEST:
        raise ConfigError(
            f"decay={decay!r} and tolerance={tolerance!r} need K={length} pairs, above {LONGEST}; lower decay, raise "
            "tolerance, or use three_factor"
        )
    return Rule("three_factor_ring", params, partial(init, length), step, kernel, sees=seen(sees))


def pairs(decay: float, tolerance: float) -> int:
    """Return K, the smallest number of pairs with decay**K <= tolerance."""
    return 1 if decay == 0 else max(1, math.ceil(math.log(tolerance) / math.log(decay)))
