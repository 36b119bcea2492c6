"""Anchors: a few samples of each class, kept in bounded memory to build a readout anew.

Class-balancing reservoir sampling (Chrysakis & Moens 2020, ICML, algorithm 1): while there is room all is kept; then
a sample of a class that was never the largest takes the place of one of the largest class, and one of a class that
was takes the place of one of its own with the chance that keeps it a fair draw of all seen.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from edgelearn.errors import BudgetError, ConfigError
from edgelearn.kernels.draws import even
from edgelearn.types import F32, I64, Array


class Anchors:
    """Features (n_features,) by class index, in at most ``max_bytes``."""

    def __init__(self, max_bytes: int, seed: int = 0) -> None:
        self._max_bytes, self._seed = max_bytes, seed
        self._features: F32 | None = None

    def __len__(self) -> int:
        return 0 if self._features is None else int(np.count_nonzero(self._class >= 0))

    def capacity(self, n_features: int) -> int:
        """Return how many anchors there is room for; raises ConfigError for none."""
        fits = self._max_bytes // anchor_bytes(n_features)
        if fits < 1:
            raise ConfigError(
                f"anchors={self._max_bytes} holds no sample of {n_features} features; "
                f"give at least {anchor_bytes(n_features)}"
            )
        return fits

    def check_room(self, n_classes: int, n_features: int) -> None:
        """Raise BudgetError when there is not an anchor for each of so many classes."""
        if n_classes > self.capacity(n_features):
            raise BudgetError(
                f"anchors={self._max_bytes} holds {self.capacity(n_features)} samples of {n_features} features, "
                f"less than one of each of {n_classes} classes: raise it, or forget a class (nothing was changed)"
            )

    def add(self, x: F32, c: int) -> None:
        """Offer a sample (n_features,) of class ``c``; a new class has the next index."""
        if self._features is None:
            self._bind(len(x))
        self._seen[c] += 1
        slot = self._slot(c)
        self._offered += 1
        if slot is not None:
            assert self._features is not None
            self._features[slot], self._class[slot] = x, c

    def forget(self, c: int) -> None:
        """Drop all of class ``c``; the classes behind it move up by one."""
        if self._features is None:
            return
        self._class[self._class == c] = -1
        self._class[self._class > c] -= 1
        for per_class in (self._seen, self._full):
            per_class[c:-1] = per_class[c + 1 :]
            per_class[-1] = 0

    def rows(self) -> Iterator[tuple[F32, int]]:
        """Yield features (n_features,), no copies, and class indices: first one of each class, then the others."""
        if self._features is None:
            return
        others = self._class >= 0
        for c in range(np.count_nonzero(self._seen)):
            slot = int(np.argmax(self._class == c))
            others[slot] = False
            yield self._features[slot], c
        for slot in range(len(others)):
            if others[slot]:
                yield self._features[slot], int(self._class[slot])

    @property
    def memory_bytes(self) -> int:
        """Bytes of all arrays kept."""
        return sum(array.nbytes for array in self._arrays())

    def bytes_with(self, n_features: int) -> int:
        """Return what `memory_bytes` is with so many features."""
        return self.capacity(n_features) * anchor_bytes(n_features)

    def state(self) -> dict[str, Array]:
        """Return everything kept as arrays; empty before the first sample."""
        if self._features is None:
            return {}
        n = int(np.flatnonzero(self._class >= 0).max(initial=-1)) + 1
        return {
            "features": self._features[:n],
            "class": self._class[:n],
            "seen": self._seen,
            "full": self._full,
            "offered": np.array(self._offered),
        }

    def load(self, arrays: Mapping[str, Array]) -> None:
        """Take over what `state` returned; with less room than there was, an even choice of it."""
        features, classes = arrays["features"], arrays["class"]
        self._bind(features.shape[1])
        assert self._features is not None
        n_classes = int(np.count_nonzero(arrays["seen"]))
        self.check_room(n_classes, features.shape[1])
        if len(features) <= len(self._class):
            self._features[: len(features)], self._class[: len(features)] = features, classes
        else:
            for x, c in zip(features, classes, strict=True):
                if c >= 0:
                    self.add(x, int(c))
        for mine, name in ((self._seen, "seen"), (self._full, "full")):
            mine[:n_classes] = arrays[name][:n_classes]
        self._offered = int(arrays["offered"])

    # -- inside ---------------------------------------------------------------------------------------

    def _bind(self, n_features: int) -> None:
        n = self.capacity(n_features)
        self._features = np.zeros((n, n_features), np.float32)
        self._class = np.full(n, -1, np.int32)
        self._seen = np.zeros(n, np.int64)  # samples offered of each class
        self._full = np.zeros(n, np.bool_)  # the class was the largest once, with no room left
        self._offered = 0

    def _arrays(self) -> list[Array]:
        return [] if self._features is None else [self._features, self._class, self._seen, self._full]

    def _slot(self, c: int) -> int | None:
        """Return the place for a sample of class ``c`` that was just counted, None for one to pass by."""
        if (self._class < 0).any():
            return int(np.argmin(self._class))
        kept = np.bincount(self._class, minlength=len(self._class))
        self._full |= kept == kept.max()
        if not self._full[c]:
            return self._one_of(np.flatnonzero(self._class == int(kept.argmax())))
        if even(self._seed, 2 * self._offered) < kept[c] / self._seen[c]:
            return self._one_of(np.flatnonzero(self._class == c))
        return None

    def _one_of(self, slots: I64) -> int:
        return int(slots[int(even(self._seed, 2 * self._offered + 1) * len(slots))])


def anchor_bytes(n_features: int) -> int:
    """Return the bytes that one anchor takes: its features, its class, and its share of the counts of classes."""
    return 4 * n_features + 4 + 8 + 1
