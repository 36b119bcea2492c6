"""Concept drift: sudden, gradual, to a recording or by a function."""

import numpy as np
import pytest

from edgelearn.emulator.sensors import ConceptDrift, Recording, Sensor
from edgelearn.errors import ConfigError, InputError
from tests.emulator.sensors.whole import whole

OTHER = Recording(1000 + np.arange(1000.0).reshape(500, 2), 100.0, np.repeat([7, 8], 250))


def test_at_once_the_other_recording_begins_at_its_beginning(ramp: Recording) -> None:
    block = whole(Sensor.play(ramp, faults=[ConceptDrift(12.34, OTHER)]))
    np.testing.assert_array_equal(block.faults["ConceptDrift"], block.index >= 1234)
    np.testing.assert_array_equal(block.values[:1234, 0], np.arange(1234))
    after = np.arange(10_000 - 1234) % 500
    np.testing.assert_array_equal(block.values[1234:], OTHER.values[after].astype(np.float32))
    assert block.labels.tolist() == [None] * 1234 + OTHER.labels[after].tolist()


def test_a_recorded_value_is_exact_wherever_the_drift_begins(ramp: Recording) -> None:
    steep = Recording(np.tile([[0.0, 1e6], [1e6, 0.0]], (500, 1)), 100.0)
    block = whole(Sensor.play(ramp, faults=[ConceptDrift(0.07, steep)]))
    assert set(np.unique(block.values[7:])) == {0, 1e6}


def test_a_recording_of_another_rate_keeps_its_own_pace(ramp: Recording) -> None:
    slow = Recording(np.arange(100.0)[:, None].repeat(2, 1), 10.0)
    block = whole(Sensor.play(ramp, faults=[ConceptDrift(50, slow)]))
    np.testing.assert_allclose(block.values[5000:5990, 0], np.arange(990) / 10, rtol=1e-5, atol=1e-5)


def test_gradually_each_sample_is_of_the_one_or_the_other_more_and_more(ramp: Recording) -> None:
    shares = []
    for seed in range(20):
        sensor = Sensor.play(ramp, faults=[ConceptDrift(20, lambda x: x + 0.5, over_s=60)], seed=seed)
        block = whole(sensor)
        new = block.faults["ConceptDrift"]
        np.testing.assert_array_equal(block.values[:, 0], block.index + 0.5 * new)
        shares.append(new.reshape(10, 1000).mean(axis=1))
    expected = [0, 0, 1 / 12, 3 / 12, 5 / 12, 7 / 12, 9 / 12, 11 / 12, 1, 1]
    assert np.mean(shares, axis=0) == pytest.approx(expected, abs=0.02)


def test_a_draw_may_stand_for_a_while(ramp: Recording) -> None:
    drift = ConceptDrift(20, lambda x: -x, over_s=60, hold_s=0.5)
    new = whole(Sensor.play(ramp, faults=[drift], seed=3), 333).faults["ConceptDrift"].reshape(-1, 50)
    assert (new == new[:, :1]).all()
    assert new[:, 0].sum() == pytest.approx(100, abs=20)


def test_what_does_not_fit_is_refused(ramp: Recording) -> None:
    with pytest.raises(ConfigError, match="drifts to 1 channels, the sensor has 2"):
        Sensor.play(ramp, faults=[ConceptDrift(1, Recording(np.ones((3, 1)), 1.0))])
    with pytest.raises(ConfigError, match="drifts to a Recording"):
        ConceptDrift(1, "other.npz")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="at_s must be at least 0"):
        ConceptDrift(-1, OTHER)
    for wrong in (lambda x: x[:, :1], lambda x: x * np.nan):
        with pytest.raises(InputError, match="drift's function takes values"):
            whole(Sensor.play(ramp, faults=[ConceptDrift(1, wrong)]))
