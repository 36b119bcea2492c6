"""Adam is algorithm 1 of its paper, for each array by itself."""

import numpy as np
import pytest

from edgelearn.errors import InputError
from edgelearn.kernels.checks import LARGEST
from edgelearn.systems.adam import Adam


def written_out(w, gradients, rate):
    m = v = np.zeros_like(w)
    for t, g in enumerate(gradients, 1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        # the paper's own faster form, before section 2.1: epsilon beside the uncorrected root
        w = w - rate * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (np.sqrt(v) + 1e-8)
    return w


def drawn(n=20):
    rng = np.random.default_rng(0)
    return rng.normal(size=(3, 2)), [rng.normal(size=(3, 2)) * 10.0 ** rng.integers(-3, 3) for _ in range(n)]


def test_it_is_the_algorithm_of_the_paper():
    w, gradients = drawn()
    mine, adam = w.copy(), Adam()
    for g in gradients:
        adam.step({"w": mine}, {"w": g}, 0.01)
    np.testing.assert_allclose(mine, written_out(w, gradients, 0.01), rtol=1e-12)


def test_the_first_step_is_the_rate_whatever_the_gradient():
    for size in (1e-3, 1.0, 1e3):
        w = {"w": np.zeros(2)}
        Adam().step(w, {"w": np.array([size, -size])}, 0.01)
        assert w["w"] == pytest.approx([-0.01, 0.01], rel=1e-3)


def test_an_array_that_joins_later_starts_its_own_moments():
    w, gradients = drawn()
    both, adam = {"early": w.copy(), "late": w.copy()}, Adam()
    for g in gradients[:10]:
        adam.step(both, {"early": g}, 0.01)
    assert (both["late"] == w).all()
    for g in gradients[10:]:
        adam.step(both, {"late": g}, 0.01)
    np.testing.assert_allclose(both["late"], written_out(w, gradients[10:], 0.01), rtol=1e-12)
    np.testing.assert_allclose(both["early"], written_out(w, gradients[:10], 0.01), rtol=1e-12)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, float(LARGEST), -float(LARGEST)])
def test_a_gradient_that_ran_away_moves_nothing(wrong):
    w, adam = {"a": np.ones(3), "b": np.ones(3)}, Adam()
    gradient = {"a": np.ones(3), "b": np.array([0, wrong, 0])}
    with pytest.raises(InputError, match="learning runs away at b"):
        adam.step(w, gradient, 0.1)
    assert (w["a"] == 1).all()
    assert (w["b"] == 1).all()
    adam.step(w, {"a": np.ones(3)}, 0.1)  # the moments are those of a first step
    assert w["a"] == pytest.approx(0.9)


def test_arrays_stay_where_they_are_and_in_float32():
    w = np.ones(3, np.float32)
    view = w[:]
    Adam().step({"w": w}, {"w": np.ones(3, np.float32)}, np.float64(0.1))
    assert view == pytest.approx(0.9)
    assert w.dtype == np.float32
