"""What a unit with an adapting threshold does in time, and how it differs from `lif`."""

import numpy as np
import pytest

from edgelearn.errors import ConfigError
from edgelearn.neurons import alif, lif
from edgelearn.testing import check_neuron

pytestmark = pytest.mark.kernels


def run(neuron, drives):
    """Return the spikes and slopes (steps,) of one unit, and its states."""
    state, found = neuron.init(1), []
    for drive in np.asarray(drives, np.float64):
        state, out, slope = neuron.step(neuron.params, state, drive[None])
        found.append((out[0], slope[0], state))
    spikes, slopes, states = zip(*found, strict=True)
    return np.array(spikes), np.array(slopes), states


def test_it_is_the_recursion_of_the_paper():
    drive = np.random.default_rng(0).uniform(0, 0.6, 300)
    alpha, rho, beta, threshold = 0.875, 0.96875, 0.25, 0.75  # whole in float32
    v = a = z = 0.0
    expected = []
    for u in drive:
        v, a = alpha * v + u - z * threshold, rho * a + z
        h = v - (threshold + beta * a)
        z = float(h > 0)
        expected.append((z, 0.3 / threshold * max(0, 1 - abs(h / threshold))))
    unit = alif.neuron(decay=alpha, threshold=threshold, rho=rho, beta=beta, psi=0.3)
    spikes, slopes, _ = run(unit, drive)
    assert spikes.tolist() == [spike for spike, _ in expected]
    assert slopes == pytest.approx([slope for _, slope in expected], rel=1e-6, abs=1e-9)
    assert 10 < spikes.sum() < 290


def test_each_spike_makes_the_next_one_rarer_until_the_threshold_is_back():
    unit = alif.neuron(decay=0.5, threshold=1, rho=0.99, beta=1.0)
    spikes, _, states = run(unit, np.full(60, 1.5))
    assert spikes[:20].sum() > spikes[40:].sum() > 0
    assert spikes.sum() < run(alif.neuron(decay=0.5, threshold=1, beta=0.0), np.full(60, 1.5))[0].sum()
    assert states[-1].a[0] == pytest.approx(sum(0.99 ** (58 - t) for t in range(59) if spikes[t]), rel=1e-4)


def test_a_refractory_unit_takes_in_its_drive_but_sends_nothing_and_has_no_slope():
    spikes, slopes, states = run(
        alif.neuron(decay=0.5, threshold=1, beta=0.0, refractory=2), [2.0, 2.0, 1.0, 1.0]
    )
    assert spikes.tolist() == [1, 0, 0, 1]
    assert slopes[1:3].tolist() == [0, 0]
    assert [state.v[0] for state in states] == [2, 2, 2, 2]


def test_the_reset_of_lif_fades_and_takes_the_adaptation_too():
    drive = [2.5, 0.0]
    theirs = run(lif.neuron(decay=0.5, threshold=1, theta_plus=0.5, theta_decay=0.5), drive)[2][-1]
    ours = run(alif.neuron(decay=0.5, threshold=1, rho=0.5, beta=0.5), drive)[2][-1]
    assert theirs.v[0] == 0.5 * (2.5 - 1)
    assert ours.v[0] == 0.5 * 2.5 - 1


def test_it_keeps_the_promises_of_a_neuron_while_refractory():
    check_neuron(alif.neuron(threshold=0.3, beta=1.7, rho=0.9, refractory=2))


@pytest.mark.parametrize(
    "setting",
    [{"decay": 1.0}, {"threshold": 0.0}, {"rho": 1.0}, {"beta": -0.1}, {"refractory": 0.5}, {"psi": 0.0}],
)
def test_a_constant_out_of_its_bounds_is_refused_by_name(setting):
    with pytest.raises(ConfigError, match=next(iter(setting))):
        alif.neuron(**setting)
