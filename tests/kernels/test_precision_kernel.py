"""The packed inverse with a waiting outer product equals the whole inverse; moving the prior keeps the data."""

import numpy as np
import pytest

from edgelearn.kernels import precision

pytestmark = pytest.mark.kernels


def data(n_features, seed=0):
    """Return (S, prior): a random scatter and a prior, with features of different scales."""
    rng = np.random.default_rng(seed)
    scale = np.exp(rng.uniform(-2, 2, n_features))
    X = rng.normal(size=(3 * n_features + 5, n_features)) @ rng.normal(size=(n_features, n_features)) * scale
    return X.T @ X, np.exp(rng.uniform(-1, 1, n_features)) * scale**2


def packed(S, prior, wait):
    """Return P so that P_true = P - wait waitᵀ = (S + prior)^-1."""
    return precision.pack(np.linalg.inv(S + np.diag(prior)) + np.outer(wait, wait))


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 7, 8, 13, 32])
def test_advance_takes_up_what_waits_and_multiplies(n):
    rng = np.random.default_rng(n)
    S, prior = data(n)
    wait, z, out = rng.normal(size=n), rng.normal(size=n), np.full(n, np.nan)
    expected = np.linalg.inv(S + np.diag(prior))
    P = packed(S, prior, wait)
    assert np.isclose(precision.quadratic(P, wait, z), z @ expected @ z, rtol=1e-8)
    np.testing.assert_allclose(precision.whole(P, wait), expected, atol=1e-12)
    precision.advance(P, wait, z, out)
    np.testing.assert_allclose(precision.whole(P, np.zeros(n)), expected, atol=1e-12)
    np.testing.assert_allclose(out, expected @ z, atol=1e-10)


@pytest.mark.parametrize("n", [1, 2, 5, 12])
@pytest.mark.parametrize("factor", [1e-3, 0.5, 3.0, 1e4])
def test_settle_moves_the_prior_and_keeps_the_data(n, factor):
    rng = np.random.default_rng(n)
    S, prior = data(n)
    means = rng.normal(size=(3, n))
    wait, weight, scratch = rng.normal(size=n) * 0.1, np.full(n, 4.0), np.empty(n)
    P = packed(S, prior, wait)
    rows = means @ np.linalg.inv(S + np.diag(prior))
    bias = -0.5 * (rows * means).sum(axis=1)
    step = 7
    spread = np.maximum(prior * factor * step / weight, np.diag(S))
    for late in range(n):  # two coordinates a step: each is looked at
        precision.settle(
            P, wait, rows, bias, prior, spread * (step + late) / step, weight, step + late, scratch
        )
    np.testing.assert_allclose(prior, weight * spread / step, rtol=0.11)
    whole = precision.whole(P, wait)
    kept = np.linalg.inv(whole) - np.diag(prior)
    size = np.sqrt(np.diag(S + np.diag(prior)))
    assert np.abs((kept - S) / np.outer(size, size)).max() < 1e-9
    np.testing.assert_allclose(rows, means @ whole, atol=1e-9 * np.abs(rows).max())
    np.testing.assert_allclose(bias, -0.5 * (means * (means @ whole)).sum(axis=1), rtol=1e-7)


def test_settle_leaves_a_prior_alone_that_is_close_or_knows_no_spread():
    S, prior = data(4)
    P, wait, before = packed(S, prior, np.zeros(4)), np.zeros(4), prior.copy()
    spread = prior * np.array([1.05, 0.95, 0.0, 1.0])
    kept = P.copy()
    for step in (1, 2):
        precision.settle(
            P, wait, np.zeros((0, 4)), np.zeros(0), prior, spread * step, np.ones(4), step, np.empty(4)
        )
    assert np.array_equal(prior, before)
    assert np.array_equal(P, kept)


@pytest.mark.parametrize("shrink", [1e-8, 1e-16, 1e-24])
def test_a_prior_may_fall_by_any_factor(shrink):
    """Plain Sherman–Morrison divides by 1 - 1 here and leaves infinities."""
    tiny = np.sqrt(shrink)
    S = np.diag([5.0, 5.0 * shrink])
    S[0, 1] = S[1, 0] = 2.0 * tiny
    prior = np.array([10.0, 10.0])
    P, wait = packed(S, prior, np.zeros(2)), np.zeros(2)
    precision.settle(
        P, wait, np.zeros((0, 2)), np.zeros(0), prior, np.diag(S).copy(), np.array([2.0, 2.0]), 1, np.empty(2)
    )
    assert np.allclose(prior, [10.0, 10.0 * shrink])
    size = np.sqrt(np.diag(S))
    unit = precision.whole(P, wait) * np.outer(size, size)
    assert np.linalg.eigvalsh(unit).min() > 0.1
    # the data of the small feature were below the last digit of the prior: they are known to lie in 0 … S_ii
    assert 1 / 3.5 < unit[1, 1] < 1 / 1.5


def test_soften_bounds_the_leverage_of_a_giant():
    n = 5
    S, prior = data(n)
    P, wait = packed(S, prior, np.zeros(n)), np.zeros(n)
    z = np.array([1e12, 1.0, -1e9, 0.0, 1e14])
    means = np.ones((2, n))
    rows, bias = means @ precision.whole(P, wait), np.zeros(2)
    precision.soften(P, wait, rows, bias, prior, z, np.empty(n))
    whole = precision.whole(P, wait)
    assert (z**2 * np.diag(whole) <= precision.LEVERAGE).all()
    np.testing.assert_allclose(whole, np.linalg.inv(S + np.diag(prior)), rtol=1e-6, atol=1e-12 * whole.max())
    np.testing.assert_allclose(rows, means @ whole, rtol=1e-6, atol=1e-12 * whole.max())


def test_without_takes_a_rank_one_part_away_or_says_that_it_is_not_there():
    S, prior = data(6)
    v = np.random.default_rng(1).normal(size=6)
    A = S + np.diag(prior)
    removed = precision.without(np.linalg.inv(A + np.outer(v, v)), v)
    assert removed is not None
    np.testing.assert_allclose(removed[0], np.linalg.inv(A), rtol=1e-8, atol=1e-10)
    assert precision.without(np.linalg.inv(A), 1e3 * np.sqrt(np.diag(A))) is None


def test_invert_minds_no_scale():
    S, prior = data(6)
    scale = np.logspace(-12, 12, 6)
    A = S + np.diag(prior)
    expected = np.linalg.inv(A)
    got = precision.invert(A * np.outer(scale, scale)) * np.outer(scale, scale)
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12 * np.abs(expected).max())
