"""What is known of each neuron, and what its maker refuses."""

import math

import numpy as np
import pytest

from edgelearn import neurons
from edgelearn.errors import ConfigError

pytestmark = pytest.mark.kernels


def out_of(name, drive, **settings):
    neuron = neurons.make(name, **settings)
    return neuron.step(neuron.params, neuron.init(len(drive)), np.asarray(drive))[1]


def test_k_winners_pass_their_drive_and_of_equals_the_first_wins():
    assert out_of("k_winners", [1.0, 3.0, 2.0, 3.0], k=1).tolist() == [0, 3, 0, 0]
    assert out_of("k_winners", [1.0, 3.0, 2.0, 3.0], k=3).tolist() == [0, 3, 2, 3]
    assert out_of("k_winners", [-1.0, -3.0, math.nan], k=2).tolist() == [-1, -3, 0]


def test_ranked_names_the_first_and_the_kth():
    assert out_of("ranked", [1.0, 3.0, 2.0, 3.0], k=2).tolist() == [0, 1, 0, -1]
    assert out_of("ranked", [1.0, 3.0, 2.0, 0.0], k=3).tolist() == [-1, 1, 0, 0]


def test_triangle_is_what_lies_above_the_mean_to_a_power():
    drive = np.array([0.0, 1.0, 2.0, 5.0])
    assert out_of("triangle", drive).tolist() == [0, 0, 0, 3]
    assert out_of("triangle", drive, power=0.7)[3] == pytest.approx(3**0.7)
    assert out_of("triangle", drive.astype(np.float32), power=4.5)[3] == pytest.approx(3**4.5, rel=1e-6)


def test_softmax_shares_one_and_a_hotter_one_shares_it_more_evenly():
    drive = np.array([1.0, 2.0, 3.0], np.float32)
    cold, hot = (out_of("softmax", drive, t=t) for t in (5, 0.1))
    assert cold.sum() == pytest.approx(1)
    assert cold[2] > hot[2] > 1 / 3


def test_tanh_is_odd_and_its_slope_is_1_at_0():
    neuron = neurons.make("tanh")
    drive = np.array([-2.0, 0.0, 2.0], np.float32)
    _, out, slope = neuron.step(neuron.params, neuron.init(3), drive)
    assert out[0] == -out[2]
    assert slope.tolist() == [1 - out[0] ** 2, 1, 1 - out[0] ** 2]


@pytest.mark.parametrize(
    ("name", "setting", "value", "bound"),
    [
        ("softmax", "t", -1, "t must be at least 0"),
        ("triangle", "power", 0, "power must be above 0"),
        ("triangle", "power", math.nan, "power must be above 0"),
        ("k_winners", "k", 0, "k must be a whole number of at least 1"),
        ("k_winners", "k", 1.5, "k must be a whole number of at least 1"),
        ("ranked", "k", 1, "k must be a whole number of at least 2"),
        ("relu", "slope", 1, "neuron relu has no setting 'slope'"),
        ("rellu", "slope", 1, "no neuron is called 'rellu'"),
    ],
)
def test_makers_name_the_argument_and_its_bound(name, setting, value, bound):
    with pytest.raises(ConfigError, match=bound):
        neurons.make(name, **{setting: value})


@pytest.mark.parametrize("name", ["k_winners", "ranked"])
def test_a_competition_for_more_ranks_than_units_is_refused(name):
    with pytest.raises(ConfigError, match="k must be at most n_post=3, not 4"):
        neurons.make(name, k=4).init(3)
