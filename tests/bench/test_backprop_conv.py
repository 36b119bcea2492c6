"""The convolutional twin follows the exact gradient of its loss, and learns."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from edgelearn.bench.backprop_conv import BackpropConv, Setting, trained
from edgelearn.bench.images import Images
from edgelearn.errors import ConfigError
from edgelearn.systems.conv_block import Block, learned
from edgelearn.systems.net import one_hot, softmax

SMALL = (
    Block((4, 4, 2), 3, 3, "max", 2),
    Block((2, 2, 3), 4, 3, "mean", 2, leak=0.0),
    Block((1, 1, 4), 5),
)


def loss(net, X, y):
    seen = X
    for k, block in enumerate(net.blocks):
        seen = block.pooled(block.forward(learned(net.arrays, k), seen).out)
    share = softmax(seen @ net.arrays["head"] + net.arrays["bias"])
    return -np.log((share * one_hot(y, 10)).sum(axis=1)).mean()


def test_gradients_equal_finite_differences_in_every_array():
    rng = np.random.default_rng(0)
    net = BackpropConv(Setting(SMALL), seed=1)
    net.arrays = {name: a.astype(np.float64) + rng.normal(0, 0.1, a.shape) for name, a in net.arrays.items()}
    X, y = rng.normal(size=(6, 32)), rng.integers(0, 10, 6)
    found = net.gradient(X, y)
    assert set(found) == set(net.arrays) - {f"{name}{k}" for name in ("mean", "variance") for k in range(3)}
    for name, gradient in found.items():
        for at in rng.choice(gradient.size, min(gradient.size, 6), replace=False):
            value, sides = net.arrays[name].flat[at], []
            for side in (1e-6, -1e-6):
                net.arrays[name].flat[at] = value + side
                sides.append(loss(net, X, y))
            net.arrays[name].flat[at] = value
            assert gradient.flat[at] == pytest.approx((sides[0] - sides[1]) / 2e-6, abs=1e-7), name


def test_winners_that_tie_share_the_error():
    block = Block((2, 2, 1), 1, 3, "max", 2)
    back = block.unpooled(np.array([[3.0], [1.0], [3.0], [2.0]]), np.array([[6.0]]))
    assert back.ravel().tolist() == [3, 0, 3, 0]


def digits():
    X, y = load_digits(return_X_y=True)
    X = (X / 16).astype(np.float32)
    return Images(X[:1200], y[:1200].astype(np.int64), X[1200:], y[1200:].astype(np.int64))


def test_it_learns_digits_and_the_same_by_the_same_seed():
    blocks = (Block((8, 8, 1), 8, 3, "max", 2), Block((4, 4, 8), 32))
    setting = Setting(blocks, epochs=4, batch=50)
    score = trained(setting, digits(), 0)
    assert score > 0.88
    assert score == trained(setting, digits(), 0)


def test_products_are_counted_by_hand():
    """Forward and weights once each a layer, and the way back through all but the first."""
    cost = BackpropConv(Setting(SMALL)).cost()
    forward = [16 * 18 * 3, 4 * 27 * 4, 4 * 5, 5 * 10]
    back = [4 * 9 * 4 * 3, 4 * 5, 5 * 10]
    assert cost.macs == 2 * sum(forward) + sum(back)
    assert cost.bytes == 4 * (32 + 12 + 4 + 48 + 16 + 5 + (12 + 16) + 5)


def test_blocks_that_do_not_fit():
    with pytest.raises(
        ConfigError, match=r"a block sees a map of \(3, 3, 3\), the one below gives \(2, 2, 3\)"
    ):
        BackpropConv(Setting((SMALL[0], Block((3, 3, 3), 4, 3))))
