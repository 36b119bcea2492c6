"""LPL: each layer's gradient is that of its own loss, nothing comes from above, and refusals leave nothing learned."""

from functools import partial

import numpy as np
import pytest

from edgelearn.bench.lpl_twins import EndToEnd
from edgelearn.errors import ConfigError, InputError
from edgelearn.systems import chain
from edgelearn.systems.lpl import LPL
from edgelearn.systems.views import frames, twice

SIZES, SMALL = (6, 5, 4, 3), 1e-6
PARTS = {"predict": (1, 0, 0), "hebb": (0, 1, 0), "decorrelate": (0, 0, 10), "all": (0.5, 2, 7)}
noisy = twice(lambda rng, X: X + rng.normal(size=X.shape).astype(np.float32) * np.float32(0.1))


def in_float64(kind, weights, seed=0):
    """Return a small net with exact arithmetic whose units are awake."""
    predict, hebb, decorrelate = weights
    net = kind(SIZES, predict=predict, hebb=hebb, decorrelate=decorrelate, seed=seed)
    net.arrays = {name: a.astype(np.float64) + 0.2 * name.startswith("b") for name, a in net.arrays.items()}
    return net


def views(n=9, seed=0):
    return np.random.default_rng(seed).normal(size=(2, n, SIZES[0])) * 2


def loss(net, layer, one, two):
    """Return the loss of a layer, written out once more."""
    predict, hebb, decorrelate = net.signal.params[:3]
    for k in range(layer + 1):
        one, two = (np.maximum(x @ net.arrays[f"w{k}"] + net.arrays[f"b{k}"], 0) for x in (one, two))
    found = predict * ((one - two) ** 2).mean()
    for view in (one, two):
        covariance, m = np.cov(view.T), view.shape[1]
        found -= hebb * np.log(np.diagonal(covariance) + np.float32(1e-4)).mean() / 2
        off = covariance - np.diag(np.diagonal(covariance))
        found += decorrelate * (off**2).sum() / (m * m - m) / 2
    return found


def slope(value, array):
    """Return the derivative of value() by each entry of ``array``, by central differences."""
    found = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        kept, sides = array[index], []
        for push in (SMALL, -SMALL):
            array[index] = kept + push
            sides.append(value())
        array[index] = kept
        found[index] = (sides[0] - sides[1]) / (2 * SMALL)
    return found


@pytest.mark.parametrize("weights", PARTS.values(), ids=PARTS)
def test_each_layer_goes_down_its_own_loss(weights):
    net, pair = in_float64(LPL, weights), views()
    found = net.gradient(*pair)
    assert set(found) == set(net.arrays)
    for name, grad in found.items():
        true = slope(partial(loss, net, int(name[1:]), *pair), net.arrays[name])
        assert grad == pytest.approx(true, rel=1e-5, abs=1e-7)
        assert np.abs(true).max() > 1e-4


def test_the_twin_sends_the_last_loss_back_through_all_layers():
    net, pair = in_float64(EndToEnd, PARTS["all"]), views()
    for name, grad in net.gradient(*pair).items():
        assert grad == pytest.approx(
            slope(partial(loss, net, 2, *pair), net.arrays[name]), rel=1e-5, abs=1e-7
        )


def test_parts_weigh_what_the_authors_give_them():
    assert LPL(SIZES).signal.params[:3] == (1, 1, 10)


def test_what_is_above_changes_nothing_below():
    net, pair = LPL(SIZES), views().astype(np.float32)
    before = net.gradient(*pair)
    net.arrays["w2"] += 1
    after = net.gradient(*pair)
    assert all((before[name] == after[name]).all() for name in ("w0", "b0", "w1", "b1"))
    assert (before["w2"] != after["w2"]).any()


def samples(n=64, seed=0):
    return np.random.default_rng(seed).uniform(size=(n, SIZES[0])).astype(np.float32)


def taught(seed=0, epochs=2, pairs=noisy, **more):
    net = LPL(SIZES, seed=seed)
    assert list(net.fit(samples(), pairs, epochs=epochs, batch=16, **more)) == [*range(1, epochs + 1)]
    return net


def test_features_are_the_frozen_chain_and_the_last_activities():
    net, x = taught(), samples(300, seed=1)
    assert (net.features(x) == chain.run(net.frozen(), x)).all()
    assert [a.shape for a in net.activities(x)] == [(300, 5), (300, 4), (300, 3)]
    assert (net.activities(x)[-1] == net.features(x)).all()


def test_the_same_seed_learns_the_same_and_another_seed_something_else():
    one, two, other = (taught(seed).features(samples()) for seed in (1, 1, 2))
    assert (one == two).all()
    assert (one != other).any()


def test_samples_in_their_order_are_frames_of_a_stream():
    seen = []

    def watched(rng, X, who):
        seen.append(who)
        return frames(rng, X, who)

    taught(epochs=1, pairs=watched, shuffled=False)
    assert np.concatenate(seen).tolist() == [*range(64)]


def test_a_state_goes_into_a_twin_and_no_other_net():
    net, twin, x = taught(seed=1), LPL(SIZES, seed=2), samples()
    twin.load(net.state())
    assert (twin.features(x) == net.features(x)).all()
    before = twin.features(x)
    broken = {name: np.array(a) for name, a in taught(seed=3).state().items()}
    broken["b2"][0] = np.nan
    for bad in (LPL((6, 5, 4, 2)).state(), LPL((6, 5, 4)).state(), broken, {}):
        with pytest.raises(InputError):
            twin.load(bad)
        assert (twin.features(x) == before).all()


@pytest.mark.parametrize(
    ("X", "pairs", "setting", "said"),
    [
        (np.ones((64, 5), np.float32), noisy, {}, r"X must have 6 values a sample, shape \(n, 6\)"),
        (samples().astype(np.float64), noisy, {}, "float32"),
        (np.where(samples() > 0.5, np.float32(np.nan), samples()), noisy, {}, "X has NaN"),
        (samples(15), noisy, {}, "15 samples are fewer than a batch of 16"),
        (samples(), lambda _, X, who: (X[who], np.ones((16, 3), np.float32)), {}, "X must have 6 values"),
        (samples(), lambda _, X, who: (X[who], X[who] / np.float32(np.inf) * np.float32(np.nan)), {}, "NaN"),
        (samples(), lambda _, X, who: (X[who], X[who][1:]), {}, r"two views .* not \(16, 6\) and \(15, 6\)"),
        (samples(), lambda _, X, who: X[who], {}, "a tuple of two views, not ndarray"),
        (samples(), noisy, {"batch": 1}, "batch must be a whole number of at least 2"),
        (samples(), noisy, {"epochs": 0}, "epochs"),
        (samples(), np.arange(64), {}, "pairs must be a function that draws two views"),
        (samples() * np.float32(1e14), noisy, {}, "learning runs away at w0"),
    ],
)  # fmt: skip
def test_what_cannot_be_learned_is_refused_and_changes_nothing(X, pairs, setting, said):
    net, fresh = LPL(SIZES), LPL(SIZES)
    with pytest.raises((InputError, ConfigError), match=said):
        list(net.fit(X, pairs, **{"epochs": 1, "batch": 16} | setting))
    assert all((a == fresh.arrays[name]).all() for name, a in net.arrays.items())


@pytest.mark.parametrize(
    ("sizes", "setting", "said"),
    [
        ((6,), {}, "sizes must name the inputs and at least one layer"),
        ((6, 0), {}, "sizes must be a whole number of at least 1"),
        ((6, 5), {"eta": 0}, "eta must be above 0"),
        ((6, 5), {"hebb": -1}, "hebb must be at least 0"),
        ((6, 5), {"decorrelate": float("nan")}, "decorrelate must be at least 0"),
        ((6, 5), {"seed": -1}, "seed"),
    ],
)
def test_settings_out_of_bounds_are_refused(sizes, setting, said):
    with pytest.raises(ConfigError, match=said):
        LPL(sizes, **setting)
