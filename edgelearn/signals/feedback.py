r"""Fixed random feedback (direct feedback alignment): the error of the last layer reaches this one by random weights.

.. math:: m = B^\top e

``teach`` (n_error,) is the error e, target minus output, of the last layer; B (n_error, n_post) is drawn once, from a
normal distribution of variance 1 / n_error, and never learns. Nøkland 2016, NeurIPS, "Direct feedback alignment
provides learning in deep neural networks".
"""

from functools import partial
from typing import NamedTuple

import numpy as np

from edgelearn.bounds import whole
from edgelearn.compiled import compiled
from edgelearn.kernels.order import define_drive, drive
from edgelearn.signals.base import Signal
from edgelearn.types import F32, Array


class Params(NamedTuple):
    """Nothing the kernel needs."""


class State(NamedTuple):
    weights: F32  # (n_error, n_post) B


def init(n_error: int, seed: int, n_post: int) -> State:
    """Return the feedback weights that belong to ``seed``."""
    drawn = np.random.default_rng(seed).normal(size=(n_error, n_post)) / np.sqrt(n_error)
    return State(drawn.astype(np.float32))


def step(p: Params, s: State, out: Array, teach: Array) -> tuple[State, Array]:
    """Return the state and the third factor (n_post,)."""
    return s, define_drive(teach, s.weights)


@compiled()
def kernel(out: F32, teach: F32, third: F32, weights: F32) -> None:
    """`step` in place."""
    drive(teach, weights, third)


def signal(n_error: int = 10, seed: int = 0) -> Signal:
    """Return the signal for a last layer of ``n_error`` units; raises ConfigError for n_error < 1 or seed < 0."""
    n_error, seed = whole("n_error", n_error, 1), whole("seed", seed, 0)
    start = partial(init, n_error, seed)
    return Signal("feedback", Params(), start, step, kernel, "error", lambda _: n_error)
