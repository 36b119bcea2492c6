from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgelearn.errors import InputError
from edgelearn.sources import Images, Pause, Refused
from edgelearn.types import Sample


def write(path: Path, value: int) -> None:
    path.parent.mkdir(exist_ok=True)
    Image.new("RGB", (3, 2), (value, 0, 0)).save(path)


def test_images_in_the_order_of_their_names_and_one_that_is_broken(tmp_path: Path) -> None:
    write(tmp_path / "b.png", 2)
    write(tmp_path / "a.PNG", 1)
    write(tmp_path / ".hidden.png", 9)
    (tmp_path / "c.jpg").write_bytes((tmp_path / "b.png").read_bytes()[:40])
    (tmp_path / "notes.txt").write_text("no image")
    a, b, c = Images(tmp_path)
    assert isinstance(a, Sample)
    assert isinstance(b, Sample)
    assert (a.id, b.id, a.label) == ("a.PNG", "b.png", None)
    assert (a.x.shape, a.x.dtype, a.x[0, 0].tolist()) == ((2, 3, 3), np.uint8, [1, 0, 0])
    assert isinstance(c, Refused)
    assert c.id == "c.jpg"
    assert "not an image that can be read" in c.reason


def test_grey_images_have_no_axis_of_channels(tmp_path: Path) -> None:
    write(tmp_path / "a.png", 255)
    (item,) = Images(tmp_path, channels=1)
    assert isinstance(item, Sample)
    assert (item.x.shape, item.x[0, 0]) == ((2, 3), 76)  # red's share of the luma, Rec. 601


def test_folders_are_labels(tmp_path: Path) -> None:
    write(tmp_path / "cat" / "1.png", 1)
    write(tmp_path / "ant" / "1.png", 1)
    write(tmp_path / "stray.png", 1)
    samples = [item for item in Images(tmp_path, labels="folders") if isinstance(item, Sample)]
    assert [(sample.id, sample.label) for sample in samples] == [("ant/1.png", "ant"), ("cat/1.png", "cat")]


def test_watching_finds_new_files_once_they_stay_as_they_are(tmp_path: Path) -> None:
    items = iter(Images(tmp_path, watch=True, poll_s=0.5))
    assert next(items) == Pause(0.5)
    write(tmp_path / "a.png", 1)
    assert next(items) == Pause(0.5)  # seen once: somebody may still be writing it
    item = next(items)
    assert isinstance(item, Sample)
    assert item.id == "a.png"
    assert [next(items), next(items)] == [Pause(0.5), Pause(0.5)]  # and not again
    Image.new("RGB", (30, 20), (5, 0, 0)).save(tmp_path / "a.png")
    assert next(items) == Pause(0.5)
    item = next(items)
    assert isinstance(item, Sample)  # written anew, taken anew
    assert item.x.shape == (20, 30, 3)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent cannot be listed: No such file"):
        iter(Images(tmp_path / "absent"))


def test_a_folder_without_a_file_to_read_says_where_they_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no \.png/.* file$"):
        iter(Images(tmp_path))
    (tmp_path / "cat").mkdir()
    with pytest.raises(InputError, match='labels = "folders" takes those in its folders'):
        iter(Images(tmp_path))
    with pytest.raises(InputError, match="holds no folder with"):
        iter(Images(tmp_path, labels="folders"))
    assert next(iter(Images(tmp_path, watch=True))) == Pause(1.0)
