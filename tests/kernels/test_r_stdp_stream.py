"""The stream kernel of a unit with dopamine is the composition of the definitions, bit for bit."""

import numpy as np
import pytest

from edgelearn.kernels.order import define_drive
from edgelearn.kernels.r_stdp_stream import BASELINE, D, V, Y
from edgelearn.kernels.spikes import draw
from edgelearn.systems.r_stdp import RStdp, Task
from edgelearn.testing.fills import same_bits

pytestmark = pytest.mark.kernels
STEPS, N = 800, 12


@pytest.fixture(autouse=True)
def _words_wrap():
    """Counted words overflow on purpose, which NumPy tells where the JIT is off."""
    with np.errstate(over="ignore"):
        yield


def busy(**settings):
    return RStdp(N, rate_hz=60.0, eta=0.5, tau_c_s=0.1, tau_d_s=0.02, alpha=0.01, **settings)


def inputs(net, number=0):
    active, n_active = np.empty((STEPS, N), np.int32), np.empty(STEPS, np.int32)
    draw(net._chance, net.seed, number, active, n_active)
    found = np.zeros((STEPS, N), np.float32)
    for t in range(STEPS):
        found[t, active[t, : n_active[t]]] = 1
    return found


def composed(net, spikes, due):
    """Weights, eligibility and the unit's four numbers after these steps, by nothing but the definitions."""
    neuron, signal, rule = net.neuron, net.signal, net.rule
    unit, expected, traces = neuron.init(1), signal.init(1), rule.init(N, 1)
    w, fired = np.array(net.arrays["w"])[:, None], []
    for pre, r in zip(spikes, due, strict=True):
        unit, out, _ = neuron.step(neuron.params, unit, define_drive(pre, w))
        expected, third = signal.step(signal.params, expected, out, np.full(1, r))
        traces, w = rule.step(rule.params, traces, w, pre, out, third)
        fired.append(out[0] > 0)
    return w, traces, unit, expected, np.array(fired)


@pytest.mark.parametrize("seed", [0, 1])
def test_a_life_is_the_composition_of_the_definitions(seed):
    net, rng = busy(seed=seed), np.random.default_rng(seed)
    due = np.where(rng.random(STEPS) < 0.02, rng.normal(size=STEPS), 0).astype(np.float32)
    w, traces, unit, expected, fired = composed(net, inputs(net), due)
    list(net.live(due, every_ms=STEPS))
    found = net.arrays
    assert 5 < fired.sum() < STEPS / 2
    assert np.unique(found["w"]).size > 3  # not all at a bound
    for mine, theirs in ((found["w"], w), (found["c"], traces.c), (found["x"], traces.x)):
        assert same_bits(mine, theirs.reshape(-1))
    for place, theirs in ((V, unit.v), (Y, traces.y), (D, traces.d), (BASELINE, expected.baseline)):
        assert same_bits(found["unit"][place : place + 1], theirs)


def test_rewards_follow_each_coincidence_after_a_wait_within_bounds():
    net, due = busy(), np.zeros(STEPS, np.float32)
    task = Task(chosen=4, window_ms=3, delay_ms=(20, 50), reward=0.25)
    list(net.live(due, task, every_ms=STEPS))
    *_, fired = composed(busy(), spikes := inputs(net), due)  # which learns from those rewards
    since = np.array([np.flatnonzero(spikes[: t + 1, 4])[-1:] for t in range(STEPS)], object)
    earned = [t for t in np.flatnonzero(fired) if len(since[t]) and t - since[t][0] <= 3]
    paid = np.repeat(np.flatnonzero(due), np.round(due[due > 0] / 0.25).astype(int))
    early = [t for t in earned if t < STEPS - 50]
    assert len(early) > 3
    assert len(early) <= len(paid) <= len(earned)
    waits = np.sort(paid)[:, None] - np.array(earned)
    assert ((waits >= 20) & (waits <= 50)).any(axis=1).all()
    assert ((waits >= 20) & (waits <= 50)).any(axis=0)[: len(early)].all()
