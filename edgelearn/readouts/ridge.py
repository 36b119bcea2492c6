"""Streaming ridge regression onto one-hot labels: the closed form at every step.

Analytic class-incremental learning, Zhuang et al. 2022 (ACIL), NeurIPS, section 3. A new class is a new
column of zeros, as if it had been there from the start; the bias is not shrunk.
"""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from edgelearn.errors import ConfigError, InputError
from edgelearn.kernels import precision
from edgelearn.kernels import ridge as kernel
from edgelearn.readouts.base import Algebra, Readout
from edgelearn.types import F32, F64, I64, Array

_FREE = 1e-7  # prior on the bias: next to none
_FIRST = 0.25  # of its mean square: the variance expected of a feature before any was seen


class Ridge(Readout):
    """O(D²) to learn, O(C D) to predict, 4 D² bytes.

    The penalty counts as ``shrinkage * D`` samples of the features' own variance; ``prior`` fixes it instead.
    """

    name = "ridge"
    algebra = Algebra(order_free=True, merge="exact", unlearn="exact", forget="approximate")

    def __init__(self, shrinkage: float = 0.3, prior: float | None = None) -> None:
        super().__init__()
        for name, value in (("shrinkage", shrinkage), ("prior", prior)):
            if value is not None and not (np.isfinite(value) and value > 0):
                raise ConfigError(f"{name} must be above 0, got {value}")
        self._shrinkage, self._fixed = shrinkage, prior

    def config(self) -> dict[str, Any]:
        return {"shrinkage": self._shrinkage, "prior": self._fixed}

    def probabilities(self, scores: F64) -> F64:
        """Least-squares scores estimate probabilities: clip below at 0 and share out (Sugiyama 2010)."""
        clipped = np.maximum(scores, 1e-6)
        return np.asarray(clipped / clipped.sum())

    def bytes_with(self, n_classes: int, n_features: int) -> int:
        m = self._size(n_features)
        return 4 * m * (m + 1) + 7 * 8 * m + 8 * n_features + n_classes * (8 * m + 8)

    def state(self) -> dict[str, Array]:
        return {
            "inverse": self._R,
            "wait": self._wait,
            "weights": self._W,
            "counts": self._counts,
            "prior": self._prior,
            "mean": self._mean,
            "scatter": self._scatter,
            "scatter_n": np.array(self._scatter_n),
            "origin": self._origin,
        }

    def _size(self, n_features: int) -> int:
        return n_features + 1

    def _bind(self, n_features: int) -> None:
        m = self._size(n_features)
        self._z, self._k, self._wait = np.zeros(m), np.zeros(m), np.zeros(m)
        self._mean, self._scatter, self._scatter_n = np.zeros(m), np.zeros(m), 0
        self._origin = np.zeros(n_features)
        self._W, self._counts = np.zeros((0, m)), np.zeros(0, np.int64)
        follow = 0.0 if self._fixed else self._shrinkage * (m - 1)  # 0: the prior stays as it is
        self._weight = self._stiffness(n_features) * follow
        self._start(np.full(m, self._fixed or 1.0))

    def _stiffness(self, n_features: int) -> F64:
        """Return how much more than its share each lifted feature (M,) is penalised."""
        return np.ones(n_features + 1)

    def _start(self, prior: F64) -> None:
        self._prior = prior
        self._prior[-1] = _FREE
        self._R = np.zeros(0)  # the old one goes before the new one comes
        self._R = precision.diagonal(1.0 / self._prior)

    def _grow(self, n_classes: int) -> None:
        more = n_classes - len(self._counts)
        self._W, self._counts = np.pad(self._W, ((0, more), (0, 0))), np.pad(self._counts, (0, more))

    def _lift(self, x: F32) -> F64:
        kernel.lift.dispatcher(x, self._origin, self._z)
        return self._z

    def _learn(self, x: F32, c: int) -> None:
        if self._scatter_n == 0:
            self._origin[:] = x  # close to the data, where float64 keeps most of what the bias must undo
            if self._fixed is None:
                self._start(self._weight * _FIRST * (float(np.square(self._origin).mean()) or 1.0))
        self._scatter_n += 1
        n = self._scatter_n
        kernel.learn.dispatcher(
            self._lift(x),
            c,
            n,
            self._R,
            self._wait,
            self._W,
            self._prior,
            self._weight,
            self._mean,
            self._scatter,
            self._k,
        )
        self._counts[c] += 1

    def _scores(self, x: F32) -> F64:
        out = np.empty(len(self._W))
        kernel.scores.dispatcher(self._lift(x), self._W, out)
        return out

    def _novelty(self, x: F32, scores: F64) -> float:  # noqa: ARG002 (one signature for all readouts)
        """Return how far the best score stays below 1, the value a learned sample is pulled to."""
        return 1.0 - float(scores.max())

    def _count(self, c: int) -> int:
        return int(self._counts[c])

    def _unlearn(self, x: F32, c: int) -> None:
        z, n = self._lift(x), self._scatter_n
        removed = precision.without(precision.whole(self._R, self._wait), z)
        if removed is None:
            raise InputError("this sample was never learned with this label; nothing was changed")
        target = np.zeros(len(self._W))
        target[c] = 1.0
        self._put(removed[0])
        k = removed[1]
        self._W += np.outer(self._W @ z - target, k / (1.0 - z @ k))
        mean = (n * self._mean - z) / (n - 1) if n > 1 else np.zeros(len(z))
        self._scatter = np.maximum(self._scatter - (z - self._mean) * (z - mean), 0.0)
        self._mean[...] = mean
        self._counts[c] -= 1
        self._scatter_n -= 1

    def _forget(self, c: int) -> None:
        self._W, self._counts = np.delete(self._W, c, 0), np.delete(self._counts, c)

    def _merge(self, other: Self, indices: I64) -> None:
        if other._scatter_n == 0:  # all it learned was taken back
            return
        move = self._translation(other)
        A, A_other = (precision.invert(precision.whole(r._R, r._wait)) for r in (self, other))
        b = A @ self._W.T
        b[:, indices] += move @ (A_other @ other._W.T)
        A += move @ (A_other - np.diag(other._prior)) @ move.T - np.diag(self._prior)
        a, n = self._scatter_n, self._scatter_n + other._scatter_n
        apart = move @ np.append(other._mean[:-1], 1.0) - np.append(self._mean[:-1], 1.0)
        self._scatter += other._scatter + apart**2 * (a * other._scatter_n / n)
        self._mean += apart * (other._scatter_n / n)
        self._scatter_n = n
        if self._fixed is None:
            wanted = self._weight / n * self._scatter
            self._prior = np.where(wanted > 0, wanted, self._prior)
        inverse = precision.invert(A + np.diag(self._prior))
        self._put(inverse)
        self._W[...] = (inverse @ b).T
        self._counts[indices] += other._counts

    def _put(self, inverse: F64) -> None:
        self._R[...], self._wait[...] = precision.pack(inverse), 0.0

    def _translation(self, other: Self) -> F64:
        """Return the matrix that turns the other's features, bias included, into ours."""
        move = np.eye(len(self._z))
        n = len(self._origin)
        move[:n, -1] = other._origin - self._origin
        return move

    def _restore(self, arrays: Mapping[str, Array]) -> None:
        self._R[...], self._wait[...] = arrays["inverse"], arrays["wait"]
        for name in ("weights", "counts", "prior", "mean", "scatter", "origin"):
            target = self._W if name == "weights" else getattr(self, f"_{name}")
            target[...] = arrays[name]
        self._scatter_n = int(arrays["scatter_n"])

    def _arrays(self) -> list[Array]:
        kept = [self._R, self._W, self._counts, self._prior, self._mean, self._scatter, self._origin]
        return [*kept, self._weight, self._z, self._k, self._wait]
