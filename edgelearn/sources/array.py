"""Samples from arrays in memory, at once or at the rate they were recorded."""

import time
from collections.abc import Callable, Iterator

import numpy as np

from edgelearn.errors import InputError
from edgelearn.sources.base import Item, Pause
from edgelearn.types import Array, Label, Sample


class Arrays:
    """Samples ``x`` (n, ...) with labels ``y`` (n,), or without; each sample's id is its row.

    With ``rate_hz`` the samples come so many a second, on the time scale of ``clock`` (seconds).
    Raises InputError for lengths that differ, labels that are neither text nor whole numbers, or no axis
    of features.
    """

    def __init__(
        self,
        x: Array,
        y: Array | None = None,
        *,
        rate_hz: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if x.ndim < 2:
            raise InputError(f"samples have shape (n, ...) with at least one feature each, not {x.shape}")
        if y is not None and (y.shape != (len(x),) or y.dtype.kind not in "iuU"):
            raise InputError(
                f"labels are {len(x)} texts or whole numbers, one a sample, not {y.dtype} of shape {y.shape}"
            )
        self._x, self._y = x, y
        self._rate_hz, self._clock = rate_hz, clock

    def __iter__(self) -> Iterator[Item]:
        start = self._clock()
        for row, x in enumerate(self._x):
            if self._rate_hz is not None:
                wait_s = start + row / self._rate_hz - self._clock()
                if wait_s > 0:
                    yield Pause(wait_s)
            yield Sample(row, np.asarray(x), self._label(row))

    def _label(self, row: int) -> Label | None:
        if self._y is None:
            return None
        label: Label = self._y[row].item()
        return label
