"""One head of each kind that a device can have."""

from collections.abc import Callable

import numpy as np

from edgelearn import NCM, SLDA, Layer
from edgelearn.fixed.quantize import quantize
from edgelearn.rules import delta, three_factor
from edgelearn.testing.device_bench import default_head
from edgelearn.types import F32

N_PRE = 12


def layer(n_post: int, *parts: object, **settings: object) -> Layer:
    made = Layer(n_post, *parts, **settings)
    made.bind(N_PRE)
    return made


def clouds(seed: int = 5) -> tuple[F32, list[str]]:
    """Return samples (30, N_PRE) of three classes."""
    rng = np.random.default_rng(seed)
    names = ["a", "b", "c"] * 10
    return (rng.normal(size=(30, N_PRE)) + [["abc".index(name)] for name in names]).astype(np.float32), names


def means() -> NCM:
    made = NCM()
    made.learn_many(*clouds())
    return made


def discriminants() -> SLDA:
    made = SLDA()
    made.learn_many(*clouds())
    return made


HEADS: dict[str, Callable[[], object]] = {
    "default": default_head,
    "softmax": lambda: layer(5, delta.rule(eta=0.1), "softmax", "label_error"),
    "three_factor": lambda: layer(4, three_factor.rule(sees="slope"), "tanh", "reward"),
    "softhebb": lambda: layer(6, "softhebb", "softmax", "competition"),
    "stdp": lambda: layer(6, "stdp", "lif", start="uniform", steps=3),
    "ncm": means,
    "slda": discriminants,
    "q15": lambda: quantize(layer(5, delta.rule(eta=0.1), "softmax", "label_error"), np.ones((1, N_PRE))),
    "q15 three_factor": lambda: quantize(layer(4, "three_factor", "relu", "reward"), np.ones((1, N_PRE))),
}
