r"""Streaming linear discriminant analysis: class means and one shared covariance, exact, rank-1.

Hayes & Kanan 2020, "Lifelong machine learning with deep streaming LDA", CVPR-W, section 3, with the exact
within-class recursion (the paper's own depends on the order of classes). The prior on the covariance counts
as ``shrinkage * D`` samples of the per-feature spread, and so fades as samples come.
"""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from edgelearn.errors import ConfigError, InputError
from edgelearn.kernels import hadamard, precision
from edgelearn.kernels import slda as kernel
from edgelearn.readouts.base import Algebra
from edgelearn.readouts.scaled import ScaledReadout
from edgelearn.types import F32, F64, I64, Array


class SLDA(ScaledReadout):
    """O(D²) to learn, O(C D) to predict, 8 D² bytes.

    ``project`` maps features onto so many random directions first (from ``seed``): for wide extractors.
    """

    name = "slda"
    algebra = Algebra(order_free=True, merge="exact", unlearn="exact", forget="approximate")

    def __init__(
        self,
        shrinkage: float = 0.3,
        project: int | None = None,
        seed: int = 0,
        scale: tuple[Any, Any] | None = None,
    ) -> None:
        super().__init__(scale)
        if not (np.isfinite(shrinkage) and shrinkage > 0):
            raise ConfigError(f"shrinkage must be above 0, got {shrinkage}")
        if project is not None and project < 1:
            raise ConfigError(f"project must be at least 1, got {project}")
        self._shrinkage, self._project, self._seed = float(shrinkage), project, seed
        self._scatter_n = 0

    def config(self) -> dict[str, Any]:
        return {"shrinkage": self._shrinkage, "project": self._project, "seed": self._seed}
