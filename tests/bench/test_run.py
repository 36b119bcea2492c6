"""Public files as a run reads them: what is missing, damaged or another file is told by its name."""

import io
import os
from pathlib import Path

import numpy as np
import pytest

from edgelearn.bench.images import cifar_jpeg
from edgelearn.bench.run import ARRAYS, VARIABLE, Run
from edgelearn.bench.systems import load, names
from edgelearn.errors import ConfigError

X, Y = np.arange(3000, dtype=np.float32), np.zeros(10, np.uint8)


@pytest.fixture
def path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return a file of data in the folder of the run."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    np.savez_compressed(tmp_path / "outdoor_objects.npz", x=X, y=Y, more=Y)
    return tmp_path / "outdoor_objects.npz"


def _refused(path: Path) -> None:
    with pytest.raises(ConfigError) as told:
        Run().data("outdoor_objects")
    assert str(told.value).startswith(f"{path} cannot be read (")
    assert "load" not in str(told.value)  # NumPy would have it loaded unsafely


def test_arrays_of_a_whole_file_are_read_also_those_nobody_asked_for(path):
    found = Run().data("outdoor_objects")
    np.testing.assert_array_equal(found["x"], X)
    assert set(found) == {"x", "y", "more"}
    path.unlink()
    with pytest.raises(ConfigError, match="is missing"):
        Run().data("outdoor_objects")


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.99])
def test_a_file_that_was_cut_off_is_refused(path, share):
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    _refused(path)


def test_a_file_with_bytes_of_another_is_refused_or_gives_what_it_gave(path):
    whole, refused = path.read_bytes(), 0
    for at in range(0, len(whole) - 1, 13):
        path.write_bytes(whole[:at] + bytes(byte ^ 0x55 for byte in whole[at : at + 2]) + whole[at + 2 :])
        try:
            np.testing.assert_array_equal(Run().data("outdoor_objects")["x"], X)
        except ConfigError:
            refused += 1
    assert refused > 100


@pytest.mark.parametrize("content", [b"some text\n", b"\x93NUMPY"])
def test_text_and_half_an_array_are_refused(path, content):
    path.write_bytes(content)
    _refused(path)


def test_one_array_alone_and_objects_are_refused(path):
    with path.open("wb") as file:
        np.save(file, X)
    _refused(path)
    np.savez(path, x=np.array([{}]), y=Y)
    _refused(path)


def test_a_file_without_an_array_that_is_needed_is_refused(path):
    np.savez(path, x=X)
    with pytest.raises(ConfigError, match=r"outdoor_objects\.npz has no y;"):
        Run().data("outdoor_objects")


def test_pictures_that_are_none_are_refused_with_their_file(path):
    image = pytest.importorskip("PIL.Image")
    content = io.BytesIO()
    image.new("RGB", (32, 32)).save(content, "JPEG")
    for data, whole in (
        (content.getvalue(), True),
        (b"no picture", False),
        (content.getvalue()[:300], False),
    ):
        jpeg, offset = np.frombuffer(data, np.uint8), np.array([0, len(data)])
        parts = {f"{name}_{part}": value for part in ("train", "test")
                 for name, value in (("jpeg", jpeg), ("offset", offset), ("y", Y[:1]))}  # fmt: skip
        np.savez(path.with_name("cifar10_jpeg.npz"), **parts)
        if whole:
            assert cifar_jpeg(Run(), 5, 5).x.shape == (1, 3072)
            continue
        with pytest.raises(ConfigError, match=r"cifar10_jpeg\.npz cannot be read"):
            cifar_jpeg(Run(), 5, 5)


def test_of_every_file_that_systems_read_the_arrays_are_known():
    assert {stem for name in names() for stem in load(name).DATA} == set(ARRAYS)


@pytest.mark.data
@pytest.mark.parametrize("stem", sorted(ARRAYS))
def test_published_files_are_read(stem):
    if not Path(os.environ.get(VARIABLE, "."), f"{stem}.npz").is_file():
        pytest.skip(f"needs {stem}.npz: set {VARIABLE}")
    assert set(Run().data(stem)) >= set(ARRAYS[stem])
