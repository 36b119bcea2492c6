"""Forward-Forward without labels: mixtures of two images, and layers that tell them from real ones."""

import itertools

import numpy as np
import pytest
from sklearn.datasets import load_digits

from edgelearn.errors import ConfigError, InputError
from edgelearn.systems import chain
from edgelearn.systems.forward_forward_unlabelled import UnlabelledForwardForward, blobs

SHAPE, UNITS = (8, 8, 1), (60, 50, 40)


@pytest.fixture(scope="module")
def digits():
    return (load_digits().data / 16).astype(np.float32)


def mixed_of(net, n):
    """Return the number of the image that each value of n mixtures comes from: it is at its own place in each."""
    place = np.arange(net.sizes[0], dtype=np.float32)
    found = net.mixed(1000 * np.arange(n, dtype=np.float32)[:, None] + place) - place
    assert (found % 1000 == 0).all()
    return found / 1000


def test_a_mixture_holds_two_images_and_nothing_else():
    net = UnlabelledForwardForward((16, 16, 1), UNITS, blurs=2)
    found = mixed_of(net, 20)
    held = [set(row.tolist()) for row in found]
    assert all(len(row) == 2 for row in held)
    assert all(k in row for k, row in enumerate(held))


@pytest.mark.parametrize("n", [2, 3])
def test_the_other_image_is_never_the_same(n):
    net = UnlabelledForwardForward((16, 16, 1), UNITS, blurs=0)
    assert all(len(np.unique(row)) == 2 for _ in range(20) for row in mixed_of(net, n))


def test_colours_of_a_pixel_stay_together():
    net = UnlabelledForwardForward((6, 4, 3), UNITS)
    found = mixed_of(net, 10).reshape(10, 6 * 4, 3)
    assert (found == found[:, :, :1]).all()


def test_rows_and_columns_are_those_of_the_image():
    """Blurred along the wrong axis, or cut into rows of another length, blobs would not be as tall as they are wide."""
    mask = blobs(np.random.default_rng(0), 200, 12, 30, 6)
    assert mask.shape == (200, 12, 30)
    down = (mask[:, 1:] != mask[:, :-1]).mean()
    across = (mask[:, :, 1:] != mask[:, :, :-1]).mean()
    assert down == pytest.approx(across, rel=0.15)


def test_blobs_grow_with_every_blur_and_cover_half():
    edges = []
    for blurs in (0, 2, 6, 18):
        mask = blobs(np.random.default_rng(0), 300, 28, 28, blurs)
        assert mask.mean() == pytest.approx(0.5, abs=0.03)
        edges.append((mask[:, 1:] != mask[:, :-1]).mean())
    assert edges[0] == pytest.approx(0.5, abs=0.01)
    assert all(late < 0.8 * early for early, late in itertools.pairwise(edges))


def test_one_blur_is_the_filter_written_out():
    bits = np.random.default_rng(3).integers(0, 2, (1, 5, 6)).astype(np.float64)
    around = np.pad(bits[0], 1, mode="edge")
    once = sum(
        a * b * around[1 + i : 6 + i, 1 + j : 7 + j]
        for i, a in zip((-1, 0, 1), (0.25, 0.5, 0.25), strict=True)
        for j, b in zip((-1, 0, 1), (0.25, 0.5, 0.25), strict=True)
    )
    assert (blobs(np.random.default_rng(3), 1, 5, 6, 1)[0] == (once > 0.5)).all()


def test_held_out_images_come_out_longer_than_their_mixtures(digits):
    net = UnlabelledForwardForward(SHAPE, (200, 200))
    list(net.fit(digits[:-400], epochs=15, batch=50))
    held = digits[-400:]
    for real, mixed in zip(net.lengths(held), net.lengths(net.mixed(held)), strict=True):
        assert real.mean() > 1 > mixed.mean()
        assert (real > mixed).mean() > 0.65


def test_without_mixtures_both_become_long(digits):
    net = UnlabelledForwardForward(SHAPE, (200, 200), contrast=False)
    list(net.fit(digits[:-400], epochs=15, batch=50))
    held = digits[-400:]
    assert all(mixed.mean() > 1.2 for mixed in net.lengths(net.mixed(held)))


def test_features_are_all_layers_but_the_first(digits):
    net = UnlabelledForwardForward(SHAPE, UNITS)
    assert (net.features(digits[:9]) == chain.run(net.frozen(), digits[:9])).all()
    assert net.features(digits[:9]).shape == (9, 90)


def test_a_layer_may_learn_alone_and_a_seed_says_it_all(digits):
    nets = [UnlabelledForwardForward(SHAPE, UNITS, seed=seed) for seed in (1, 1, 2)]
    first = {name: a.copy() for name, a in nets[0].state().items()}
    for net in nets:
        list(net.fit(digits[:100], epochs=1, batch=20, parts=[1]))
    one, same, other = (net.state() for net in nets)
    assert {name for name, a in one.items() if (a != first[name]).any()} == {"w1", "b1", "recent1"}
    assert all((one[name] == same[name]).all() for name in one)
    assert (one["w1"] != other["w1"]).any()


@pytest.mark.parametrize(
    ("change", "setting", "error", "said"),
    [
        (lambda x: x[:, :63].copy(), {}, InputError, "64 values"),
        (lambda x: x * np.float32(np.nan), {}, InputError, "NaN"),
        (lambda x: x[:10], {}, InputError, "fewer than a batch"),
        (lambda x: x, {"batch": 1}, ConfigError, "batch"),
        (lambda x: x, {"parts": [3]}, ConfigError, r"0\.\.2"),
        (lambda x: x, {"epochs": 0}, ConfigError, "epochs"),
    ],
)
def test_bad_input_teaches_nothing(digits, change, setting, error, said):
    net = UnlabelledForwardForward(SHAPE, UNITS)
    before = {name: a.copy() for name, a in net.state().items()}
    with pytest.raises(error, match=said):
        net.fit(change(digits[:50]), **({"batch": 20} | setting))
    assert all((a == before[name]).all() for name, a in net.state().items())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda x: x[:1], "a mixture takes two images, and X has 1"),
        (lambda x: x[:0], "X has 0"),
        (lambda x: x[:, :63].copy(), "64 values"),
        (lambda x: x * np.float32(np.nan), "NaN"),
    ],
)
def test_what_cannot_be_mixed_draws_nothing(digits, change, said):
    net = UnlabelledForwardForward(SHAPE, UNITS)
    draws = net.rng.bit_generator.state
    with pytest.raises(InputError, match=said):
        net.mixed(change(digits[:9]))
    assert net.rng.bit_generator.state == draws


@pytest.mark.parametrize(
    ("shape", "units", "setting", "said"),
    [
        (64, UNITS, {}, "height, width, channels"),
        ((8, 8), UNITS, {}, "height, width, channels"),
        ((8, 0, 1), UNITS, {}, "shape"),
        (SHAPE, (50,), {}, "two layers"),
        (SHAPE, 50, {}, "two layers"),
        (SHAPE, UNITS, {"blurs": -1}, "blurs"),
    ],
)
def test_no_net_is_made_of_bad_settings(shape, units, setting, said):
    with pytest.raises(ConfigError, match=said):
        UnlabelledForwardForward(shape, units, **setting)
