"""Promises of check_rule about learning: that it happens, goes on, works for batches, and is refused bad arrays."""

# ruff: noqa: ARG001 (the signature of every rule)

from typing import NamedTuple

import numpy as np
import pytest

from edgelearn.compiled import compiled
from edgelearn.rules import Rule, make
from edgelearn.rules.base import NoState, no_state
from edgelearn.testing import check_rule
from edgelearn.types import F32

pytestmark = pytest.mark.kernels

TENTH = np.float32(0.1)


def faults(rule: Rule, promise: str) -> None:
    with pytest.raises(AssertionError, match=promise):
        check_rule(rule)


@compiled()
def _frozen_kernel(w: F32, pre: F32, post: F32, third: F32):
    pass


def test_a_rule_that_never_learns_is_caught():
    frozen = Rule("frozen", NoState(), no_state, lambda _, s, w, *__: (s, w), _frozen_kernel)
    faults(frozen, "some weight moves on ordinary input")


def _unmoved(p, s, w, pre, post, third):
    return s, w + TENTH * pre[:, None] * post


@compiled()
def _unmoved_kernel(w: F32, pre: F32, post: F32, third: F32):
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            w[i, j] += (TENTH * pre[i]) * post[j]


def test_a_rule_that_is_deaf_to_its_third_factor_is_caught():
    faults(Rule("deaf", NoState(), no_state, _unmoved, _unmoved_kernel), "weights move as third says")


class Count(NamedTuple):
    n: F32


def _counting(p, s, w, pre, post, third):
    n = s.n + np.float32(1)
    return Count(n), w + third * pre[:, None] / n


@compiled()
def _tired(w: F32, pre: F32, post: F32, third: F32, n: F32):
    if n[0] < np.float32(16.0):
        n[0] += np.float32(1.0)
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            w[i, j] += third[j] * pre[i] / n[0]


@compiled()
def _exhausted(w: F32, pre: F32, post: F32, third: F32, n: F32):
    n[0] += np.float32(1.0)
    if n[0] > np.float32(100.0):
        return
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            w[i, j] += third[j] * pre[i] / n[0]


def test_a_fault_after_many_steps_is_caught():
    rule = Rule("tired", NoState(), lambda *_: Count(np.zeros(1, np.float32)), _counting, _tired)
    faults(rule, "kernel equals step after 40 steps")
    faults(rule._replace(kernel=_exhausted), "kernel equals step after 150 steps")


def _against(p, s, w, pre, post, third):
    return s, 2 * w - make("hebb").batch(p, s, w, pre, post, third)[1]


def _first_only(p, s, w, pre, post, third):
    return make("hebb").batch(p, s, w, pre[:1], post[:1], third[:1])


def _adding(p, s, w, pre, post, third):
    w += make("hebb").batch(p, s, w, pre, post, third)[1] - w
    return s, w


def _double(p, s, w, pre, post, third):
    s, w = make("hebb").batch(p, s, w, pre, post, third)
    return s, w.astype(np.float64)


@pytest.mark.parametrize(
    ("batch", "promise"),
    [
        (_against, "a batch of 1 moves the weights along its steps"),
        (_first_only, "a batch of 3 moves the weights along its steps"),
        (_adding, "batch leaves its arguments as they were"),
        (_double, "batch works in the dtype it is given"),
    ],
)
def test_a_broken_batch_is_caught(batch, promise):
    faults(make("hebb")._replace(batch=batch), promise)


def test_a_rule_that_takes_anything_is_caught():
    class Unchecked(Rule):
        def learn(self, state, w, pre, post, third):
            self.kernel.dispatcher(w, pre, post, third, *state, *self.params)

    faults(Unchecked(*make("hebb")), "learn refuses bad arrays")
