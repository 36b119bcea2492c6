"""Readouts that must know the scale of their features learn it from the first samples, once.

The first 32 samples are kept; at samples 1, 2, 4, 8, 16 and 32 the per-feature mean and spread are taken
and the few samples are learned anew with them. From then on the scale is fixed, so that what follows is exact
and free of order. Give ``scale=(mean, spread)`` to have the same scale on several devices from the start.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np

from edgelearn.errors import ConfigError, InputError
from edgelearn.readouts.base import Readout
from edgelearn.types import F32, F64, Array

WARM_UP = 32


class ScaledReadout(Readout):
    """A readout on features ``(x - mean) / spread``; subclasses write `_restart` and `_absorb`."""

    def __init__(self, scale: tuple[Any, Any] | None = None) -> None:
        super().__init__()
        self._given = None if scale is None else _check_scale(scale)
        self._early: list[tuple[F32, int]] | None = [] if scale is None else None

    @property
    def scale(self) -> tuple[F64, F64]:
        """The per-feature (mean, spread), each (D,), that this readout works with."""
        if self.n_features is None:
            raise InputError("the scale is known after the first sample")
        return self._mean.copy(), self._spread.copy()

    def _bind(self, n_features: int) -> None:
        self._mean, self._spread = np.zeros(n_features), np.ones(n_features)
        if self._given is not None:
            if len(self._given[0]) != n_features:
                raise InputError(f"the given scale has {len(self._given[0])} features, the sample {n_features}")
            self._mean, self._spread = self._given[0].copy(), self._given[1].copy()
        self._restart(n_features)

    def _learn(self, x: F32, c: int) -> None:
        if self._early is None:
            self._absorb(x, c)
            return
        self._early.append((x.copy(), c))
        count = len(self._early)
        if count & (count - 1) == 0:  # 1, 2, 4 … samples: the scale is worth taking anew
            self._rescale()
        else:
            self._absorb(x, c)
        if count == WARM_UP:
            self._early = None

    def _rescale(self) -> None:
        assert self._early is not None
        if self._early:
            rows = np.stack([x for x, _ in self._early]).astype(np.float64)
            self._mean, self._spread = _moments(rows)
        self._replay()

    def _replay(self) -> None:
        n_classes = len(self._labels)
        self._restart(len(self._mean))
        self._grow(max(n_classes, max((c + 1 for _, c in self._early or []), default=0)))
        for x, c in self._early or []:
            self._absorb(x, c)

    def _drop_early(self, x: F32, c: int) -> bool:
        """Take a sample back while warming up; False when the warm-up is over."""
        if self._early is None:
            return False
        for i, (row, owner) in enumerate(self._early):
            if owner == c and np.array_equal(row, x):
                del self._early[i]
                self._replay()
                return True
        raise InputError("this sample was never learned with this label; nothing was changed")

    def _forget_early(self, c: int) -> None:
        if self._early is not None:
            self._early = [(x, owner - (owner > c)) for x, owner in self._early if owner != c]

    def _early_state(self) -> dict[str, Array]:
        state: dict[str, Array] = {"mean": self._mean, "spread": self._spread}
        if self._early is not None:
            state["early_x"] = np.array([x for x, _ in self._early], np.float32).reshape(-1, len(self._mean))
            state["early_c"] = np.array([c for _, c in self._early], np.int64)
        return state

    def _restore_early(self, arrays: Mapping[str, Array]) -> None:
        self._mean, self._spread = arrays["mean"].copy(), arrays["spread"].copy()
        self._early = None
        if "early_x" in arrays:
            pairs = zip(arrays["early_x"], arrays["early_c"], strict=True)
            self._early = [(x.copy(), int(c)) for x, c in pairs]

    @abstractmethod
    def _restart(self, n_features: int) -> None:
        """Make empty arrays for the present scale and no class."""

    @abstractmethod
    def _absorb(self, x: F32, c: int) -> None:
        """Learn one sample under the present scale."""


def _check_scale(scale: tuple[Any, Any]) -> tuple[F64, F64]:
    mean, spread = (np.array(part, np.float64) for part in scale)
    if mean.ndim != 1 or mean.shape != spread.shape or not (np.isfinite(mean).all() and (spread > 0).all()):
        raise ConfigError("scale is (mean, spread), both (D,), finite, every spread above 0")
    return mean, spread


def _moments(rows: F64) -> tuple[F64, F64]:
    """Return per-feature mean and spread; a feature that has not moved yet gets the median spread."""
    if len(rows) == 1:
        return np.zeros(rows.shape[1]), np.full(rows.shape[1], float(np.abs(rows).mean()) or 1.0)
    spread = rows.std(axis=0)
    moved = spread > 0
    spread[~moved] = np.median(spread[moved]) if moved.any() else 1.0
    return rows.mean(axis=0), spread
