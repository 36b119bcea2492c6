"""What a leaky integrate-and-fire unit does in time."""

import numpy as np
import pytest

from edgelearn.errors import ConfigError
from edgelearn.neurons import Neuron, lif

pytestmark = pytest.mark.kernels


def run(neuron: Neuron, drives, state=None):
    """Return the spikes and slopes (steps, n), the potentials after each step, and the last state."""
    drives = np.atleast_2d(np.asarray(drives, np.float64))
    state = neuron.init(drives.shape[1]) if state is None else state
    spikes, slopes, potentials = [], [], []
    for drive in drives:
        state, out, slope = neuron.step(neuron.params, state, drive)
        spikes.append(out)
        slopes.append(slope)
        potentials.append(state.v)
    return np.array(spikes), np.array(slopes), np.array(potentials), state


def test_without_a_spike_the_potential_is_the_faded_sum_of_the_drive():
    _, _, v, _ = run(lif.neuron(decay=0.5, threshold=9), [[1.0], [2.0], [3.0]])
    assert v[-1, 0] == 3 + 2 / 2 + 1 / 4


def test_soft_reset_is_that_of_s_tllr():
    """The potential there is reset a step later, g (u - theta o) + x."""
    drive, g, threshold = np.random.default_rng(0).uniform(0, 1, 50), 0.5, 0.75
    u, o, expected = 0.0, 0.0, []
    for x in drive:
        u = g * (u - threshold * o) + x
        o = float(u - threshold > 0)
        expected.append(o)
    spikes, *_ = run(lif.neuron(decay=g, threshold=threshold), drive[:, None])
    assert spikes[:, 0].tolist() == expected
    assert 0 < sum(expected) < 50


def test_hard_reset_forgets_how_far_the_threshold_was_passed():
    *_, state = run(lif.neuron(threshold=1, reset=-0.25), [[5.0]])
    assert state.v[0] == -0.25
    *_, state = run(lif.neuron(threshold=1), [[5.0]])
    assert state.v[0] == 4


def test_a_refractory_unit_takes_neither_drive_nor_inhibition():
    unit = lif.neuron(decay=0.5, threshold=1, reset=0.0, refractory=2, inhibition=10)
    spikes, _, v, _ = run(unit, [[5.0, 0.0], [5.0, 20.0], [5.0, 20.0], [5.0, 0.0]])
    assert spikes[:, 0].tolist() == [1, 0, 0, 1]
    assert spikes[:, 1].tolist() == [0, 1, 0, 0]
    assert v[1, 0] == 0


def test_a_spike_lowers_all_others_at_once():
    _, _, v, _ = run(lif.neuron(threshold=1, reset=0.0, inhibition=3), [[2.0, 0.5, 0.25]])
    assert v[0].tolist() == [0, -2.5, -2.75]


def test_one_spike_a_step_is_that_of_the_highest_of_equals_the_first_and_all_are_reset():
    unit = lif.neuron(threshold=1, reset=0.0, refractory=1, theta_plus=0.5, one_spike=True)
    spikes, _, v, state = run(unit, [[0.5, 2.0, 3.0, 3.0]])
    assert spikes[0].tolist() == [0, 0, 1, 0]
    assert v[0].tolist() == [0.5, 0, 0, 0]
    assert state.theta.tolist() == [0, 0.5, 0.5, 0.5]


def test_the_threshold_rises_with_each_spike_and_fades_in_between():
    unit = lif.neuron(decay=0.0, threshold=1, reset=0.0, theta_plus=1, theta_decay=0.5)
    spikes, _, _, state = run(unit, [[2.25], [2.25], [1.25], [0.0]])
    assert spikes[:, 0].tolist() == [1, 1, 0, 0]
    assert state.theta[0] == (1 * 0.5 + 1) / 4


def test_the_threshold_outlives_a_sample_and_stands_still_in_prediction():
    unit = lif.neuron(threshold=1, theta_plus=1, theta_decay=0.5)
    *_, state = run(unit, [[5.0]])
    *_, after = run(unit._replace(params=unit.still), [[5.0], [5.0]], state)
    assert "theta" not in unit.fades
    assert set(unit.fades) == {"v", "wait"}
    assert after.theta == state.theta == 1


def test_the_slope_is_a_triangle_about_the_threshold():
    _, slopes, _, _ = run(lif.neuron(threshold=1, psi=0.25, width=2), [[-1.0, 0.0, 1.0, 2.0, 3.0, 5.0]])
    assert slopes[0].tolist() == [0, 0.125, 0.25, 0.125, 0, 0]


@pytest.mark.parametrize(
    "setting",
    [
        {"decay": 1.0}, {"decay": -0.1}, {"threshold": 0.0}, {"reset": np.nan}, {"reset": 0.6}, {"refractory": -1},
        {"refractory": 1.5}, {"theta_plus": -1.0}, {"theta_decay": 1.1}, {"inhibition": -1.0}, {"psi": 0.0},
        {"width": 0.0}, {"one_spike": "false"},
    ],
)  # fmt: skip
def test_a_constant_out_of_its_bounds_is_refused_by_name(setting):
    with pytest.raises(ConfigError, match=next(iter(setting))):
        lif.neuron(**setting)
