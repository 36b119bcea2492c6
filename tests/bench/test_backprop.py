"""The twin by back-propagation: its gradients are those of its loss, and it learns what a linear model cannot."""

import itertools
from functools import cache

import numpy as np
import pytest
from sklearn.datasets import load_digits

from edgelearn.bench import linear
from edgelearn.bench.backprop import Backprop, Setting, trained
from edgelearn.bench.images import Images
from edgelearn.errors import InputError

CURVES = {
    "relu": lambda u: np.maximum(u, 0),
    "leaky_relu": lambda u: np.where(u > 0, u, np.float64(np.float32(0.01)) * u),
    "tanh": np.tanh,
}
ALL = list(itertools.product(CURVES, ["softmax", "squared"], [False, True]))
SIZES = (6, 5, 4, 3)
rng = np.random.default_rng(3)
X, Y = rng.normal(size=(7, 6)), np.array([0, 1, 2, 2, 1, 0, 1])


def net64(setting, seed=1):
    net = Backprop(setting, seed)
    moved = np.random.default_rng(2)  # offsets off 0, gains off 1
    net.arrays = {name: a + 0.1 * moved.normal(size=a.shape) for name, a in net.arrays.items()}
    return net


def loss(net, s):
    """Written out once more, from the text of the module."""
    out, a = X, net.arrays
    for k in range(len(SIZES) - 1):
        out = out @ a[f"w{k}"] + a[f"b{k}"]
        if k < len(SIZES) - 2:
            if s.normalised:
                out = (out - out.mean(axis=0)) / np.sqrt(out.var(axis=0) + np.float64(np.float32(1e-5)))
                out = out * a[f"gain{k}"] + a[f"shift{k}"]
            out = CURVES[s.curve](out)
    if s.loss == "squared":
        return ((out - np.eye(3)[Y]) ** 2).sum() / 2 / len(Y)
    return (np.log(np.exp(out).sum(axis=1)) - out[np.arange(len(Y)), Y]).mean()


@pytest.mark.parametrize(("curve", "how", "normalised"), ALL)
def test_gradients_are_those_of_the_loss(curve, how, normalised):
    setting = Setting(SIZES, curve, how, normalised)
    net = net64(setting)
    found = net.gradient(X, Y)
    assert set(found) == set(net.arrays)
    for name, array in net.arrays.items():
        for at in np.ndindex(array.shape):
            mid = array[at]
            array[at] = mid + 1e-6
            above = loss(net, setting)
            array[at] = mid - 1e-6
            slope = (above - loss(net, setting)) / 2e-6
            array[at] = mid
            assert found[name][at] == pytest.approx(slope, rel=1e-5, abs=1e-8), (name, at)


@cache
def digits():
    data = load_digits()
    x, y = (data.data / 16).astype(np.float32), data.target.astype(np.int64)
    return Images(x[:1200], y[:1200], x[1200:], y[1200:])


@pytest.mark.parametrize(
    ("curve", "how", "normalised"),
    [("relu", "softmax", False), ("leaky_relu", "softmax", True), ("tanh", "squared", False)],
)
def test_it_learns_what_a_linear_model_cannot(curve, how, normalised):
    images = digits()
    setting = Setting((64, 100, 50, 10), curve, how, normalised, eta=3e-3, epochs=25, batch=50)
    assert trained(setting, images, 0) > linear.softmax(*images) + 0.015


def test_normalised_layers_are_judged_by_what_they_saw_while_learning():
    """By the statistics of the samples asked about, one sample alone would be all zeros."""
    images, net = digits(), Backprop(Setting((64, 30, 10), normalised=True, eta=3e-3, epochs=25, batch=50))
    list(net.fit(images.x, images.y))
    few = [net.accuracy(images.x_test[k : k + 1], images.y_test[k : k + 1]) for k in range(200)]
    assert np.mean(few) == pytest.approx(net.accuracy(images.x_test[:200], images.y_test[:200]), abs=0.006)
    assert np.mean(few) > 0.85


def test_a_seed_says_it_all():
    images = digits()
    small = Setting((64, 20, 10), epochs=2)
    assert trained(small, images, 4) == trained(small, images, 4)
    one, other = Backprop(small, 4), Backprop(small, 5)
    assert (one.arrays["w0"] != other.arrays["w0"]).any()


def test_rates_fall_as_the_setting_says():
    net = Backprop(Setting((64, 20, 10), epochs=1, left=lambda done: 0.0 if done < 1 else 1.0))
    before = net.arrays["w0"].copy()
    list(net.fit(digits().x, digits().y))
    assert (net.arrays["w0"] == before).all()


def test_fewer_samples_than_a_batch_are_refused():
    with pytest.raises(InputError, match="fewer than a batch"):
        Backprop(Setting((64, 20, 10))).fit(digits().x[:99], digits().y[:99])


def test_bytes_are_all_activities_and_the_widest_error():
    cost = Backprop(Setting((7, 5, 3, 2))).cost()
    assert cost.bytes == 4 * (7 + 5 + 3 + 2 + 5)
