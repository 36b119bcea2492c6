"""STDP eligibility: two traces, one term each; the pre trace counts the current step, the post trace does not."""

import numpy as np
import pytest

from edgelearn.errors import ConfigError
from edgelearn.rules import stdp_eligibility
from edgelearn.testing import check_rule

pytestmark = pytest.mark.kernels
ONE = np.ones(1)


def changes(pre, post, **settings):
    """The change at each step of one synapse whose third factor is 1."""
    rule = stdp_eligibility.rule(eta=1.0, **settings)
    state, w, found = rule.init(1, 1), np.zeros((1, 1)), []
    for x, y in zip(pre, post, strict=True):
        state, moved = rule.step(rule.params, state, w, x * ONE, y * ONE, ONE)
        found.append(float(moved[0, 0]))
    return found


@pytest.mark.parametrize("settings", [{}, {"low": -0.5, "high": 1.0, "a_post": 0.5}])
def test_it_keeps_the_promises_of_every_rule(settings):
    check_rule(stdp_eligibility.rule(**settings))


def test_the_pre_trace_includes_the_current_step():
    assert changes([1, 0, 0], [1, 1, 1], lam_pre=0.5, a_post=0) == [1, 0.5, 0.25]


def test_the_post_trace_excludes_the_current_step():
    assert changes([1, 1, 1], [1, 0, 0], lam_post=0.5, a_pre=0, a_post=1) == [0, 1, 0.5]


def test_the_sign_of_a_post_turns_the_second_term_alone():
    rng = np.random.default_rng(0)
    pre, post = rng.uniform(size=(2, 20))
    plus, minus, none = (np.array(changes(pre, post, a_post=a)) for a in (1, -1, 0))
    np.testing.assert_allclose(plus - none, none - minus, atol=1e-12)
    assert np.abs(plus - none).max() > 0.1


@pytest.mark.parametrize(
    "wrong",
    [{"eta": 0}, {"lam_pre": 1.0}, {"lam_post": -0.1}, {"a_pre": np.nan}, {"a_post": np.inf}, {"low": 1, "high": 0}],
)  # fmt: skip
def test_a_setting_out_of_bounds_is_named(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        stdp_eligibility.rule(**wrong)
