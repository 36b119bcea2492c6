"""Softmax, prototypes, finiteness, sizes: each equals a line of NumPy."""

import numpy as np
import pytest

from edgelearn.kernels import checks, probability, prototypes, softmax

pytestmark = pytest.mark.kernels


def test_softmax_learns_by_the_written_gradient():
    rng = np.random.default_rng(0)
    n, d, m, eta = 20, 6, 3, 0.5
    X, y = rng.normal(size=(n, d)).astype(np.float32) * 3 + 2, rng.integers(0, m, n)
    scale, W = np.zeros((3, d), np.float32), np.zeros((m, d), np.float32)
    bias, z, p = np.zeros(m, np.float32), np.zeros(d, np.float32), np.zeros(m, np.float32)
    W_np, bias_np = np.zeros((m, d)), np.zeros(m)
    for k in range(n):
        softmax.learn(X[k], int(y[k]), k + 1, eta, scale, W, bias, z, p)
        seen = X[: k + 1].astype(float)
        spread = seen.std(axis=0, ddof=1) if k else np.ones(d)
        z_np = (X[k] - seen.mean(axis=0)) / spread
        logits = W_np @ z_np + bias_np
        p_np = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
        step = eta / (1 + z_np @ z_np) * (np.eye(m)[y[k]] - p_np)
        W_np += np.outer(step, z_np)
        bias_np += step
    np.testing.assert_allclose(W, W_np, atol=1e-5)
    np.testing.assert_allclose(bias, bias_np, atol=1e-5)
    out = np.empty(m, np.float32)
    softmax.scores(X[0], scale, W, bias, out)
    expected = W_np @ ((X[0] - X.mean(axis=0)) / X.std(axis=0, ddof=1)) + bias_np
    np.testing.assert_allclose(out, expected, atol=1e-4)


def test_distances_and_nearest():
    rng = np.random.default_rng(1)
    rows, x = rng.normal(size=(7, 5)).astype(np.float32), rng.normal(size=5).astype(np.float32)
    owner, out = np.array([0, 1, 0, 1, 0, 2, 2], np.int32), np.full(7, -1, np.float32)
    prototypes.distances(x, rows, 5, out)
    expected = ((rows - x) ** 2).sum(axis=1)
    np.testing.assert_allclose(out[:5], expected[:5], rtol=1e-5)
    assert (out[5:] == -1).all()
    zeros = [0, 2, 4]
    first = zeros[int(expected[zeros].argmin())]
    assert prototypes.nearest(out, owner, 5, 0, -1) == first
    rest = [k for k in zeros if k != first]
    assert prototypes.nearest(out, owner, 5, 0, first) == rest[int(expected[rest].argmin())]
    assert prototypes.nearest(out, owner, 5, 2, -1) == -1  # its rows are not in use


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, np.float32(np.uint32(0x7F800001).view(np.float32))])
@pytest.mark.parametrize("place", [0, 3, 8])
def test_one_bad_value_is_found(bad, place):
    x = np.array([0.0, -0.0, 1.0, -1.0, 3.4e38, -3.4e38, 1e-45, 2.0, 5.0], np.float32)
    assert checks.all_finite(x)
    x[place] = bad
    assert not checks.all_finite(x)


def test_probabilities_and_margin():
    scores = np.array([1e3, 1e3 - 1.0, -1e9, -np.inf])
    p = probability.softmax(scores)
    e = np.exp(-1.0)
    np.testing.assert_allclose(p, [1 / (1 + e), e / (1 + e), 0, 0], atol=1e-15)
    assert probability.margin(p, 0) == pytest.approx((1 - e) / (1 + e))
    assert probability.margin(np.array([1.0]), 0) == 1.0


@pytest.mark.parametrize("n", [0, 1, 3, 8, 100, 1001])
def test_the_largest_size_is_that_of_numpy(n):
    x = (np.random.default_rng(n).normal(size=n) * 1e3).astype(np.float32)
    assert checks.largest(x) == np.max(np.abs(x), initial=0)
    for odd in (np.inf, -np.inf, np.nan, np.float32(1e-45), np.float32(-0.0)):
        with_odd = np.append(x, np.float32(odd))
        np.testing.assert_array_equal(checks.largest(with_odd), np.max(np.abs(with_odd)))
