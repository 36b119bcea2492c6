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

RATES = (0, -0.1, math.nan, math.inf, "fast", None, True)
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


@pytest.mark.parametrize("tolerance", [0, 1, -1, 2, math.nan])
def test_a_tolerance_must_be_between_0_and_1(tolerance):
    with pytest.raises(ConfigError, match="tolerance must be"):
        rules.make("three_factor_ring", tolerance=tolerance)


def test_unknown_rules_and_settings_are_named():
    with pytest.raises(ConfigError, match=r"no rule is called 'ojaa'; there are bcm, delta, hebb"):
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
