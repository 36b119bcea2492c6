"""What a measurement is given: where the data lie, how many seeds, a progress bar, a place for pictures."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

import numpy as np

from edgelearn.errors import ConfigError, EdgelearnError
from edgelearn.types import Array

T = TypeVar("T")
VARIABLE = "EDGELEARN_DATA"
ARRAYS = {  # that a file must hold; it may hold more
    "mnist": ("x_train", "y_train", "x_test", "y_test"),
    "cifar10_jpeg": ("jpeg_train", "offset_train", "y_train", "jpeg_test", "offset_test", "y_test"),
    "cifar10_jpeg_subset": ("x_train", "y_train", "x_test", "y_test"),
    "fsdd_speech": ("audio", "offset", "digit", "speaker", "take"),
    "nmnist_events": ("x", "y", "polarity_bits", "dt_us", "offset", "label"),
    "omniglot_small1": ("bits", "alphabet", "character", "drawer"),
    "outdoor_objects": ("x", "y"),
}


class Progress(Protocol):
    """Yields the items under a bar."""

    def __call__(self, items: Iterable[T], title: str, total: int | None = None) -> Iterator[T]: ...


def quiet(items: Iterable[T], title: str, total: int | None = None) -> Iterator[T]:  # noqa: ARG001 (of a Progress)
    """Yield the items without a bar."""
    yield from items


def silent(text: str) -> None:
    """Tell nobody."""


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Raise ConfigError naming the file where what is read of it makes no sense."""
    try:
        yield
    except EdgelearnError:
        raise
    except Exception as error:  # what is damaged may raise anything, down to errors of Python's grammar
        raise ConfigError(
            f"{path} cannot be read ({type(error).__name__}): it is damaged, or another file; get it anew"
        ) from error


class Run(NamedTuple):
    """One run of `edgelearn bench`.

    ``say`` tells a person what is being done. ``quick`` asks for the smallest sizes that still show the gap to
    the control: figures that need the full size are then left out, never estimated.
    """

    pictures: Path | None = None  # a folder; None draws nothing
    seeds: int = 3
    quick: bool = False
    progress: Progress = quiet
    say: Callable[[str], None] = silent

    def data(self, stem: str) -> dict[str, Array]:
        """Return the arrays of a public data set; raises ConfigError naming a file that is missing or damaged."""
        path = self.file(f"{stem}.npz")
        with reading(path), path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
        if lacking := set(ARRAYS[stem]) - found.keys():
            raise ConfigError(
                f"{path} has no {', '.join(sorted(lacking))}; put {stem}.npz there as it was published"
            )
        return found

    def file(self, name: str) -> Path:
        """Return the path of a public file; raises ConfigError telling where to put it."""
        path = Path(os.environ.get(VARIABLE, ".")) / name
        if not path.is_file():
            raise ConfigError(f"{path} is missing; {VARIABLE} must name the folder that holds {name}")
        return path

    def finish(self, steps: Iterable[object], title: str, total: int) -> None:
        """Take all steps of a training under a bar."""
        for _ in self.progress(steps, title, total):
            pass

    def picture(self, name: str) -> Path | None:
        """Return where to write the picture of a system, or None."""
        return None if self.pictures is None else self.pictures / f"{name}.png"
