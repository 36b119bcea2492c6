"""The readouts that judge features: right on separable ones, at chance on none, and blind to the test set."""

import numpy as np
import pytest

from edgelearn.bench import linear
from edgelearn.bench.filters import tiled


def blobs(n, apart, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 4, n)
    centres = np.random.default_rng(9).normal(size=(4, 20)) * apart
    return (centres[y] + rng.normal(size=(n, 20))).astype(np.float32) * 50 + 7, y


@pytest.mark.parametrize("readout", [linear.ridge, linear.softmax])
def test_classes_that_lie_apart_are_told_and_noise_is_not(readout):
    X, y = blobs(600, 2.0)
    X_test, y_test = blobs(400, 2.0, seed=1)
    assert readout(X, y, X_test, y_test) > 0.97
    assert readout(X.astype(np.float16), y, X_test.astype(np.float16), y_test) > 0.97
    assert readout(*blobs(600, 0.0), *blobs(400, 0.0, seed=1)) < 0.4


def test_a_penalty_is_chosen_on_training_samples_alone():
    """Chosen by the test set, each sample on its own would be right wherever any penalty is."""
    X, y = blobs(30, 0.5)
    X_test, y_test = blobs(100, 0.5, seed=1)
    alone = [linear.ridge(X, y, X_test[k : k + 1], y_test[k : k + 1]) for k in range(100)]
    assert np.mean(alone) == pytest.approx(linear.ridge(X, y, X_test, y_test), abs=1e-9)


def test_filters_lie_side_by_side_each_from_black_to_white():
    w = np.random.default_rng(0).normal(size=(2 * 3 * 1, 5)).astype(np.float32)
    canvas = tiled(w, (2, 3, 1))
    assert canvas.shape == (2 * 3, 3 * 4, 1)  # 3 across, 2 down, a pixel between
    second = canvas[0:2, 4:7, 0].ravel()
    assert (second.argsort() == w[:, 1].argsort()).all()
    assert (second.min(), second.max()) == (0, 1)
