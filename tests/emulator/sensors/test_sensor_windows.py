"""Windows of a sensor: slices of what is read, losses counted, and the clock they wait for."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgelearn.emulator.clock import VirtualClock
from edgelearn.emulator.sensors import ClockDrift, Dropout, Sensor, ValueFault, sine
from edgelearn.emulator.sensors.block import Run, Work
from edgelearn.errors import ConfigError
from edgelearn.learner import Learner
from edgelearn.sources import Missed, Pause
from edgelearn.types import Array, Sample
from tests.emulator.sensors.whole import whole

VALUES = np.random.default_rng(0).normal(size=(5000, 2)).astype(np.float32)


@settings(max_examples=30)
@given(st.integers(1, 5001), st.integers(1, 6000))
def test_without_faults_they_are_slices_of_the_array(window: int, hop: int) -> None:
    labels = np.arange(5000) // 100
    items = list(Sensor.play(VALUES, rate_hz=100, label=labels).windows(window, hop))
    starts = range(0, 5000 - window + 1, hop)
    assert len(items) == len(starts)
    for k, (item, start) in enumerate(zip(items, starts, strict=True)):
        assert isinstance(item, Sample)
        assert (item.id, item.label, item.time_s) == (k, labels[start + window - 1], start / 100)
        np.testing.assert_array_equal(item.x, VALUES[start : start + window])


def test_one_channel_has_no_axis_and_windows_lie_side_by_side() -> None:
    items = list(Sensor.play(VALUES[:, 0], rate_hz=100).windows(1000))
    assert [item.x.shape for item in items if isinstance(item, Sample)] == [(1000,)] * 5


def test_windows_are_the_readers_own() -> None:
    first, second = list(Sensor.play(VALUES, rate_hz=100).windows(100, 50))[:2]
    assert isinstance(first, Sample)
    assert isinstance(second, Sample)
    first.x[:] = 0
    assert second.x[:50].all()


@pytest.mark.parametrize(("window", "hop"), [(50, 50), (50, 20), (10, 90), (1, 1)])
def test_what_was_lost_is_counted_where_it_is_missing(window: int, hop: int) -> None:
    sensor = Sensor.play(VALUES, rate_hz=100, faults=[Dropout(0.05, 20)], seed=3)
    lost = whole(sensor).lost
    complete = [not lost[s : s + window].any() for s in range(0, 5000 - window + 1, hop)]
    expected, missed = list[object](), 0
    for number, there in enumerate(complete):
        if there:
            expected += [-missed] * (missed > 0) + [number]
        missed = 0 if there else missed + 1
    expected += [-missed] * (missed > 0)
    assert 0 < sum(complete) < len(complete)
    items = list(sensor.windows(window, hop))
    assert [item.id if isinstance(item, Sample) else -item.samples for item in items] == expected  # type: ignore[union-attr, operator]


@dataclass(frozen=True)
class Gone(ValueFault):
    """Loses all samples from one on."""

    first: int

    def begin(self, run: Run) -> Callable[[Work], Array]:  # noqa: ARG002
        def act(work: Work) -> Array:
            work.lost |= work.index >= self.first
            return work.lost

        return act


def test_what_is_lost_at_the_end_is_said_at_the_end() -> None:
    *samples, last = Sensor.play(VALUES, rate_hz=100, faults=[Gone(4750)]).windows(100)
    assert len(samples) == 47
    assert last == Missed(3, "3 windows lack samples that the sensor lost")
    (everything,) = Sensor.play(VALUES, rate_hz=100, faults=[Gone(0)]).windows(100)
    assert isinstance(everything, Missed)
    assert everything.samples == 50


def test_a_window_comes_once_its_last_sample_was_taken() -> None:
    clock = VirtualClock()
    clock.sleep(3.0)
    sensor = Sensor.play(VALUES, rate_hz=100, faults=[ClockDrift(1000)], clock=clock)
    pauses = 0
    for item in sensor.windows(100):
        if isinstance(item, Pause):
            assert item.seconds is not None
            assert 0 < item.seconds <= 1.0
            clock.sleep(item.seconds)
            pauses += 1
        else:
            assert isinstance(item, Sample)
            last = int(item.id) * 100 + 99  # type: ignore[call-overload]
            assert clock.now_us() == 3_000_000 + round(last / 100 / 1.001 * 1e6)
    assert pauses == 50


def test_the_clock_goes_on_for_those_who_do_not_sleep() -> None:
    clock, seen = VirtualClock(), list[int]()
    clock.at(10_000_000, lambda: seen.append(clock.now_us()))
    items = [
        item
        for item in Sensor.play(VALUES, rate_hz=100, clock=clock).windows(100)
        if isinstance(item, Sample)
    ]
    assert len(items) == 50
    assert seen == [10_000_000]
    assert clock.now_us() == 49_990_000


def test_a_slow_reader_is_not_paused() -> None:
    clock = VirtualClock()
    source = iter(Sensor.play(VALUES, rate_hz=100, clock=clock).windows(100))
    assert isinstance(next(source), Pause)
    clock.sleep(60)
    assert all(isinstance(item, Sample) for item in source)


def test_a_learner_learns_from_them() -> None:
    x = np.concatenate([VALUES[:, 0], VALUES[:, 0] + 3])
    label = np.repeat(["low", "high"], 5000)
    sensor = Sensor.play(x, rate_hz=100, label=label, faults=[Dropout(0.01, 10)])
    learner, told = Learner(None), 0
    for item in sensor.windows(20):
        if isinstance(item, Sample) and item.label is not None:
            learner.learn_one(item.x, item.label)
        elif isinstance(item, Missed):
            told += item.samples or 0
    assert told > 10
    assert learner.predict_one(np.full(20, 3, np.float32)).best == "high"


@pytest.mark.parametrize(("window", "hop"), [(0, 1), (1, 0), (-1, None), (1.5, None)])
def test_windows_that_are_none_are_refused(window: int, hop: int | None) -> None:
    with pytest.raises(ConfigError, match="must be a whole number of at least 1"):
        Sensor.generate(sine(1), 10).windows(window, hop)
