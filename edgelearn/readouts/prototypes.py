"""Prototypes under a byte budget: nearest neighbours while there is room, cluster centres when there is not.

Ayub & Wagner 2020 (CBCL), CVPR-W, with a bound on bytes instead of a distance threshold: a full memory merges
the two prototypes it can spare best, so every class keeps a fair share.
"""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from edgelearn.bytesize import parse_bytes
from edgelearn.errors import BudgetError, InputError
from edgelearn.kernels import prototypes as kernel
from edgelearn.readouts.base import Algebra, Readout
from edgelearn.types import F32, F64, I64, Array


class Prototypes(Readout):
    """O(K D) to learn and to predict; K follows from ``budget`` (bytes, or "256KB")."""

    name = "prototypes"
    algebra = Algebra(order_free=False, merge="approximate", unlearn="approximate", forget="approximate")

    def __init__(self, budget: int | str = "256KB") -> None:
        super().__init__()
        self._budget = parse_bytes(budget)

    def config(self) -> dict[str, Any]:
        return {"budget": self._budget}

    def probabilities(self, scores: F64) -> F64:
        """Softmax of distances in units of the nearest one."""
        return super().probabilities(scores / max(-float(scores.max()), 1e-12))

    def bytes_with(self, n_classes: int, n_features: int) -> int:
        return self._capacity(n_features) * _row_bytes(n_features) + n_classes * 8

    def state(self) -> dict[str, Array]:
        used = slice(0, self._used)
        return {
            "rows": self._rows[used],
            "owner": self._owner[used],
            "weight": self._weight[used],
            "counts": self._counts,
        }

    def check_room(self, n_classes: int, n_features: int) -> None:
        capacity, least = self._capacity(n_features), max(n_classes, 2)
        if capacity < least:
            raise BudgetError(
                f"a budget of {self._budget} bytes holds {capacity} prototypes of {n_features} features, "
                f"{n_classes} classes need at least {least * _row_bytes(n_features)} bytes (nothing was changed)"
            )

    def _capacity(self, n_features: int) -> int:
        return self._budget // _row_bytes(n_features)

    def _bind(self, n_features: int) -> None:
        capacity = self._capacity(n_features)
        self._rows = np.zeros((capacity, n_features), np.float32)
        self._owner = np.zeros(capacity, np.int32)
        self._weight = np.zeros(capacity, np.int32)
        self._distance = np.zeros(capacity, np.float32)
        self._counts = np.zeros(0, np.int64)
        self._used = 0

    def _grow(self, n_classes: int) -> None:
        self._counts = np.pad(self._counts, (0, n_classes - len(self._counts)))

    def _learn(self, x: F32, c: int) -> None:
        self._counts[c] += 1
        if self._used == len(self._rows) and not self._make_room(x, c, 1):
            return
        self._write(self._used, x, c, 1)
        self._used += 1

    def _make_room(self, x: F32, c: int, weight: int) -> bool:
        """Free one slot, or take x, that stands for ``weight`` samples, into its class's nearest; return False."""
        shares = np.bincount(self._owner[: self._used], minlength=len(self._counts))
        largest = int(shares.argmax())
        if shares[c] >= shares[largest]:
            kernel.distances(x, self._rows, self._used, self._distance)
            near = kernel.nearest(self._distance, self._owner, self._used, c, -1)
            self._blend(near, x, weight)
            return False
        lightest = np.where(self._owner == largest, self._weight, np.iinfo(np.int32).max)
        spare = int(lightest[: self._used].argmin())
        kernel.distances(self._rows[spare], self._rows, self._used, self._distance)
        self._blend(
            kernel.nearest(self._distance, self._owner, self._used, largest, spare),
            self._rows[spare],
            int(self._weight[spare]),
        )
        self._drop(spare)
        return True

    def _blend(self, k: int, x: F32, weight: int) -> None:
        total = int(self._weight[k]) + weight
        self._rows[k] += np.float32(weight / total) * (x - self._rows[k])
        self._weight[k] = min(total, np.iinfo(np.int32).max // 2)

    def _write(self, k: int, x: F32, c: int, weight: int) -> None:
        self._rows[k], self._owner[k], self._weight[k] = x, c, weight

    def _drop(self, k: int) -> None:
        self._used -= 1
        last = self._used
        self._write(k, self._rows[last], int(self._owner[last]), int(self._weight[last]))

    def _scores(self, x: F32) -> F64:
        out = np.empty(len(self._rows), np.float32)
        kernel.distances.dispatcher(x, self._rows, self._used, out)
        best = np.full(len(self._counts), np.inf)
        np.minimum.at(best, self._owner[: self._used], out[: self._used])
        return -best

    def _novelty(self, x: F32, scores: F64) -> float:  # noqa: ARG002 (one signature for all readouts)
        """Return the squared distance to the nearest prototype."""
        return -float(scores.max())

    def _count(self, c: int) -> int:
        return int(self._counts[c])

    def _unlearn(self, x: F32, c: int) -> None:
        near = self._holder(x, c)
        weight = int(self._weight[near])
        self._counts[c] -= 1
        if weight == 1:
            self._drop(near)
        else:
            self._rows[near] += (self._rows[near] - x) / np.float32(weight - 1)
            self._weight[near] = weight - 1

    def _holder(self, x: F32, c: int) -> int:
        """Return the prototype that is x, or else the nearest merged one of its class."""
        used = slice(0, self._used)
        kernel.distances(x, self._rows, self._used, self._distance)
        own = self._owner[used] == c
        equal = np.isclose(self._rows[used], x, rtol=1e-4, atol=1e-6).all(axis=1)  # a merged one taken apart
        same = np.flatnonzero(own & (self._weight[used] == 1) & equal)
        if len(same):
            return int(same[self._distance[same].argmin()])
        merged = np.flatnonzero(own & (self._weight[used] > 1))
        if not len(merged):
            raise InputError("this sample was never learned with this label; nothing was changed")
        return int(merged[self._distance[merged].argmin()])

    def _forget(self, c: int) -> None:
        keep = np.flatnonzero(self._owner[: self._used] != c)
        self._used = len(keep)
        self._rows[: self._used], self._weight[: self._used] = self._rows[keep], self._weight[keep]
        self._owner[: self._used] = self._owner[keep] - (self._owner[keep] > c)
        self._counts = np.delete(self._counts, c)

    def _merge(self, other: Self, indices: I64) -> None:
        for k in range(other._used):
            c, weight = int(indices[other._owner[k]]), int(other._weight[k])
            if self._used < len(self._rows) or self._make_room(other._rows[k], c, weight):
                self._write(self._used, other._rows[k], c, weight)
                self._used += 1
        self._counts[indices] += other._counts

    def _restore(self, arrays: Mapping[str, Array]) -> None:
        self._used = len(arrays["rows"])
        used = slice(0, self._used)
        self._rows[used], self._owner[used] = arrays["rows"], arrays["owner"]
        self._weight[used], self._counts[...] = arrays["weight"], arrays["counts"]

    def _arrays(self) -> list[Array]:
        return [self._rows, self._owner, self._weight, self._distance, self._counts]


def _row_bytes(n_features: int) -> int:
    return 4 * n_features + 4 + 4 + 4
