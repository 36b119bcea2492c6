"""Cosine imprinting: a class is the mean direction of its samples.

Qi, Brown & Lowe 2018, "Low-shot learning with imprinted weights", CVPR, section 3.2; the un-normalised
sums are kept, so that merge and unlearn stay sums.
"""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from edgelearn.errors import ConfigError, InputError
from edgelearn.readouts.base import Algebra, Readout
from edgelearn.types import F32, F64, I64, Array


class Imprint(Readout):
    """O(D) to learn, O(C D) to predict, 8 C D bytes; ``sharpness`` only scales the scores."""

    name = "imprint"
    algebra = Algebra(order_free=True, merge="exact", unlearn="exact", forget="exact")

    def __init__(self, sharpness: float = 16.0) -> None:
        super().__init__()
        if not (np.isfinite(sharpness) and sharpness > 0):
            raise ConfigError(f"sharpness must be above 0, got {sharpness}")
        self._sharpness = float(sharpness)

    def config(self) -> dict[str, Any]:
        return {"sharpness": self._sharpness}

    def bytes_with(self, n_classes: int, n_features: int) -> int:
        return n_classes * (8 * n_features + 8 + 8)

    def state(self) -> dict[str, Array]:
        return {"sums": self._sums, "counts": self._counts}

    def _bind(self, n_features: int) -> None:
        self._sums = np.zeros((0, n_features))
        self._counts = np.zeros(0, np.int64)
        self._inverse = np.zeros(0)

    def _grow(self, n_classes: int) -> None:
        more = n_classes - len(self._counts)
        self._sums = np.pad(self._sums, ((0, more), (0, 0)))
        self._counts, self._inverse = np.pad(self._counts, (0, more)), np.pad(self._inverse, (0, more))

    def _learn(self, x: F32, c: int) -> None:
        self._sums[c] += _unit(x)
        self._counts[c] += 1
        self._refresh(c)

    def _scores(self, x: F32) -> F64:
        return np.asarray((self._sums @ _unit(x)) * self._inverse * self._sharpness)

    def _novelty(self, x: F32, scores: F64) -> float:  # noqa: ARG002 (one signature for all readouts)
        """Return 1 - the highest cosine."""
        return 1.0 - float(scores.max()) / self._sharpness

    def _count(self, c: int) -> int:
        return int(self._counts[c])

    def _unlearn(self, x: F32, c: int) -> None:
        if self._counts[c] == 1 and not np.allclose(self._sums[c], _unit(x), atol=1e-6):
            raise InputError("this sample was never learned with this label; nothing was changed")
        self._sums[c] -= _unit(x)
        self._counts[c] -= 1
        self._refresh(c)

    def _forget(self, c: int) -> None:
        self._sums = np.delete(self._sums, c, 0)
        self._counts, self._inverse = np.delete(self._counts, c), np.delete(self._inverse, c)

    def _merge(self, other: Self, indices: I64) -> None:
        self._sums[indices] += other._sums
        self._counts[indices] += other._counts
        self._restore({})

    def _restore(self, arrays: Mapping[str, Array]) -> None:
        for name, value in arrays.items():
            getattr(self, f"_{name}")[...] = value
        for c in range(len(self._counts)):
            self._refresh(c)

    def _refresh(self, c: int) -> None:
        norm = float(np.sqrt(self._sums[c] @ self._sums[c]))
        self._inverse[c] = 1.0 / norm if norm > 0 else 0.0

    def _arrays(self) -> list[Array]:
        return [self._sums, self._counts, self._inverse]


def _unit(x: F32) -> F64:
    z = x.astype(np.float64)
    norm = float(np.sqrt(z @ z))
    return z / norm if norm > 0 else z
