"""STDP with dopamine: the window of pairs, how long they wait, and who changes when dopamine comes."""

from math import exp

import numpy as np
import pytest

from edgelearn.errors import ConfigError
from edgelearn.rules import stdp_dopamine
from edgelearn.testing import check_rule

pytestmark = pytest.mark.kernels
RULE = stdp_dopamine.rule(eta=1.0, low=-np.inf, high=np.inf)


def run(pre, post, third, rule=RULE):
    """State and weight of one synapse, in float64, after these steps."""
    state = stdp_dopamine.State(*(a.astype(np.float64) for a in rule.init(1, 1)))
    w = np.zeros((1, 1))
    for each in zip(pre, post, third, strict=True):
        state, w = rule.step(rule.params, state, w, *(np.full(1, float(v)) for v in each))
    return state, float(w[0, 0])


def spikes(at, n=60):
    return np.arange(n) == at


@pytest.mark.parametrize("gap", [0, 1, 5, 30])
def test_input_before_unit_leaves_what_the_window_says(gap):
    state, _ = run(spikes(10), spikes(10 + gap), np.zeros(60))
    left = 0.1 * exp(-gap / 20) * exp(-(59 - 10 - gap) / 1000)
    assert state.c[0, 0] == pytest.approx(left, rel=1e-5)


@pytest.mark.parametrize("gap", [1, 5, 30])
def test_unit_before_input_takes_what_the_window_says(gap):
    """The unit's trace excludes its step: one step later it has not faded yet."""
    state, _ = run(spikes(10 + gap), spikes(10), np.zeros(60))
    left = -0.15 * exp(-(gap - 1) / 20) * exp(-(59 - 10 - gap) / 1000)
    assert state.c[0, 0] == pytest.approx(left, rel=1e-5)


def test_nothing_moves_before_dopamine_and_a_pair_seconds_ago_is_paid_by_what_is_left():
    none = np.zeros(2000)
    _, w = run(spikes(3, 2000), spikes(3, 2000), none)
    assert w == 0
    paid = [run(spikes(3, 2000), spikes(3, 2000), spikes(3 + wait, 2000))[1] for wait in (200, 1200)]
    assert paid[1] / paid[0] == pytest.approx(exp(-1), rel=0.02)


def test_dopamine_lasts_and_its_sum_counts():
    """Constant eligibility: a release of 1 that keeps half of itself each step moves by 1 + 1/2 + 1/4 + 1/8."""
    rule = stdp_dopamine.rule(1.0, a_plus=1.0, decay_c=1 - 2**-24, decay_d=0.5, low=-np.inf, high=np.inf)
    _, w = run(spikes(0, 5), spikes(0, 5), spikes(1, 5), rule)
    assert w == pytest.approx(1.875, rel=1e-5)


@pytest.mark.parametrize("settings", [{"eta": 0.5, "low": -1, "high": 1}, {"a_minus": 0.0, "decay_c": 0.0}])
def test_it_keeps_the_promises_of_every_rule(settings):
    check_rule(stdp_dopamine.rule(**settings))


@pytest.mark.parametrize(
    "wrong",
    [{"eta": 0}, {"a_plus": -1}, {"a_minus": np.nan}, {"decay_pre": 1}, {"decay_post": -0.1}, {"decay_c": 1.0},
     {"decay_d": 2}, {"low": 4}],
)  # fmt: skip
def test_a_setting_out_of_bounds_is_named(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        stdp_dopamine.rule(**wrong)
