"""Online softmax regression: the control that forgets.

What most people would write first. On a shuffled stream it learns; when classes come one after another the
gradient of the new ones takes the old ones away (McCloskey & Cohen 1989). Here to be compared with.
"""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from edgelearn.errors import ConfigError
from edgelearn.kernels import softmax as kernel
from edgelearn.readouts.base import Algebra, Readout
from edgelearn.types import F32, F64, I64, Array


class Softmax(Readout):
    """O(C D) to learn and to predict, 4 C D bytes; ``eta`` is the normalised learning rate per step."""

    name = "softmax"
    algebra = Algebra(order_free=False, merge="approximate", unlearn="none", forget="approximate")
    keeps_statistics = False

    def __init__(self, eta: float = 0.5) -> None:
        super().__init__()
        if not (np.isfinite(eta) and eta > 0):
            raise ConfigError(f"eta must be above 0, got {eta}")
        self._eta = float(eta)

    def config(self) -> dict[str, Any]:
        return {"eta": self._eta}

    def bytes_with(self, n_classes: int, n_features: int) -> int:
        return 4 * 4 * n_features + n_classes * (4 * n_features + 8 + 4 + 4)

    def state(self) -> dict[str, Array]:
        return {
            "weights": self._W,
            "bias": self._bias,
            "counts": self._counts,
            "scale": self._scale,
            "scale_n": np.array(self._scale_n),
        }

    def _bind(self, n_features: int) -> None:
        self._scale, self._scale_n = np.zeros((3, n_features), np.float32), 0
        self._z = np.zeros(n_features, np.float32)
        self._W = np.zeros((0, n_features), np.float32)
        self._bias, self._p = np.zeros(0, np.float32), np.zeros(0, np.float32)
        self._counts = np.zeros(0, np.int64)

    def _grow(self, n_classes: int) -> None:
        more = n_classes - len(self._counts)
        self._W = np.pad(self._W, ((0, more), (0, 0)))
        self._bias, self._counts = np.pad(self._bias, (0, more)), np.pad(self._counts, (0, more))
        self._p = np.zeros(n_classes, np.float32)

    def _learn(self, x: F32, c: int) -> None:
        self._scale_n += 1
        kernel.learn.dispatcher(
            x, c, self._scale_n, self._eta, self._scale, self._W, self._bias, self._z, self._p
        )
        self._counts[c] += 1

    def _scores(self, x: F32) -> F64:
        out = np.empty(len(self._bias), np.float32)
        kernel.scores.dispatcher(x, self._scale, self._W, self._bias, out)
        return out.astype(np.float64)

    def _novelty(self, x: F32, scores: F64) -> float:  # noqa: ARG002 (one signature for all readouts)
        """Return 1 - the highest probability (Hendrycks & Gimpel 2017)."""
        return 1.0 - float(self.probabilities(scores).max())

    def _count(self, c: int) -> int:
        return int(self._counts[c])

    def _forget(self, c: int) -> None:
        self._W, self._bias = np.delete(self._W, c, 0), np.delete(self._bias, c)
        self._counts, self._p = np.delete(self._counts, c), np.delete(self._p, c)

    def _merge(self, other: Self, indices: I64) -> None:
        """Average the weights of shared classes by their counts, in raw feature space."""
        raw, raw_bias = self._raw()
        theirs, their_bias = other._raw()
        share = (other._counts / np.maximum(self._counts[indices] + other._counts, 1))[:, None]
        raw[indices] += share * (theirs - raw[indices])
        raw_bias[indices] += share[:, 0] * (their_bias - raw_bias[indices])
        self._W[...] = raw * self._spread()
        self._bias[...] = raw_bias + raw @ self._scale[0]
        self._counts[indices] += other._counts

    def _spread(self) -> F32:
        inverse = self._scale[2]
        return np.asarray(np.divide(1.0, inverse, out=np.ones_like(inverse), where=inverse > 0))

    def _raw(self) -> tuple[F32, F32]:
        weights = self._W / self._spread()
        return weights, self._bias - weights @ self._scale[0]

    def _restore(self, arrays: Mapping[str, Array]) -> None:
        self._W[...], self._bias[...] = arrays["weights"], arrays["bias"]
        self._counts[...], self._scale[...] = arrays["counts"], arrays["scale"]
        self._scale_n = int(arrays["scale_n"])

    def _arrays(self) -> list[Array]:
        return [self._W, self._bias, self._counts, self._p, self._z, self._scale]
