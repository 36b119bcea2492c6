"""What a layer refuses: the error names the argument and its bound, and the layer stays as it was."""

import numpy as np
import pytest

from edgelearn import signals
from edgelearn.errors import ConfigError, InputError
from edgelearn.layer import Layer
from edgelearn.neurons import k_winners

X, ONE = np.ones(4, np.float32), np.ones(1, np.float32)


@pytest.mark.parametrize(
    ("settings", "bound"),
    [
        ({"n_post": 0}, "n_post must be a whole number of at least 1, not 0"),
        ({"n_post": 2.5}, "n_post must be a whole number of at least 1"),
        ({"steps": 0}, "steps must be a whole number of at least 1"),
        ({"seed": -1}, "seed must be a whole number of at least 0"),
        ({"spread": 0}, "spread must be above 0"),
        ({"spread": np.nan}, "spread must be above 0"),
        ({"start": "zero"}, "start must be 'normal' or 'uniform', not 'zero'"),
        ({"code": "lif"}, "code must be a neuron without memory, lif has one"),
        ({"code": "relu", "steps": 2}, "code needs steps=1"),
        ({"rule": "hob"}, "no rule is called 'hob'"),
        ({"rule": 3}, "rule must be a Rule or the name of one, not int"),
        ({"neuron": "oja"}, "no neuron is called 'oja'"),
        ({"neuron": signals.make("reward")}, "neuron must be a Neuron or the name of one, not Signal"),
        ({"signal": None}, "signal must be a Signal or the name of one, not NoneType"),
        ({"neuron": k_winners.neuron(k=4)}, "k must be at most n_post=3, not 4"),
        ({"code": k_winners.neuron(k=4)}, "k must be at most n_post=3, not 4"),
    ],
)
def test_a_setting_out_of_its_bounds(settings, bound):
    with pytest.raises(ConfigError, match=bound):
        Layer(**({"n_post": 3, "rule": "hebb"} | settings))


def not_finite(a):
    return np.concatenate([a[:-1], np.array([np.inf], np.float32)])


@pytest.mark.parametrize(
    ("x", "teach", "reason"),
    [
        (X[:3], ONE, r"x must have shape \(4,\), not \(3,\)"),
        (X[:0], ONE, r"x must have shape \(4,\), not \(0,\)"),
        (X[None], ONE, r"x must have shape \(4,\), not \(1, 4\)"),
        ([1, 1, 1, 1], ONE, "x must be an array of float32, not list"),
        (X.astype(np.float64), ONE, "x must be an array of float32, not float64"),
        (X.astype(int), ONE, "x must be an array of float32, not int64"),
        (np.ones(8, np.float32)[::2], ONE, "x must lie in C order"),
        (not_finite(X), ONE, "x has NaN, infinity or values above"),
        (X, X, r"teach must have shape \(1,\), not \(4,\)"),
        (X, np.nan * ONE, "teach has NaN, infinity or values above"),
        (X, np.ones(1), "teach must be an array of float32, not float64"),
        (X, 1.0, "teach must be an array of float32, not float"),
    ],
)
def test_a_sample_or_reward_that_cannot_be_used(x, teach, reason):
    layer = Layer(3, "three_factor", "tanh", "reward")
    layer.learn_one(X, ONE)
    before = {name: np.array(a) for name, a in layer.state().items()}
    with pytest.raises(InputError, match=reason):
        layer.learn_one(x, teach)
    assert all((a == before[name])[~np.isnan(before[name])].all() for name, a in layer.state().items())


def test_the_first_sample_must_have_a_value():
    layer = Layer(3, "hebb")
    with pytest.raises(InputError, match="x is empty; it must have at least one value"):
        layer.learn_one(X[:0])
    with pytest.raises(InputError, match="n_pre must be at least 1, not 0"):
        layer.bind(0)
    assert layer.n_pre is None


def test_more_classes_than_the_waves_were_made_for():
    layer = Layer(30, "hebb", "relu", signals.make("synchrony", n_classes=10))
    assert layer.n_teach == 10
    with pytest.raises(InputError, match=r"teach must have shape \(10,\), not \(12,\)"):
        layer.learn_one(X, np.eye(12, dtype=np.float32)[11])


def test_the_choice_of_a_unit_that_is_not_there():
    layer = Layer(3, "delta", "softmax", "reward_choice")
    with pytest.raises(InputError, match=r"teach\[0\] must be the index of the chosen unit, below 3, not 3"):
        layer.learn_one(X, np.array([3, 1], np.float32))
    assert layer.n_pre is None


def test_another_number_of_inputs():
    layer = Layer(3, "hebb")
    layer.bind(4)
    with pytest.raises(InputError, match="the layer has 4 inputs, not 5"):
        layer.bind(5)


def test_a_state_of_another_layer():
    layer, other = Layer(3, "hebb"), Layer(3, "three_factor")
    layer.learn_one(X)
    other.learn_one(X)
    before = np.array(layer.w)
    with pytest.raises(InputError, match=r"the state of another layer: only one of the two has rule\.trace"):
        layer.load(other.state())
    with pytest.raises(InputError, match="w must be an array of float32, not NoneType"):
        layer.load({"n_learned": np.array(1)})
    with pytest.raises(InputError, match=r"w must have shape \(4, 3\), not \(4, 5\)"):
        layer.load(layer.state() | {"w": np.zeros((4, 5), np.float32)})
    assert (layer.w == before).all()
    assert layer.n_learned == 1
