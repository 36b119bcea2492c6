"""Any .npz: what can be used is used, what is wrong is said."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgelearn.errors import InputError
from edgelearn.evaluate.datasets import Dataset, Part, as_features, load_npz

KEYS = ("x", "y", None)


def saved(folder: Path, **arrays: Any) -> Path:
    path = folder / "d.npz"
    np.savez(path, **arrays)
    return path


def test_labels_of_every_usable_kind_become_int_or_str(tmp_path: Path) -> None:
    x = np.zeros((3, 2))
    kinds = {
        "u8": (np.array([7, 9, 7], np.uint8), [7, 9, 7]),
        "whole floats": (np.array([1.0, 2.0, 1.0]), [1, 2, 1]),
        "a column": (np.array([[1], [2], [1]]), [1, 2, 1]),
        "bool": (np.array([True, False, True]), [1, 0, 1]),
        "str": (np.array(["a", "ü", "a"]), ["a", "ü", "a"]),
        "bytes": (np.array([b"a", b"b", b"a"]), ["a", "b", "a"]),
    }
    for kind, (given, expected) in kinds.items():
        assert load_npz(saved(tmp_path, x=x, y=given), KEYS).train.y.tolist() == expected, kind


def test_samples_with_nan_or_infinity_are_counted_and_left_out(tmp_path: Path) -> None:
    x = np.ones((5, 2))
    x[1, 0], x[3, 1], x[4, 0] = np.nan, np.inf, 1e300  # the last is no float32
    data = load_npz(saved(tmp_path, x=x, y=[0, 1, 2, 3, 4], d=[5, 6, 7, 8, 9]), ("x", "y", "d"))
    assert data.refused == 3
    assert data.train.y.tolist() == [0, 2]
    assert data.train.domain is not None
    assert data.train.domain.tolist() == [5, 7]
    assert "3 of 5" in data.notes[0]


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"x": np.zeros((3, 2)), "labels": np.zeros(3)}, "no 'y' in the file; it has x, labels"),
        ({"x": np.zeros((3, 2)), "y": np.zeros(4, int)}, "3 samples in 'x' but 4 values in 'y'"),
        ({"x": np.array(["a", "b"]), "y": np.arange(2)}, "not numbers"),
        ({"x": np.zeros((2, 2), complex), "y": np.arange(2)}, "not numbers"),
        ({"x": np.array([{}, {}], object), "y": np.arange(2)}, "array of objects"),
        ({"x": np.zeros((0, 2)), "y": np.zeros(0, int)}, "no samples of 'x'"),
        ({"x": np.zeros((2, 0)), "y": np.arange(2)}, "nothing in them"),
        ({"x": np.full((2, 2), np.nan), "y": np.arange(2)}, "all 2 samples of 'x' .* refused"),
        ({"x": np.full((2, 2), 1e300), "y": np.arange(2)}, "too large for float32: refused"),
        ({"x": np.zeros((2, 2)), "y": np.array([0.5, 1.0])}, "not whole numbers"),
        ({"x": np.zeros((2, 2)), "y": np.array([np.nan, 1.0])}, "not whole numbers"),
        ({"x": np.zeros((2, 2)), "y": np.eye(2)}, "one label a sample"),
        ({"x": np.array(1.0), "y": np.arange(2)}, "single number"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, arrays: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        load_npz(saved(tmp_path, **arrays), KEYS)


def test_domains_that_cannot_be_ordered_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, x=np.zeros((2, 2)), y=[0, 1], nan=[np.nan, 1.0], pairs=np.zeros((2, 2)), short=[1])
    for key, says in (("nan", "NaN"), ("pairs", "shape"), ("short", "1 values in 'short'")):
        with pytest.raises(InputError, match=says):
            load_npz(path, ("x", "y", key))


def test_test_labels_are_of_the_same_kind(tmp_path: Path) -> None:
    path = saved(tmp_path, x=np.zeros((2, 2)), y=[0, 1], names=["a", "b"])
    with pytest.raises(InputError, match="different kinds"):
        load_npz(path, KEYS, ("x", "names", None))


def test_files_that_are_no_npz(tmp_path: Path) -> None:
    whole = saved(tmp_path, x=np.random.default_rng(0).normal(size=(50, 50)), y=np.arange(50)).read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.npz").write_text("hello")
    (tmp_path / "empty.npz").write_bytes(b"")
    np.save(tmp_path / "one.npy", np.zeros(3))
    for name, says in {
        "cut.npz": "damaged",
        "text.npz": "damaged",
        "empty.npz": "damaged",
        "one.npy": "single array",
        "none.npz": "No such file",
        ".": "Is a directory",
    }.items():
        with pytest.raises(InputError, match=says):
            load_npz(tmp_path / name, KEYS)


def test_samples_with_more_axes_are_laid_flat() -> None:
    data = Dataset(Part(np.zeros(0), np.zeros(0)))
    assert as_features(np.zeros((4, 2, 3), np.uint8), data, "samples").shape == (4, 6)
    assert "laid flat to 6 features" in data.notes[0]
