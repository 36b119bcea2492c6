"""Each promise of check_neuron can be broken, and the broken one is named."""

# ruff: noqa: ARG001, ARG005 (the signature of every neuron)

from typing import NamedTuple

import numpy as np
import pytest

from edgelearn.compiled import compiled
from edgelearn.errors import ConfigError, InputError
from edgelearn.neurons import lif, make
from edgelearn.testing import check_neuron
from edgelearn.types import F32

pytestmark = pytest.mark.kernels

RELU, SOFTMAX = make("relu"), make("softmax")
ADAPTIVE = lif.neuron(theta_plus=0.1)


def faults(neuron, promise):
    with pytest.raises(AssertionError, match=promise):
        check_neuron(neuron)


def test_what_is_no_neuron():
    with pytest.raises(InputError, match=r"check_neuron takes a Neuron, .*, not str"):
        check_neuron("relu")


@compiled()
def _beyond(drive: F32, out: F32, slope: F32):
    for j in range(drive.shape[0]):
        above = drive[j] > np.float32(0.0)
        out[j] = drive[j] if above else np.float32(0.0)
        slope[j] = np.float32(1.0) if above else np.float32(0.0)
    out[drive.shape[0]] = np.float32(5.0)


@compiled()
def _unwritten(drive: F32, out: F32, slope: F32):
    for j in range(drive.shape[0]):
        if drive[j] > np.float32(0.0):
            out[j], slope[j] = drive[j], np.float32(1.0)


@compiled()
def _greedy(drive: F32, out: F32, slope: F32):
    for j in range(drive.shape[0]):
        above = drive[j] > np.float32(0.0)
        drive[j] = out[j] = drive[j] if above else np.float32(0.0)
        slope[j] = np.float32(1.0) if above else np.float32(0.0)


@compiled()
def _positive_zero(drive: F32, out: F32, slope: F32):
    for j in range(drive.shape[0]):
        out[j] = drive[j] + np.float32(0.0)
        slope[j] = np.float32(1.0)


def test_a_kernel_that_differs_in_one_sign_of_zero():
    faults(make("linear")._replace(kernel=_positive_zero), "kernel equals step bit for bit")


@compiled()
def _passes_nan(drive: F32, out: F32, slope: F32):
    for j in range(drive.shape[0]):
        below = drive[j] <= np.float32(0.0)
        out[j] = np.float32(0.0) if below else drive[j]
        slope[j] = np.float32(0.0) if below else np.float32(1.0)


def test_a_kernel_that_puts_nan_where_the_definition_does_not():
    faults(RELU._replace(kernel=_passes_nan), r"kernel equals step bit for bit \(not finite")


def test_a_kernel_that_leaves_values_unwritten():
    faults(RELU._replace(kernel=_unwritten), "kernel equals step bit for bit")


def test_a_kernel_that_writes_beyond_its_arrays():
    faults(RELU._replace(kernel=_beyond), "kernel writes inside its arrays only")


def test_a_kernel_that_changes_its_drive():
    faults(RELU._replace(kernel=_greedy), "kernel leaves drive as it was")


def test_a_kernel_that_is_not_compiled():
    faults(RELU._replace(kernel=lambda drive, out, slope: None), "kernel is marked @compiled")


def test_params_of_another_type():
    class Params(NamedTuple):
        t: float

    faults(SOFTMAX._replace(params=Params(1.0)), "params are np.float32")


def test_a_step_that_works_in_place():
    def step(p, s, drive):
        drive *= drive > 0
        return s, np.array(drive), (drive > 0).astype(drive.dtype)

    faults(RELU._replace(step=step), "step leaves its arguments as they were")


def test_a_step_that_hands_out_its_argument():
    faults(
        make("linear")._replace(step=lambda p, s, drive: (s, drive, np.ones_like(drive))),
        "step returns arrays of its own",
    )


def test_a_step_that_is_never_the_same():
    rng = np.random.default_rng(0)
    step = lambda p, s, drive: (s, drive + rng.normal(), np.ones_like(drive))  # noqa: E731
    faults(RELU._replace(step=step), "same result a second time")


def test_a_step_that_rounds_to_float32():
    step = lambda p, s, drive: (s, np.maximum(drive, 0).astype("f4"), (drive > 0).astype("f4"))  # noqa: E731
    faults(RELU._replace(step=step), "step works in the dtype")


def test_a_slope_that_is_not_the_derivative():
    step = lambda p, s, drive: (s, np.where(drive > 0, drive, 0 * drive), np.ones_like(drive))  # noqa: E731
    faults(RELU._replace(step=step), "kernel equals step")  # and with a kernel that agrees:
    faults(RELU._replace(step=step, kernel=_relu_slope_1), "slope is the derivative")
    check_neuron(RELU._replace(step=step, kernel=_relu_slope_1, batch=None, surrogate=True))


@compiled()
def _relu_slope_1(drive: F32, out: F32, slope: F32):
    zero = np.float32(0.0)
    for j in range(drive.shape[0]):
        out[j] = drive[j] if drive[j] > zero else zero * drive[j]
        slope[j] = np.float32(1.0)


def test_competition_that_calls_itself_local():
    faults(SOFTMAX._replace(local="unit"), "a unit sees its own drive only")


def test_a_state_that_changes_its_dtype():
    def step(p, s, drive):
        after, out, slope = ADAPTIVE.step(p, s, drive)
        return after._replace(theta=after.theta.astype(np.float64)), out, slope

    faults(ADAPTIVE._replace(step=step), r"state\.theta keeps its shape and dtype")


def test_fading_of_what_the_state_does_not_have():
    faults(ADAPTIVE._replace(fades=("v", "potential")), "fades names fields of the state")


def test_a_prediction_that_moves_what_lasts():
    faults(ADAPTIVE._replace(still=ADAPTIVE.params), "what does not fade stays as it is")
    faults(ADAPTIVE._replace(still=(1, 2)), "still is other values of the same params")


def test_a_batch_that_is_another_function():
    faults(RELU._replace(batch=lambda p, drive: np.abs(drive)), "batch gives each sample what step gives it")
    faults(
        RELU._replace(batch=lambda p, drive: np.maximum(drive, 0, out=drive)), "batch leaves its arguments"
    )
    double = RELU._replace(batch=lambda p, drive: np.maximum(drive, 0).astype(np.float64))
    faults(double, "batch works in the dtype")


def test_a_neuron_that_no_layer_can_have():
    def init(n_post):
        raise ConfigError("never enough")

    faults(RELU._replace(init=init), "init accepts a layer")
