"""Levels and slow drifts against their models."""

from collections.abc import Callable

import numpy as np
import pytest

from edgelearn.emulator.sensors import (
    Block,
    GainDrift,
    Glitch,
    Noise,
    OffsetDrift,
    Quantise,
    Saturation,
    Sensor,
    ValueFault,
)
from edgelearn.errors import ConfigError
from edgelearn.types import Array
from tests.emulator.sensors.whole import whole


def read(
    fault: ValueFault,
    signal: Callable[[Array], Array] = np.zeros_like,
    channels: int = 1,
    seconds: float = 1000,
) -> Block:
    """Return what a sensor of 100 Hz reads."""
    return whole(Sensor.generate(signal, 100, channels=channels, seconds=seconds, faults=[fault], seed=4))


def test_noise_is_normal_white_and_apart_in_each_channel() -> None:
    block = read(Noise(2.0), channels=2)
    assert block.values.mean(axis=0) == pytest.approx([0, 0], abs=0.03)
    assert block.values.std(axis=0) == pytest.approx([2, 2], rel=0.01)
    assert (np.abs(block.values) > 4).mean() == pytest.approx(0.0455, rel=0.05)
    a, b = block.values.T
    assert [np.corrcoef(a, b)[0, 1], np.corrcoef(a[1:], a[:-1])[0, 1]] == pytest.approx([0, 0], abs=0.015)


def test_saturation_names_exactly_what_was_beyond() -> None:
    block = read(Saturation(-3, 5), lambda t: t - 10, seconds=20)
    true = (block.index / 100 - 10).astype(np.float32)
    np.testing.assert_array_equal(block.values[:, 0], np.clip(true, -3, 5))
    np.testing.assert_array_equal(block.faults["Saturation"], (true < -3) | (true > 5))


def test_a_converter_has_so_many_even_steps() -> None:
    block = read(Quantise(3, 4.0), lambda t: t / 100 - 5)
    assert np.unique(block.values).tolist() == [-4, -3, -2, -1, 0, 1, 2, 3]
    true = block.index / 10_000 - 5
    inside = (true > -4.5) & (true < 3.5)
    assert np.abs(block.values[inside, 0] - true[inside]).max() <= 0.5 + 1e-6


def test_more_bits_leave_less_noise() -> None:
    true = np.float32(np.arange(100_000) / 100_000)
    error = read(Quantise(12, 1.0), lambda t: t / 1000).values[:, 0] - true
    assert error.std() == pytest.approx(2**-11 / 12**0.5, rel=0.02)


def test_spikes_come_so_often_either_way_on_one_channel() -> None:
    block = read(Glitch(0.02, 7.0), channels=3)
    hit = block.values != 0
    assert hit.any(axis=1).mean() == pytest.approx(0.02, rel=0.1)
    np.testing.assert_array_equal(hit.any(axis=1), block.faults["Glitch"])
    assert hit.sum(axis=1).max() == 1
    assert hit.mean(axis=0) == pytest.approx(np.full(3, 0.02 / 3), rel=0.15)
    assert set(np.unique(block.values[hit])) == {-7, 7}
    assert (block.values[hit] > 0).mean() == pytest.approx(0.5, abs=0.05)


def test_gain_goes_evenly_and_stays() -> None:
    block = read(GainDrift(3.0, over_s=200, at_s=100), lambda t: np.full_like(t, 10))
    expected = np.interp(block.index / 100, [100, 300], [10, 30])
    np.testing.assert_allclose(block.values[:, 0], expected, rtol=1e-6)
    np.testing.assert_array_equal(block.faults["GainDrift"], block.index > 10_000)


def test_an_offset_goes_evenly_and_stays_or_comes_at_once() -> None:
    block = read(OffsetDrift(-4.0, over_s=500), seconds=1000)
    np.testing.assert_allclose(block.values[:, 0], np.interp(block.index / 100, [0, 500], [0, -4]), rtol=1e-6)
    block = read(OffsetDrift(-4.0, over_s=0, at_s=2), seconds=4)
    assert block.values[:, 0].tolist() == [0] * 200 + [-4] * 200


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Noise(-1), "std must be at least 0"),
        (lambda: Saturation(1, 1), "low < high"),
        (lambda: Saturation(float("nan"), 1), "low must be a finite number"),
        (lambda: Quantise(0, 1), "bits must be a whole number of at least 1"),
        (lambda: Quantise(8, 0), "full_scale must be above 0"),
        (lambda: Glitch(1, 1), r"rate must be in \[0, 1\)"),
        (lambda: GainDrift(float("inf"), 1), "to must be a finite number"),
        (lambda: GainDrift(1, -1), "over_s must be at least 0"),
        (lambda: OffsetDrift(1, 1, -1), "at_s must be at least 0"),
    ],
)
def test_impossible_values_are_refused(make: Callable[[], ValueFault], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        make()
