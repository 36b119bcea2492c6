"""The numbers of the definitions, worked by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edgelearn.errors import ConfigError
from edgelearn.evaluate import metrics

R = np.array([[0.9, 0.1, 0.1], [0.7, 0.8, 0.1], [0.6, 0.7, 0.9]])
ROSE = np.array([[0.6, 0.0, 0.0], [0.8, 0.5, 0.0], [0.7, 0.5, 0.9]])  # column 1 rises, then falls


def test_the_worked_matrix() -> None:
    assert metrics.average_accuracy(R) == pytest.approx(0.7333, abs=1e-4)
    assert metrics.backward_transfer(R) == pytest.approx(-0.2)
    assert metrics.forgetting(R) == pytest.approx(0.2)
    assert metrics.learning_accuracy(R) == pytest.approx(0.8667, abs=1e-4)
    assert metrics.average_incremental(R) == pytest.approx(0.7944, abs=1e-4)
    assert metrics.backward_transfer_all(R) == pytest.approx(-0.2)


def test_forgetting_is_from_the_best_and_transfer_from_the_first() -> None:
    assert metrics.backward_transfer(ROSE) == pytest.approx((0.1 + 0.0) / 2)
    assert metrics.forgetting(ROSE) == pytest.approx((0.1 + 0.0) / 2)
    assert metrics.forgetting(ROSE) != -metrics.backward_transfer(ROSE)


@given(arrays(np.float64, st.integers(2, 7).map(lambda n: (n, n)), elements=st.floats(0, 1)))
def test_accuracy_is_learning_accuracy_plus_transfer(matrix: np.ndarray) -> None:
    T = len(matrix)
    told = metrics.learning_accuracy(matrix) + metrics.backward_transfer(matrix) * (T - 1) / T
    assert metrics.average_accuracy(matrix) == pytest.approx(told)


def test_average_incremental_weighs_experiences_by_their_test_samples() -> None:
    counts = np.array([1, 3, 4])
    expected = [0.9, (0.7 + 3 * 0.8) / 4, (0.6 + 3 * 0.7 + 4 * 0.9) / 8]
    np.testing.assert_allclose(metrics.accuracy_so_far(R, counts), expected)


def test_an_experience_without_test_samples_is_left_out() -> None:
    holed = R.copy()
    holed[:, 1] = np.nan
    assert metrics.average_accuracy(holed) == pytest.approx(0.75)
    assert metrics.forgetting(holed) == pytest.approx(0.3)
    np.testing.assert_allclose(metrics.accuracy_so_far(holed), [0.9, 0.7, 0.75])


def test_one_experience_has_no_forgetting() -> None:
    assert np.isnan(metrics.forgetting(R[:1, :1]))
    assert np.isnan(metrics.backward_transfer(R[:1, :1]))


def test_stream_curves() -> None:
    correct = np.array([True, False, True, True])
    np.testing.assert_allclose(metrics.cumulative(correct), [1, 1 / 2, 2 / 3, 3 / 4])
    np.testing.assert_allclose(metrics.sliding(correct, 2), [1, 1 / 2, 1 / 2, 1])
    np.testing.assert_allclose(metrics.fading(correct, 0.5), [1, 0.5 / 1.5, 1.25 / 1.75, 1.625 / 1.875])
    np.testing.assert_allclose(metrics.fading(correct, 1.0), metrics.cumulative(correct))


def test_impossible_windows_are_refused() -> None:
    with pytest.raises(ConfigError, match="window"):
        metrics.sliding(np.array([True]), 0)
    with pytest.raises(ConfigError, match="fading"):
        metrics.fading(np.array([True]), 0.0)


def test_balanced_prequential_gives_a_rare_class_its_full_weight() -> None:
    y = np.array(["a"] * 9 + ["b"])
    correct = np.array([True] * 9 + [False])
    assert metrics.prequential_accuracy(correct) == pytest.approx(0.9)
    assert metrics.balanced_prequential(correct, y) == pytest.approx(0.5)


def test_kappa_temporal_is_zero_at_no_change_and_one_at_perfect() -> None:
    assert metrics.kappa_temporal(0.8, 0.8) == pytest.approx(0.0)
    assert metrics.kappa_temporal(1.0, 0.8) == pytest.approx(1.0)
    assert metrics.kappa_temporal(0.7, 0.8) == pytest.approx(-0.5)
    assert np.isnan(metrics.kappa_temporal(1.0, 1.0))


def test_spread_is_the_sample_deviation() -> None:
    assert metrics.spread([1.0, 3.0]) == pytest.approx((2.0, 2.0**0.5))
    mean, deviation = metrics.spread([0.5])
    assert mean == 0.5
    assert np.isnan(deviation)
