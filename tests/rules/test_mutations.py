"""Each promise of check_rule can be broken, and the broken one is named."""

# ruff: noqa: ARG001 (the signature of every rule)

import os
from typing import NamedTuple

import numpy as np
import pytest

from edgelearn.compiled import compiled
from edgelearn.errors import InputError
from edgelearn.kernels.order import in_order
from edgelearn.rules import Rule, make, three_factor
from edgelearn.rules.base import NoState, no_state
from edgelearn.testing import check_rule
from edgelearn.types import F32

pytestmark = pytest.mark.kernels

PLAIN = make("three_factor")
TENTH = np.float32(0.1)
jit_only = pytest.mark.skipif(
    os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="is a fault of compiled code"
)


def faults(rule: Rule, promise: str) -> None:
    with pytest.raises(AssertionError, match=promise):
        check_rule(rule)


# -- kernels: the signature of three_factor's ---------------------------------------------------------


@compiled()
def _forgetful(w: F32, pre: F32, post: F32, third: F32, trace: F32, eta, decay, low, high):
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            trace[i, j] = trace[i, j] + pre[i] * post[j]
            w[i, j] += (eta * third[j]) * trace[i, j]


@compiled()
def _neighbour(w: F32, pre: F32, post: F32, third: F32, trace: F32, eta, decay, low, high):
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            trace[i, j] = decay * trace[i, j] + pre[i] * post[j]
            w[i, j - 1] += (eta * third[j]) * trace[i, j]


@compiled()
def _ungated(w: F32, pre: F32, post: F32, third: F32, trace: F32, eta, decay, low, high):
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            if third[j] != np.float32(0.0):
                trace[i, j] = decay * trace[i, j] + pre[i] * post[j]
            w[i, j] += (eta * third[j]) * trace[i, j]


@compiled()
def _unbounded(w: F32, pre: F32, post: F32, third: F32, trace: F32, eta, decay, low, high):
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            trace[i, j] = decay * trace[i, j] + pre[i] * post[j]
            w[i, j] += (eta * third[j]) * trace[i, j]


@compiled()
def _swapped(w: F32, pre: F32, post: F32, third: F32, trace: F32, eta, decay, low, high):
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            trace[i, j] = decay * trace[i, j] + pre[i] * post[j]
            v = w[i, j] + (eta * third[j]) * trace[i, j]
            w[i, j] = high if v < low else (low if v > high else v)


@compiled()
def _overflowing(w: F32, pre: F32, post: F32, third: F32, trace: F32, eta, decay, low, high):
    for i in range(w.shape[0] + 1):
        for j in range(w.shape[1]):
            trace[i, j] = decay * trace[i, j] + pre[i] * post[j]
            w[i, j] += (eta * third[j]) * trace[i, j]


@compiled()
def _overreading(w: F32, pre: F32, post: F32, third: F32, trace: F32, eta, decay, low, high):
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            trace[i, j] = decay * trace[i, j] + pre[i + 1] * post[j]
            w[i, j] += (eta * third[j]) * trace[i, j]


@compiled()
def _overwriting(w: F32, pre: F32, post: F32, third: F32, trace: F32, eta, decay, low, high):
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            trace[i, j] = decay * trace[i, j] + pre[i] * post[j]
            w[i, j] += (eta * third[j]) * trace[i, j]
        pre[i] = np.float32(0.0)


@compiled()
def _wide(w: F32, pre: F32, post: F32, third: F32, trace: F32, eta, decay, low, high):
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            trace[i, j] = decay * trace[i, j] + pre[i] * post[j]
            w[i, j] += 1.0 * (eta * third[j]) * trace[i, j]


@compiled()
def _low(w: F32, pre: F32, post: F32, third: F32, trace: F32, eta, decay, low, high):
    for i in range(min(w.shape[0], 100)):
        for j in range(w.shape[1]):
            trace[i, j] = decay * trace[i, j] + pre[i] * post[j]
            w[i, j] += (eta * third[j]) * trace[i, j]


@compiled()
def _narrow(w: F32, pre: F32, post: F32, third: F32, trace: F32, eta, decay, low, high):
    for i in range(w.shape[0]):
        for j in range(min(w.shape[1], 48)):
            trace[i, j] = decay * trace[i, j] + pre[i] * post[j]
            w[i, j] += (eta * third[j]) * trace[i, j]


@pytest.mark.parametrize(
    ("kernel", "promise"),
    [
        (_low, r"kernel equals step after 2 steps \(257 x 130\)"),
        (_narrow, r"kernel equals step after 2 steps \(257 x 130\)"),
        (_forgetful, "kernel equals step bit for bit"),
        (_neighbour, "kernel equals step bit for bit"),
        (_ungated, "kernel equals step bit for bit"),
        (_unbounded, "weights stay within low and high"),
        (_swapped, "kernel equals step bit for bit at the bounds"),
        (_overflowing, "writes inside its arrays only"),
        (_overreading, "(reads|reads and writes) inside its arrays only"),
        (_overwriting, "kernel leaves pre, post and third as they were"),
        pytest.param(_wide, "kernel equals step bit for bit", marks=jit_only),
        (_unbounded.definition, "kernel is marked @compiled"),
    ],
)
def test_a_broken_kernel_is_caught(kernel, promise):
    faults(PLAIN._replace(kernel=kernel), promise)


# -- steps ----------------------------------------------------------------------------------------------


def _in_place(p, s, w, pre, post, third):
    s.trace[...] = p.decay * s.trace + pre[:, None] * post
    return s, w + p.eta * third * s.trace


def _noisy(p, s, w, pre, post, third):
    s, w = three_factor.step(p, s, w, pre, post, third)
    return s, w + np.random.default_rng().normal(size=w.shape).astype(w.dtype)


def _leaking(p, s, w, pre, post, third):
    s, w = three_factor.step(p, s, w, pre, post, third)
    return s, w * np.float64(1.0)


def _rounding(p, s, w, pre, post, third):
    s, moved = three_factor.step(p, s, w, pre, post, third)
    return s, moved.astype(np.float32).astype(w.dtype)


def _reshaped(p, s, w, pre, post, third):
    s, w = three_factor.step(p, s, w, pre, post, third)
    return s._replace(trace=s.trace[0]), w


def _transposed(p, s, w, pre, post, third):
    s, w = three_factor.step(p, s, w, pre, post, third)
    return s, w.T


@pytest.mark.parametrize(
    ("step", "promise"),
    [
        (_in_place, "step leaves its arguments as they were"),
        (_noisy, "step gives the same result a second time"),
        (_leaking, "step works in the dtype it is given"),
        (_rounding, "step rounds to no other dtype"),
        (_reshaped, "state.trace keeps its shape and dtype"),
        (_transposed, r"step returns weights \(n_pre, n_post\)"),
    ],
)
def test_a_broken_step_is_caught(step, promise):
    faults(PLAIN._replace(step=step), promise)


def test_params_of_another_type_are_caught():
    faults(PLAIN._replace(params=PLAIN.params._replace(eta=0.01)), "params are np.float32")


@pytest.mark.parametrize(
    ("name", "value"), [("eta", np.nan), ("eta", np.inf), ("decay", -np.inf), ("low", np.nan)]
)
def test_params_that_are_not_finite_are_caught(name, value):
    spoiled = PLAIN.params._replace(**{name: np.float32(value)})
    faults(PLAIN._replace(params=spoiled), f"params.{name} is finite")


def test_what_is_no_rule_is_told():
    with pytest.raises(InputError, match=r"check_rule takes a Rule, .*, not str"):
        check_rule("oja")


def test_words_that_a_layer_does_not_know_are_caught():
    faults(PLAIN._replace(sees="weights"), "sees is one of")
    faults(PLAIN._replace(local="everything"), "local one of")


def test_layers_that_would_share_a_state_are_caught():
    one = PLAIN.init(64, 64).trace
    shared = PLAIN._replace(init=lambda n_pre, n_post: three_factor.State(one[:n_pre, :n_post]))
    faults(shared, "init makes new arrays each time")


# -- both twins at once: what they agree on may be wrong -------------------------------------------------


class Bounds(NamedTuple):
    low: np.float32
    high: np.float32


def _grow(p, s, w, pre, post, third):
    return s, w + TENTH * pre[:, None] * third


@compiled()
def _grow_kernel(w: F32, pre: F32, post: F32, third: F32, low, high):
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            w[i, j] += (TENTH * pre[i]) * third[j]


def _total(p, s, w, pre, post, third):
    return s, w + TENTH * in_order(third) * pre[:, None] * np.ones_like(post)


@compiled()
def _total_kernel(w: F32, pre: F32, post: F32, third: F32):
    total = np.float32(0.0)
    for j in range(w.shape[1]):
        total += third[j]
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            w[i, j] += (TENTH * total) * pre[i]


def _left(p, s, w, pre, post, third):
    return s, w + TENTH * third * pre[:, None] + np.roll(w, 1, axis=1)


@compiled()
def _left_kernel(w: F32, pre: F32, post: F32, third: F32):
    m = w.shape[1]
    for i in range(w.shape[0]):
        last, before = w[i, m - 1], np.float32(0.0)
        for j in range(m):
            mine = w[i, j]
            w[i, j] = (mine + (TENTH * third[j]) * pre[i]) + (last if j == 0 else before)
            before = mine


def test_weights_that_ignore_their_bounds_are_caught():
    bounds = Bounds(np.float32(-1), np.float32(1))
    faults(Rule("grow", bounds, no_state, _grow, _grow_kernel), "weights stay within low and high")


@pytest.mark.parametrize("local", ["synapse", "unit"])
@pytest.mark.parametrize(("step", "kernel"), [(_total, _total_kernel), (_left, _left_kernel)])
def test_a_synapse_that_sees_too_far_is_caught(step, kernel, local):
    rule = Rule("far", NoState(), no_state, step, kernel, local=local)
    faults(rule, f"sees no further than its {local}")
    check_rule(rule._replace(local="layer"))


# -- the order of a sum ---------------------------------------------------------------------------------


def _energy(p, s, w, pre, post, third):
    return s, w + TENTH * in_order(pre * pre) * third


@compiled()
def _energy_kernel(w: F32, pre: F32, post: F32, third: F32):
    total = np.float32(0.0)
    for i in range(w.shape[0]):
        total += pre[i] * pre[i]
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            w[i, j] += (TENTH * total) * third[j]


@compiled()
def _backwards(w: F32, pre: F32, post: F32, third: F32):
    total = np.float32(0.0)
    for i in range(w.shape[0] - 1, -1, -1):
        total += pre[i] * pre[i]
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            w[i, j] += (TENTH * total) * third[j]


@compiled(fastmath=True)
def _free(w: F32, pre: F32, post: F32, third: F32):
    total = np.float32(0.0)
    for i in range(w.shape[0]):
        total += pre[i] * pre[i]
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            w[i, j] += (TENTH * total) * third[j]


@pytest.mark.parametrize("kernel", [_backwards, pytest.param(_free, marks=jit_only)])
def test_another_order_of_a_sum_is_caught(kernel):
    unit = Rule("energy", NoState(), no_state, _energy, _energy_kernel, local="unit")
    check_rule(unit)
    faults(unit._replace(kernel=kernel), "kernel equals step bit for bit")
    faults(unit._replace(local="synapse"), "sees no further than its synapse")
