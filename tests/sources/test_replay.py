from pathlib import Path

import numpy as np
import pytest

from edgelearn.errors import InputError
from edgelearn.sources import Arrays, Pause, Replay
from edgelearn.types import Sample

X = np.arange(6, dtype=np.float32).reshape(3, 2)


def test_rows_come_with_plain_labels(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x=X, y=np.array(["a", "b", "a"]))
    samples = [item for item in Replay(tmp_path / "d.npz", y="y") if isinstance(item, Sample)]
    assert [(sample.id, sample.label) for sample in samples] == [(0, "a"), (1, "b"), (2, "a")]
    assert type(samples[0].label) is str
    np.testing.assert_array_equal(np.stack([sample.x for sample in samples]), X)


def test_without_labels_they_are_none(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", data=X)
    assert {item.label for item in Replay(tmp_path / "d.npz", x="data") if isinstance(item, Sample)} == {None}


def test_the_rate_is_kept_by_pauses() -> None:
    now = [100.0]
    items = iter(Arrays(X, rate_hz=4.0, clock=lambda: now[0]))
    assert isinstance(next(items), Sample)
    assert next(items) == Pause(0.25)
    now[0] = 100.25
    assert isinstance(next(items), Sample)
    now[0] = 101.0  # late: the next one is due already
    assert isinstance(next(items), Sample)


@pytest.mark.parametrize(
    ("x", "y", "reason"),
    [
        (np.zeros(3), None, "at least one feature"),
        (X, np.zeros(2, int), "one a sample, not int64"),
        (X, np.zeros(3), "not float64"),
    ],
)
def test_arrays_that_do_not_fit(x: np.ndarray, y: np.ndarray | None, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        Arrays(x, y)


def test_files_that_cannot_be_replayed(tmp_path: Path) -> None:
    whole = tmp_path / "d.npz"
    np.savez(whole, images=X)
    with pytest.raises(InputError, match="no array 'image'; did you mean 'images'"):
        iter(Replay(whole, x="image"))
    with pytest.raises(InputError, match="it holds images"):
        iter(Replay(whole, x="q"))
    with pytest.raises(InputError, match="there is no file"):
        iter(Replay(tmp_path / "absent.npz"))
    cut = tmp_path / "cut.npz"
    cut.write_bytes(whole.read_bytes()[:100])
    with pytest.raises(InputError, match="is not an npz file"):
        iter(Replay(cut))
    np.save(tmp_path / "bare.npy", X)
    with pytest.raises(InputError, match="one bare array"):
        iter(Replay(tmp_path / "bare.npy"))
    np.savez(tmp_path / "objects.npz", x=np.array([{}, {}]))
    with pytest.raises(InputError, match="cannot be read"):
        iter(Replay(tmp_path / "objects.npz"))
