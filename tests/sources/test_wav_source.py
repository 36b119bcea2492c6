import wave
from pathlib import Path

import numpy as np
import pytest

from edgelearn.sources import Refused, Wavs
from edgelearn.types import Sample


def write(path: Path, frames: np.ndarray, rate_hz: int = 8000, width: int = 2) -> None:
    """Write frames (n,) or (n, channels) of int16."""
    path.parent.mkdir(exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1 if frames.ndim == 1 else frames.shape[1])
        file.setsampwidth(width)
        file.setframerate(rate_hz)
        file.writeframes(frames.astype("<i2").tobytes())


def refusal(source: Wavs) -> str:
    (item,) = source
    assert isinstance(item, Refused)
    return item.reason


def test_windows_of_each_file_in_the_units_of_the_file(tmp_path: Path) -> None:
    write(tmp_path / "b.wav", np.arange(5))
    write(tmp_path / "a.wav", np.array([-32768, 32767]))
    samples = [item for item in Wavs(tmp_path, 8000, window=2) if isinstance(item, Sample)]
    assert [sample.id for sample in samples] == ["a.wav@0", "b.wav@0", "b.wav@2"]
    assert [sample.x.tolist() for sample in samples] == [[-32768, 32767], [0, 1], [2, 3]]
    assert samples[0].x.dtype == np.float32


def test_unit_scale_overlap_and_stereo(tmp_path: Path) -> None:
    write(tmp_path / "ant" / "a.wav", np.array([[0, 16384], [-16384, -16384], [2, 4]]))
    samples = [
        item
        for item in Wavs(tmp_path, 8000, window=2, hop=1, scale="unit", labels="folders")
        if isinstance(item, Sample)
    ]
    assert [(sample.id, sample.label) for sample in samples] == [
        ("ant/a.wav@0", "ant"),
        ("ant/a.wav@1", "ant"),
    ]
    assert samples[0].x.tolist() == [0.25, -0.5]
    assert samples[1].x.tolist() == [-0.5, 3 / 32768]


def test_a_file_longer_than_a_block_is_whole(tmp_path: Path) -> None:
    signal = np.random.default_rng(0).integers(-32768, 32768, 40_000)
    write(tmp_path / "a.wav", signal)
    samples = [item.x for item in Wavs(tmp_path, 8000, window=1000) if isinstance(item, Sample)]
    np.testing.assert_array_equal(np.concatenate(samples), signal)


def test_padding_fills_a_short_file_with_zeros(tmp_path: Path) -> None:
    write(tmp_path / "a.wav", np.array([1, 2]))
    (item,) = Wavs(tmp_path, 8000, window=4, pad=True)
    assert isinstance(item, Sample)
    assert item.x.tolist() == [1, 2, 0, 0]
    assert "has 2 samples, a window needs 4; pad = true" in refusal(Wavs(tmp_path, 8000, window=4))


def test_files_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write(path, np.arange(8), rate_hz=16000)
    assert "sampled at 16000 Hz, rate_hz is 8000" in refusal(Wavs(tmp_path, 8000, window=4))
    write(path, np.arange(8), width=1)
    assert "8-bit samples; 16-bit PCM is needed" in refusal(Wavs(tmp_path, 8000, window=4))
    path.write_bytes(b"RIFF")
    assert "is not a WAV file" in refusal(Wavs(tmp_path, 8000, window=4))
    write(path, np.arange(1000))
    path.write_bytes(path.read_bytes()[:100])
    assert "ends before its first window" in refusal(Wavs(tmp_path, 8000, window=500))


@pytest.mark.parametrize("content", [b"", b"RIFF\x00\x00\x00\x00WAVE", b"not sound at all, not at all"])
def test_what_is_no_sound_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    assert "is not a WAV file" in refusal(Wavs(tmp_path, 8000, window=4))
