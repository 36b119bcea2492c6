r"""Adam (Kingma & Ba 2015, ICLR, algorithm 1) on named arrays, in place."""

from collections.abc import Mapping
from math import sqrt

import numpy as np

from edgelearn.systems.net import tame
from edgelearn.types import Array

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


class Adam:
    """Moments for the arrays it has moved so far, and how often it has moved each."""

    def __init__(self) -> None:
        self._steps: dict[str, int] = {}
        self._moments: dict[str, tuple[Array, Array]] = {}

    def step(self, weights: Mapping[str, Array], gradient: Mapping[str, Array], rate: float) -> None:
        """Move each array of ``weights`` that has a gradient down it, at this learning rate.

        Raises InputError, with none moved, for a gradient whose squares do not fit float32.
        """
        for name, grad in gradient.items():
            tame(name, grad)
        for name, grad in gradient.items():
            mean, square = self._moments.setdefault(name, (np.zeros_like(grad), np.zeros_like(grad)))
            number = self._steps[name] = self._steps.get(name, 0) + 1
            mean += (1 - BETA1) * (grad - mean)
            square += (1 - BETA2) * (grad * grad - square)
            size = float(rate) * sqrt(1 - BETA2**number) / (1 - BETA1**number)
            weights[name][...] -= size * mean / (np.sqrt(square) + EPSILON)
