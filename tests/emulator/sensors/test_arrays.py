"""Recordings in arrays and npz files: which array, which rate, ragged items, labels; and what is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgelearn.emulator.sensors import Recording, Sensor
from edgelearn.errors import ConfigError, InputError
from tests.emulator.sensors.whole import whole

RAGGED: dict[str, Any] = {
    "sound": np.arange(10, dtype=np.int16),
    "offset": np.array([0, 3, 3, 10]),
    "word": np.array([5, 6, 7], np.uint8),
    "names": np.array(["a", "b"]),
    "sample_rate": np.array(8000),
}
PLAIN: dict[str, Any] = {"acc": np.ones((6, 3), np.float32), "state": np.arange(6), "rate_hz": 50.0}


def refused(recorded: Any, words: str, **options: Any) -> None:
    with pytest.raises(InputError, match=words):
        Sensor.play(recorded, **options)


def test_ragged_items_are_played_in_a_row_or_one_alone() -> None:
    block = whole(Sensor.play(RAGGED, label="word"))
    assert block.values[:, 0].tolist() == list(range(10))
    assert block.labels.tolist() == [5] * 3 + [7] * 7
    assert all(type(label) is int for label in block.labels)
    assert block.stamp_us.tolist() == np.rint(np.arange(10) * 125).tolist()
    alone = whole(Sensor.play(RAGGED, label="word", item=2))
    assert (alone.values[:, 0].tolist(), alone.labels.tolist()) == (list(range(3, 10)), [7] * 7)
    assert alone.stamp_us[0] == 0


def test_labels_may_be_one_a_sample_and_given_as_an_array() -> None:
    assert whole(Sensor.play(PLAIN, label="state")).labels.tolist() == list(range(6))
    texts = np.array(list("aabbcc"))
    assert whole(Sensor.play(np.zeros(6), rate_hz=1, label=texts)).labels.tolist() == list("aabbcc")
    per_sample = {**RAGGED, "word": np.arange(10)}
    assert whole(Sensor.play(per_sample, key="sound", label="word", item=2)).labels.tolist() == list(
        range(3, 10)
    )


def test_an_npz_file_is_as_its_arrays(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", **RAGGED)
    for path in (tmp_path / "a.npz", str(tmp_path / "a.npz")):
        sensor = Sensor.play(path, label="word")
        assert (sensor.rate_hz, sensor.channels) == (8000, 1)
        assert whole(sensor).values[:, 0].tolist() == list(range(10))


def test_a_rate_is_found_or_given_and_never_guessed() -> None:
    assert Sensor.play(np.zeros(5), rate_hz=np.int64(20)).rate_hz == 20
    assert Sensor.play(PLAIN, key="acc", rate_hz=50).rate_hz == 50
    refused(np.zeros(5), "does not say at what rate it was sampled; give rate_hz=…")
    refused({"x": np.zeros(5)}, "the arrays does not say at what rate")
    refused(PLAIN, "was sampled at 50 Hz, rate_hz is 100; leave rate_hz out", key="acc", rate_hz=100)
    refused({**PLAIN, "rate_hz": 0.0}, "the rate in the arrays is 0 Hz", key="acc")
    for bad in (0, -5, float("nan"), float("inf"), "50"):
        with pytest.raises(ConfigError, match="rate_hz must be above 0"):
            Sensor.play(np.zeros(5), rate_hz=bad)  # type: ignore[arg-type]


def test_names_that_are_not_there_or_not_clear_are_refused() -> None:
    refused(PLAIN, "no array 'axc'; did you mean 'acc'?", key="axc")
    refused(PLAIN, "no array 'lable'; it has acc, state, rate_hz", label="lable", key="acc")
    refused(PLAIN, "give key=…: the arrays has acc, state arrays that could be")
    refused({"names": np.array(["a"]), "rate_hz": 1}, "has no arrays that could be the recording")
    refused(RAGGED, "offset of the arrays ends at 10, array 'word' has 3 samples", key="word")
    refused(RAGGED, "items 0 to 2, not 3", item=3)
    refused(PLAIN, "no array 'offset', so it has no items", key="acc", item=0)
    refused(PLAIN, "key is the name of one array", key=["acc", "state"])
    refused(np.zeros(5), "choose among named arrays", rate_hz=1, key="x")
    with pytest.raises(ConfigError, match=r"give rate_hz, item to Sensor\.recorded"):
        Sensor.play(Recording(np.zeros((3, 1)), 1.0), rate_hz=1, item=0)


@pytest.mark.parametrize("offset", [[1, 10], [0, 5, 4, 10], [0.0, 10.0], [[0, 10]], [0]])
def test_an_offset_that_is_none_is_refused(offset: list[Any]) -> None:
    refused({**RAGGED, "offset": np.array(offset)}, "offset of the arrays is not where each item begins")


def test_ragged_items_without_an_offset_are_refused(tmp_path: Path) -> None:
    refused([[1, 2], [3]], "items differ in length; lay them one after another", rate_hz=1)
    np.savez(tmp_path / "a.npz", x=np.array([np.zeros(2), np.zeros(3)], object))
    refused(tmp_path / "a.npz", "not an npz file of plain arrays.*ragged items", key="x", rate_hz=1)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.zeros(0), r"not \(0, 1\)"),
        (np.zeros((3, 0)), r"not \(3, 0\)"),
        (np.zeros((2, 2, 2)), r"has shape \(2, 2, 2\); a recording is \(n,\) or"),
        (np.array(["a"]), "holds real numbers, not <U1"),
        (np.array([1j]), "holds real numbers"),
        (np.array([0, np.nan, np.inf]), "2 samples of the recording are not finite, the first is 1"),
        (np.array([0, 1e300]), "the first is 1"),
    ],
)
def test_values_that_cannot_be_played_are_refused(values: np.ndarray, words: str) -> None:
    refused(values, words, rate_hz=1)


@pytest.mark.parametrize("labels", [np.arange(4), np.zeros((5, 1), int), np.zeros(5)])
def test_labels_that_do_not_fit_are_refused(labels: np.ndarray) -> None:
    refused(np.zeros(5), "labels are 5 texts or whole numbers", rate_hz=1, label=labels)


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    refused(tmp_path / "a.npz", "there is no file")
    refused(tmp_path / "a.mp3", "an .npz, .csv or .wav file; a.mp3 is none")
    refused(tmp_path, "is an .npz, .csv or .wav file")
    for content in (b"", b"PK\x03\x04 cut short", b"no zip at all"):
        (tmp_path / "a.npz").write_bytes(content)
        refused(tmp_path / "a.npz", "is not an npz file of plain arrays")
    with (tmp_path / "a.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    refused(tmp_path / "a.npz", "holds one bare array; give that array itself")
