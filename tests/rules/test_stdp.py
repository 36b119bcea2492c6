"""What pair STDP does to one synapse, and to many."""

import numpy as np
import pytest

from edgelearn.errors import ConfigError
from edgelearn.rules import Rule, stdp

pytestmark = pytest.mark.kernels

FREE = {"low": -10.0, "high": 10.0}


def weights(rule: Rule, pre, post, w=0.0, third=1.0):
    """Return the weight of one synapse after its ends spiked in these steps, and the last state."""
    state, w = rule.init(1, 1), np.full((1, 1), w)
    for t in range(max([*pre, *post]) + 1):
        spikes = np.array([float(t in pre)]), np.array([float(t in post)])
        state, w = rule.step(rule.params, state, w, *spikes, np.array([third]))
    return w.item(), state


@pytest.mark.parametrize("gap", [1, 2, 5, 20, 60])
def test_the_window_falls_off_exponentially_on_both_sides(gap):
    rule = stdp.rule(eta_pre=0.25, eta_post=0.5, decay_pre=0.9, decay_post=0.8, **FREE)
    assert weights(rule, [0], [gap])[0] == pytest.approx(0.5 * 0.9**gap, rel=1e-5)
    assert weights(rule, [gap], [0])[0] == pytest.approx(-0.25 * 0.8**gap, rel=1e-5)


def test_spikes_in_one_step_count_for_both_sides():
    assert weights(stdp.rule(eta_pre=0.25, eta_post=0.5, **FREE), [0], [0])[0] == 0.25


def test_a_trace_is_set_to_1_or_adds_up():
    for additive, trace in ((False, 1.0), (True, 1.5)):
        rule = stdp.rule(eta_pre=0, eta_post=1, decay_pre=0.5, additive=additive, **FREE)
        assert weights(rule, [0, 1], [1])[0] == trace


def test_the_third_factor_scales_and_turns_the_change():
    rule = stdp.rule(eta_pre=0.25, eta_post=0.5, decay_pre=0.5, **FREE)
    assert weights(rule, [0], [1], third=0.0)[0] == 0
    assert weights(rule, [0], [1], third=-2.0)[0] == -2 * weights(rule, [0], [1])[0] != 0


def test_hard_bounds_cut_and_soft_bounds_slow_down():
    hard, soft = stdp.rule(eta_pre=0, eta_post=0.5), stdp.rule(eta_pre=0, eta_post=0.5, soft=True)
    assert weights(hard, [0], [0], w=0.75)[0] == 1
    assert weights(soft, [0], [0], w=0.75)[0] == 0.75 + 0.5 * (1 - 0.75)
    down = stdp.rule(eta_pre=0.5, eta_post=0, soft=True)
    assert weights(down, [0], [0], w=0.5)[0] == 0.5 - 0.5 * 0.5


def test_only_synapses_that_a_spike_reaches_move():
    rule, rng = stdp.rule(eta_pre=0.1, eta_post=0.1), np.random.default_rng(0)
    w = rng.uniform(0.3, 0.7, (4, 3)).astype(np.float32)
    pre, post = np.array([1, 0, 0, 0], np.float32), np.array([0, 0, 1], np.float32)
    state, moved = rule.step(rule.params, rule.init(4, 3), w, pre, 0 * post, np.ones(3, np.float32))
    _, moved = rule.step(rule.params, state, moved, 0 * pre, post, np.ones(3, np.float32))
    assert np.argwhere(moved != w).tolist() == [[0, 2]]


@pytest.mark.parametrize(
    "setting",
    [
        {"eta_pre": -1.0}, {"eta_post": -1.0}, {"decay_pre": 1.0}, {"decay_post": -0.1},
        {"low": 1.0, "high": 1.0}, {"soft": True, "high": np.inf},
    ],
)  # fmt: skip
def test_a_constant_out_of_its_bounds_is_refused_by_name(setting):
    with pytest.raises(ConfigError, match=next(iter(setting))):
        stdp.rule(**setting)
