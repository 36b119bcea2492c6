"""The stream kernel of one sample is the composition of the definitions, bit for bit."""

import numpy as np
import pytest

from edgelearn.errors import ConfigError, InputError
from edgelearn.kernels.order import define_drive
from edgelearn.neurons import lif, softmax
from edgelearn.rules import delta, stdp_eligibility
from edgelearn.signals import feedback, label_error
from edgelearn.systems.s_tllr.online import OnlineNet, spike_lists
from edgelearn.testing.fills import same_bits

pytestmark = pytest.mark.kernels
SIZES = 23, 9, 4


def parts(a_post, seed=1):
    neuron = lif.neuron(decay=0.8)
    rule = stdp_eligibility.rule(eta=0.2, lam_pre=0.8, a_post=a_post)
    return neuron, rule, OnlineNet(*SIZES, neuron, rule, eta_readout=0.3, seed=seed)


def composed(net, neuron, rule, spikes, label):
    """Weights and readout after one sample, by nothing but steps."""
    n_in, n, n_out = SIZES
    w, readout = np.array(net.w), np.array(net.readout)
    unit, traces, top = neuron.init(n), rule.init(n_in, n), softmax.neuron()
    error, back, head = label_error.signal(), feedback.signal(n_out, 1), delta.rule(0.3)
    wires, truth = back.init(n), np.eye(n_out, dtype=np.float32)[label]
    for x in spikes:
        unit, out, slope = neuron.step(neuron.params, unit, define_drive(x, w))
        drive = define_drive(out, readout)
        _, says, _ = top.step(top.params, top.init(n_out), drive)
        _, wrong = error.step(error.params, error.init(n_out), says, truth)
        _, third = back.step(back.params, wires, out, wrong)
        _, readout = head.step(head.params, head.init(n, n_out), readout, out, says, wrong)
        traces, w = rule.step(rule.params, traces, w, x, slope, third)
    return w, readout


@pytest.mark.parametrize("a_post", [0.0, -1.0, 0.7])
@pytest.mark.parametrize("rate", [0.0, 0.1, 0.6])
def test_a_sample_is_the_composition_of_the_definitions(a_post, rate):
    neuron, rule, net = parts(a_post)
    rng = np.random.default_rng(2)
    for label in (2, 0, 3):
        spikes = (rng.random((12, SIZES[0])) < rate).astype(np.float32)
        w, readout = composed(net, neuron, rule, spikes, label)
        net.learn_one(*spike_lists(spikes), label)
        assert same_bits(net.w, w)
        assert same_bits(net.readout, readout)


def test_prediction_learns_nothing():
    *_, net = parts(-1.0)
    spikes = (np.random.default_rng(3).random((12, SIZES[0])) < 0.4).astype(np.float32)
    net.learn_one(*spike_lists(spikes), 1)
    before = np.array(net.w), np.array(net.readout)
    first, second = net.predict_one(*spike_lists(spikes)), net.predict_one(*spike_lists(spikes))
    assert first == second
    assert same_bits(before[0], net.w)
    assert same_bits(before[1], net.readout)


def test_a_net_that_was_loaded_learns_on_as_the_one_it_was():
    (*_, one), (*_, two) = parts(-1.0, seed=1), parts(-1.0, seed=2)
    spikes = (np.random.default_rng(4).random((12, SIZES[0])) < 0.4).astype(np.float32)
    one.learn_one(*spike_lists(spikes), 1)
    two.load({name: np.array(a) for name, a in one.state().items()})
    for net in (one, two):
        net.learn_one(*spike_lists(spikes), 2)
    assert all(same_bits(a, two.state()[name]) for name, a in one.state().items())


def test_it_learns_to_tell_two_patterns_and_its_memory_does_not_grow():
    rng = np.random.default_rng(0)
    net = OnlineNet(20, 30, 2, lif.neuron(decay=0.8), stdp_eligibility.rule(0.05, lam_pre=0.8))
    kept, right = net.learning_bytes, 0
    for k in range(80):
        label, steps = k % 2, 5 + k % 40
        spikes = rng.random((steps, 20)) < np.where(np.arange(20) // 10 == label, 0.4, 0.1)
        lists = spike_lists(spikes)
        right += k >= 40 and net.predict_one(*lists) == label
        net.learn_one(*lists, label)
    assert right >= 38
    assert net.learning_bytes == kept


def test_bad_spikes_and_labels_are_refused():
    *_, net = parts(0.0)
    active, n_active = spike_lists(np.ones((3, SIZES[0])))
    before = np.array(net.w)
    for wrong in (
        (active.astype(np.int64), n_active, 0), (active, n_active[:2], 0), (active, n_active + 1, 0),
        (active, n_active, 4), (active, n_active, -1), (active + 1, n_active, 0), (active - 1, n_active, 0),
        (active[:, ::-1].copy(), n_active, 0), (active * 0, n_active, 0), (active, n_active, True),
        (active, n_active, 0.5), (active, n_active, np.array([1])), (active, n_active, "1"),
        (active.tolist(), n_active, 0), (active, n_active.tolist(), 0), (active[0], n_active, 0),
    ):  # fmt: skip
        with pytest.raises(InputError):
            net.learn_one(*wrong)
    assert same_bits(net.w, before)
    with pytest.raises(ConfigError, match="infinity"):
        OnlineNet(3, 2, 2, rule=stdp_eligibility.rule(low=0.0))
