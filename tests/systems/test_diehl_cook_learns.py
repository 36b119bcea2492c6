"""The network learns digits, and neither its frozen twin nor one without thresholds that adapt does."""

import numpy as np
import pytest

from edgelearn.systems.diehl_cook import DiehlCook

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def digits(data_dir):
    with np.load(data_dir / "mnist.npz") as data:
        flat = {name: data[name].reshape(len(data[name]), -1) for name in ("x_train", "x_test")}
        x, x_test = (flat[name][:4000].astype(np.float32) / np.float32(255) for name in ("x_train", "x_test"))
        return x, data["y_train"][:4000], x_test[:1000], data["y_test"][:1000]


def accuracy(net, digits):
    x, y, x_test, y_test = digits
    return (net.label(x, y).predict(x_test) == y_test).mean()


def test_a_pass_over_4000_digits_beats_frozen_weights_and_fixed_thresholds(digits):
    learned = accuracy(DiehlCook(100).fit(digits[0]), digits)
    frozen = accuracy(DiehlCook(100), digits)
    fixed = accuracy(DiehlCook(100, theta_plus=0.0).fit(digits[0]), digits)
    assert learned > 0.65
    assert learned > frozen + 0.35
    assert fixed < 0.3
