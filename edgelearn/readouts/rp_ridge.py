"""Ridge on the features and on random rectified mixtures of them: a linear readout that bends.

McDonnell et al. 2023 (RanPAC), NeurIPS, section 3, with the features themselves beside their projections
(Pao et al. 1994, random vector functional links) and a fast structured projection instead of a stored one.
The mixtures see each sample with its own mean and spread taken out, so they need to know no scale.
"""

from typing import Any

import numpy as np

from edgelearn.errors import ConfigError
from edgelearn.kernels import ridge as kernel
from edgelearn.kernels.hadamard import Projector, normalise, projection_bytes
from edgelearn.readouts.base import Algebra
from edgelearn.readouts.ridge import Ridge
from edgelearn.types import F32, F64, Array

_STIFFER = 16.0  # the mixtures bend what the features say, they do not replace it


class RPRidge(Ridge):
    """`Ridge` on (D + ``hidden``) features; readouts of one ``seed`` merge."""

    name = "rp_ridge"
    algebra = Algebra(order_free=True, merge="exact", unlearn="exact", forget="approximate")

    def __init__(
        self, hidden: int = 768, shrinkage: float = 0.05, prior: float | None = None, seed: int = 0
    ) -> None:
        super().__init__(shrinkage, prior)
        if hidden < 1:
            raise ConfigError(f"hidden must be at least 1, got {hidden}")
        self._hidden, self._seed = hidden, seed

    def config(self) -> dict[str, Any]:
        return {"hidden": self._hidden, "seed": self._seed, **super().config()}

    def bytes_with(self, n_classes: int, n_features: int) -> int:
        extra = projection_bytes(n_features, self._hidden) + 8 * n_features
        return super().bytes_with(n_classes, n_features) + extra

    def _size(self, n_features: int) -> int:
        return n_features + self._hidden + 1

    def _stiffness(self, n_features: int) -> F64:
        return np.append(np.ones(n_features), np.full(self._hidden + 1, _STIFFER))

    def _bind(self, n_features: int) -> None:
        self._projector = Projector(n_features, self._hidden, self._seed)
        self._unit = np.zeros(n_features)
        super()._bind(n_features)

    def _lift(self, x: F32) -> F64:
        n = len(x)
        normalise.dispatcher(x, self._unit)
        self._projector(self._unit, self._z[n:-1])
        kernel.rectify.dispatcher(self._z, n)
        return super()._lift(x)

    def _arrays(self) -> list[Array]:
        return [*super()._arrays(), *self._projector.arrays, self._unit]
