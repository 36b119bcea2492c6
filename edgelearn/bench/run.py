"""What a measurement is given: where the data lie, how many seeds, a progress bar, a place for pictures."""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

import numpy as np

from edgelearn.errors import ConfigError
from edgelearn.types import Array

T = TypeVar("T")
VARIABLE = "EDGELEARN_DATA"


class Progress(Protocol):
    """Yields the items under a bar."""

    def __call__(self, items: Iterable[T], title: str, total: int | None = None) -> Iterator[T]: ...


def quiet(items: Iterable[T], title: str, total: int | None = None) -> Iterator[T]:  # noqa: ARG001 (of a Progress)
    """Yield the items without a bar."""
    yield from items


def silent(text: str) -> None:
    """Tell nobody."""


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
        """Return the arrays of a public data set; raises ConfigError telling where to put it."""
        with np.load(self.file(f"{stem}.npz"), allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}

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
