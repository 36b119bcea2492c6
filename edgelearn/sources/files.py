"""A recording replayed: the arrays of one npz file."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, BinaryIO
from zipfile import BadZipFile

import numpy as np

from edgelearn.errors import InputError
from edgelearn.sources.array import Arrays
from edgelearn.sources.base import Item
from edgelearn.sources.options import Above
from edgelearn.types import Array


@dataclass(frozen=True)
class Replay:
    """Samples from the arrays named ``x`` (n, ...) and ``y`` (n,) of an npz file, ``rate_hz`` a second."""

    path: Path
    x: str = "x"
    y: str | None = None
    rate_hz: Annotated[float, Above(0)] | None = None

    def __iter__(self) -> Iterator[Item]:
        """Open the file; raises InputError when it, or an array in it, cannot be read."""
        try:
            with self.path.open("rb") as file:
                x, y = self._arrays(file)
        except FileNotFoundError:
            raise InputError(f"there is no file {self.path}") from None
        except (OSError, EOFError, BadZipFile) as error:
            raise InputError(f"{self.path} is not an npz file that can be read: {error}") from error
        return iter(Arrays(x, y, rate_hz=self.rate_hz))

    def _arrays(self, file: BinaryIO) -> tuple[Array, Array | None]:
        try:
            arrays = np.load(file, allow_pickle=False)
        except ValueError as error:
            raise InputError(f"{self.path} is not an npz file: {error}") from error
        if not isinstance(arrays, np.lib.npyio.NpzFile):
            raise InputError(f"{self.path} holds one bare array; an npz file with named arrays is needed")
        with arrays:
            return self._array(arrays, self.x), None if self.y is None else self._array(arrays, self.y)

    def _array(self, arrays: np.lib.npyio.NpzFile, key: str) -> Array:
        if key not in arrays.files:
            near = get_close_matches(key, arrays.files, 1)
            hint = (
                f"did you mean {near[0]!r}?" if near else f"it holds {', '.join(arrays.files) or 'nothing'}"
            )
            raise InputError(f"{self.path} has no array {key!r}; {hint}")
        try:
            return np.asarray(arrays[key])
        except ValueError as error:  # an array of Python objects
            raise InputError(f"array {key!r} of {self.path} cannot be read: {error}") from error
