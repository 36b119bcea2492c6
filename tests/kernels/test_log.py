"""log of our own: near the true value everywhere, its definition bit for bit, and edges as promised."""

import math

import numpy as np
import pytest

from edgelearn.kernels.functions import define_log, log
from edgelearn.testing.fills import same_bits

pytestmark = pytest.mark.kernels


def values():
    edges = [0, -0.0, -1, -math.inf, math.nan, math.inf, 1, 1e-45, 1e-41, 1.2e-38, 3.4e38]
    wide = np.exp(np.random.default_rng(0).uniform(-100, 88, 500))
    return np.concatenate([edges, wide, np.linspace(0.5, 2, 500)]).astype(np.float32)


def test_kernel_equals_definition():
    assert same_bits(define_log(values()), np.array([log(v) for v in values()], np.float32))


def test_log_is_within_one_unit_in_the_last_place():
    x = values()[6:]
    true = np.log(x.astype(np.float64))
    assert (np.abs(define_log(x) - true) <= np.spacing(np.abs(true).astype(np.float32))).all()


def test_edges():
    assert define_log(values()[:6]).tolist() == pytest.approx(
        [-math.inf, -math.inf, *[math.nan] * 3, math.inf], nan_ok=True
    )


def test_float64_is_numpys_own():
    x = np.linspace(0.1, 5, 11)
    assert (define_log(x) == np.log(x)).all()
