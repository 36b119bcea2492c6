"""exp and tanh of our own: near the true value everywhere, their definition bit for bit, and edges as promised."""

import numpy as np
import pytest

from edgelearn.kernels.functions import HIGHEST, LOWEST, define_exp, define_tanh, exp, tanh
from edgelearn.testing.fills import same_bits

pytestmark = pytest.mark.kernels

EDGES = np.array(
    [0.0, -0.0, 1e-45, -1e-45, 1e-38, 88.0, -87.0, 500, -500, np.inf, -np.inf, np.nan], np.float32
)


def values():
    rng = np.random.default_rng(0)
    return np.concatenate([EDGES, rng.uniform(-90, 90, 400), rng.normal(size=400)]).astype(np.float32)


@pytest.mark.parametrize(("kernel", "definition"), [(exp, define_exp), (tanh, define_tanh)])
def test_kernel_equals_definition(kernel, definition):
    x = values()
    with np.errstate(all="ignore"):
        assert same_bits(np.array([kernel(v) for v in x], np.float32), definition(x))


def test_exp_is_within_two_units_in_the_last_place():
    x = np.linspace(LOWEST, HIGHEST, 200_001).astype(np.float32)
    true = np.exp(x.astype(np.float64))
    assert (np.abs(define_exp(x) - true) <= 2 * np.spacing(true.astype(np.float32))).all()


def test_tanh_is_within_two_units_in_the_last_place():
    x = np.linspace(-12, 12, 200_001).astype(np.float32)
    true = np.tanh(x.astype(np.float64))
    assert (np.abs(define_tanh(x) - true) <= 2 * np.spacing(np.abs(true).astype(np.float32))).all()


def test_exp_holds_its_argument_within_float32():
    assert (define_exp(np.array([1e9, np.inf], np.float32)) == define_exp(np.array([HIGHEST]))).all()
    assert (define_exp(np.array([-1e9, -np.inf], np.float32)) == define_exp(np.array([LOWEST]))).all()
    with np.errstate(all="ignore"):
        assert np.isnan(define_exp(EDGES)[-1])
        assert np.isnan(define_tanh(EDGES)[-1])


def test_tanh_is_odd_and_never_leaves_one():
    x = values()
    x = x[np.isfinite(x)]
    assert (define_tanh(-x) == -define_tanh(x)).all()
    assert np.abs(define_tanh(x)).max() <= 1


def test_float64_is_numpys_own():
    x = np.linspace(-5, 5, 11)
    assert (define_exp(x) == np.exp(x)).all()
    assert (define_tanh(x) == np.tanh(x)).all()
