"""Deep Hebbian: filters that compete for patches of maps, and what becomes of them without competition."""

import numpy as np
import pytest

from edgelearn.errors import ConfigError, InputError
from edgelearn.layer import Layer
from edgelearn.rules import competitive
from edgelearn.signals import conscience, label_error, unsupervised
from edgelearn.systems.chain.maps import contrasted
from edgelearn.systems.deep_hebbian import BETA, BLANK, FLOOR, DeepHebbian, Level, levels
from edgelearn.testing.fills import same_bits

SHAPE, TWO = (12, 12, 2), (Level(6, 5, 0, 2), Level(8, 3, 1, 2))


def images(n=60, seed=0, shape=SHAPE):
    """Bars of either direction at random places, a little noise around them."""
    rng = np.random.default_rng(seed)
    found = rng.uniform(0, 0.1, (n, *shape)).astype(np.float32)
    for image in found:
        at, across = rng.integers(2, shape[0] - 2), rng.integers(2)
        (image if across else image.swapaxes(0, 1))[at : at + 2] += 0.9
    return found.reshape(n, -1)


def fitted(X, **settings):
    net = DeepHebbian(SHAPE, TWO, **settings)
    for _ in net.fit(X, batch=20):
        pass
    return net


def copied(net):
    return {name: np.array(array) for name, array in net.state().items()}


@pytest.mark.parametrize("whiten", [None, 0.1])
def test_it_is_the_layer_of_its_neuron_rule_and_signal_bit_for_bit(whiten):
    """Patches as large as the images: their order is the images'."""
    X = images(50)
    net = DeepHebbian(SHAPE, [Level(7, 12, 0, 1)], looks=1, whiten=whiten)
    layer = Layer(7, competitive.rule(), "linear", conscience.signal(BETA))
    layer.bind(X.shape[1])
    layer.w[...] = net.arrays["w0"]
    for _ in net.fit(X, batch=1, shuffled=False):
        pass
    for x in contrasted(X, FLOOR):
        layer.learn_one(x if whiten is None else (x[None] @ net.arrays["whiten"])[0])
    assert same_bits(net.arrays["w0"], layer.w)
    assert same_bits(net.arrays["rule0.wins"], layer.state()["rule.wins"])
    assert same_bits(net.arrays["signal0.bias"], layer.state()["signal.bias"])
    assert net.arrays["rule0.wins"].sum() == 50


@pytest.mark.parametrize("whiten", [None, 0.1])
def test_features_are_what_the_equations_say(whiten):
    X, net = images(5), fitted(images(), whiten=whiten)
    seen, found = X.reshape(-1, *SHAPE).astype(np.float64), []
    for k, level in enumerate(TWO):
        w, pad = net.arrays[f"w{k}"].astype(np.float64), level.padding
        if whiten and k == 0:
            w = net.arrays["whiten"].astype(np.float64) @ w
        maps = np.pad(seen, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
        side = maps.shape[1] - level.kernel + 1
        code = np.zeros((5, side, side, level.units))
        for y, x in np.ndindex(side, side):
            c = maps[:, y : y + level.kernel, x : x + level.kernel].reshape(5, -1)
            c = (c - c.mean(axis=1, keepdims=True)) / (c.std(axis=1, keepdims=True) + 0.1)
            u = c @ w
            code[:, y, x] = np.maximum(0, u - u.mean(axis=1, keepdims=True))
        half = side // 2
        seen = code[:, : 2 * half, : 2 * half].reshape(5, half, 2, half, 2, level.units).max(axis=(2, 4))
        found.append(seen.reshape(5, -1))
    assert net.features(X) == pytest.approx(np.concatenate(found, axis=1), abs=1e-4)


def test_filters_keep_norm_1_and_every_layer_learns():
    before, net = DeepHebbian(SHAPE, TWO), fitted(images())
    for k in range(2):
        assert np.linalg.norm(net.arrays[f"w{k}"], axis=0) == pytest.approx(np.ones(TWO[k].units), abs=1e-5)
        assert np.abs(net.arrays[f"w{k}"] - before.arrays[f"w{k}"]).max() > 0.1


def test_patches_come_from_all_places_as_often_as_told_in_random_order():
    X, looks = np.arange(40 * 144, dtype=np.float32).reshape(40, 144) * np.float32(1e-3), 50
    net = DeepHebbian((12, 12, 1), [Level(6, 5, 0, 2)], looks=looks)
    seen = []
    net._compete = lambda _k, patches: seen.append(patches)  # as they come
    X += np.random.default_rng(0).uniform(size=X.shape).astype(np.float32)
    net.learn(X)
    assert seen[0].shape == (40 * looks, 25)
    every = np.lib.stride_tricks.sliding_window_view(X.reshape(-1, 12, 12), (5, 5), axis=(1, 2))
    every = contrasted(np.ascontiguousarray(every).reshape(-1, 25), FLOOR)
    found = [int(np.abs(every - patch).max(axis=1).argmin()) for patch in seen[0][:400]]
    image, place = np.divmod(found, 64)
    assert len(set(place)) > 55
    assert len(set(image[:looks])) > 20


def test_blank_patches_teach_nothing():
    net = fitted(np.full((40, 288), 0.5, np.float32))
    assert not net.arrays["rule0.wins"].any()
    assert all(same_bits(a, DeepHebbian(SHAPE, TWO).arrays[name]) for name, a in net.arrays.items())


def test_without_competition_all_filters_become_one():
    def alike(net):
        w = net.arrays["w0"]
        return np.abs(w.T @ w).mean()

    X = images(200)
    assert alike(fitted(X, signal=unsupervised.signal())) > 0.98
    assert alike(fitted(X)) < 0.7


@pytest.mark.parametrize("seed", range(3))
def test_conscience_shares_the_wins(seed):
    """A unit near the patches' own directions wins more than twice as often as others, until it has a handicap."""
    without, fair = (fitted(images(200), signal=conscience.signal(b), seed=seed).arrays for b in (0.0, 0.05))
    assert without["rule0.wins"].max() > 2 * without["rule0.wins"].min()
    for k in range(2):
        assert fair[f"rule{k}.wins"].max() < 1.5 * fair[f"rule{k}.wins"].min()


def test_whitened_patches_have_second_moments_of_1():
    X = images(300)
    net = DeepHebbian(SHAPE, TWO, whiten=1e-6, looks=200)
    assert same_bits(net.arrays["whiten"], np.eye(50, dtype=np.float32))
    net.settle(X)
    maps = X.reshape(-1, *SHAPE)
    patches = [maps[:, y : y + 5, x : x + 5].reshape(300, -1) for y in range(8) for x in range(8)]
    seen = np.concatenate(patches)
    seen = contrasted(seen[seen.std(axis=1) >= BLANK], FLOOR)
    moments = (seen @ net.arrays["whiten"]).T @ (seen @ net.arrays["whiten"]) / len(seen)
    values = np.linalg.eigvalsh(moments)
    assert values[0] < 1e-2  # the mean of a patch, which contrast takes away
    assert values[1:] == pytest.approx(np.ones(49), abs=0.25)


def test_the_first_data_settle_the_whitening_and_no_later_do():
    net = fitted(images(), whiten=0.1)
    settled = np.array(net.arrays["whiten"])
    for _ in net.fit(images(40, seed=5), batch=20):
        pass
    assert not same_bits(settled, np.eye(50, dtype=np.float32))
    assert same_bits(settled, net.arrays["whiten"])


def test_the_same_seed_gives_the_same_net_and_another_another():
    one, again, other = (fitted(images(), seed=seed) for seed in (3, 3, 4))
    assert all(same_bits(a, again.arrays[name]) for name, a in one.arrays.items())
    assert not same_bits(one.arrays["w0"], other.arrays["w0"])


def test_state_comes_back_whole_and_learning_goes_on():
    net, other = fitted(images(), whiten=0.1), DeepHebbian(SHAPE, TWO, whiten=0.1, seed=9)
    other.load(copied(net))
    assert same_bits(other.features(images(7)), net.features(images(7)))
    assert same_bits(other.arrays["rule1.wins"], net.arrays["rule1.wins"])


def test_a_state_of_another_net_is_refused_and_nothing_changes():
    net = fitted(images())
    before = copied(net)
    for wrong in (
        DeepHebbian(SHAPE, levels(6, 8)[:1]).state(),
        before | {"w1": before["w1"][:, 1:].copy()},
        before | {"w0": before["w0"] * np.float32(np.nan)},
    ):
        with pytest.raises(InputError):
            net.load(wrong)
    assert all(same_bits(a, net.arrays[name]) for name, a in before.items())


def with_nan(X):
    X[3, 4] = np.nan
    return X


@pytest.mark.parametrize(
    ("X", "said"),
    [
        (images()[:, 1:].copy(), "288 values"),
        (images().astype(np.float64), "float32"),
        (with_nan(images()), "NaN"),
        (images(10), "fewer than a batch of 20"),
        (images()[0], "shape"),
    ],
)
def test_bad_input_is_refused_and_nothing_learned(X, said):
    net = DeepHebbian(SHAPE, TWO, whiten=0.1)
    before = copied(net)
    with pytest.raises(InputError, match=said):
        net.fit(X, batch=20)
    assert all(same_bits(a, net.arrays[name]) for name, a in before.items())


def test_blank_images_cannot_settle_a_whitening():
    for n in (0, 100):
        net = DeepHebbian(SHAPE, TWO, whiten=0.1)
        draws = net.rng.bit_generator.state
        with pytest.raises(InputError, match="blank"):
            (net.fit if n else net.settle)(np.zeros((n, 288), np.float32))
        assert net.rng.bit_generator.state == draws


def test_a_batch_it_cannot_use_is_refused():
    net = DeepHebbian(SHAPE, TWO)
    for X, said in (
        (images()[:, 1:].copy(), "288 values"),
        (with_nan(images()), "NaN"),
        (images()[0], "shape"),
    ):
        with pytest.raises(InputError, match=said):
            net.learn(X)
    net.learn(images()[:0])
    assert all(same_bits(a, DeepHebbian(SHAPE, TWO).arrays[name]) for name, a in net.arrays.items())


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"shape": (12, 12)}, "shape"),
        ({"shape": 12}, "shape"),
        ({"shape": (6, 6, 1)}, "leaves nothing"),
        ({"layers": ()}, "layer"),
        ({"layers": [Level(1, 3, 0, 2)]}, "units"),
        ({"looks": 0}, "looks"),
        ({"layers": [(6, 3, 0, 2)]}, "a list of at least one Level"),
        ({"layers": None}, "a list of at least one Level"),
        ({"whiten": 0}, "whiten must be above 0"),
        ({"signal": label_error.signal()}, "signal must be a Signal without a teacher"),
        ({"signal": "conscience"}, "signal must be a Signal without a teacher"),
        ({"eta_min": 2.0}, "eta_min"),
    ],
)
def test_bad_settings_are_named(settings, said):
    with pytest.raises(ConfigError, match=said):
        DeepHebbian(**{"shape": SHAPE, "layers": TWO} | settings)
