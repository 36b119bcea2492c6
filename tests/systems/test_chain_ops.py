"""The operations of a frozen stack are what their definitions say, value by value."""

import numpy as np
import pytest

from edgelearn import Layer
from edgelearn.conv import Conv
from edgelearn.errors import ConfigError, UnsupportedError
from edgelearn.neurons import k_winners, softmax, triangle
from edgelearn.rules import softhebb
from edgelearn.systems import chain
from edgelearn.systems.maps import pooled
from edgelearn.systems.softhebb import Published
from edgelearn.systems.softhebb import conv as softhebb_conv

SHAPE = (8, 6, 3)
random = np.random.default_rng(0)


def drawn(*shape):
    return random.standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("border", ["reflect", "zero"])
@pytest.mark.parametrize(("kernel", "stride", "padding"), [(3, 1, 1), (3, 2, 0), (5, 2, 2), (1, 1, 0)])
def test_convolution_is_what_a_conv_layer_computes(kernel, stride, padding, border):
    layer = Conv(4, "oja", shape=SHAPE, kernel=kernel, stride=stride, padding=padding, border=border)
    X = drawn(5, 144)
    want = layer.transform_many(X)
    (op,) = chain.of_layer(layer)
    assert op.shape_out == layer.shape_out
    np.testing.assert_allclose(op(X), want, rtol=0, atol=1e-5)


def test_contrast_takes_mean_and_spread_from_each_patch():
    w, X = drawn(12, 5), drawn(2, 4 * 4 * 3)
    found = chain.Conv(w, (4, 4, 3), 2, 2, contrast=0.1)(X).reshape(2, 2, 2, 5)
    patch = X.reshape(2, 4, 4, 3)[1, 2:4, 0:2].reshape(-1).astype(np.float64)
    want = (patch - patch.mean()) / (patch.std() + 0.1) @ w
    np.testing.assert_allclose(found[1, 1, 0], want, atol=1e-5)


def test_a_patch_without_contrast_says_nothing():
    found = chain.Conv(drawn(9, 5), (4, 4, 1), 3, contrast=0.1)(np.full((1, 16), 0.75, np.float32))
    np.testing.assert_allclose(found, 0, atol=1e-6)


@pytest.mark.parametrize("how", ["max", "mean"])
@pytest.mark.parametrize("window", [2, 4])
def test_pooling_to_half_the_sides_is_that_of_the_layers(how, window):
    X = np.abs(drawn(3, 144))
    want = pooled(X.reshape(3, *SHAPE), how, window).reshape(3, -1)
    np.testing.assert_array_equal(chain.Pool(SHAPE, how, window)(X), want)


def test_pooling_by_its_own_width_leaves_out_what_is_over():
    X = drawn(2, 7 * 5)
    found = chain.Pool((7, 5, 1), "max", 3, 3)(X)
    want = X.reshape(2, 7, 5)[:, :6, :3].reshape(2, 2, 3, 3).max(axis=(2, 3))
    np.testing.assert_array_equal(found, want)


@pytest.mark.parametrize(
    ("neuron", "within"),
    [("linear", 0), ("relu", 0), ("tanh", 1e-6), (softmax.neuron(3.0), 1e-6), (triangle.neuron(), 1e-6),
     (triangle.neuron(0.7), 1e-5), (k_winners.neuron(3), 0)],
)  # fmt: skip
def test_units_give_what_the_layer_gives(neuron, within):
    layer = Layer(7, softhebb.rule(), "softmax", code=neuron)
    X = drawn(20, 5)
    want = np.stack([layer.transform(x) for x in X])
    np.testing.assert_allclose(chain.run(chain.of_layer(layer), X), want, rtol=0, atol=within + 1e-6)


def test_of_equal_units_the_first_wins():
    X = np.array([[1, 3, 3, 2], [0, 0, 0, 0]], np.float32)
    np.testing.assert_array_equal(chain.KWinners(4, 1)(X), [[0, 3, 0, 0], [0, 0, 0, 0]])


def test_lengths_are_taken_away_and_zeros_stay_zeros():
    X = drawn(4, 9) * 50
    X[2] = 0
    for op in (chain.Unit(), chain.RootMeanSquare(), chain.LayerNorm()):
        assert (op(X)[2] == 0).all()
    np.testing.assert_allclose(np.linalg.norm(chain.Unit()(X), axis=1), [1, 1, 0, 1], atol=1e-5)
    normed = chain.LayerNorm()(X)[[0, 1, 3]]
    np.testing.assert_allclose(normed.mean(axis=1), 0, atol=1e-6)
    np.testing.assert_allclose(normed.std(axis=1), 1, atol=1e-5)


def test_many_samples_are_run_a_few_at_a_time_with_the_same_result():
    ops = [
        chain.Conv(drawn(27, 4), SHAPE, 3),
        chain.Triangle(4),
        chain.Tap(),
        chain.Pool((6, 4, 4), "max"),
        chain.Tap(),
    ]
    X = drawn(chain.FEW + 3, 144)
    found = chain.run(ops, X)
    np.testing.assert_allclose(found[-3:], chain.run(ops, X[-3:]), atol=1e-5)
    assert found.shape == (len(X), 6 * 4 * 4 + 3 * 2 * 4)
    assert chain.run(ops, X[:0]).shape == (0, 120)


def test_softhebb_says_what_it_computes():
    rows = [Published(6, 3, 1.0, 0.08, 0.7, "max", 4), Published(8, 3, 0.65, 0.005, 1.0, "mean", 2)]
    net = softhebb_conv((8, 8, 3), rows, seed=1)
    X = random.random((30, 192), dtype=np.float32)
    with pytest.raises(ConfigError, match="stage 0 met no sample yet"):
        net.frozen()
    want = net.fit(X).features(X)
    np.testing.assert_allclose(chain.run(net.frozen(), X), want, rtol=0, atol=1e-4 * want.max())


@pytest.mark.parametrize(
    ("layer", "reason"),
    [(Layer(4, "stdp", "lif"), "neuron lif"), (Layer(4, "krotov_hopfield", "ranked", "rank"), "neuron ranked"),
     (Layer(4, "oja", "relu", steps=3), "3 time steps")],
)  # fmt: skip
def test_what_needs_time_or_is_a_code_is_refused(layer, reason):
    layer.bind(3)
    with pytest.raises(UnsupportedError, match=f"the layer .*{reason}"):
        chain.of_layer(layer)
