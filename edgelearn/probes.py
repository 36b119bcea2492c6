"""Probes: a few samples and the features they gave, which tell how far layers moved since the readout was built."""

from collections.abc import Callable, Mapping

import numpy as np

from edgelearn.types import F32, Array

KEPT = 8  # samples
EVERY = 16  # passes from one look to the next
SHARE = 0.01  # of the variance of features over probes: how far they may move


class Probes:
    """At most `KEPT` samples (n_in,), each with the features (n_out,) that the layers gave for it."""

    def __init__(self) -> None:
        self._x: list[F32] = []
        self._seen: list[F32] = []

    def add(self, x: F32, seen: F32) -> None:
        """Keep copies of a sample (n_in,) and its features (n_out,) while there is room."""
        if len(self._x) < KEPT:
            self._x.append(np.array(x))
            self._seen.append(np.array(seen))

    def moved(self, transform: Callable[[F32], F32]) -> bool:
        """Return whether the mean square by which features moved is above `SHARE` of their variance over probes."""
        if not self._x:
            return False
        before = np.array(self._seen, np.float64)
        step = np.array([transform(x) for x in self._x]) - before
        return bool((step**2).sum() > SHARE * ((before - before.mean(axis=0)) ** 2).sum())

    @property
    def memory_bytes(self) -> int:
        """Bytes of all arrays kept."""
        return sum(array.nbytes for array in (*self._x, *self._seen))

    @staticmethod
    def bytes_with(n_in: int, n_out: int) -> int:
        """Return the most that `memory_bytes` is with such samples and features."""
        return 4 * KEPT * (n_in + n_out)

    def state(self) -> dict[str, Array]:
        """Return everything kept as arrays; empty before the first sample."""
        return {"x": np.array(self._x), "seen": np.array(self._seen)} if self._x else {}

    def load(self, arrays: Mapping[str, Array]) -> None:
        """Take over what `state` returned."""
        if arrays:
            self._x, self._seen = list(np.array(arrays["x"])), list(np.array(arrays["seen"]))


def spread_over(n_classes: int) -> set[int]:
    """Return which of samples that begin with one of each class are to be probes: as many classes as there is room."""
    return set(np.linspace(0, max(n_classes, KEPT) - 1, KEPT).astype(int).tolist())
