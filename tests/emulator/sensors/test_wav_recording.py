"""Recordings in WAV files."""

import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgelearn.emulator.sensors import Sensor
from edgelearn.errors import InputError
from tests.emulator.sensors.whole import whole

SIGNAL = np.array([[-32768, 32767], [0, -1], [1, 2]])


def file(folder: Path, frames: np.ndarray = SIGNAL, width: int = 2) -> Path:
    path = folder / "a.WAV"
    with wave.open(str(path), "wb") as out:
        out.setnchannels(frames.shape[1])
        out.setsampwidth(width)
        out.setframerate(16_000)
        out.writeframes(frames.astype(f"<i{width}").tobytes())
    return path


def refused(path: Path, words: str, **options: Any) -> None:
    with pytest.raises(InputError, match=words):
        Sensor.play(path, **options)


def test_all_channels_as_they_are(tmp_path: Path) -> None:
    sensor = Sensor.play(file(tmp_path), label=np.array(["a", "a", "b"]))
    block = whole(sensor)
    assert (sensor.rate_hz, sensor.channels) == (16_000, 2)
    np.testing.assert_array_equal(block.values, SIGNAL)
    assert block.labels.tolist() == ["a", "a", "b"]
    assert [sensor.adc(0, 0), sensor.adc(0, 1), sensor.adc(63, 1)] == [-32768, 32767, -1]


def test_other_sound_is_refused(tmp_path: Path) -> None:
    refused(file(tmp_path, SIGNAL, 4), "32-bit samples; 16-bit PCM is needed")
    refused(file(tmp_path), "was sampled at 16000 Hz, rate_hz is 8000", rate_hz=8000)
    refused(file(tmp_path), "has no names to choose from", key="left")
    refused(file(tmp_path, SIGNAL[:0]), r"not \(0, 2\)")
    for content in (b"", b"RIFF\x00\x00\x00\x00WAVE", b"not sound at all"):
        (tmp_path / "a.WAV").write_bytes(content)
        refused(tmp_path / "a.WAV", "is not a WAV file that can be read")
