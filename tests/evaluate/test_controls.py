"""The controls: a bound that uses training data alone, and splits that keep proportions."""

import numpy as np
import pytest

from edgelearn.errors import ConfigError
from edgelearn.evaluate.controls import PENALTIES, OfflineRidge, offline_stream
from edgelearn.evaluate.splits import pairs, stratified
from tests.evaluate.blobs import blobs


def test_offline_ridge_equals_the_normal_equations() -> None:
    X, y = blobs(n_each=50, classes=3, gap=1.0)
    ridge = OfflineRidge(X, y)
    z = (X - X.astype(np.float64).mean(0)) / X.astype(np.float64).std(0)
    hot = np.eye(3)[y]
    w = np.linalg.solve(z.T @ z + ridge.penalty * len(y) * np.eye(6), z.T @ (hot - hot.mean(0)))
    assert ridge.predict(X).tolist() == (z @ w + hot.mean(0)).argmax(1).tolist()


def test_more_features_than_samples_gives_the_same_as_the_small_side() -> None:
    X, y = blobs(n_each=50, classes=3, gap=2.0)
    wide = np.repeat(X, 30, axis=1)  # the same information, 180 features for 150 samples
    narrow, broad = OfflineRidge(X, y), OfflineRidge(wide, y)
    assert np.mean(narrow.predict(X) == broad.predict(wide)) > 0.95


def test_constant_features_and_string_labels_do_no_harm() -> None:
    X, y = blobs(classes=3)
    X = np.hstack([X, np.full((len(X), 1), 1e6, np.float32)])
    names = np.array(["ant", "bee", "cow"])[y]
    ridge = OfflineRidge(X, names)
    assert ridge.penalty in PENALTIES
    assert np.mean(ridge.predict(X) == names) > 0.98


def test_the_offline_stream_never_sees_the_sample_it_predicts() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 50)).astype(np.float32), rng.integers(0, 2, 60)
    assert np.mean(OfflineRidge(X, y).predict(X) == y) > 0.75  # it could learn noise by heart
    assert np.mean(offline_stream(X, y)) < 0.7


def test_the_split_is_stratified_and_drawn_from_the_seed() -> None:
    y = np.array([0] * 40 + [1] * 20 + [2] * 4 + [3])
    train, test = stratified(y, 0.25, np.random.default_rng(0))
    assert np.bincount(y[test], minlength=4).tolist() == [10, 5, 1, 0]
    assert sorted([*train, *test]) == list(range(len(y)))
    again = stratified(y, 0.25, np.random.default_rng(0))[1]
    other = stratified(y, 0.25, np.random.default_rng(1))[1]
    assert test.tolist() == again.tolist()
    assert test.tolist() != other.tolist()


@pytest.mark.parametrize("fraction", [0.01, 0.99])
def test_both_sides_of_a_split_keep_a_sample_of_every_class(fraction: float) -> None:
    y = np.repeat([0, 1], 5)
    train, test = stratified(y, fraction, np.random.default_rng(0))
    assert set(y[train]) == set(y[test]) == {0, 1}


def test_a_fraction_outside_0_and_1_is_refused() -> None:
    with pytest.raises(ConfigError, match="test fraction"):
        stratified(np.zeros(4), 1.0, np.random.default_rng(0))


def test_pairs_number_the_combinations() -> None:
    groups = pairs(np.array(["a", "a", "b", "b"]), np.array([1, 2, 1, 1]))
    assert groups[2] == groups[3]
    assert len(set(groups.tolist())) == 3
