"""From float32 to fixed point: the same drive, the same steps, and a clear word where that cannot be."""

import numpy as np
import pytest

from edgelearn import neurons, rules, signals
from edgelearn.errors import ConfigError, InputError, UnsupportedError
from edgelearn.fixed.head import FixedHead
from edgelearn.fixed.quantize import quantize
from edgelearn.layer import Layer
from edgelearn.readouts.ncm import NCM

RNG = np.random.default_rng(3)
SAMPLES = RNG.uniform(-1, 1, (50, 12)).astype(np.float32)


def layer(rule, neuron="linear", signal="label_error", n_post=4, **settings) -> Layer:
    made = Layer(n_post, rule, neuron, signal, **settings)
    made.bind(12)
    return made


@pytest.mark.parametrize("scale", [0.01, 1.0, 20.0])
@pytest.mark.parametrize("neuron", ["linear", "relu", "softmax"])
def test_a_head_sees_what_its_layer_sees(neuron, scale):
    one = layer(rules.make("delta", eta=0.01 / scale**2), neuron, spread=1 / scale)
    X = SAMPLES * np.float32(scale)
    head = quantize(one, X)
    for x in X:
        said = head.predict(head.encode(x)).scores / 2.0**head.settings.out_bits
        assert said == pytest.approx(one.transform(x), abs=0.01)


@pytest.mark.parametrize("scale", [1.0, 10.0])
@pytest.mark.parametrize(("rule", "neuron", "signal"), [
    ("delta", "linear", "label_error"),
    ("delta", "softmax", "label_error"),
    ("three_factor", "linear", "label_error"),
    ("three_factor", "softmax", "reward"),
])  # fmt: skip
def test_a_head_learns_what_its_layer_learns(rule, neuron, signal, scale):
    eta = {"delta": 0.05, "three_factor": 0.1 if neuron == "softmax" else 0.01}[rule] / scale**2
    one = layer(rules.make(rule, eta=eta), neuron, signal, spread=0.5 / scale)
    X, before = SAMPLES * np.float32(scale), one.w.copy()
    head = quantize(one, X)
    for k, x in enumerate(X):
        if signal == "reward":
            one.learn_one(x, np.array([k % 3 - 1], np.float32))
            head.reward(head.encode(x), float(k % 3 - 1))
        else:
            one.learn_one(x, np.eye(4, dtype=np.float32)[k % 4])
            head.learn(head.encode(x), k % 4)
    found = head.state["w"] / 2.0**head.settings.weight_bits * head.settings.scale
    moved = np.abs(one.w - before).max()
    assert np.abs(found - one.w).max() < 0.05 * moved


def test_softhebb_moves_as_its_layer_does():
    one = layer(rules.make("softhebb", eta=0.02), neurons.make("softmax", t=2.0), "competition", spread=2.0)
    head, before = quantize(one, SAMPLES), one.w.copy()
    for x in SAMPLES:
        one.learn_one(x)
        head.learn(head.encode(x))
    found = head.state["w"] / 2.0**head.settings.weight_bits
    assert np.abs(found - one.w).max() < 0.05 * np.abs(one.w - before).max()


@pytest.mark.parametrize("soft", [False, True])
def test_stdp_moves_as_its_layer_does(soft):
    rule = rules.make("stdp", eta_pre=0.002, eta_post=0.01, soft=soft, additive=soft)
    unit = neurons.make("lif", decay=0.9, threshold=0.8, theta_plus=0.05, theta_decay=0.999, inhibition=0.2)
    one = layer(rule, unit, "unsupervised", spread=0.5, start="uniform", steps=4)
    spikes = (RNG.random((200, 12)) < 0.3).astype(np.float32)
    head, before = quantize(one, spikes), one.w.copy()
    for x in spikes:
        one.learn_one(x)
        head.learn(head.encode(x))
    found = head.state["w"] / 2.0**head.settings.weight_bits
    assert np.abs(found - one.w).mean() < 0.1 * np.abs(one.w - before).mean()
    assert head.state["theta"] / 2.0**28 == pytest.approx(one.state()["neuron.theta"], rel=0.2)


def test_what_a_layer_remembers_comes_along():
    one = layer("three_factor", "linear", "reward")
    for x in SAMPLES:
        one.learn_one(x, np.array([0.5], np.float32))
    head = quantize(one, SAMPLES)
    bits = head.settings.out_bits - head.settings.rule_params.s
    assert head.state["trace"] / 2.0**bits == pytest.approx(one.state()["rule.trace"], abs=2.0**-bits)
    assert head.state["baseline"] / 2.0**28 == pytest.approx(one.state()["signal.baseline"], abs=1e-7)


def test_a_nearest_class_mean_comes_along():
    readout = NCM()
    for k, x in enumerate(SAMPLES * 3):
        readout.learn_one(x, "abc"[k % 3])
    head = quantize(readout, SAMPLES * 3)
    assert head.state["counts"].tolist() == [17, 17, 16]
    for x in SAMPLES * 3:
        assert head.predict(head.encode(x)).label == int(readout.scores_one(x).argmax())


def test_state_bytes_go_there_and_back():
    head = quantize(layer("three_factor", "lif", "reward", steps=2), SAMPLES)
    for x in SAMPLES:
        head.reward(head.encode(x), 1.0)
    other = FixedHead(head.settings)
    other.load_bytes(head.state_bytes())
    x = head.encode(SAMPLES[0])
    assert (head.reward(x, -1.0).scores == other.reward(x, -1.0).scores).all()
    assert head.state_bytes() == other.state_bytes()
    with pytest.raises(InputError, match=r"has \d+ bytes, not 3"):
        other.load_bytes(b"abc")
    assert head.state_bytes() == other.state_bytes()


def test_what_a_head_refuses_changes_nothing():
    head = quantize(layer("delta"), SAMPLES)
    x, before = head.encode(SAMPLES[0]), head.state_bytes()
    assert head.learn(x).code == "LABEL"
    assert head.learn(x, 4)[:2] == ("LABEL", 4)
    assert head.reward(x, 1.0).code == "UNABLE"
    rewarded = quantize(layer("three_factor", signal="reward"), SAMPLES)
    assert rewarded.learn(x, 0).code == "UNABLE"
    assert rewarded.reward(x, float("nan")).code == "VALUE"
    with pytest.raises(InputError, match="int16"):
        head.predict(SAMPLES[0])
    assert head.state_bytes() == before


@pytest.mark.parametrize(("made", "samples", "error", "words"), [
    (lambda: layer("oja"), SAMPLES, UnsupportedError, "rule oja has no fixed-point form; there are .*delta"),
    (lambda: layer("delta", "tanh"), SAMPLES, UnsupportedError, "neuron tanh"),
    (lambda: layer("delta", "linear", signals.make("rank")), SAMPLES, UnsupportedError, "signal rank"),
    (lambda: layer("delta", code="relu"), SAMPLES, UnsupportedError, "code"),
    (lambda: layer("softhebb", "linear", "competition"), SAMPLES, UnsupportedError, "needs the neuron softmax"),
    (lambda: layer("softhebb", "softmax", "competition"), SAMPLES * 9, ConfigError, r"scale them to \[-1, 1\]"),
    (lambda: Layer(3, "delta", "linear", "label_error"), SAMPLES, InputError, "call bind"),
    (lambda: layer("delta"), SAMPLES[:, :3], InputError, r"samples must be finite, with shape \(n, 12\)"),
    (lambda: layer("delta"), SAMPLES * np.nan, InputError, "samples must be finite"),
    (lambda: layer("delta", spread=1e3), SAMPLES, ConfigError, "weights reach .* too large"),
    (lambda: layer(rules.make("delta", eta=1e-7)), SAMPLES, ConfigError, "eta is .* raise it"),
    (lambda: layer("three_factor", neurons.make("lif", threshold=9)), SAMPLES, ConfigError, "threshold must be"),
    (lambda: NCM(), SAMPLES, InputError, "knows no class yet"),
])  # fmt: skip
def test_what_has_no_fixed_form_is_said(made, samples, error, words):
    with pytest.raises(error, match=words):
        quantize(made(), samples)
