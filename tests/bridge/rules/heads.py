"""Heads whose whole lives are compared: in Python, and the same in C from the header that `to_c` writes."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from edgelearn import neurons, rules
from edgelearn.layer import Layer
from edgelearn.readouts.ncm import NCM
from edgelearn.types import F32

SAMPLES = 220


class Subject(NamedTuple):
    """A head, and samples (n, n_pre) that suit it."""

    make: Callable[[], Layer | NCM]
    samples: Callable[[np.random.Generator, int], F32]
    n_pre: int
    n_post: int


def dense(n_pre: int) -> Callable[[np.random.Generator, int], F32]:
    """Samples of which some values are 0 or -0."""

    def draw(rng: np.random.Generator, n: int) -> F32:
        X = rng.normal(size=(n, n_pre)).astype(np.float32)
        X[rng.uniform(size=X.shape) < 0.2] *= np.float32(0.0)
        return X

    return draw


def spikes(n_pre: int) -> Callable[[np.random.Generator, int], F32]:
    return lambda rng, n: (rng.uniform(size=(n, n_pre)) < 0.4).astype(np.float32)


def _layer(n_pre: int, n_post: int, rule: rules.Rule, neuron: object, signal: str, **more: object) -> Layer:
    layer = Layer(n_post, rule, neuron, signal, seed=3, **more)  # type: ignore[arg-type]
    layer.bind(n_pre)
    return layer


def _ncm(n_pre: int, n_post: int) -> NCM:
    ncm = NCM()
    ncm.learn_many(dense(n_pre)(np.random.default_rng(8), n_post), list(range(n_post)))
    return ncm


LIF = {"threshold": 0.5, "refractory": 1, "theta_plus": 0.05, "theta_decay": 0.99, "inhibition": 0.2}
SUBJECTS = {
    "delta": Subject(
        lambda: _layer(12, 10, rules.make("delta", eta=0.02), "linear", "label_error"), dense(12), 12, 10
    ),
    "delta softmax bounded": Subject(
        lambda: _layer(7, 19, rules.make("delta", low=-0.5, high=0.5), "softmax", "label_error"), dense(7), 7, 19
    ),
    "three_factor": Subject(
        lambda: _layer(9, 6, rules.make("three_factor", sees="slope"), "tanh", "reward"), dense(9), 9, 6
    ),
    "softhebb": Subject(
        lambda: _layer(11, 17, rules.make("softhebb"), neurons.make("softmax", t=2.0), "competition"),
        dense(11), 11, 17,
    ),
    "stdp": Subject(
        lambda: _layer(
            10, 5, rules.make("stdp"), neurons.make("lif", **LIF), "unsupervised", steps=4, start="uniform"
        ),
        spikes(10), 10, 5,
    ),
    "ncm": Subject(lambda: _ncm(8, 5), dense(8), 8, 5),
    "ranked": Subject(
        lambda: _layer(8, 6, rules.make("delta"), neurons.make("ranked", k=3), "rank"), dense(8), 8, 6
    ),
}  # fmt: skip
