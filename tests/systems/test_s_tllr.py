"""S-TLLR: equal to its rule step by step, to back-propagation through time where it must be, in constant memory."""

import tracemalloc

import numpy as np
import pytest

from edgelearn.bench import bptt
from edgelearn.errors import ConfigError, InputError
from edgelearn.neurons import lif
from edgelearn.rules import hebb, stdp_eligibility
from edgelearn.signals import label_error
from edgelearn.systems.s_tllr import SpikingNet, gradient, units

RNG = np.random.default_rng(0)
X, Y = (RNG.random((12, 6, 20)) < 0.3).astype(float), RNG.integers(0, 4, 6)


def net(sizes=(20, 15, 4), decay=0.75, dtype=np.float64, **settings):
    names = ("eta", "lam_pre", "lam_post", "a_pre", "a_post")
    rule = stdp_eligibility.rule(**{name: settings.pop(name) for name in names if name in settings})
    return SpikingNet(sizes, lif.neuron(decay=decay), rule, dtype=dtype, **settings)


def apart(a, b):
    return max(np.abs(a[name] - b[name]).max() / np.abs(b[name]).max() for name in b)


@pytest.mark.parametrize("standardised", [True, False])
def test_one_hidden_layer_with_the_leak_as_trace_is_bptt(standardised):
    one = net(lam_pre=0.75, a_post=0, standardised=standardised)
    assert apart(gradient(one, X, Y), bptt.gradient(one, X, Y)) < 1e-10


@pytest.mark.parametrize(
    "other", [{"lam_pre": 0.5}, {"a_post": -1}, {"sizes": (20, 15, 9, 4)}, {"recurrent": True}]
)
def test_nothing_else_is_bptt(other):
    one = net(**{"lam_pre": 0.75, "a_post": 0} | other)
    assert apart(gradient(one, X, Y), bptt.gradient(one, X, Y)) > 1e-3


@pytest.mark.parametrize("recurrent", [True, False])
def test_bptt_is_the_derivative_of_a_net_whose_spikes_are_smooth(recurrent, monkeypatch):
    """With a spike function whose derivative the slope is, and no reset, central differences are the judge."""

    def smooth(p, before, drive):
        v = p.decay * before.v + drive
        above = np.clip(v - p.threshold, -1, 1)
        out = p.psi * (above - np.sign(above) * above**2 / 2)
        return units.Activity(v, out, p.psi * (1 - np.abs(above)))

    monkeypatch.setattr("edgelearn.systems.s_tllr.net.advance", smooth)
    one = net((20, 15, 9, 4), recurrent=recurrent)
    found = bptt.gradient(one, X, Y)
    for name, grad in found.items():
        way = RNG.normal(size=grad.shape)
        one.arrays[name] += 1e-5 * way
        above = loss(one)
        one.arrays[name] -= 2e-5 * way
        slope = (above - loss(one)) / 2e-5
        one.arrays[name] += 1e-5 * way
        assert slope == pytest.approx((grad * way).sum(), rel=1e-6)


def loss(one):
    w, now, total = one.synapses(), one.rest(len(Y)), 0.0
    for t, frame in enumerate(X):
        now, _ = one.advance(w, now, frame)
        if t >= len(X) - one.late:
            scores = now[-1].out @ one.arrays["readout"]
            total -= (scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)))[np.arange(len(Y)), Y].mean()
    return total


@pytest.mark.parametrize("recurrent", [True, False])
def test_the_gradient_is_the_sum_of_the_rule_over_samples_and_steps(recurrent):
    one = net((20, 15, 9, 4), recurrent=recurrent, a_post=-1, standardised=False, eta=1.0)
    found, w = gradient(one, X, Y), one.synapses()
    sums = [np.zeros_like(a) for a in w]
    for sample in range(len(Y)):
        now, states = one.rest(1), [one.rule.init(*a.shape) for a in w]
        for t, frame in enumerate(X[:, sample]):
            now, seen = one.advance(w, now, frame[None])
            error = one.error(now[-1].out, Y[sample : sample + 1]) / len(Y) * (t >= len(X) - one.late)
            delta = (error @ one.arrays["readout"].T)[0]
            for k in (1, 0):
                still = np.zeros_like(w[k])
                states[k], moved = one.rule.step(
                    one.rule.params, states[k], still, seen[k][0], now[k].slope[0], -delta
                )
                sums[k] -= moved
                delta = w[k][: one.sizes[k]] @ (delta * now[k].slope[0])
    for k in (0, 1):
        np.testing.assert_allclose(found[f"w{k}"], sums[k], rtol=1e-10, atol=1e-14)


def test_many_samples_at_once_are_the_units_of_the_definition():
    neuron = lif.neuron(decay=0.9)
    drives = RNG.normal(size=(30, 5, 8)).astype(np.float32)
    many, states = units.rest(5, 8, np.dtype(np.float32)), [neuron.init(8) for _ in range(5)]
    for drive in drives:
        many = units.advance(neuron.params, many, drive)
        for k in range(5):
            states[k], out, slope = neuron.step(neuron.params, states[k], drive[k])
            assert np.array_equal(many.out[k], out)
            assert np.array_equal(many.slope[k], slope)
            assert np.array_equal(many.v[k], states[k].v)


@pytest.mark.parametrize("recurrent", [True, False])
def test_memory_of_learning_does_not_grow_with_time(recurrent):
    def peak(learn, steps):
        one = net((200, 100, 10), dtype=np.float32, recurrent=recurrent)
        x, y = np.ones((steps, 32, 200), np.float32), np.zeros(32, int)
        tracemalloc.start()
        learn(one, x, y)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(gradient, 100) < 1.05 * peak(gradient, 10)
    assert peak(bptt.gradient, 100) > 3 * peak(bptt.gradient, 10)


def test_every_sequence_starts_at_rest():
    one = net()
    before = gradient(one, X, Y)
    gradient(one, np.ones_like(X), Y)
    one.predict_many(np.ones_like(X))
    assert apart(gradient(one, X, Y), before) == 0
    alone = gradient(one, X[:, :1], Y[:1])["w0"]
    rest = gradient(one, X[:, 1:], Y[1:])["w0"]
    np.testing.assert_allclose((alone + 5 * rest) / 6, before["w0"], rtol=1e-9, atol=1e-13)


def test_a_synapse_sees_its_own_two_ends():
    one = net(teaching="dfa", standardised=False, a_post=-1)
    one.arrays["readout"][:] = 0  # then the error is the same whatever the units do
    before = gradient(one, X, Y)["w0"]
    one.arrays["w0"][:, 1:] += 1
    assert np.array_equal(gradient(one, X, Y)["w0"][:, 0], before[:, 0])


def test_a_frozen_net_moves_its_readout_alone():
    assert set(gradient(net(teaching="frozen"), X, Y)) == {"readout"}


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"sizes": (20, 4)}, "sizes"), ({"teaching": "magic"}, "teaching"), ({"teaching": X}, "teaching"),
        ({"teaching": label_error.signal()}, "which of 4 classes"),
        ({"late": 0}, "late"),
        ({"neuron": lif.neuron(inhibition=1.0)}, "neuron"), ({"rule": hebb.rule()}, "rule"),
        ({"dtype": int}, "dtype"), ({"dtype": "x"}, "dtype"), ({"sizes": 20}, "sizes"),
        ({"sizes": (20, 15, 1)}, "2 classes"),
        ({"recurrent": "no"}, "recurrent"), ({"standardised": 1}, "standardised"),
    ],
)  # fmt: skip
def test_a_setting_out_of_bounds_is_named(wrong, word):
    with pytest.raises(ConfigError, match=word):
        SpikingNet(**{"sizes": (20, 15, 4)} | wrong)


@pytest.mark.parametrize("x", [X[:3], X[0], X[:, :, :5]])
def test_frames_of_another_shape_are_refused(x):
    with pytest.raises(InputError, match="x must be"):
        gradient(net(), x, Y)
