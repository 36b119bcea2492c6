"""A chain runs its operations in turn, and puts out what its taps saw, or else its end."""

import numpy as np
import pytest

from edgelearn.systems.chain import FEW, LEAK, Dense, Pointwise, RootMeanSquare, Scale, Tap, run

X = np.array([[1, -2, 3], [-4, 5, 0]], np.float32)
W = np.array([[1, 0], [2, 1], [0, -1]], np.float32)


def test_dense_is_a_product_and_an_offset_if_there_is_one():
    assert Dense(W)(X).tolist() == [[-3, -5], [6, 5]]
    assert Dense(W, np.float32([10, 20]))(X).tolist() == [[7, 15], [16, 25]]


def test_scale_has_a_gain_and_a_shift_for_each_innermost_value():
    by, shift = np.float32([2, 10]), np.float32([0, 1])
    maps = np.arange(12, dtype=np.float32).reshape(1, 12)  # (3, 2, 2) flat
    found = Scale(by, shift)(maps)
    assert found.shape == (1, 12)
    assert found[0, 0::2].tolist() == [0, 4, 8, 12, 16, 20]
    assert found[0, 1::2].tolist() == [11, 31, 51, 71, 91, 111]


def test_curves_are_what_they_are_called():
    assert Pointwise("relu")(X).tolist() == [[1, 0, 3], [0, 5, 0]]
    leaky = [[1, -2 * LEAK, 3], [-4 * LEAK, 5, 0]]
    assert (Pointwise("leaky_relu")(X) == np.array(leaky, np.float32)).all()
    assert Pointwise("tanh")(X) == pytest.approx(np.tanh(X.astype(np.float64)), abs=1e-6)


def test_a_sample_loses_its_length_and_keeps_its_direction():
    found = RootMeanSquare()(X)
    assert (found**2).mean(axis=1) == pytest.approx(1, abs=1e-6)
    assert found == pytest.approx(RootMeanSquare()(X * np.float32(7)), abs=1e-6)
    assert found[0] / X[0] == pytest.approx(np.full(3, 1 / np.sqrt(14 / 3)))
    assert (RootMeanSquare()(np.zeros_like(X)) == 0).all()


def test_without_a_tap_the_end_comes_out():
    assert (run([Dense(W), Pointwise("relu")], X) == Pointwise("relu")(Dense(W)(X))).all()
    assert run([], X) is X


def test_taps_lie_side_by_side_in_order_and_what_follows_them_goes_on():
    found = run([Tap(), Dense(W), Tap(), Pointwise("relu")], X)
    assert (found == np.concatenate([X, X @ W], axis=1)).all()


def test_a_tap_keeps_what_it_saw():
    assert (run([Dense(W), Tap(), Pointwise("relu"), Tap()], X)[:, :2] == X @ W).all()


@pytest.mark.parametrize("n", [0, 1, FEW, FEW + 1])
def test_any_number_of_samples_keeps_order_and_type(n):
    many = np.random.default_rng(0).integers(-9, 9, (n, 3)).astype(np.float32)
    found = run([Scale(np.float32([2, 2, 2]), np.float32([1, 0, 0])), Dense(W), Tap()], many)
    assert found.shape == (n, 2)
    assert found.dtype == np.float32
    assert (found == (many * 2 + np.float32([1, 0, 0])) @ W).all()  # whole numbers: exact in any order
