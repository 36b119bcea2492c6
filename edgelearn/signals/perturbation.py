r"""Perturbation: what a random push of the outputs did to the reward tells each unit where to go.

.. math:: m_j = \frac{R^+ - R^-}{2 \sigma} z_j

A sample is shown twice, with :math:`\sigma z` added to the outputs (after the activation) and taken from them; `noise`
is that push for the next sample, ``teach`` (1,) is (R⁺ - R⁻) / 2, and learning moves on to other noise. On average m is
the gradient of the reward by the output, whatever σ is. Global Reward, Local Updates (GRLU, 2025), antithetic, there
without the division by σ²; node perturbation: Werfel, Xie & Seung 2005, Neural Comput. 17:2699.

The noise is `kernels.noise`: of mean 0 and variance 1, and the same in every language.
"""

from functools import partial
from typing import NamedTuple

import numpy as np

from edgelearn.bounds import positive, whole
from edgelearn.compiled import compiled
from edgelearn.errors import ConfigError
from edgelearn.kernels.noise import WORD, define_normal, normal, start
from edgelearn.signals.base import Signal, one
from edgelearn.types import F32, I64, Array


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
    return p.sigma * define_normal(s.seed, s.sample, n_post)


def step(p: Params, s: State, out: Array, teach: Array) -> tuple[State, Array]:
    """Return the next state and the third factor (n_post,)."""
    third = teach / p.sigma * define_normal(s.seed, s.sample, len(out)).astype(out.dtype)
    return State(s.seed, s.sample + 1), third


@compiled()
def kernel(out: F32, teach: F32, third: F32, seed: I64, sample: I64, sigma: float) -> None:
    """`step` in place."""
    scale = teach[0] / sigma
    begin = start(seed[0], sample[0])
    for j in range(out.shape[0]):
        third[j] = scale * normal(begin, j)
    sample[0] += 1


def signal(sigma: float = 0.1, seed: int = 0) -> Signal:
    """Return the signal; raises ConfigError for sigma <= 0 or a seed outside [0, 2**32)."""
    if whole("seed", seed, 0) > WORD:
        raise ConfigError(f"seed must be below {WORD + 1}, not {seed}")
    params = Params(positive("sigma", sigma))
    return Signal("perturbation", params, partial(init, seed), step, kernel, "difference", one)
