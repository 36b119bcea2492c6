"""A head in fixed point learns as well as one in float32; frozen it does not; without the dither it stands still."""

from collections.abc import Callable

import numpy as np
import pytest

from edgelearn import rules
from edgelearn.fixed import delta
from edgelearn.fixed.head import FixedHead
from edgelearn.fixed.quantize import quantize
from edgelearn.layer import Layer
from edgelearn.readouts.ncm import NCM
from edgelearn.types import F32, Array

SEEDS, TAUGHT = range(5), 1200


@pytest.fixture(scope="module")
def digits() -> tuple[F32, Array]:
    datasets = pytest.importorskip(
        "sklearn.datasets", reason="scikit-learn is missing: pip install 'edgelearn[data]'"
    )
    X, y = datasets.load_digits(return_X_y=True)
    return (X / 16).astype(np.float32), y


def accuracy(says: Callable[[F32], int], X: F32, y: Array) -> float:
    return float(np.mean([says(x) == label for x, label in zip(X, y, strict=True)]))


def shuffled(digits, seed):
    order = np.random.default_rng(seed).permutation(len(digits[1]))
    return (part[order] for part in digits)


def fixed_says(head: FixedHead) -> Callable[[F32], int]:
    return lambda x: head.predict(head.encode(x)).label


def layer(neuron: str, eta: float, seed: int) -> Layer:
    made = Layer(10, rules.make("delta", eta=eta), neuron, "label_error", seed=seed)
    made.bind(64)
    return made


@pytest.mark.parametrize(("neuron", "eta"), [("linear", 0.01), ("softmax", 0.1)])
def test_delta_learns_digits_as_float_does(digits, neuron, eta):
    float_, fixed, frozen = [], [], []
    for seed in SEEDS:
        X, y = shuffled(digits, seed)
        one = layer(neuron, eta, seed)
        head = quantize(one, X[:TAUGHT])
        frozen.append(accuracy(fixed_says(head), X[TAUGHT:], y[TAUGHT:]))
        for x, label in zip(X[:TAUGHT], y[:TAUGHT], strict=True):
            one.learn_one(x, np.eye(10, dtype=np.float32)[label])
            head.learn(head.encode(x), int(label))
        float_.append(accuracy(lambda x, one=one: int(one.transform(x).argmax()), X[TAUGHT:], y[TAUGHT:]))
        fixed.append(accuracy(fixed_says(head), X[TAUGHT:], y[TAUGHT:]))
    assert np.abs(np.subtract(fixed, float_)).max() < 0.01, (float_, fixed)
    assert np.mean(fixed) > 0.85
    assert np.mean(frozen) < 0.25


def test_ncm_learns_digits_as_float_does(digits):
    for seed in SEEDS:
        X, y = shuffled(digits, seed)
        readout = NCM()
        for c in range(10):
            readout.learn_one(X[np.flatnonzero(y == c)[0]], c)
        head = quantize(readout, X[:TAUGHT])
        frozen = accuracy(fixed_says(head), X[TAUGHT:], y[TAUGHT:])
        for x, label in zip(X[:TAUGHT], y[:TAUGHT], strict=True):
            readout.learn_one(x, int(label))
            head.learn(head.encode(x), int(label))
        float_ = accuracy(lambda x, r=readout: int(r.scores_one(x).argmax()), X[TAUGHT:], y[TAUGHT:])
        fixed = accuracy(fixed_says(head), X[TAUGHT:], y[TAUGHT:])
        assert abs(fixed - float_) < 0.01
        assert fixed > frozen + 0.1


def test_small_steps_teach_only_with_the_dither(digits, monkeypatch):
    X, y = shuffled(digits, 0)

    def taught() -> tuple[float, Array]:
        one = Layer(10, rules.make("delta", eta=1e-4), "linear", "label_error", spread=0.01)
        one.bind(64)
        head = quantize(one, X)
        before = head.state["w"].copy()
        for x, label in zip(X, y, strict=True):
            head.learn(head.encode(x), int(label))
        return accuracy(fixed_says(head), X, y), head.state["w"] - before

    says, moved = taught()
    assert says > 0.6
    assert moved.any()
    nearest = lambda dither, where, bits: (dither, np.where(where != 0, 1 << (bits - 1), 0))  # noqa: E731
    monkeypatch.setattr(delta, "draws", nearest)
    says, moved = taught()
    assert says < 0.25
    assert not moved.any()
