"""A layer of shared weights is a layer that meets one patch after the other."""

import numpy as np
import pytest

from edgelearn.conv import Conv
from edgelearn.errors import ConfigError, InputError, UnsupportedError
from edgelearn.kernels.patches import unfold
from edgelearn.layer import Layer
from edgelearn.neurons import softmax, triangle
from edgelearn.rules import softhebb
from edgelearn.testing import check_layer

PARTS = {"rule": "softhebb", "neuron": "softmax", "signal": "competition"}
SHAPES = [((5, 6, 2), 3, 1, 0, "zero"), ((6, 6, 1), 3, 2, 1, "reflect"), ((4, 5, 3), 2, 1, 1, "zero")]


def conv(shape=(6, 6, 2), kernel=3, n_post=4, **settings):
    return Conv(n_post, **PARTS, shape=shape, kernel=kernel, spread=5.0, **settings)


def maps(shape, n=3, seed=0):
    return np.random.default_rng(seed).normal(size=(n, int(np.prod(shape)))).astype(np.float32)


def naive_patches(x, shape, kernel, stride, padding, border):
    mode = {"reflect": "reflect", "zero": "constant"}[border]
    image = np.pad(x.reshape(shape), ((padding, padding), (padding, padding), (0, 0)), mode=mode)
    return [
        image[y : y + kernel, x : x + kernel].ravel()
        for y in range(0, image.shape[0] - kernel + 1, stride)
        for x in range(0, image.shape[1] - kernel + 1, stride)
    ]


@pytest.mark.kernels
@pytest.mark.parametrize(("shape", "kernel", "stride", "padding", "border"), SHAPES)
def test_it_keeps_the_promises_of_a_layer(shape, kernel, stride, padding, border):
    make = lambda: conv(shape, kernel, stride=stride, padding=padding, border=border, code="triangle")  # noqa: E731
    check_layer(make, n_pre=int(np.prod(shape)))


@pytest.mark.kernels
@pytest.mark.parametrize("case", SHAPES)
def test_learn_one_is_a_dense_layer_on_each_patch_bit_for_bit(case):
    shape, kernel, stride, padding, border = case
    shared = conv(shape, kernel, stride=stride, padding=padding, border=border)
    alone = Layer(4, **PARTS, spread=5.0)
    for x in maps(shape):
        seen = shared.learn_one(x)
        each = np.concatenate([alone.learn_one(patch) for patch in naive_patches(x, *case)])
        assert (seen == each).all()
    assert (shared.w == alone.w).all()
    assert all((a == b).all() for a, b in zip(shared._rule_state, alone._rule_state, strict=True))


@pytest.mark.parametrize("case", SHAPES)
def test_transform_is_a_convolution(case):
    shape, kernel, stride, padding, border = case
    layer = conv(shape, kernel, stride=stride, padding=padding, border=border, code="linear")
    X = maps(shape)
    layer.bind(X.shape[1])
    expected = np.stack([[patch.astype(float) @ layer.w for patch in naive_patches(x, *case)] for x in X])
    many = layer.transform_many(X)
    assert many.shape == (len(X), layer.n_out)
    assert np.prod(layer.shape_out) == layer.n_out
    np.testing.assert_allclose(many, expected.reshape(len(X), -1), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(layer.transform(X[0]), many[0], rtol=1e-4, atol=1e-5)


@pytest.mark.kernels
def test_the_patch_kernel_is_its_definition():
    X = maps((5, 6, 2), n=2)
    out = np.empty((2 * 2 * 2, 18), np.float32)
    unfold(X.reshape(2, 5, 6, 2), 3, 2, out)
    assert (out == np.concatenate([naive_patches(x, (5, 6, 2), 3, 2, 0, "zero") for x in X])).all()


@pytest.mark.parametrize("shared", [True, False])
def test_a_batch_is_the_batch_of_the_rule_on_what_the_definitions_say(shared):
    rule, unit = softhebb.rule(eta=0.1), softmax.neuron(t=2.0)
    settings = {"code": triangle.neuron(), "spread": 5.0}
    layer = (
        Conv(4, rule, unit, "competition", shape=(6, 6, 2), kernel=3, padding=1, **settings)
        if shared
        else Layer(4, rule, unit, "competition", **settings)
    )
    X = maps((6, 6, 2))
    layer.bind(X.shape[1])
    rows = np.array(layer.patches(X) if shared else X)
    drive = rows @ layer.w
    out = np.stack([unit.step(unit.params, (), u)[1] for u in drive])
    third = np.stack([layer.signal.step((), (), o, None)[1] for o in out])
    _, expected = softhebb.batch(rule.params, layer._rule_state, np.array(layer.w), rows, drive, third)
    before = layer.transform_many(X)
    seen = layer.learn_batch(X)
    np.testing.assert_allclose(layer.w, expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(seen, before, rtol=1e-4, atol=1e-5)
    assert layer.n_learned == len(X)


def test_batches_of_other_sizes_follow_each_other():
    one, two = conv(), conv()
    X = maps((6, 6, 2), n=7)
    for few in (X[:2], X[2:7], X[:1]):
        one.learn_batch(few)
        two.learn_batch(np.array(few))
    assert (one.w == two.w).all()


def test_a_batch_needs_parts_that_have_one():
    for layer in (Layer(4, "stdp"), Layer(4, "softhebb", "lif"), Layer(4, "softhebb", steps=2)):
        with pytest.raises(UnsupportedError, match="no form for many samples"):
            layer.learn_batch(np.ones((2, 5), np.float32))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"kernel": 0}, "kernel must be a whole number of at least 1"),
        ({"kernel": 9}, "kernel must be at most 6"),
        ({"stride": 0}, "stride must be"),
        ({"padding": -1}, "padding must be"),
        ({"padding": 6}, "padding must be below 6"),
        ({"border": "wrap"}, "border must be 'reflect' or 'zero'"),
        ({"shape": (6, 0, 2)}, "shape must be"),
        ({"shape": (6, 6)}, "shape must be"),
        ({"shape": 8}, r"shape must be \(height, width, channels\), not 8"),
        ({"foo": 1}, "Conv has no setting 'foo'; it has n_post, rule, .*, kernel, .*, seed"),
    ],
)
def test_settings_out_of_their_bounds_are_named(settings, says):
    with pytest.raises(ConfigError, match=says):
        conv(**settings)


def test_a_map_of_another_size_is_refused():
    layer = conv()
    with pytest.raises(InputError, match="has 72 values, not 71"):
        layer.learn_one(np.ones(71, np.float32))
    assert layer.n_pre is None
    for bad in (np.ones((2, 71), np.float32), np.ones((2, 72)), np.full((2, 72), np.nan, np.float32)):
        with pytest.raises(InputError):
            layer.learn_batch(bad)
    assert not layer.state()
