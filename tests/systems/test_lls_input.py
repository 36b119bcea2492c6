"""LLS refuses what it cannot learn from or be made of, and has learned nothing then."""

import numpy as np
import pytest

from edgelearn.errors import ConfigError, InputError
from edgelearn.systems.conv_block import Block
from edgelearn.systems.lls import LLS, dense, small_conv
from edgelearn.testing.fills import same_bits

X = np.random.default_rng(0).uniform(size=(20, 6)).astype(np.float32)
Y = np.arange(20) % 3


def net(**settings):
    return LLS(dense((6, 8, 8)), 3, **settings)


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        (X[:, :5].copy(), Y, r"X must have 6 values a sample"),
        (X.astype(np.float64), Y, "X must be"),
        (np.where(X[3, 2] == X, np.float32(np.nan), X), Y, "X has NaN, infinity or values above"),
        (X * np.float32(1e38), Y, "X has NaN, infinity or values above"),
        (X, Y.astype(float), "y must be one whole number a sample"),
        (X, Y[:19], r"y must be one whole number a sample, shape \(20,\)"),
        (X, Y + 1, r"y must be in 0\.\.2, not 1\.\.3"),
        (X, Y - 1, r"y must be in 0\.\.2, not -1\.\.1"),
        (X, np.zeros(20, np.int64), "all labels are 0; there is nothing to tell apart"),
        (X[:7], Y[:7], "7 samples are fewer than a batch of 8"),
    ],
)
def test_bad_samples_teach_nothing(x, y, said):
    lls = net()
    before = {name: a.copy() for name, a in lls.state().items()}
    with pytest.raises(InputError, match=said):
        next(lls.fit(x, y, epochs=1, batch=8))
    assert all(same_bits(a, lls.arrays[name]) for name, a in before.items())


def test_bad_samples_are_not_answered():
    for answer in (net().predict_many, net().by_layer, net().features):
        with pytest.raises(InputError, match="X must have 6 values a sample"):
            answer(X[:, :4].copy())


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"n_classes": 1}, "n_classes must be a whole number of at least 2"),
        ({"eta": 0}, "eta must be above 0"),
        ({"tau": -1}, "tau must be above 0"),
        ({"mixing": "MM"}, "mixing is one of"),
        ({"basis": "sines"}, "basis of"),
        ({"still": "no"}, "still must be True or False"),
        ({"seed": -1}, "seed must be a whole number of at least 0"),
        ({"fields": 2}, "fields must be a list of whole numbers, one a block, not 2"),
        ({"fields": (1,)}, "fields has 1 numbers for 2 blocks"),
        ({"fields": (2, 1)}, "fields must divide the sides of a square map, not 2 of 1 x 1"),
    ],
)
def test_bad_settings(settings, said):
    with pytest.raises(ConfigError, match=said):
        LLS(dense((6, 8, 8)), **settings)


@pytest.mark.parametrize(
    ("blocks", "said"),
    [
        ([], "blocks must be a list of at least one Block"),
        ([5], "blocks must be a list of at least one Block"),
        (5, "blocks must be a list of at least one Block"),
        ([Block((4, 4), 2)], r"shape must be \(height, width, channels\), not \(4, 4\)"),
        ([Block((4, 0, 1), 2)], "shape must be a whole number of at least 1"),
        ([Block((4, 4, 1), 2, 3, "median", 2)], "pool must be one of max, mean, not 'median'"),
        ([Block((1, 1, 4), 0)], "units must be a whole number of at least 1"),
        ([Block((4, 4, 1), 2, 2)], "kernel must be odd, or 0 for a dense layer, not 2"),
        ([Block((4, 4, 1), 2, 3, "max", 3)], "window must divide the sides of the map, 4 x 4, not 3"),
        ([Block((4, 4, 1), 2, 3, leak=0.3)], "leak must be 0 or 0.01"),
        ([Block((4, 4, 1), 2, 3), Block((4, 4, 3), 2)], r"a block sees a map of \(4, 4, 3\), the one below gives"),
        (small_conv((20, 20, 3)), "window must divide the sides of the map, 5 x 5, not 2"),
    ],
)  # fmt: skip
def test_bad_blocks(blocks, said):
    with pytest.raises(ConfigError, match=said):
        LLS(blocks, 3)


@pytest.mark.parametrize("settings", [{}, {"mixing": "MxM"}, {"basis": "gaussian"}])
def test_a_state_is_the_whole_network(settings):
    one, two = net(**settings, seed=1), net(**settings, seed=2)
    for _ in one.fit(X, Y, epochs=2, batch=8):
        pass
    two.load({name: a.copy() for name, a in one.state().items()})
    assert same_bits(one.features(X), two.features(X))
    assert all((a == b).all() for a, b in zip(one.by_layer(X), two.by_layer(X), strict=True))


def test_a_state_of_another_network():
    lls, other = net(), LLS(dense((6, 9, 8)), 3, seed=1)
    before = lls.features(X)
    for wrong, said in (
        (other.state(), "w0"),
        (net(mixing="M").state(), "a state has"),
        (
            lls.state() | {"w1": np.full((8, 8), np.nan, np.float32)},
            "w1 has NaN or infinity; nothing was loaded",
        ),
        (lls.state() | {"variance0": -lls.arrays["variance0"]}, "variance0 has values outside 0 to inf"),
    ):
        with pytest.raises(InputError, match=said):
            lls.load(wrong)
    assert same_bits(before, lls.features(X))


@pytest.mark.parametrize(
    ("x", "y", "eta", "error", "said"),
    [
        (X[:, :5].copy(), Y, 0.1, InputError, "X must have 6 values a sample"),
        (np.full_like(X, np.inf), Y, 0.1, InputError, "X has NaN, infinity or values above"),
        (X, Y[:19], 0.1, InputError, r"y must be one whole number a sample, shape \(20,\)"),
        (X, Y + 1, 0.1, InputError, r"y must be in 0\.\.2, not 1\.\.3"),
        (X[:0], Y[:0], 0.1, InputError, "no samples"),
        (X[:1], Y[:1], 0.1, InputError, "one sample has no variance"),
        (X, Y, -0.1, ConfigError, "eta must be at least 0"),
        (X, Y, np.nan, ConfigError, "eta must be at least 0"),
    ],
)
def test_a_bad_batch_teaches_nothing(x, y, eta, error, said):
    lls = net()
    before = {name: a.copy() for name, a in lls.state().items()}
    with pytest.raises(error, match=said):
        lls.learn(x, y, eta)
    assert all(same_bits(a, lls.arrays[name]) for name, a in before.items())


def test_a_batch_of_one_has_no_variance():
    with pytest.raises(ConfigError, match="batch must be a whole number of at least 2, not 1"):
        net().fit(X, Y, batch=1)


@pytest.mark.parametrize("still", [False, True])
def test_what_runs_away_reaches_no_statistics(still):
    lls = net(still=still)
    lls.arrays["w1"] *= np.float32(1e25)
    before = {name: a.copy() for name, a in lls.state().items() if name[-1] == "1"}
    with pytest.raises(InputError, match="learning runs away at variance1"):
        list(lls.fit(X, Y, epochs=1, batch=8))
    assert len(before) == 5
    assert all(same_bits(a, lls.arrays[name]) for name, a in before.items())


def test_no_samples_have_no_labels():
    assert net().predict_many(X[:0]).shape == (0,)
    assert [said.shape for said in net().by_layer(X[:0])] == [(0,), (0,)]


def test_a_net_that_was_loaded_learns_on_as_the_one_it_was():
    """A fit starts Adam afresh: what either learned before is forgotten but for the state."""
    one, two = net(seed=1), net(seed=2)
    for lls in (one, two):
        list(lls.fit(X, Y, epochs=1, batch=8))
    two.load({name: a.copy() for name, a in one.state().items()})
    fresh = net(seed=3)
    fresh.load({name: a.copy() for name, a in one.state().items()})
    for lls in (one, two, fresh):
        list(lls.fit(X, Y, epochs=2, batch=8, shuffled=False))
    for name, a in one.arrays.items():
        assert same_bits(a, two.arrays[name])
        assert same_bits(a, fresh.arrays[name])


@pytest.mark.parametrize("sizes", [(), (64,), 64, (64, 0)])
def test_dense_layers_of_nothing(sizes):
    with pytest.raises(ConfigError, match="sizes must"):
        dense(sizes)


def test_the_small_net_is_of_a_map():
    with pytest.raises(ConfigError, match=r"shape must be \(height, width, channels\)"):
        small_conv((28, 28))
