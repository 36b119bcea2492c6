"""SoftHebb learns from images alone: filters that beat random ones, and units that settle at norm 1."""

import numpy as np
import pytest

from edgelearn.bench import linear
from edgelearn.errors import ConfigError, InputError
from edgelearn.layer import Layer
from edgelearn.systems.maps import Standard, pooled
from edgelearn.systems.softhebb import PUBLISHED, SoftHebb, Stage, conv, dense
from edgelearn.testing.fills import same_bits

TWO = PUBLISHED[:2]
LAYER = Layer(10, "softhebb", "softmax", "competition")


@pytest.fixture(scope="module")
def digits(data_dir):
    with np.load(data_dir / "mnist.npz") as data:
        x, x_test = (data[name].reshape(-1, 784).astype(np.float32) / 255 for name in ("x_train", "x_test"))
        return x[:10_000], data["y_train"][:10_000], x_test[:4_000], data["y_test"][:4_000]


def score(net, digits):
    x, y, x_test, y_test = digits
    return linear.ridge(net.features(x), y, net.features(x_test), y_test)


@pytest.mark.data
def test_one_pass_beats_random_units_and_its_norms_settle_at_1(digits):
    learned, random, equal = dense(100, eta=0.5), dense(100, spread=1.0), dense(100, eta=0.5, t=0.0)
    learned.fit(digits[0])
    equal.fit(digits[0])
    w = learned.stages[0].layer.w
    assert score(learned, digits) > score(random, digits) + 0.04
    assert score(equal, digits) < 0.4
    assert np.median(np.linalg.norm(w, axis=0)) == pytest.approx(1, abs=0.1)


@pytest.mark.data
def test_a_device_learns_the_same_sample_by_sample(digits):
    net, random = dense(100, eta=0.2), dense(100, spread=1.0)
    for x in digits[0]:
        net.stages[0].layer.learn_one(x)
    assert score(net, digits) > score(random, digits) + 0.02


def colours(n=20, side=8, seed=0):
    return np.random.default_rng(seed).uniform(size=(n, side * side * 3)).astype(np.float32)


def test_stages_learn_at_once_and_hand_maps_on():
    net = conv((8, 8, 3), TWO)
    assert net.fit(colours()) is net
    before = [np.array(stage.layer.w) for stage in net.stages]
    net.fit(colours())
    assert all((stage.layer.w != w).any() for stage, w in zip(net.stages, before, strict=True))
    assert [stage.shape_out for stage in net.stages] == [(4, 4, 96), (2, 2, 384)]
    features = net.features(colours(7))
    assert features.shape == (7, 2 * 2 * 384)
    assert features.dtype == np.float32
    assert (features >= 0).all()
    assert net.features(colours(7), depth=1).shape == (7, 4 * 4 * 96)


def test_the_published_third_layer_fits_on():
    net = conv((8, 8, 3), PUBLISHED).fit(colours(2))
    assert net.features(colours(2)).shape == (2, 1536)


def test_features_do_not_depend_on_who_else_is_asked_for():
    net = conv((8, 8, 3), TWO).fit(colours())
    many, one = net.features(colours(13)), net.features(colours(13)[4:5])
    np.testing.assert_allclose(many[4:5], one, rtol=1e-3, atol=1e-3)


def test_settling_moves_statistics_and_no_weight():
    net = conv((8, 8, 3), TWO)
    net.settle(colours(1))
    before = [np.array(stage.layer.w) for stage in net.stages]
    net.settle(colours(40, seed=1))
    assert all((stage.layer.w == w).all() for stage, w in zip(net.stages, before, strict=True))
    assert net.stages[0].standard.mean == pytest.approx(0.5, abs=0.02)


def test_the_same_seed_learns_the_same():
    one, two, other = (dense(10, seed=seed).fit(colours()).stages[0].layer.w for seed in (0, 0, 1))
    assert (one == two).all()
    assert (one != other).any()


def test_standard_is_mean_0_and_variance_1_in_every_channel():
    X = np.random.default_rng(0).normal(3, 2, (10, 4 * 5)).astype(np.float32)
    standard = Standard(5)
    pixels = standard.learn(X).reshape(-1, 5)
    np.testing.assert_allclose(pixels.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(pixels.std(axis=0), 1, atol=1e-3)
    np.testing.assert_allclose(standard.transform(X), pixels.reshape(X.shape), atol=1e-5)


@pytest.mark.parametrize(("how", "window"), [("max", 2), ("max", 4), ("mean", 2)])
def test_a_pool_is_what_a_loop_says(how, window):
    maps = np.random.default_rng(0).uniform(size=(2, 6, 8, 3)).astype(np.float32)
    reach = (window - 2) // 2
    padded = np.pad(maps, ((0, 0), (reach, reach), (reach, reach), (0, 0)))
    out = pooled(maps, how, window)
    assert out.shape == (2, 3, 4, 3)
    for y in range(3):
        for x in range(4):
            field = padded[:, 2 * y : 2 * y + window, 2 * x : 2 * x + window]
            np.testing.assert_allclose(out[:, y, x], getattr(field, how)(axis=(1, 2)), rtol=1e-6)


def test_bad_settings_are_named():
    for make in (
        lambda: dense(0),
        lambda: dense(eta=0.0),
        lambda: dense(t=-1.0),
        lambda: SoftHebb([], batch=0),
        lambda: conv((8, 8, 3), [TWO[0]._replace(pool="median")]),
        lambda: conv((8, 7, 3)),
        lambda: conv((8, 8)),
        lambda: conv((8, 8, 3), [(6, 3)]),
    ):
        with pytest.raises(ConfigError):
            make()


@pytest.mark.parametrize(
    "make",
    [
        lambda: SoftHebb(None, 1),
        lambda: SoftHebb([], 1),
        lambda: SoftHebb(LAYER, 1),
        lambda: SoftHebb([LAYER], 1),
        lambda: SoftHebb(Stage(LAYER), 1),
        lambda: SoftHebb([Stage(None)], 1),
        lambda: SoftHebb([Stage(LAYER, standard=3)], 1),
        lambda: SoftHebb([Stage(LAYER, window="2")], 1),
        lambda: SoftHebb([Stage(LAYER, power=float("nan"))], 1),
        lambda: SoftHebb([Stage(LAYER, power=-1.0)], 1),
        lambda: dense(seed=None),
        lambda: conv((8, 8, 3), seed=None),
        lambda: dense(10).features(colours(), depth=0),
        lambda: dense(10).features(colours(), depth=2),
        lambda: dense(10).features(colours(), depth=1.0),
    ],
)
def test_what_is_no_network_is_refused(make):
    with pytest.raises(ConfigError):
        make()


def spoilt(value):
    X = colours(25)
    X[23, 5] = value
    return X


BAD = [spoilt(v) for v in (np.nan, np.inf, 1e38, 1e20)] + [
    colours()[:, 3:],
    colours()[0],
    None,
    [[1], [1, 2]],
    "X",
]


def learned(net):
    arrays = [a for stage in net.stages for a in stage.layer.state().values()]
    arrays += [
        a for stage in net.stages if stage.standard for a in (stage.standard.mean, stage.standard.variance)
    ]
    return [np.array(a) for a in arrays]


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
@pytest.mark.parametrize("make", [lambda: dense(10), lambda: conv((8, 8, 3), TWO[:1])], ids=["dense", "conv"])
def test_a_refused_batch_changes_nothing(make, bad):
    net = make().fit(colours())
    before = learned(net)
    for use in (net.fit, net.settle, net.features):
        with pytest.raises(InputError):
            use(bad)
    assert all(same_bits(a, b) for a, b in zip(before, learned(net), strict=True))
    assert np.isfinite(net.fit(colours()).features(colours())).all()


def test_statistics_that_float32_does_not_hold_are_not_taken():
    standard = Standard(3)
    with pytest.raises(InputError, match="scale it"):
        standard.learn(spoilt(1e38))
    assert (standard.batches, standard.mean.tolist()) == (0, [0, 0, 0])


def test_a_stage_must_fit_what_it_is_given():
    net = SoftHebb([Stage(Layer(10, "softhebb", "softmax", "competition"), standard=Standard(5))], 4)
    with pytest.raises(InputError, match="5 channels"):
        net.fit(colours())


@pytest.mark.parametrize("net", [dense(10), dense(10).fit(colours()), conv((8, 8, 3), TWO)])
def test_no_samples_have_no_features_and_lists_are_samples(net):
    none = colours()[:0]
    wide = net.stages[-1].n_out
    assert net.fit(none).settle(none).features(none).shape == (0, wide)
    assert (net.features(colours(3).tolist()) == net.features(colours(3))).all()
