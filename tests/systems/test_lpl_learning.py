"""What LPL learns from shifted digits, and what each part of its loss is for: without it, it collapses as told."""

from functools import cache

import numpy as np
import pytest
from sklearn.datasets import load_digits

from edgelearn.bench.backprop import Backprop, Setting
from edgelearn.bench.images import Images
from edgelearn.bench.invariance import distances, participation
from edgelearn.bench.linear import ridge
from edgelearn.bench.lpl_stream import FAR, FRAMES, wandering
from edgelearn.bench.lpl_twins import supervised
from edgelearn.systems.lpl import LPL
from edgelearn.systems.views import augmented, shifts, twice

SHAPE, BY, EPOCHS = (8, 8), 1, 40
DRAW = augmented(SHAPE, BY)


@cache
def digits():
    data = load_digits()
    x, y = (data.data / 16).astype(np.float32), data.target.astype(np.int64)
    return Images(x[:-500], y[:-500], x[-500:], y[-500:])


@cache
def trained(epochs=EPOCHS, **weights):
    net = LPL((64, 100, 100, 100), eta=3e-3, **weights)
    if epochs:
        list(net.fit(digits().x, twice(DRAW), epochs=epochs, batch=128))
    return net


def shifted():
    return shifts(SHAPE, BY)(np.random.default_rng(0), digits().x_test)


def readout(net):
    x, y, _, y_test = digits()
    return ridge(net.features(x), y, net.features(shifted()), y_test)


def ratio(net):
    rng = np.random.default_rng(0)
    return distances(*(net.features(DRAW(rng, digits().x_test)) for _ in range(2))).ratio


def test_views_of_one_digit_come_closer_and_a_readout_knows_shifted_ones():
    frozen = trained(epochs=0)
    assert ratio(trained()) < ratio(frozen) - 0.1
    assert readout(trained()) > readout(frozen) + 0.08


def test_without_the_hebbian_part_all_units_fall_silent():
    assert readout(trained(hebb=0.0)) < 0.3


def test_without_decorrelation_one_direction_is_left():
    assert participation(trained(decorrelate=0.0).features(digits().x_test)) < 3
    assert participation(trained().features(digits().x_test)) > 5


def test_without_prediction_views_stay_apart():
    assert ratio(trained(predict=0.0)) > ratio(trained()) + 0.1


def test_the_labelled_twin_learns_from_the_same_views():
    net = Backprop(Setting((64, 50, 10), eta=5e-3, epochs=15, batch=64))
    assert list(supervised(net, digits(), DRAW)) == [*range(1, 16)]
    assert net.accuracy(shifted(), digits().y_test) > 0.7


def test_distances_and_directions_of_made_up_features():
    rng = np.random.default_rng(0)
    one = rng.normal(size=(4000, 6)).astype(np.float32)
    assert participation(one) == pytest.approx(6, rel=0.02)
    assert participation(one[:, :1] * np.ones((1, 6), np.float32)) == pytest.approx(1)
    assert participation(np.zeros((9, 6), np.float32)) == 0
    assert distances(one, one).ratio == 0
    assert distances(one, rng.permutation(one)).ratio == pytest.approx(1, abs=0.03)
    assert np.isnan(distances(one * 0, one * 0).ratio)


def test_wandering_digits_move_a_pixel_a_frame_and_stay_near():
    spot = np.zeros((50, 28, 28), np.float32)
    spot[:, 14, 14] = 1
    seen = wandering(spot.reshape(50, -1), np.random.default_rng(0)).reshape(50, FRAMES, 28, 28)
    at = np.stack(np.nonzero(seen)[2:], axis=1).reshape(50, FRAMES, 2) - 14
    assert np.abs(at).max() == FAR
    assert np.abs(np.diff(at, axis=1)).max() == 1
    assert (np.abs(np.diff(at, axis=1)).max(axis=(1, 2)) == 0).mean() < 0.4  # some stand still
