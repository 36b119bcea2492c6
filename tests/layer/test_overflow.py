"""One sample that is too large costs itself and nothing else."""

import warnings

import numpy as np
import pytest

from edgelearn import Layer, Learner
from edgelearn.errors import HealthWarning, InputError
from edgelearn.rules import delta, oja

RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 8)).astype(np.float32)
HUGE = np.full(8, 1e16, np.float32)


def arrays(layer):
    return {name: np.array(value) for name, value in layer.state().items()}


def same(a, b):
    return all(np.array_equal(a[name], b[name], equal_nan=True) for name in a)


@pytest.mark.parametrize("neuron", ["linear", "relu", "k_winners"])
def test_a_sample_that_would_end_in_infinity_is_taken_back(neuron):
    layer = Layer(4, oja.rule(eta=1.0), neuron)
    for x in X[:5] * np.float32(0.1):
        layer.learn_one(x)
    states = [arrays(layer)]

    def learn_on():
        for _ in range(20):
            layer.learn_one(HUGE)
            states.append(arrays(layer))

    with pytest.raises(InputError, match="nothing was learned"):
        learn_on()
    assert same(states[-1], arrays(layer))
    assert np.isfinite(layer.w).all()


def test_weights_that_run_away_stay_finite_and_are_told():
    layer = Layer(4, oja.rule(eta=5.0))
    learner = Learner(None, "ncm", layers=[layer])
    refused = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HealthWarning)
        for x in np.tile(X, (4, 1)):
            try:
                learner.adapt_one(x)
            except InputError:
                refused += 1
    assert refused > 100
    assert learner.refused == refused
    assert np.isfinite(layer.w).all()


def test_a_batch_that_would_end_in_infinity_changes_nothing():
    layer = Layer(3, delta.rule(eta=1e30), "linear", "label_error")
    layer.bind(8)
    before = arrays(layer)
    with pytest.raises(InputError, match="lower eta"), np.errstate(over="ignore"):
        layer.learn_batch(X * np.float32(1e12), np.ones((50, 3), np.float32))
    assert same(before, arrays(layer))


@pytest.mark.parametrize(
    "readout", ["ncm", "slda", "softmax", "ridge", "imprint", "prototypes", "reward_head"]
)
def test_readouts_refuse_sizes_whose_squares_overflow(readout):
    learner = Learner(None, readout)
    for x in X[:10]:
        learner.learn_one(x, "a")
    with pytest.raises(InputError, match="scale it"):
        learner.learn_one(np.full(8, 3e37, np.float32), "a")
    learner.learn_one(X[11], "b")
    assert np.isfinite(list(learner.predict_one(X[12]).probabilities.values())).all()
    assert learner.refused == 1
