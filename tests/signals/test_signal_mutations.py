"""Each promise of check_signal can be broken, and the broken one is named."""

# ruff: noqa: ARG005 (the signature of every signal)

from typing import NamedTuple

import numpy as np
import pytest

from edgelearn.compiled import compiled
from edgelearn.errors import InputError
from edgelearn.signals import make
from edgelearn.signals.base import anything
from edgelearn.testing import check_signal
from edgelearn.types import F32

pytestmark = pytest.mark.kernels

ERROR, REWARD, CHOICE = make("label_error"), make("reward"), make("reward_choice")


def faults(signal, promise):
    with pytest.raises(AssertionError, match=promise):
        check_signal(signal)


def test_what_is_no_signal():
    with pytest.raises(InputError, match=r"check_signal takes a Signal, .*, not str"):
        check_signal("reward")


@compiled()
def _backwards(out: F32, teach: F32, third: F32):
    for j in range(out.shape[0]):
        third[j] = out[j] - teach[j]


@compiled()
def _lazy(out: F32, teach: F32, third: F32):
    for j in range(out.shape[0]):
        if teach[j] != np.float32(0.0):
            third[j] = teach[j] - out[j]


@compiled()
def _greedy(out: F32, teach: F32, third: F32):
    for j in range(out.shape[0]):
        third[j] = teach[j] - out[j]
        teach[j] = np.float32(0.0)


@compiled()
def _first(out: F32, teach: F32, third: F32, baseline: F32, alpha):
    baseline[0] += alpha * (teach[0] - baseline[0])  # moves before it is used
    for j in range(out.shape[0]):
        third[j] = teach[0] - baseline[0]


@compiled()
def _by_index(out: F32, teach: F32, third: F32):
    for j in range(out.shape[0]):
        third[j] = np.float32(0.0)
    k = int(teach[0]) if abs(teach[0]) < np.float32(50.0) else 0
    third[k] = teach[1] - out[k]


def test_a_kernel_with_the_wrong_sign():
    faults(ERROR._replace(kernel=_backwards), "kernel equals step bit for bit")


def test_a_kernel_that_leaves_values_unwritten():
    faults(ERROR._replace(kernel=_lazy), "kernel equals step bit for bit")


def test_a_kernel_that_changes_its_teacher():
    faults(ERROR._replace(kernel=_greedy), "kernel leaves out and teach as they were")


def test_a_kernel_whose_state_moves_too_early():
    faults(REWARD._replace(kernel=_first), "kernel equals step bit for bit")


def test_a_kernel_that_trusts_an_index():
    faults(CHOICE._replace(kernel=_by_index), "kernel writes inside its arrays only")


def test_a_kernel_that_is_not_compiled():
    faults(ERROR._replace(kernel=lambda out, teach, third: None), "kernel is marked @compiled")


def test_params_of_another_type():
    class Params(NamedTuple):
        alpha: float

    faults(REWARD._replace(params=Params(0.1)), "params are np.float32")


def test_a_step_that_works_in_place():
    def step(p, s, out, teach):
        s.baseline[:] += p.alpha * (teach - s.baseline)
        return s, np.repeat(teach - s.baseline, len(out))

    faults(REWARD._replace(step=step), "step leaves its arguments as they were")


def test_a_step_that_is_never_the_same():
    rng = np.random.default_rng(0)
    step = lambda p, s, out, teach: (s, teach - out + rng.normal())  # noqa: E731
    faults(ERROR._replace(step=step), "same result a second time")


def test_a_step_that_hands_out_its_argument():
    faults(ERROR._replace(step=lambda p, s, out, teach: (s, out)), "a third factor of its own")


def test_a_step_that_rounds_to_float32():
    step = lambda p, s, out, teach: (s, (teach - out).astype(np.float32))  # noqa: E731
    faults(ERROR._replace(step=step), "step works in the dtype")


def test_one_third_factor_for_all():
    faults(
        ERROR._replace(step=lambda p, s, out, teach: (s, (teach - out)[:1])), r"a third factor \(n_post,\)"
    )


def test_a_start_that_is_never_the_same():
    rng = np.random.default_rng(0)
    init = lambda n: type(REWARD.init(n))(rng.normal(size=1).astype(np.float32))  # noqa: E731
    faults(REWARD._replace(init=init), "init gives the same state each time")


def test_a_teacher_who_says_nothing_or_something_unknown():
    faults(ERROR._replace(n_teach=lambda n: 0), "n_teach is 0 where it teaches nothing")
    faults(ERROR._replace(teaches="nothing"), "n_teach is 0 where it teaches nothing")
    faults(ERROR._replace(teaches="praise"), "teaches is one of nothing, label")


def test_a_check_that_lets_every_index_pass():
    faults(CHOICE._replace(check=anything), "check refuses the choice of a unit that is not there")


def test_a_batch_that_is_another_function():
    faults(ERROR._replace(batch=lambda p, out, teach: out - teach), "batch gives each sample what step")
    faults(
        ERROR._replace(batch=lambda p, out, teach: np.subtract(teach, out, out=out)), "batch leaves its arg"
    )
