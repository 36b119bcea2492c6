"""Streaming LDA and ridge equal the closed form of what they saw, the prior fixed or following."""

import numpy as np
import pytest

from edgelearn import readouts
from edgelearn.kernels import precision
from edgelearn.kernels.hadamard import Projector

light = pytest.mark.kernels  # those that are quick without the JIT too


def stream(n, n_features, n_classes, seed=0, offset=3.0, scale=None):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, n_classes, n)
    mix = rng.normal(size=(n_features, n_features))
    X = rng.normal(size=(n_classes, n_features))[y] * 2 + rng.normal(size=(n, n_features)) @ mix
    return ((X + offset) * (1.0 if scale is None else scale)).astype(np.float32), y


def lda_scores(Z, y, labels, prior, Q):
    """Scores (n, C) of exact LDA: class means, within-class scatter and a diagonal prior; float64."""
    means = np.stack([Z[y == label].mean(axis=0) for label in labels])
    S = sum((Z[y == c] - m).T @ (Z[y == c] - m) for c, m in zip(labels, means, strict=True))
    w = np.linalg.solve(S + np.diag(prior), means.T)
    counts = np.array([(y == label).sum() for label in labels])
    filled = np.trace(np.linalg.solve(S + np.diag(prior), S))
    return len(Z) * (Q @ w - 0.5 * (means.T * w).sum(axis=0)) + 0.5 * filled / (counts + 1)


def ridge_weights(Z, y, labels, prior):
    """Weights (C, M) of ridge regression onto one-hot labels; Z (n, M) has its column of ones."""
    Y = (y[:, None] == np.array(labels)).astype(float)
    return np.linalg.solve(Z.T @ Z + np.diag(prior), Z.T @ Y).T


@light
@pytest.mark.parametrize("config", [{"prior": 2.5}, {}, {"shrinkage": 0.01}, {"project": 6, "seed": 3}])
@pytest.mark.parametrize("n_features", [1, 2, 8, 13])
def test_slda_is_exact_lda(config, n_features):
    X, y = stream(150, n_features, 3)
    readout = readouts.make("slda", **config)
    readout.learn_many(X, y)
    Z = X.astype(float)
    if "project" in config:
        projector = Projector(n_features, 6, 3)
        Z = np.stack([projector(x, np.empty(6)) for x in X])
    expected = lda_scores(Z, y, readout.classes_, readout._prior, Z)
    np.testing.assert_allclose(
        readout.scores_many(X), expected, rtol=1e-7, atol=1e-8 * np.abs(expected).max()
    )


@light
@pytest.mark.parametrize("config", [{"prior": 2.5}, {}, {"shrinkage": 2.0}])
@pytest.mark.parametrize("n_features", [1, 2, 8, 13])
def test_ridge_is_the_closed_form(config, n_features):
    X, y = stream(150, n_features, 3)
    readout = readouts.make("ridge", **config)
    readout.learn_many(X, y)
    Z = np.c_[X.astype(float) - X[0].astype(float), np.ones(len(X))]
    W = ridge_weights(Z, y, readout.classes_, readout._prior)
    np.testing.assert_allclose(readout._W, W, rtol=1e-8, atol=1e-8 * np.abs(W).max())
    np.testing.assert_allclose(readout.scores_many(X), Z @ W.T, atol=1e-8)


@light
@pytest.mark.parametrize("config", [{"prior": 2.5}, {}])
def test_rp_ridge_is_the_closed_form_on_its_lifted_features(config):
    X, y = stream(150, 5, 3)
    readout = readouts.make("rp_ridge", hidden=11, seed=4, **config)
    readout.learn_many(X, y)
    wide, projector = X.astype(float), Projector(5, 11, 4)
    unit = (wide - wide.mean(axis=1, keepdims=True)) / wide.std(axis=1, keepdims=True)
    bent = np.stack([np.maximum(projector(x, np.empty(11)), 0) for x in unit])
    Z = np.c_[wide - wide[0], bent, np.ones(len(X))]
    W = ridge_weights(Z, y, readout.classes_, readout._prior)
    np.testing.assert_allclose(readout._W, W, rtol=1e-7, atol=1e-8 * np.abs(W).max())


@light
@pytest.mark.parametrize("name", ["slda", "ridge"])
def test_the_prior_follows_the_spread(name):
    X, y = stream(300, 6, 3, scale=np.logspace(-3, 3, 6))
    readout = readouts.make(name, shrinkage=0.5)
    readout.learn_many(X, y)
    inside = [X[y == c].astype(float).var(axis=0) * (y == c).mean() for c in range(3)]
    variance = sum(inside) if name == "slda" else X.astype(float).var(axis=0)
    np.testing.assert_allclose(readout._prior[:6], 0.5 * 6 * variance, rtol=0.12)


@light
def test_a_class_late_in_ridge_is_as_if_it_had_been_there_from_the_start():
    X, y = stream(120, 4, 3)
    order = np.argsort(y, kind="stable")
    shuffled, by_class = (readouts.make("ridge", prior=1.0) for _ in range(2))
    shuffled.learn_many(X, y)
    by_class.learn_many(X[order], y[order])
    a = shuffled.scores_many(X)[:, np.argsort(shuffled.classes_)]
    np.testing.assert_allclose(a, by_class.scores_many(X)[:, np.argsort(by_class.classes_)], atol=1e-6)


@pytest.mark.parametrize("config", [{}, {"prior": 5.0}])
def test_slda_decides_as_the_exact_solution_after_20_000_ill_conditioned_samples(config):
    rng = np.random.default_rng(5)
    d, m, n = 24, 6, 20_000
    turn = np.linalg.qr(rng.normal(size=(d, d)))[0]
    mix = turn * np.logspace(0, 2, d)  # covariance of condition 1e4
    centres = rng.normal(size=(m, d)) @ mix.T * 0.4
    y = rng.integers(0, m, n + 2000)
    X = (centres[y] + rng.normal(size=(len(y), d)) @ mix.T).astype(np.float32)
    readout = readouts.make("slda", **config)
    readout.learn_many(X[:n], y[:n])
    test = X[n:].astype(float)
    exact = lda_scores(X[:n].astype(float), y[:n], readout.classes_, readout._prior, test).argmax(axis=1)
    ours = readout.scores_many(X[n:]).argmax(axis=1)
    assert (ours == exact).mean() >= 0.999
    assert 0.3 < (np.array(readout.classes_)[exact] == y[n:]).mean() < 0.99  # a task where it could go wrong


def rough_streams():
    """Streams that break careless arithmetic, each with what is learnable left in it."""
    X, y = stream(600, 8, 3, offset=0.0)
    wide = X.astype(float)
    yield "features of scales 1e-8 … 1e8", wide * np.logspace(-8, 8, 8), y
    yield "one feature 1e-10 of the others", wide * np.where(np.arange(8) == 3, 1e-10, 1.0), y
    yield "first sample next to nothing", wide * np.where(np.arange(600) == 0, 1e-10, 1.0)[:, None], y
    yield "first sample zero, then 1e9", wide * np.where(np.arange(600) == 0, 0.0, 1e9)[:, None], y
    asleep = (np.arange(600) < 200)[:, None] & (np.arange(8) == 3)
    yield "a feature wakes up", wide * np.where(asleep, 1e-12, 1.0), y
    e = np.exp(wide * 4)
    yield "probabilities for features", e / e.sum(axis=1, keepdims=True), y
    yield "one sample 1e12 times the others", wide * np.where(np.arange(600) == 300, 1e12, 1.0)[:, None], y
    yield "constant and doubled features", np.c_[wide, np.full((600, 2), 3.0), wide[:, :2]], y


@pytest.mark.parametrize(("X", "y"), [pytest.param(X, y, id=name) for name, X, y in rough_streams()])
@pytest.mark.parametrize(
    ("name", "config"), [("slda", {}), ("slda", {"prior": 1.0}), ("ridge", {}), ("rp_ridge", {"hidden": 12})]
)
def test_rough_features_leave_a_positive_definite_inverse(name, config, X, y):
    X = X.astype(np.float32)
    readout = readouts.make(name, **config)
    readout.learn_many(X, y)
    P = precision.whole(readout._P if name == "slda" else readout._R, readout._wait)
    size = np.sqrt(np.diag(P))
    assert np.isfinite(readout.scores_many(X)).all()
    assert np.linalg.eigvalsh(P / np.outer(size, size)).min() > 0


@pytest.mark.parametrize("name", ["slda", "ridge", "rp_ridge"])
@pytest.mark.parametrize("spread", [0, 3, 6])
def test_scales_of_features_cost_no_accuracy(name, spread):
    X, y = stream(900, 8, 3, offset=0.0)
    config = {"hidden": 12} if name == "rp_ridge" else {}

    def accuracy(X):
        readout = readouts.make(name, **config)
        readout.learn_many(X[:600], y[:600])
        return np.mean(np.array(readout.predict_many(X[600:])) == y[600:])

    scaled = (X.astype(float) * np.logspace(-spread, spread, 8)).astype(np.float32)
    assert accuracy(scaled) >= accuracy(X) - 0.03
    assert accuracy(X) > 0.6
