r"""Perturbation: what a random push of the outputs did to the reward tells each unit where to go.

.. math:: m_j = \frac{R^+ - R^-}{2 \sigma} z_j

A sample is shown twice, with :math:`\sigma z` added to the outputs (after the activation) and taken from them; `noise`
is that push for the next sample, ``teach`` (1,) is (R⁺ - R⁻) / 2, and learning moves on to other noise. On average m is
the gradient of the reward by the output, whatever σ is. Global Reward, Local Updates (GRLU, 2025), antithetic, there
without the division by σ²; node perturbation: Werfel, Xie & Seung 2005, Neural Comput. 17:2699.

The noise is of our own, the same in every language: four bytes of a hash of (seed, sample, unit), added up. It is
symmetric, of mean 0 and variance 1, close to normal and never beyond 3.5.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from edgelearn.bounds import positive, whole
from edgelearn.compiled import compiled
from edgelearn.errors import ConfigError
from edgelearn.signals.base import Signal, one
from edgelearn.types import F32, I64, Array

_WORD = 0xFFFFFFFF
_UNIT = np.float32(1 / np.sqrt(4 * (256**2 - 1) / 12))  # 1 / the deviation of a sum of four bytes


class Params(NamedTuple):
    sigma: np.float32  # size of the push, > 0


class State(NamedTuple):
    seed: I64  # (1,)
    sample: I64  # (1,) how many were learned


def init(seed: int, n_post: int) -> State:
    """Return the state before the first sample."""
    return State(np.array([seed], np.int64), np.zeros(1, np.int64))


def noise(p: Params, s: State, n_post: int) -> F32:
    """Return what to add to the outputs (n_post,) of the next sample, and then to take from them.

    Of a layer: ``noise(layer.signal.params, State(state["signal.seed"], state["signal.sample"]), layer.n_post)``
    with ``state = layer.state()``.
    """
    return p.sigma * _define_normal(s, n_post)


def step(p: Params, s: State, out: Array, teach: Array) -> tuple[State, Array]:
    """Return the next state and the third factor (n_post,)."""
    third = teach / p.sigma * _define_normal(s, len(out)).astype(out.dtype)
    return State(s.seed, s.sample + 1), third


def _define_normal(s: State, n: int) -> F32:
    word = _hash(_hash(_hash(s.seed) + s.sample & _WORD) + np.arange(n) & _WORD)
    total: I64 = (word & 255) + (word >> 8 & 255) + (word >> 16 & 255) + (word >> 24)
    return (total - 510).astype(np.float32) * _UNIT


@compiled()
def _mix(x: int) -> int:
    """Return a hash of 32 bits, one to one (lowbias32, Wellons 2018; its second factor minus 2³²: 63 bits hold it)."""
    x = (x ^ (x >> 16)) * 0x7FEB352D & 0xFFFFFFFF
    x = (x ^ (x >> 15)) * -0x7B935975 & 0xFFFFFFFF
    return x ^ (x >> 16)


_hash: Callable[[I64], I64] = _mix.definition  # type: ignore[assignment]  # the same text for arrays


@compiled()
def kernel(out: F32, teach: F32, third: F32, seed: I64, sample: I64, sigma: float) -> None:
    """`step` in place."""
    scale = teach[0] / sigma
    start = _mix(_mix(seed[0]) + sample[0] & 0xFFFFFFFF)
    for j in range(out.shape[0]):
        word = _mix(start + j & 0xFFFFFFFF)
        total = (word & 255) + (word >> 8 & 255) + (word >> 16 & 255) + (word >> 24)
        third[j] = scale * (np.float32(total - 510) * _UNIT)
    sample[0] += 1


def signal(sigma: float = 0.1, seed: int = 0) -> Signal:
    """Return the signal; raises ConfigError for sigma <= 0 or a seed outside [0, 2**32)."""
    if whole("seed", seed, 0) > _WORD:
        raise ConfigError(f"seed must be below {_WORD + 1}, not {seed}")
    params, start = Params(positive("sigma", sigma)), partial(init, seed)
    return Signal("perturbation", params, start, step, kernel, "difference", one)
