"""Layers of every rule, neuron and signal keep what check_layer promises."""

import tracemalloc

import numpy as np
import pytest

from edgelearn import neurons, rules, signals
from edgelearn.conv import Conv
from edgelearn.layer import Layer
from edgelearn.neurons import lif
from edgelearn.rules import three_factor
from edgelearn.testing import check_layer

pytestmark = pytest.mark.kernels


@pytest.mark.parametrize("rule", rules.names())
def test_a_layer_of_each_rule(rule):
    check_layer(lambda: Layer(5, rule))


@pytest.mark.parametrize("neuron", neurons.names())
def test_a_layer_of_each_neuron_shown_for_three_steps(neuron):
    check_layer(lambda: Layer(5, three_factor.rule(sees="slope"), neuron, steps=3))


@pytest.mark.parametrize("signal", signals.names())
def test_a_layer_of_each_signal(signal):
    check_layer(lambda: Layer(5, "three_factor", "tanh", signal))


def test_a_layer_of_units_that_adapt_and_inhibit():
    unit = lif.neuron(
        reset=0.0, refractory=2, theta_plus=0.1, theta_decay=0.99, inhibition=0.5, one_spike=True
    )
    check_layer(lambda: Layer(5, "hebb", unit, "reward", steps=6, start="uniform"))


def test_a_layer_with_a_code_and_one_unit_of_one_input():
    check_layer(lambda: Layer(5, "softhebb", "softmax", "competition", code="triangle", spread=5.0))
    check_layer(lambda: Layer(1, "delta", "linear", "label_error"), n_pre=1)


def test_a_layer_of_shared_weights():
    make = lambda: Conv(4, "softhebb", "softmax", "competition", code="triangle", shape=(5, 5, 2), kernel=3)  # noqa: E731
    check_layer(make, n_pre=50)


def test_another_seed_draws_other_weights_of_the_same_norm():
    one, two = (Layer(50, "oja", seed=seed, spread=2.0) for seed in (0, 1))
    for layer in (one, two):
        layer.bind(400)
        assert layer.health().norm_median == pytest.approx(2, rel=0.1)
    assert not (one.w == two.w).any()


def test_weights_may_start_above_0():
    layer = Layer(50, "oja", start="uniform", spread=3.0)
    layer.bind(400)
    assert layer.w.min() >= 0
    assert layer.health().norm_median == pytest.approx(3, rel=0.1)


def peak_of(use):
    """Return the most bytes that were taken while ``use`` ran."""
    tracemalloc.start()
    use()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_memory_is_told_before_it_is_taken():
    layer = Layer(500, "delta")
    told, drawn = peak_of(lambda: layer.bytes_with(4000)), peak_of(lambda: layer.bind(4000))
    assert told < 0.5 * drawn


def test_settings_that_change_what_is_learned_change_the_config():
    sees = [Layer(3, three_factor.rule(sees=seen)).config() for seen in ("out", "slope")]
    assert sees[0] != sees[1]
    classes = [Layer(3, "hebb", "relu", signals.make("synchrony", n_classes=n)).config() for n in (3, 4)]
    assert classes[0] != classes[1]


def test_a_state_goes_through_a_file(tmp_path):
    layer, other = (Layer(3, "delta", "softmax", "label_error") for _ in range(2))
    layer.learn_one(np.ones(4, np.float32), np.eye(3, dtype=np.float32)[0])
    np.savez(tmp_path / "layer.npz", **layer.state())
    other.load(dict(np.load(tmp_path / "layer.npz")))
    assert (other.w == layer.w).all()
    assert other.n_learned == 1
