"""Predictive coding: back-propagation exactly where it should be, something else where not, and what must fail."""

from functools import cache

import numpy as np
import pytest
from sklearn.datasets import load_digits

from edgelearn.bench.backprop import Backprop, Setting
from edgelearn.systems.predictive_coding import PredictiveCoding, energies

SIZES = (64, 128, 64, 10)
WEIGHTS = ("w0", "w1", "w2")
ONE = (64, 128, 10)  # one hidden layer: a second one turns the wrong sign right again


@cache
def digits():
    data = load_digits()
    x, y = (data.data / 16).astype(np.float32), data.target.astype(np.int64)
    return x[:-500], y[:-500], x[-500:], y[-500:]


def doubled(net):
    net.arrays = {name: a.astype(np.float64) for name, a in net.arrays.items()}
    return net


def batch(n=64, seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 64)), rng.integers(0, 10, n)


def asked(net, x, y):
    """Return minus the changes after the last step of relaxation."""
    *_, state = net.relaxing(x, y)
    return net.asked(state)


def gradient(net, x, y):
    twin = Backprop(Setting(net.sizes, net.curve, "squared"))
    twin.arrays = net.arrays
    return twin.gradient(x, y)


def cosine(one, other):
    return float((one * other).sum() / np.linalg.norm(one) / np.linalg.norm(other))


def score(net):
    x, y = digits()[2:]
    return float((net.predict_many(x) == y).mean())


@cache
def trained(variant, **setting):
    x, y, _, _ = digits()
    net = PredictiveCoding(ONE, variant, **{"eta": 2e-3} | setting)
    list(net.fit(x, y, epochs=8, batch=32))
    return net


# -- what it computes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("curve", ["tanh", "relu"])
@pytest.mark.parametrize("steps", [2, 3, 10])
def test_with_fixed_predictions_and_gamma_1_it_is_back_propagation_layer_by_layer(curve, steps):
    net, (x, y) = doubled(PredictiveCoding(SIZES, curve=curve, steps=steps)), batch()
    found, true = asked(net, x, y), gradient(net, x, y)
    assert set(found) == set(true)
    for name, slope in true.items():
        np.testing.assert_allclose(found[name], slope, rtol=0, atol=1e-14 * abs(slope).max())


def test_one_step_less_leaves_the_first_layer_without_an_error():
    net, (x, y) = doubled(PredictiveCoding(SIZES, steps=1)), batch()
    found, true = asked(net, x, y), gradient(net, x, y)
    assert not found["w0"].any()
    np.testing.assert_allclose(found["w1"], true["w1"], rtol=1e-12)


@pytest.mark.parametrize(("steps", "norms"), [(20, (0.608, 0.878, 1)), (100, (0.9997, 1, 1))])
def test_a_small_gamma_keeps_the_direction_and_shrinks_what_is_far_from_the_target(steps, norms):
    net, (x, y) = doubled(PredictiveCoding(SIZES, gamma=0.1, steps=steps)), batch()
    found, true = asked(net, x, y), gradient(net, x, y)
    for name, norm in zip(WEIGHTS, norms, strict=True):
        assert cosine(found[name], true[name]) == pytest.approx(1, abs=1e-12)
        assert np.linalg.norm(found[name]) / np.linalg.norm(true[name]) == pytest.approx(norm, abs=5e-4)


def test_training_ends_at_the_very_weights_of_back_propagation():
    x, y, _, _ = digits()
    net, twin = (
        PredictiveCoding(SIZES, seed=3),
        Backprop(Setting(SIZES, "tanh", "squared", epochs=2, batch=32), 3),
    )
    list(net.fit(x, y, epochs=2, batch=32))
    list(twin.fit(x, y))
    for name, w in twin.arrays.items():
        np.testing.assert_allclose(net.arrays[name], w, rtol=0, atol=1e-6)


def test_standard_is_another_gradient():
    net, (x, y) = doubled(PredictiveCoding(SIZES, "standard", steps=200)), batch()
    found, true = asked(net, x, y), gradient(net, x, y)
    assert all(0.5 < cosine(found[name], true[name]) < 0.999 for name in WEIGHTS)


@pytest.mark.parametrize("curve", ["tanh", "relu"])
def test_the_energy_only_falls_while_units_settle(curve):
    net, (x, y) = doubled(PredictiveCoding(SIZES, "standard", curve=curve, gamma=0.05, steps=60)), batch()
    course = [energies(state) for state in net.relaxing(x, y)]
    assert not course[0][:-1].any()  # all of it is at the target, and spreads
    assert (course[-1] > 0).all()
    assert (np.diff([each.sum() for each in course]) < 0).all()


def test_where_units_rest_their_change_is_the_slope_of_the_energy():
    net, (x, y) = doubled(PredictiveCoding((64, 12, 9, 10), "standard", steps=2000)), batch(8)
    *_, state = net.relaxing(x, y)
    found, rest = net.asked(state), energies(state).sum()
    for name in ("w0", "b1", "w2"):
        array, at = net.arrays[name], tuple(n // 2 for n in net.arrays[name].shape)
        kept = array[at]
        array[at] += 1e-5
        *_, moved = net.relaxing(x, y)  # to its new rest
        array[at] = kept
        assert (energies(moved).sum() - rest) / 1e-5 == pytest.approx(found[name][at], rel=1e-3, abs=1e-8)


def test_incremental_synapses_move_at_each_step_of_units():
    net, (x, y) = PredictiveCoding(SIZES, "incremental", steps=4), batch()
    seen = []
    for state in net.relaxing(x.astype(np.float32), y):
        seen.append(energies(state).sum())
        net.arrays["w2"] *= np.float32(0.5)
    still = [
        energies(s).sum()
        for s in PredictiveCoding(SIZES, "standard", steps=4).relaxing(x.astype(np.float32), y)
    ]
    assert seen[0] == still[0]
    assert all(a != b for a, b in zip(seen[2:], still[2:], strict=True))


def test_incremental_units_settle_by_what_synapses_have_become():
    net, (x, y) = doubled(PredictiveCoding((64, 12, 9, 10), "incremental", steps=3)), batch(8)
    course, rng = net.relaxing(x, y), np.random.default_rng(2)
    next(course)
    state = next(course)
    seen = list(state.values)
    for name, array in net.arrays.items():
        net.arrays[name] = array + rng.normal(scale=0.1, size=array.shape)
    next(course)
    w, b = ([net.arrays[f"{name}{k}"] for k in range(3)] for name in "wb")
    z = [seen[k] @ w[k] + b[k] for k in range(3)]
    p = [np.tanh(z[0]), np.tanh(z[1]), z[2]]
    e = [seen[k + 1] - p[k] for k in range(3)]
    np.testing.assert_allclose(state.values[1], seen[1] + 0.1 * ((e[1] * (1 - p[1] ** 2)) @ w[1].T - e[0]))
    np.testing.assert_allclose(state.values[2], seen[2] + 0.1 * (e[2] @ w[2].T - e[1]))
    assert (state.values[3] == seen[3]).all()


# -- what it learns -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("variant", "eta"), [("fixed", 2e-3), ("standard", 2e-3), ("incremental", 1e-3)])
def test_each_variant_learns_what_a_frozen_net_does_not(variant, eta):
    assert score(trained(variant, eta=eta)) > score(trained("fixed", steps=0)) + 0.02


def test_without_relaxation_only_the_top_layer_learns():
    net, drawn = trained("fixed", steps=0), PredictiveCoding(ONE)
    for name, w in drawn.arrays.items():
        assert (net.arrays[name] == w).all() == (name not in ("w1", "b1"))


@pytest.mark.parametrize(
    ("variant", "setting"), [("fixed", {}), ("standard", {"steps": 5}), ("incremental", {"eta": 3e-4})]
)
def test_with_errors_of_the_wrong_sign_it_fails(variant, setting):
    assert score(trained(variant, reverse=True, **setting)) < score(trained("fixed", steps=0)) - 0.5


def test_labels_that_mean_nothing_teach_nothing():
    x, y, _, _ = digits()
    net = PredictiveCoding(SIZES)
    list(net.fit(x, np.random.default_rng(0).permutation(y), epochs=4, batch=32))
    assert score(net) < 0.3
