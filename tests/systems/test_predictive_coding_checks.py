"""Predictive coding: its state goes out and in, seeds are kept, and what it cannot use is refused by name."""

import numpy as np
import pytest

from edgelearn.errors import ConfigError, InputError
from edgelearn.systems import chain
from edgelearn.systems.predictive_coding import PredictiveCoding

SIZES = (6, 5, 4, 3)
X = np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32)
Y = np.arange(40) % 3
NAN, INF, HUGE = X.copy(), X.copy(), X * np.float32(1e20)
NAN[2, 3], INF[0, 0] = np.nan, -np.inf
VARIANTS = ("fixed", "standard", "incremental")


def learned(variant="fixed", seed=0, **setting):
    net = PredictiveCoding(SIZES, variant, seed=seed)
    list(net.fit(X, Y, **{"epochs": 2, "batch": 8} | setting))
    return net


def same(one, other):
    return all((one.arrays[name] == a).all() for name, a in other.arrays.items())


def refused(error, words, use, net):
    before = {name: np.array(a) for name, a in net.arrays.items()}
    with pytest.raises(error, match=words):
        use(net)
    assert all((net.arrays[name] == a).all() for name, a in before.items())


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_fit_depends_on_nothing_but_state_and_draws(variant):
    one, other = learned(variant), learned(variant, seed=1)
    other.load(one.state())
    other.rng.bit_generator.state = one.rng.bit_generator.state
    for net in (one, other):
        list(net.fit(X, Y, epochs=1, batch=8))
    assert same(one, other)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_same_seed_learns_the_same(variant):
    one, other = learned(variant), learned(variant, seed=1)
    assert same(one, learned(variant))
    assert not same(one, other)


def test_the_order_of_the_stream_is_kept_on_demand():
    one = learned(shuffled=False)
    assert same(one, learned(shuffled=False, batch=8))
    assert not same(one, learned())


@pytest.mark.parametrize(
    ("variant", "gamma", "steps"), [("fixed", 1, 2), ("standard", 0.1, 20), ("incremental", 0.1, 5)]
)
def test_without_a_word_units_settle_as_is_told(variant, gamma, steps):
    net = PredictiveCoding(SIZES, variant)
    assert (net.gamma, net.steps) == (gamma, steps)
    assert len(list(net.relaxing(X, Y))) == steps + 1


def test_epochs_are_counted_as_they_are_done():
    assert list(PredictiveCoding(SIZES).fit(X, Y, epochs=3, batch=8)) == [1, 2, 3]


@pytest.mark.parametrize("curve", ["tanh", "relu"])
def test_what_is_frozen_are_its_features(curve):
    net = PredictiveCoding(SIZES, curve=curve)
    assert net.features(X).shape == (40, 4)
    assert (chain.run(net.frozen(), X) == net.features(X)).all()
    *_, state = net.relaxing(X, Y)
    np.testing.assert_allclose(state.values[2], net.features(X), rtol=1e-5, atol=1e-6)
    assert (net.predict_many(X) == state.predictions[2].argmax(axis=1)).all()


def test_state_goes_into_another_net_and_nothing_else_does():
    net, other = learned(), PredictiveCoding(SIZES, seed=5)
    other.load(net.state())
    assert same(net, other)
    assert (net.predict_many(X) == other.predict_many(X)).all()
    short, nan = {"w0": np.zeros((6, 4), np.float32)}, {"b2": np.full(3, np.nan, np.float32)}
    for bad, words in (({}, "a state has"), (short, "w0 must have shape"), (nan, "b2 has NaN")):
        given = net.state() | bad if bad else bad
        refused(InputError, words, lambda net, given=given: net.load(given), other)


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (NAN, Y, "X has NaN, infinity or values above"),
        (INF, Y, "X has NaN, infinity or values above"),
        (HUGE, Y, "X has NaN, infinity or values above"),
        (X[:, :5].copy(), Y, "X must have 6 values a sample"),
        (X.astype(np.float64), Y, "X must be an array of float32"),
        (X, Y[:39], "y must be one whole number a sample"),
        (X, Y.astype(float), "y must be one whole number a sample"),
        (X, Y + 1, r"y must be in 0\.\.2, not 1\.\.3"),
        (X, np.zeros(40, int), "all labels are 0"),
        (X[:5], Y[:5], "5 samples are fewer than a batch of 8"),
    ],
)
def test_samples_it_cannot_use_are_refused(x, y, words):
    net = PredictiveCoding(SIZES)
    draws = net.rng.bit_generator.state
    refused(InputError, words, lambda net: net.fit(x, y, batch=8), net)
    assert net.rng.bit_generator.state == draws
    if len(x) == 40 and y.any():  # one batch may be small, or of one class
        refused(InputError, words, lambda net: net.learn(x, y, 1e-3), net)


@pytest.mark.parametrize("variant", VARIANTS)
def test_values_too_large_for_float32_products_are_refused_while_learning(variant):
    net = PredictiveCoding(SIZES, variant, curve="relu")
    refused(InputError, "bring X to values of about 1", lambda net: list(net.fit(X * 1e12, Y, batch=8)), net)


def test_features_of_the_wrong_shape_are_refused():
    with pytest.raises(InputError, match="X must have 6 values a sample"):
        PredictiveCoding(SIZES).predict_many(X[:, :5].copy())


@pytest.mark.parametrize("steps", [20, 500])
def test_units_that_diverge_teach_nothing(steps):
    net = PredictiveCoding(SIZES, "standard", gamma=1.0, steps=steps)
    net.arrays["w2"] *= 2
    refused(
        ConfigError,
        "units diverge with gamma=1; take a smaller one",
        lambda net: list(net.fit(X, Y, batch=8)),
        net,
    )


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"sizes": 6}, "sizes must name inputs, hidden layers and two classes, not 6"),
        ({"sizes": (6, 3)}, "sizes must name inputs, hidden layers and two classes"),
        ({"sizes": (6, 5, 1)}, "sizes must name inputs, hidden layers and two classes"),
        ({"sizes": (6, 0, 3)}, "sizes must be a whole number of at least 1"),
        ({"variant": "exact"}, "variant must be one of fixed, standard, incremental, not 'exact'"),
        ({"curve": "sine"}, "curve must be one of relu, tanh, not 'sine'"),
        ({"gamma": 0.0}, "gamma must be above 0"),
        ({"gamma": 1.5}, r"gamma must be in \[0, 1\]"),
        ({"steps": -1}, "steps must be a whole number of at least 0"),
        ({"variant": "incremental", "steps": 0}, "steps must be a whole number of at least 1"),
        ({"eta": 0.0}, "eta must be above 0"),
        ({"reverse": 1}, "reverse must be True or False"),
        ({"seed": -1}, "seed must be a whole number of at least 0"),
    ],
)
def test_settings_out_of_their_bounds_are_named(setting, words):
    with pytest.raises(ConfigError, match=words):
        PredictiveCoding(**{"sizes": SIZES} | setting)


@pytest.mark.parametrize("eta", [np.nan, np.inf, -1.0, "a"])
def test_a_rate_that_is_none_teaches_nothing(eta):
    refused(ConfigError, "eta must be at least 0", lambda net: net.learn(X, Y, eta), PredictiveCoding(SIZES))
