"""S-TLLR learns what needs memory, and fails where its trace, its recurrent weights or its signal are taken away."""

import numpy as np
import pytest

from edgelearn.bench import costs, delayed_cue, events
from edgelearn.bench.systems import s_tllr as figures
from edgelearn.neurons import lif
from edgelearn.rules import stdp_eligibility
from edgelearn.systems.s_tllr import SpikingNet, accuracy, fit, gradient


def cue(batches=400, lam_pre=0.95, decay=0.95, **settings):
    sizes = delayed_cue.CHANNELS + 1, 80, delayed_cue.CLASSES
    rule = stdp_eligibility.rule(4e-3, lam_pre=lam_pre, a_post=0)
    net = SpikingNet(
        sizes, lif.neuron(decay=decay), rule, late=delayed_cue.GO, standardised=False, **settings
    )
    for _ in fit(net, lambda rng, who: delayed_cue.draw(rng, len(who)), batches * 32, epochs=1, batch=32):
        pass
    return accuracy(net, *delayed_cue.draw(np.random.default_rng(1), 500), delayed_cue.GO)


def test_a_delayed_cue_needs_a_trace_that_lasts():
    assert cue(lam_pre=0.95) >= 0.95
    assert cue(lam_pre=0.0) <= 0.3


def test_recurrent_weights_hold_what_fast_units_forget():
    assert cue(decay=0.5, recurrent=True) >= 0.9
    assert cue(decay=0.5, recurrent=True, teaching="frozen") <= 0.3
    assert cue(decay=0.5) <= 0.3


@pytest.mark.parametrize(("teaching", "reaches"), [("bp", 0.9), ("dfa", 0.9), ("noise", None)])
def test_two_layers_learn_by_an_error_and_not_by_noise(teaching, reaches):
    rng = np.random.default_rng(0)
    pixels = rng.uniform(0, 0.6, (6, 40))

    def draw(rng, who):
        y = who % 6
        return (rng.random((8, len(who), 40)) < pixels[y]).astype(np.float32), y

    net = SpikingNet((40, 30, 30, 6), rule=stdp_eligibility.rule(5e-3), teaching=teaching, late=3)
    for _ in fit(net, draw, 600, epochs=6, batch=16):
        pass
    score = accuracy(net, *draw(np.random.default_rng(1), np.arange(600)))
    assert score >= reaches if reaches else score <= 0.8


def test_the_first_rate_is_eta_and_the_last_near_zero():
    net = SpikingNet((4, 3, 2), rule=stdp_eligibility.rule(0.01), late=1)
    before, moved = np.array(net.arrays["readout"]), []

    def always(net, *_):
        moved.append(float(np.abs(net.arrays["readout"] - before).max()))
        return {"readout": np.ones_like(before)}

    x, y = np.ones((1, 2, 4), np.float32), np.arange(2)
    assert list(fit(net, lambda _, __: (x, y), 40, epochs=5, batch=2, gradient=always)) == [1, 2, 3, 4, 5]
    steps = np.diff(moved)
    assert steps[0] == pytest.approx(0.01, rel=1e-3)
    assert steps[-1] < 1e-4


def test_products_are_those_of_the_shapes():
    net = SpikingNet((7, 5, 3), rule=stdp_eligibility.rule(a_post=0), late=2)
    forward = costs.forward(net, 10)
    assert forward == 10 * 7 * 5 + 2 * 5 * 3
    back = costs.macs(net, lambda x: gradient(net, x, np.zeros(1, int)), 10) - forward
    assert back == 2 * (
        5 * 3 + 3 * 5 + 7 * 5
    )  # readout, error to the layer, its weights; last two steps only
    assert costs.kept_by_traces(net) == 3 * 5 + 7
    assert costs.kept_by_bptt(net, 20) - costs.kept_by_bptt(net, 10) == 10 * (7 + 5 + 5)


def test_events_are_counted_in_their_frame_and_place():
    data = {
        "x": np.array([0, 1, 33, 5, 5]), "y": np.array([0, 1, 33, 5, 5]),
        "dt_us": np.array([0, 10, 299_980, 100, 200_000]), "offset": np.array([0, 3, 5]), "label": np.array([4, 7]),
        "polarity_bits": np.packbits([0, 0, 1, 0, 1]),
    }  # fmt: skip
    x, y = events.frames(data)
    assert x.shape == (10, 2, 578)
    assert y.tolist() == [4, 7]
    counts = np.expm1(x)
    assert counts.sum() == pytest.approx(5, rel=1e-6)
    assert counts[0, 0, 0] == pytest.approx(2)
    assert counts[9, 0, 577] == pytest.approx(1)
    assert counts[0, 1, 2 * 17 + 2] == pytest.approx(1)
    assert counts[6, 1, 289 + 2 * 17 + 2] == pytest.approx(1)


def test_every_figure_is_declared_once():
    names = [figure.name for figure in figures.FIGURES]
    assert len(set(names)) == len(names)
    assert all(name.startswith("s_tllr.") for name in names)
