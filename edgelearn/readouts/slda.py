r"""Streaming linear discriminant analysis: class means and one shared covariance, exact, rank-1.

Hayes & Kanan 2020, "Lifelong machine learning with deep streaming LDA", CVPR-W, section 3, with the exact
within-class recursion (the paper's own depends on the order of classes). The prior covariance counts as
``shrinkage * D`` samples of the features' own within-class variance, so it fades as samples come.
"""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from edgelearn.errors import ConfigError, InputError
from edgelearn.kernels import precision
from edgelearn.kernels import slda as kernel
from edgelearn.kernels.hadamard import Projector, projection_bytes
from edgelearn.readouts.base import Algebra, Readout
from edgelearn.types import F32, F64, I64, Array

_FIRST = 0.25  # of its mean square: the variance expected of a feature before any was seen


class SLDA(Readout):
    """O(D²) to learn, O(C D) to predict, 4 D² bytes.

    ``project`` first maps features onto so many random directions (from ``seed``): for wide extractors.
    ``prior`` fixes the prior variance (times counts) of every feature instead of letting it follow the data.
    """

    name = "slda"
    algebra = Algebra(order_free=True, merge="exact", unlearn="exact", forget="approximate")

    def __init__(
        self, shrinkage: float = 0.3, prior: float | None = None, project: int | None = None, seed: int = 0
    ) -> None:
        super().__init__()
        for name, value in (("shrinkage", shrinkage), ("prior", prior)):
            if value is not None and not (np.isfinite(value) and value > 0):
                raise ConfigError(f"{name} must be above 0, got {value}")
        if project is not None and project < 1:
            raise ConfigError(f"project must be at least 1, got {project}")
        self._shrinkage, self._fixed, self._project, self._seed = shrinkage, prior, project, seed

    def config(self) -> dict[str, Any]:
        return {
            "shrinkage": self._shrinkage,
            "prior": self._fixed,
            "project": self._project,
            "seed": self._seed,
        }

    def bytes_with(self, n_classes: int, n_features: int) -> int:
        d = self._project or n_features
        shared = 4 * d * (d + 1) + 7 * 8 * d
        if self._project is not None:
            shared += projection_bytes(n_features, d)
        return shared + n_classes * (16 * d + 8 + 8)

    def state(self) -> dict[str, Array]:
        return {
            "precision": self._P,
            "wait": self._wait,
            "means": self._means,
            "directions": self._u,
            "bias": self._bias,
            "counts": self._counts,
            "prior": self._prior,
            "scatter": self._scatter,
            "scatter_n": np.array(self._scatter_n),
            "filled": np.array(self._filled),
        }

    def _bind(self, n_features: int) -> None:
        d = self._project or n_features
        if self._project is not None:
            self._projector = Projector(n_features, d, self._seed)
        self._z, self._wait, self._scratch = np.zeros(d), np.zeros(d), np.zeros((2, d))
        self._scatter, self._scatter_n, self._filled = np.zeros(d), 0, 0.0
        self._weight = np.full(d, self._shrinkage * d if self._fixed is None else 0.0)  # 0: stays as it is
        self._start(np.full(d, self._fixed or 1.0))
        self._means, self._u = np.zeros((0, d)), np.zeros((0, d))
        self._bias, self._counts = np.zeros(0), np.zeros(0, np.int64)

    def _start(self, prior: F64) -> None:
        self._prior = prior
        self._P = np.zeros(0)  # the old one goes before the new one comes
        self._P = precision.diagonal(1.0 / self._prior)

    def _grow(self, n_classes: int) -> None:
        more = n_classes - len(self._counts)
        self._means, self._u = (np.pad(a, ((0, more), (0, 0))) for a in (self._means, self._u))
        self._bias, self._counts = np.pad(self._bias, (0, more)), np.pad(self._counts, (0, more))

    def _lift(self, x: F32) -> F64 | F32:
        return x if self._project is None else self._projector(x, self._z)

    def _learn(self, x: F32, c: int) -> None:
        z = self._lift(x)
        if self._scatter_n == 0 and self._fixed is None:
            square = float(np.square(z, dtype=np.float64).mean())
            self._start(self._weight * _FIRST * (square or 1.0))
        self._scatter_n += 1
        self._filled = kernel.learn.dispatcher(
            z,
            c,
            self._P,
            self._wait,
            self._means,
            self._u,
            self._bias,
            self._counts,
            self._prior,
            self._weight,
            self._scatter,
            self._scatter_n,
            self._scratch,
        )

    def _scores(self, x: F32) -> F64:
        out = np.empty(len(self._bias))
        n = float(self._scatter_n)
        kernel.scores.dispatcher(self._lift(x), n, self._filled, self._u, self._bias, self._counts, out)
        return out

    def _novelty(self, x: F32, scores: F64) -> float:
        """Return the squared Mahalanobis distance to the best mean, less what few samples add to it."""
        z = x if self._project is None else self._z  # where `_scores` has just put it
        best = int(scores.argmax())
        distance = precision.quadratic.dispatcher(self._P, self._wait, z - self._means[best])
        return self._scatter_n * distance / (1.0 + 1.0 / int(self._counts[best]))

    def _count(self, c: int) -> int:
        return int(self._counts[c])

    def _unlearn(self, x: F32, c: int) -> None:
        z, n = self._lift(x).astype(np.float64), int(self._counts[c])
        mean = (n * self._means[c] - z) / (n - 1) if n > 1 else self._means[c]
        v = np.sqrt((n - 1) / n) * (z - mean)
        removed = precision.without(self._whole(), v)
        if removed is None or (n == 1 and not np.allclose(z, mean, rtol=1e-4, atol=1e-6)):
            raise InputError("this sample was never learned with this label; nothing was changed")
        self._means[c] = mean
        self._put(removed[0])
        self._scatter -= v * v
        self._counts[c] -= 1
        self._scatter_n -= 1

    def _forget(self, c: int) -> None:
        self._means, self._u = np.delete(self._means, c, 0), np.delete(self._u, c, 0)
        self._bias, self._counts = np.delete(self._bias, c), np.delete(self._counts, c)

    def _merge(self, other: Self, indices: I64) -> None:
        if other._scatter_n == 0:  # all it learned was taken back
            return
        scatter = precision.invert(self._whole()) - np.diag(self._prior)
        scatter += precision.invert(other._whole()) - np.diag(other._prior)
        for i, c in enumerate(indices):
            a, b = int(self._counts[c]), int(other._counts[i])
            apart = other._means[i] - self._means[c]
            scatter += (a * b / (a + b)) * np.outer(apart, apart)
            self._scatter += (a * b / (a + b)) * apart**2
            self._means[c] += b / (a + b) * apart
            self._counts[c] = a + b
        self._scatter += other._scatter
        self._scatter_n += other._scatter_n
        if self._fixed is None:
            wanted = self._weight / self._scatter_n * self._scatter
            self._prior = np.where(wanted > 0, wanted, self._prior)
        self._put(precision.invert(scatter + np.diag(self._prior)))

    def _whole(self) -> F64:
        return precision.whole(self._P, self._wait)

    def _put(self, whole: F64) -> None:
        self._P[...], self._wait[...] = precision.pack(whole), 0.0
        self._u[...] = self._means @ whole
        self._bias[...] = -0.5 * (self._means * self._u).sum(axis=1)
        self._filled = len(whole) - float(self._prior @ np.diag(whole))

    def _restore(self, arrays: Mapping[str, Array]) -> None:
        self._P[...], self._wait[...] = arrays["precision"], arrays["wait"]
        self._means[...], self._u[...] = arrays["means"], arrays["directions"]
        self._bias[...], self._counts[...] = arrays["bias"], arrays["counts"]
        self._prior[...], self._scatter[...] = arrays["prior"], arrays["scatter"]
        self._scatter_n, self._filled = int(arrays["scatter_n"]), float(arrays["filled"])

    def _arrays(self) -> list[Array]:
        kept = [self._P, self._means, self._u, self._bias, self._counts, self._prior, self._scatter]
        kept += [self._wait, self._scratch, self._z, self._weight]
        return kept + (self._projector.arrays if self._project is not None else [])
