"""Ready signals against their formulas, functions of one's own, and what is refused."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from edgelearn.emulator.sensors import Sensor, mixture, noise, sine, square, step, walk
from edgelearn.errors import ConfigError, InputError
from tests.emulator.sensors.whole import whole

TIMES = np.arange(0, 5, 0.01)


def test_shapes_in_time() -> None:
    np.testing.assert_allclose(sine(3, 2, 0.25)(TIMES), 2 * np.cos(2 * np.pi * 3 * TIMES), atol=1e-12)
    assert square(1, 4, 0.25)(np.array([0, 0.2, 0.25, 0.9, 1.1])).tolist() == [4, 4, -4, -4, 4]
    assert step(2, -1, 3)(np.array([0, 1.999, 2, 3])).tolist() == [-1, -1, 3, 3]


def test_a_function_is_for_all_channels_or_each() -> None:
    both = whole(Sensor.generate(np.square, 10, channels=2, seconds=1)).values
    assert both[:, 0].tolist() == both[:, 1].tolist() == pytest.approx((np.arange(10) / 10) ** 2)
    each = whole(Sensor.generate(lambda t: np.stack([t, -t], 1), 10, channels=2, seconds=1)).values
    np.testing.assert_array_equal(each[:, 0], -each[:, 1])


def test_it_goes_on_for_ever_or_so_many_seconds() -> None:
    assert len(whole(Sensor.generate(sine(1), 50, seconds=2.02)).index) == 101
    endless = iter(Sensor.generate(sine(1), 50).blocks(1000))
    assert [next(endless).index[-1] for _ in range(50)][-1] == 49_999


def test_noise_and_walks_have_the_spread_they_should() -> None:
    def made(signal: Any) -> np.ndarray:
        return whole(Sensor.generate(signal, 100, channels=2, seconds=2000, seed=1)).values

    white = made(noise(3))
    assert white.std(axis=0) == pytest.approx([3, 3], rel=0.01)
    steps = np.diff(made(walk(0.5)), axis=0)
    assert steps.std(axis=0) == pytest.approx([0.5, 0.5], rel=0.01)
    assert np.corrcoef(steps.T)[0, 1] == pytest.approx(0, abs=0.01)
    from edgelearn.emulator.sensors.generators import Walk

    ar = made(Walk(0.9, 1.0))[1000:]
    assert ar.std(axis=0) == pytest.approx(np.full(2, (1 - 0.81) ** -0.5), rel=0.03)
    assert np.corrcoef(ar[1:, 0], ar[:-1, 0])[0, 1] == pytest.approx(0.9, abs=0.01)


def test_a_mixture_is_labelled_with_what_it_is() -> None:
    classes = {"low": step(0, 0, 1), 7: step(0, 0, 2), "high": step(0, 0, 3)}
    block = whole(Sensor.generate(mixture(classes, mean_s=2), 50, seconds=4000, seed=2))
    value = {"low": 1, 7: 2, "high": 3}
    assert block.values[:, 0].tolist() == [value[label] for label in block.labels.tolist()]
    share = np.bincount(block.values[:, 0].astype(int), minlength=4)[1:] / len(block.index)
    assert share == pytest.approx(np.full(3, 1 / 3), abs=0.05)
    turns = np.count_nonzero(np.diff(block.values[:, 0]))
    assert 4000 / turns == pytest.approx(2 * 3 / 2, rel=0.1)  # a third of the turns is to the same class


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Sensor.generate(sine(1), 0), "rate_hz must be above 0"),
        (lambda: Sensor.generate(sine(1), -1), "rate_hz must be above 0"),
        (lambda: Sensor.generate(sine(1), 10, channels=0), "channels must be a whole number of at least 1"),
        (lambda: Sensor.generate(sine(1), 10, seconds=0), "seconds must be above 0"),
        (lambda: Sensor.generate("sine", 10), "a function of time or a signal such as"),
        (lambda: square(1, duty=2), r"duty must be in \[0, 1\]"),
        (lambda: noise(-1), "std must be at least 0"),
        (lambda: mixture({}, 1), "a mixture needs classes"),
        (lambda: mixture({"a": sine(1)}, 0), "mean_s must be above 0"),
    ],
)
def test_impossible_values_are_refused(make: Callable[[], object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        make()


@pytest.mark.parametrize("function", [lambda t: t.sum(), lambda t: t[1:], lambda t: np.zeros((len(t), 3))])
def test_a_function_of_another_shape_is_refused(function: Callable[[Any], Any]) -> None:
    with pytest.raises(InputError, match=r"takes times \(n,\) and returns values \(n, 2\)"):
        next(iter(Sensor.generate(function, 10, channels=2)))


def test_a_function_that_is_not_finite_is_refused() -> None:
    with pytest.raises(InputError, match="not finite"):
        next(iter(Sensor.generate(lambda t: t * np.nan, 10)))
