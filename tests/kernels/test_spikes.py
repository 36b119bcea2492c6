"""Random spikes have the chances that were asked for, and a seed and a number say which come."""

import numpy as np

from edgelearn.kernels import spikes


def train(chance, number, steps=250, seed=0):
    """Return the spikes (steps, n) of inputs with these chances of 65536."""
    chance = np.array(chance, np.uint64)
    active, n_active = np.empty((steps, len(chance)), np.int32), np.empty(steps, np.int32)
    spikes.draw(chance, seed, number, active, n_active)
    out = np.zeros((steps, len(chance)))
    for row, which, n in zip(out, active, n_active, strict=True):
        assert (np.diff(which[:n]) > 0).all()
        row[which[:n]] = 1
    return out


def test_inputs_spike_with_their_chance_in_every_step():
    chance = np.array([0, 1, 655, 8389, 32768, 65535])
    mean = np.mean([train(chance, number) for number in range(400)], axis=0)
    p = chance / 65536
    np.testing.assert_allclose(mean.mean(axis=0), p, atol=0.005)
    assert np.abs(mean - p).max() < 5 * np.sqrt(0.25 / 400)


def test_inputs_steps_and_numbers_are_independent():
    x = np.stack([train([16384] * 8, number, 64) for number in range(200)]).reshape(200, -1)
    correlation = np.corrcoef(x.T)
    np.fill_diagonal(correlation, 0)
    assert np.abs(correlation).max() < 6 / np.sqrt(200)
    assert np.abs(np.corrcoef(x) - np.eye(200)).max() < 6 / np.sqrt(512)


def test_a_seed_and_a_number_say_which_spikes_come():
    assert (train([20000] * 9, 5) == train([20000] * 9, 5)).all()
    for other in ((6, 250, 0), (5, 250, 1)):
        assert (train([20000] * 9, 5) != train([20000] * 9, *other)).any()
