"""A sensor at any time: sample and hold, the converter, and readings on the clock."""

from collections.abc import Iterator

import numpy as np
import pytest

from edgelearn.emulator.clock import VirtualClock
from edgelearn.emulator.sensors import ClockDrift, Dropout, Jitter, Recording, Sensor, sine
from edgelearn.emulator.sensors.block import Block
from edgelearn.emulator.sensors.hold import Hold
from edgelearn.errors import ConfigError
from tests.emulator.sensors.whole import whole


def test_it_holds_the_last_value_that_arrived(ramp: Recording) -> None:
    sensor = Sensor.play(ramp, faults=[Jitter(4000), Dropout(0.3, 20)], seed=6)
    block = whole(sensor)
    there = np.flatnonzero(~block.lost)
    asked = np.sort(np.random.default_rng(1).integers(0, 101_000_000, 3000))
    for time_us in asked.tolist():
        k = np.searchsorted(block.time_us[there], time_us, side="right")
        expected = block.values[there[k - 1]] if k else np.zeros(2)
        np.testing.assert_array_equal(sensor.at(time_us), expected)


def test_going_back_gives_the_same(ramp: Recording) -> None:
    sensor = Sensor.play(ramp, faults=[Dropout(0.3, 20)], seed=6)
    times = [5_000_000, 99_000_000, 20_000_000, 20_000_000, 0, 99_000_000]
    alone = [Sensor.play(ramp, faults=[Dropout(0.3, 20)], seed=6).at(t).tolist() for t in times]
    assert [sensor.at(t).tolist() for t in times] == alone


def test_going_back_a_little_does_not_begin_again(ramp: Recording) -> None:
    """Two channels of a converter that are asked by turns, at times that overlap: each block is made once."""
    begun = list[int]()

    def blocks() -> Iterator[Block]:
        begun.append(1)
        return Sensor.play(ramp).blocks(100)

    hold = Hold(blocks, 2)
    for time_us in range(0, 100_000_000, 30_000):
        for asked_us in (time_us, max(0, time_us - 950_000)):
            assert hold.at(asked_us)[0] == asked_us // 10_000
    assert hold.at(10**12)[0] == hold.at(99_995_000)[0] == 9999
    assert len(begun) == 1
    assert (hold.at(50_000_000)[0], len(begun)) == (5000, 2)


def test_before_the_first_and_behind_the_last(ramp: Recording) -> None:
    sensor = Sensor.play(ramp)
    assert sensor.at(0).tolist() == [0, 0]
    assert [sensor.at(t)[0] for t in (9_999, 10_000, 99_990_000, 10**12)] == [0, 1, 9999, 9999]
    late = Sensor.generate(np.ones_like, 100, faults=[ClockDrift(0, wander_us=50)], seed=5)
    assert late.at(0).shape == (1,)
    looped = Sensor.play(ramp, loop=True)
    assert looped.at(100_050_000)[0] == 5


def test_a_converter_clips_and_rounds() -> None:
    values = np.array([-3, -2, -1e-5, 0, 0.49, 1, 1.99999, 2, 50])
    sensor = Sensor.play(values, rate_hz=1, full_scale=2.0)
    read = [sensor.adc(k * 1_000_000) for k in range(len(values))]
    assert read == [-32768, -32768, 0, 0, 8028, 16384, 32767, 32767, 32767]
    assert all(type(value) is int for value in read)


def test_an_input_with_nothing_on_it_reads_zero() -> None:
    sensor = Sensor.play(np.full((4, 2), 0.5), rate_hz=1, full_scale=1.0)
    assert [sensor.adc(2_000_000, channel) for channel in (0, 1, 2, 7)] == [16384, 16384, 0, 0]


def test_a_converter_needs_its_scale(ramp: Recording) -> None:
    with pytest.raises(ConfigError, match="give the sensor full_scale"):
        Sensor.play(ramp).adc(0)
    with pytest.raises(ConfigError, match="channel must be a whole number"):
        Sensor.play(ramp, full_scale=1.0).adc(0, -1)
    with pytest.raises(ConfigError, match="full_scale must be above 0"):
        Sensor.play(ramp, full_scale=0)
    with pytest.raises(ConfigError, match="time_us must be a whole number"):
        Sensor.play(ramp).at(-1)
    assert Sensor.play(np.array([5, -7], np.int16), rate_hz=1).adc(10**6) == -7


def test_readings_come_at_their_true_time(ramp: Recording) -> None:
    clock = VirtualClock()
    sensor = Sensor.play(ramp, faults=[ClockDrift(-500), Jitter(1000)], clock=clock)
    for start_us in (0, 123):
        clock.until(clock.now_us() + start_us)
        begun_us = clock.now_us()
        for reading in sensor:
            assert clock.now_us() == begun_us + reading.time_us
            if reading.index == 500:
                assert reading.stamp_us == 5_000_000 != reading.time_us
                break


def test_a_reader_lets_the_others_of_its_clock_happen() -> None:
    clock, seen = VirtualClock(), list[int]()
    clock.every(250_000, lambda: seen.append(clock.now_us()))
    for _ in zip(Sensor.generate(sine(1), 10, clock=clock), range(21), strict=False):
        pass
    assert seen == [250_000 * k for k in range(1, 9)]


def test_readings_are_the_blocks_one_by_one() -> None:
    sensor = Sensor.generate(sine(1), 10_000, seconds=1, faults=[Dropout(0.2)], seed=1)
    readings, block = list(sensor), whole(sensor)
    assert [r.index for r in readings] == block.index.tolist()
    assert [r.time_us for r in readings] == block.time_us.tolist()
    assert [r.values is None for r in readings] == block.lost.tolist()
    assert {r.faults for r in readings} == {(), ("Dropout",)}
    assert Sensor.generate(sine(1), 10).faultless().rate_hz == 10
