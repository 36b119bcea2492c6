"""Hyperparameters and arrays that cannot be: the error names the argument and its bound, the weights stay."""

import inspect
import math
from importlib import import_module

import numpy as np
import pytest

from edgelearn import rules
from edgelearn.errors import ConfigError, InputError
from edgelearn.testing.fills import same_bits

pytestmark = pytest.mark.kernels

RATES = (0, -0.1, math.nan, math.inf, 1e60, 1e-60, 10**400, "fast", None, True)
DECAYS = (-0.1, 1, 1.5, math.nan, math.inf, 1 - 1e-12, "slow")


def having(setting):
    found = {name: import_module(f"edgelearn.rules.{name}").rule for name in rules.names()}
    return [name for name, maker in found.items() if setting in inspect.signature(maker).parameters]


@pytest.mark.parametrize("eta", RATES)
@pytest.mark.parametrize("name", having("eta"))
def test_a_rate_must_be_above_0(name, eta):
    with pytest.raises(ConfigError, match="eta must be above 0, not"):
        rules.make(name, eta=eta)


@pytest.mark.parametrize("decay", DECAYS)
@pytest.mark.parametrize("name", having("decay"))
def test_a_decay_must_be_in_0_to_1(name, decay):
    with pytest.raises(ConfigError, match=r"decay must be in \[0, 1\), not"):
        rules.make(name, decay=decay)


@pytest.mark.parametrize(("low", "high"), [(1, 1), (1, -1), (math.nan, 1), (0, math.nan), (0, "up")])
@pytest.mark.parametrize("name", having("low"))
def test_bounds_must_be_in_order(name, low, high):
    with pytest.raises(ConfigError, match=f"low < high, not low={low!r}, high={high!r}"):
        rules.make(name, low=low, high=high)


def test_what_float32_makes_of_a_number_is_told():
    with pytest.raises(ConfigError, match="eta must be above 0, not 1e-60, which float32 rounds to 0"):
        rules.make("oja", eta=1e-60)
    with pytest.raises(ConfigError, match=r"a_pre must be a finite number, not 1e\+60, which .* to inf"):
        rules.make("stdp_eligibility", a_pre=1e60)
    with pytest.raises(ConfigError, match="eta_pre must be at least 0, not 1e"):
        rules.make("stdp", eta_pre=1e60)
    with pytest.raises(ConfigError, match="low < high"):
        rules.make("hebb", low=0.5, high=0.5 + 1e-12)


@pytest.mark.parametrize("sees", ["slopes", None, 1])
@pytest.mark.parametrize("name", having("sees"))
def test_what_a_rule_sees_is_one_of_three(name, sees):
    with pytest.raises(ConfigError, match=f"sees must be one of out, slope, drive, not {sees!r}"):
        rules.make(name, sees=sees)


@pytest.mark.parametrize("setting", ["additive", "soft"])
@pytest.mark.parametrize("value", ["false", 0, 1.0, None, np.True_])
def test_a_flag_is_true_or_false(setting, value):
    with pytest.raises(ConfigError, match=f"{setting} must be True or False, not"):
        rules.make("stdp", **{setting: value})


def test_soft_bounds_that_float32_does_not_hold_are_refused():
    with pytest.raises(ConfigError, match="soft bounds must be finite"):
        rules.make("stdp", soft=True, low=-1e60)


def test_a_ring_that_no_memory_holds_is_refused():
    rules.make("three_factor_ring", decay=0.9999)
    with pytest.raises(
        ConfigError, match=r"decay=0.9999999 and tolerance=0.01 need K=4605\d* pairs, above 100000"
    ):
        rules.make("three_factor_ring", decay=0.9999999)


@pytest.mark.parametrize("tolerance", [0, 1, -1, 2, math.nan])
def test_a_tolerance_must_be_between_0_and_1(tolerance):
    with pytest.raises(ConfigError, match="tolerance must be"):
        rules.make("three_factor_ring", tolerance=tolerance)


def test_unknown_rules_and_settings_are_named():
    with pytest.raises(ConfigError, match=r"no rule is called 'ojaa'; there are bcm, competitive, delta"):
        rules.make("ojaa")
    with pytest.raises(ConfigError, match="rule oja has no setting 'rate'; it has eta"):
        rules.make("oja", rate=0.1)


ARRAYS = {"w": (4, 3), "pre": (4,), "post": (3,), "third": (3,)}


def spoiled(name, fault):
    """Return w, pre, post and third, one of them spoiled."""
    arrays = {key: np.full(shape, 0.5, np.float32) for key, shape in ARRAYS.items()}
    arrays[name] = fault(arrays[name])
    return arrays


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (lambda a: a.astype(np.float64), "must be an array of float32, not float64"),
        (lambda a: a.astype(np.int64), "must be an array of float32, not int64"),
        (lambda a: a.tolist(), "must be an array of float32, not list"),
        (lambda a: a[..., None], "must have shape"),
        (lambda a: np.repeat(a, 2, axis=-1)[..., ::2], "must lie in C order"),
    ],
)
def test_arrays_that_cannot_be_learned_from_are_named(name, fault, reason):
    rule = rules.make("three_factor")
    arrays = spoiled(name, fault)
    before, state = np.array(arrays["w"]), rule.init(4, 3)
    with pytest.raises(InputError, match=f"^{name} {reason}"):
        rule.learn(state, **arrays)
    assert np.array_equal(before, arrays["w"])
    assert not state.trace.any()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["pre", "post", "third"])
def test_values_that_are_not_finite_are_named(name, value):
    rule, arrays = rules.make("three_factor"), spoiled("pre", lambda a: a)
    arrays[name][1] = value
    before, state = np.array(arrays["w"]), rule.init(4, 3)
    with pytest.raises(InputError, match=f"^{name} has NaN or infinity; nothing was learned"):
        rule.learn(state, **arrays)
    assert np.array_equal(before, arrays["w"])
    assert not state.trace.any()


def test_lengths_that_do_not_fit_the_weights_are_named():
    arrays = spoiled("pre", lambda a: a[:-1].copy())
    with pytest.raises(InputError, match=r"^pre must have shape \(4,\), not \(3,\)"):
        rules.make("hebb").learn(rules.make("hebb").init(4, 3), **arrays)


def test_a_state_of_other_weights_is_named():
    rule, arrays = rules.make("three_factor"), spoiled("pre", lambda a: a)
    before = arrays["w"].copy()
    with pytest.raises(InputError, match=r"^state.trace must have shape \(4, 3\), not \(3, 4\)"):
        rule.learn(rule.init(3, 4), **arrays)
    assert same_bits(before, arrays["w"])


@pytest.mark.parametrize("name", rules.names())
def test_a_kernel_called_by_its_name_refuses_other_weights(name):
    rule = rules.make(name)
    w, pre, post, third = spoiled("w", lambda a: a.astype(np.float64)).values()
    with pytest.raises(InputError, match=r"w must be .*float32, not float64"):
        rule.kernel(w, pre, post, third, *rule.init(4, 3), *rule.params)
