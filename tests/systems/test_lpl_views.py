"""Views: shifted as told, scaled and noisy as told, and refused where no image would be left."""

import numpy as np
import pytest

from edgelearn.errors import ConfigError, InputError
from edgelearn.systems.views import augmented, frames, moved, shifts, twice

SHAPE = (5, 7)


def images(n=40):
    return np.random.default_rng(0).uniform(0.5, 1, size=(n, 35)).astype(np.float32)


def test_an_image_moves_down_and_right_and_nothing_comes_in():
    x, down, right = images(3), np.array([2, 0, -1]), np.array([0, 3, -2])
    seen, x = moved(x, SHAPE, down, right).reshape(3, *SHAPE), x.reshape(3, *SHAPE)
    assert (seen[0, 2:] == x[0, :-2]).all()
    assert (seen[1, :, 3:] == x[1, :, :-3]).all()
    assert (seen[2, :-1, :-2] == x[2, 1:, 2:]).all()
    assert [(s == 0).sum() for s in seen] == [14, 15, 35 - 4 * 5]


def test_shifts_are_even_in_all_directions():
    spot = np.zeros((5000, *SHAPE), np.float32)
    spot[:, 2, 3] = 1
    mean = shifts(SHAPE, 2)(np.random.default_rng(0), spot.reshape(5000, -1)).mean(axis=0).reshape(SHAPE)
    assert mean[:, 1:6] == pytest.approx(1 / 25, abs=0.015)
    assert not mean[:, (0, 6)].any()


def test_gain_and_noise_are_as_large_as_told():
    x, rng = np.ones((4000, 35), np.float32), np.random.default_rng(0)
    seen = augmented(SHAPE, 0, gain=0.3, noise=0.1)(rng, x)
    assert seen.dtype == np.float32
    assert seen.mean(axis=1).std() == pytest.approx(0.6 / np.sqrt(12), rel=0.1)
    assert (seen - seen.mean(axis=1, keepdims=True)).std() == pytest.approx(0.1, rel=0.05)
    assert (augmented(SHAPE, 0, gain=0, noise=0)(rng, x) == x).all()


def test_two_draws_of_a_sample_are_independent_and_leave_it_as_it_is():
    x, who = images(), np.arange(10, 20)
    before = np.array(x)
    one, two = twice(augmented(SHAPE, 1))(np.random.default_rng(0), x, who)
    assert one.shape == two.shape == (10, 35)
    assert (one != two).any(axis=1).all()
    assert (x == before).all()


def test_frames_follow_each_other_to_the_last():
    x = images(4)
    one, two = frames(np.random.default_rng(0), x, np.array([0, 2, 3]))
    assert (one == x[[0, 2, 3]]).all()
    assert (two == x[[1, 3, 3]]).all()


def test_an_image_of_another_size_is_refused():
    with pytest.raises(InputError, match=r"an image of shape \(5, 7\) has 35 values, not 34"):
        shifts(SHAPE, 1)(np.random.default_rng(0), images()[:, :34])


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: shifts((0, 3), 0), "shape must be a whole number of at least 1"),
        (lambda: shifts((5, 7, 1), 1), r"shape must be \(height, width\)"),
        (lambda: augmented(5), r"shape must be \(height, width\)"),
        (lambda: shifts(SHAPE, 5), "by must be less than the sides of the image, 5 and 7, not 5"),
        (lambda: shifts(SHAPE, -1), "by must be a whole number of at least 0"),
        (lambda: augmented(SHAPE, 1, gain=-0.1), "gain must be at least 0"),
        (lambda: augmented(SHAPE, 1, noise=float("nan")), "noise must be at least 0"),
    ],
)
def test_settings_out_of_bounds_are_refused(make, said):
    with pytest.raises(ConfigError, match=said):
        make()
