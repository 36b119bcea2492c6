"""Public recordings played: exactly what was recorded, and faults on it."""

from pathlib import Path

import numpy as np
import pytest

from edgelearn.emulator.sensors import ClockDrift, ConceptDrift, Dropout, Noise, Quantise, Saturation, Sensor
from edgelearn.sources import Missed
from edgelearn.types import Sample
from tests.emulator.sensors.whole import digest, whole

pytestmark = pytest.mark.data


def test_a_spoken_digit_of_many(data_dir: Path) -> None:
    path = data_dir / "fsdd_speech.npz"
    with np.load(path) as arrays:
        offset, digits = arrays["offset"], arrays["digit"]
        sound = arrays["audio"][offset[77] : offset[78]]
    sensor = Sensor.play(path, label="digit", item=77)
    block = whole(sensor)
    assert sensor.rate_hz == 8000
    np.testing.assert_array_equal(block.values[:, 0], sound)
    assert set(block.labels.tolist()) == {int(digits[77])}
    assert [sensor.adc(125 * k) for k in range(100)] == sound[:100].tolist()


def test_all_digits_in_a_row_are_labelled_one_by_one(data_dir: Path) -> None:
    recording = Sensor.recorded(data_dir / "fsdd_speech.npz", label="speaker")
    assert recording.values.shape == (6_784_910, 1)
    with np.load(data_dir / "fsdd_speech.npz") as arrays:
        offset, speakers = arrays["offset"], arrays["speaker"]
    starts = recording.at(offset[:-1].astype(np.float64)).labels
    assert starts.tolist() == speakers.tolist()
    assert recording.at(offset[1:].astype(np.float64) - 1).labels.tolist() == speakers.tolist()


def test_an_afternoon_of_activities(data_dir: Path) -> None:
    path = data_dir / "imu_activity_hapt.npz"
    with np.load(path) as arrays:
        acc, activity = arrays["acc_g"], arrays["activity"]
    clean = Sensor.play(path, label="activity")
    samples = list(clean.windows(128, 64))
    assert len(samples) == (len(acc) - 128) // 64 + 1
    for item in samples[::100]:
        assert isinstance(item, Sample)
        start = 64 * int(item.id)  # type: ignore[call-overload]
        np.testing.assert_array_equal(item.x, acc[start : start + 128])
        assert item.label == activity[start + 127]
    faults = [ClockDrift(60), Noise(0.02), Saturation(-1.5, 1.5), Dropout(0.01, 25), Quantise(12, 2.0)]
    worn = Sensor.play(path, label="activity", faults=faults, seed=11)
    block = whole(worn)
    assert digest(whole(worn, 777)) == digest(block)
    assert block.lost.mean() == pytest.approx(0.01, rel=0.25)
    assert np.nanmax(np.abs(block.values)) == 1.5
    items = list(worn.windows(128, 64))
    missed = sum(item.samples or 0 for item in items if isinstance(item, Missed))
    given = sum(isinstance(item, Sample) for item in items)
    assert given + missed == (len(block.index) - 128) // 64 + 1
    assert missed > 50


def test_gas_sensors_that_drift_into_a_later_month(data_dir: Path) -> None:
    with np.load(data_dir / "gas_drift_b1to6.npz") as arrays:
        x, gas, batch = arrays["x"], arrays["gas"], arrays["batch"]
    early, late = (Sensor.recorded(x[batch == k], rate_hz=0.1, label=gas[batch == k]) for k in (1, 6))
    block = whole(Sensor.play(early, faults=[ConceptDrift(1000, late)]))
    np.testing.assert_array_equal(block.values[:100], x[batch == 1][:100])
    np.testing.assert_array_equal(block.values[100:], x[batch == 6][: len(block.index) - 100])
    assert block.labels[100:].tolist() == gas[batch == 6][: len(block.index) - 100].tolist()
