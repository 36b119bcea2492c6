"""The sample clock: where true instants lie against the sensor's stamps, and what is read there."""

from collections.abc import Callable

import numpy as np
import pytest

from edgelearn.emulator.sensors import Block, ClockDrift, Jitter, Recording, Sensor, TimeFault
from edgelearn.emulator.sensors.block import Run
from edgelearn.errors import ConfigError
from edgelearn.types import F64, I64
from tests.emulator.sensors.whole import whole


def line(faults: list[TimeFault], rate_hz: float = 100.0, seconds: float = 1000.0) -> Block:
    """Return what a sensor of the time itself reads: in float32 its values are true times."""
    return whole(Sensor.generate(lambda t: t, rate_hz, seconds=seconds, faults=faults, seed=2))


def check_drift(block: Block, ppm: float, rate_hz: float = 100.0) -> None:
    """Assert the model, from the first sample to the last, to half a microsecond."""
    expected = block.index / rate_hz / (1 + ppm * 1e-6) * 1e6
    assert np.abs(block.time_us - expected).max() <= 0.5 + 1e-6
    np.testing.assert_array_equal(block.stamp_us, np.rint(block.index / rate_hz * 1e6))


@pytest.mark.parametrize("ppm", [0, 20, -20, 5000, -5000])
def test_a_clock_that_drifts_samples_so_much_more_often(ppm: float) -> None:
    block = line([ClockDrift(ppm)])
    check_drift(block, ppm)
    assert len(block.index) == pytest.approx(100_000 * (1 + ppm * 1e-6), abs=1)
    np.testing.assert_array_equal(
        block.values[:, 0], (block.index / 100 / (1 + ppm * 1e-6)).astype(np.float32)
    )


class OffByOne(ClockDrift):
    """A drift that counts from one."""

    def begin(self, run: Run) -> Callable[[I64], F64]:
        shifts = super().begin(run)
        return lambda index: shifts(index + 1)


def test_the_check_catches_a_drift_that_is_one_sample_off() -> None:
    with pytest.raises(AssertionError):
        check_drift(line([OffByOne(5000)]), 5000)


def test_a_wander_grows_with_the_root_of_time() -> None:
    ends = []
    for seed in range(200):
        sensor = Sensor.generate(
            lambda t: t, 100, seconds=17, faults=[ClockDrift(0, wander_us=100)], seed=seed
        )
        moved = next(sensor.blocks(1601))
        ends.append(moved.time_us[[100, 1600]] - moved.stamp_us[[100, 1600]])
    spread = np.std(ends, axis=0)
    assert spread == pytest.approx([100, 400], rel=0.2)
    assert np.abs(np.mean(ends, axis=0)) == pytest.approx([0, 0], abs=100)


def test_jitter_is_even_and_does_not_add_up() -> None:
    block = line([Jitter(3000)])
    moved = (block.time_us - block.stamp_us)[1:]
    assert np.abs(moved).max() <= 3001
    assert np.histogram(moved, 6, (-3000, 3000))[0] == pytest.approx(np.full(6, len(moved) / 6), rel=0.04)
    assert np.corrcoef(moved[1:], moved[:-1])[0, 1] == pytest.approx(0, abs=0.02)
    assert (np.diff(block.time_us) > 0).all()


def test_jitter_beyond_half_a_period_is_refused() -> None:
    Sensor.generate(np.zeros_like, 100, faults=[Jitter(5000)])
    with pytest.raises(ConfigError, match="more than half a period at 100 Hz, 5000 µs"):
        Sensor.generate(np.zeros_like, 100, faults=[Jitter(5001)])


def test_several_together_never_go_back_in_time() -> None:
    block = line([Jitter(5000), Jitter(5000), ClockDrift(0, wander_us=20_000)], seconds=100)
    assert block.time_us[0] >= 0
    assert (np.diff(block.time_us) >= 0).all()


def test_between_two_recorded_samples_lies_a_straight_line(ramp: Recording) -> None:
    block = whole(Sensor.play(ramp, faults=[ClockDrift(1000)]))
    expected = block.index / 1.001
    inside = block.index < 9999
    np.testing.assert_allclose(block.values[inside, 0], expected[inside], rtol=1e-6)
    np.testing.assert_allclose(block.values[inside, 1], -expected[inside], rtol=1e-6)


@pytest.mark.parametrize(("ppm", "count"), [(0, 10_000), (10_000, 10_100), (-10_000, 9900)])
def test_a_recording_ends_half_a_period_behind_its_last_sample(
    ppm: float, count: int, ramp: Recording
) -> None:
    block = whole(Sensor.play(ramp, faults=[ClockDrift(ppm)]))
    assert len(block.index) == pytest.approx(count, abs=1)
    assert block.values[:, 0].max() == 9999 if ppm >= 0 else block.values[-1, 0] > 9997


def test_in_a_loop_the_last_sample_leads_to_the_first() -> None:
    recording = Recording(np.array([[0.0], [1], [2], [4]]), 10.0, np.arange(4))
    block = next(Sensor.play(recording, loop=True, faults=[ClockDrift(-(10**5) / 2)]).blocks(60))
    position = block.index / 0.95
    assert block.values[:, 0] == pytest.approx(np.interp(position % 4, range(5), [0, 1, 2, 4, 0]), abs=1e-5)
    assert block.labels.tolist() == (np.floor(position + 0.5) % 4).astype(int).tolist()


@pytest.mark.parametrize(
    "make",
    [lambda: ClockDrift(2e5), lambda: ClockDrift(0, -1), lambda: Jitter(-1), lambda: Jitter(float("nan"))],
)
def test_impossible_values_are_refused(make: Callable[[], TimeFault]) -> None:
    with pytest.raises(ConfigError, match="must be"):
        make()
