"""Nearest class mean: the smallest memory that does not forget.

Mensink et al. 2013, IEEE TPAMI 35(11), section 3. State: a sum and a count a class, float32.
"""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from edgelearn.errors import InputError
from edgelearn.kernels import ncm as kernel
from edgelearn.readouts.base import Algebra, Readout
from edgelearn.types import F32, F64, I64, Array


class NCM(Readout):
    """Score each class by the distance of ``x`` to its mean; O(D) to learn, O(C D) to predict."""

    name = "ncm"
    algebra = Algebra(order_free=True, merge="exact", unlearn="exact", forget="exact")

    def config(self) -> dict[str, Any]:
        return {}

    def bytes_with(self, n_classes: int, n_features: int) -> int:
        return 4 * n_features + n_classes * (8 * n_features + 8 + 4 + 4 + 4)

    def state(self) -> dict[str, Array]:
        return {
            "origin": self._origin,
            "sums": self._sums,
            "carry": self._carry,
            "counts": self._counts,
            "half": self._half,
        }

    def _bind(self, n_features: int) -> None:
        self._origin = np.zeros(n_features, np.float32)
        self._sums = np.zeros((n_features, 0), np.float32)
        self._carry = np.zeros((n_features, 0), np.float32)
        self._counts = np.zeros(0, np.int64)
        self._inverse = np.zeros(0, np.float32)
        self._half = np.zeros(0, np.float32)
        self._out = np.zeros(0, np.float32)

    def _grow(self, n_classes: int) -> None:
        more = n_classes - len(self._counts)
        self._sums = np.pad(self._sums, ((0, 0), (0, more)))
        self._carry = np.pad(self._carry, ((0, 0), (0, more)))
        self._counts = np.pad(self._counts, (0, more))
        self._inverse = np.pad(self._inverse, (0, more))
        self._half = np.pad(self._half, (0, more))
        self._out = np.zeros(n_classes, np.float32)

    def _learn(self, x: F32, c: int) -> None:
        self._place(x)
        self._step(x, c, 1)

    def _learn_stream(self, X: F32, indices: I64) -> None:
        self._place(X[0])
        kernel.learn_stream(
            X, indices, self._counts, self._origin, self._sums, self._carry, self._inverse, self._half
        )

    def _place(self, x: F32) -> None:
        if self.n_seen == 0:
            self._origin[:] = x

    def _unlearn(self, x: F32, c: int) -> None:
        if self._counts[c] == 1 and not np.allclose(self._sums[:, c] + self._origin, x, rtol=1e-4, atol=1e-6):
            raise InputError("this sample is not the one that was learned of its class; nothing was changed")
        self._step(x, c, -1)

    def _step(self, x: F32, c: int, sign: int) -> None:
        count = int(self._counts[c]) + sign
        self._counts[c] = count
        self._inverse[c] = np.float32(1.0) / np.float32(count) if count else np.float32(0.0)
        kernel.learn.dispatcher(x, c, sign, self._origin, self._sums, self._carry, self._inverse, self._half)

    def _scores(self, x: F32) -> F64:
        kernel.scores.dispatcher(x, self._origin, self._sums, self._inverse, self._half, self._out)
        return self._out.astype(np.float64)

    def _novelty(self, x: F32, scores: F64) -> float:  # noqa: ARG002 (one signature for all readouts)
        """Return the squared distance to the nearest mean, less what few samples add to it."""
        best = int(scores.argmax())
        return -2.0 * float(scores[best]) / (1.0 + 1.0 / int(self._counts[best]))

    def _count(self, c: int) -> int:
        return int(self._counts[c])

    def _forget(self, c: int) -> None:
        for name in ("_sums", "_carry"):
            setattr(self, name, np.ascontiguousarray(np.delete(getattr(self, name), c, axis=1)))
        for name in ("_counts", "_inverse", "_half", "_out"):
            setattr(self, name, np.delete(getattr(self, name), c))

    def _merge(self, other: Self, indices: I64) -> None:
        moved = np.outer(other._origin - self._origin, other._counts).astype(np.float32)
        self._sums[:, indices] += other._sums + moved
        self._carry[:, indices] += other._carry
        self._counts[indices] += other._counts
        self._refresh()

    def _restore(self, arrays: Mapping[str, Array]) -> None:
        for name in ("origin", "sums", "carry", "counts"):
            getattr(self, f"_{name}")[...] = arrays[name]
        self._refresh()
        self._half[...] = arrays["half"]

    def _refresh(self) -> None:
        self._inverse[...] = np.float32(1.0) / np.maximum(self._counts, 1).astype(np.float32)
        square = np.zeros_like(self._half)
        for row in self._sums * self._inverse:  # in the kernel's order
            square += row * row
        self._half[...] = np.float32(0.5) * square

    def _arrays(self) -> list[Array]:
        return [self._origin, self._sums, self._carry, self._counts, self._inverse, self._half, self._out]
