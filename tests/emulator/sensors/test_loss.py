"""What is lost and what is stuck: shares, lengths, and what stays."""

from collections.abc import Callable

import numpy as np
import pytest

from edgelearn.emulator.sensors import Dropout, Recording, Sensor, StuckAt, ValueFault
from edgelearn.errors import ConfigError
from edgelearn.types import Array
from tests.emulator.sensors.whole import whole


def lengths(on: Array) -> Array:
    """Return the length of each whole burst."""
    edges = np.flatnonzero(np.diff(on.astype(np.int8)))
    edges = edges[int(on[0]) :]
    return np.diff(edges)[::2]


@pytest.mark.parametrize(("rate", "mean"), [(0.01, None), (0.3, None), (0.1, 5), (0.05, 40), (0.5, 2)])
def test_a_share_is_lost_in_bursts_of_geometric_length(rate: float, mean: float | None) -> None:
    sensor = Sensor.generate(np.zeros_like, 1000, seconds=1000, faults=[Dropout(rate, mean)], seed=5)
    lost = whole(sensor).lost
    bursts = lengths(lost)
    length = mean or 1 / (1 - rate)
    tolerance = 4 * (2 * length / (rate * len(lost))) ** 0.5
    assert lost.mean() == pytest.approx(rate, rel=tolerance)
    assert bursts.mean() == pytest.approx(length, rel=4 / len(bursts) ** 0.5)
    if length > 1.3:
        assert (bursts == 1).mean() == pytest.approx(1 / length, rel=0.15)
        assert bursts.std() == pytest.approx((length * (length - 1)) ** 0.5, rel=0.15)


def test_the_share_holds_from_the_first_sample() -> None:
    first = [
        next(Sensor.generate(np.zeros_like, 10, faults=[Dropout(0.3, 50)], seed=seed).blocks(1)).lost[0]
        for seed in range(1000)
    ]
    assert np.mean(first) == pytest.approx(0.3, abs=0.06)


def test_nothing_and_everything_but_nothing() -> None:
    sensor = Sensor.generate(np.zeros_like, 10, seconds=100, faults=[Dropout(0.0), Dropout(0.0, 3)])
    assert not whole(sensor).lost.any()


def test_what_is_lost_is_not_there_and_says_why(ramp: Recording) -> None:
    readings = list(Sensor.play(ramp, faults=[Dropout(0.2)], seed=1))
    lost = [r.index for r in readings if r.values is None]
    assert [r.index for r in readings if r.faults == ("Dropout",)] == lost
    assert 1800 < len(lost) < 2200
    assert all(r.values is None or r.values.tolist() == [r.index, -r.index] for r in readings)


def test_no_value_of_what_is_lost_leaks(ramp: Recording) -> None:
    block = whole(Sensor.play(ramp, faults=[Dropout(0.2), Dropout(0.1, 5)], seed=1))
    np.testing.assert_array_equal(np.isnan(block.values), np.stack([block.lost] * 2, axis=1))
    np.testing.assert_array_equal(block.faults["Dropout"], block.lost)


def test_what_is_stuck_stays_at_the_last_value(ramp: Recording) -> None:
    block = whole(Sensor.play(ramp, faults=[StuckAt(0.2, 25)], seed=1), 64)
    stuck = block.faults["StuckAt"]
    assert stuck.mean() == pytest.approx(0.2, abs=0.06)
    expected = np.maximum.accumulate(np.where(stuck, 0, block.index))
    np.testing.assert_array_equal(block.values[:, 0], expected)


def test_once_from_a_time_on(ramp: Recording) -> None:
    block = whole(Sensor.play(ramp, faults=[StuckAt(at_s=10, for_s=5)]))
    np.testing.assert_array_equal(np.flatnonzero(block.faults["StuckAt"]), np.arange(1000, 1500))
    assert block.values[[999, 1000, 1499, 1500], 0].tolist() == [999, 999, 999, 1500]
    block = whole(Sensor.play(ramp, faults=[StuckAt(at_s=0, value=0.5)]))
    assert np.unique(block.values).tolist() == [0.5]
    first = whole(Sensor.play(ramp, faults=[StuckAt(at_s=0)]))
    assert np.unique(first.values[:, 0]).tolist() == [0]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Dropout(1.0), r"rate must be in \[0, 1\)"),
        (lambda: Dropout(-0.1), r"rate must be in \[0, 1\)"),
        (lambda: Dropout(0.5, 1.5), "mean_length must be at least 2 samples at a rate of 0.5"),
        (lambda: Dropout(0.1, float("nan")), "mean_length must be at least"),
        (lambda: StuckAt(), "either rate"),
        (lambda: StuckAt(0.1, at_s=1), "either rate"),
        (lambda: StuckAt(at_s=1, for_s=0), "for_s must be above 0"),
        (lambda: StuckAt(at_s=-1), "at_s must be at least 0"),
        (lambda: StuckAt(0.1, value=float("nan")), "value must be a finite number"),
    ],
)
def test_impossible_values_are_refused(make: Callable[[], ValueFault], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        make()
