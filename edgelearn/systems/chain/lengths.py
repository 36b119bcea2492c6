"""Lengths taken away, sample by sample."""

from typing import NamedTuple

import numpy as np

from edgelearn.types import F32

TINY = np.float32(1e-8)  # what a sample of zeros is divided by


class RootMeanSquare(NamedTuple):
    """Each sample divided by the root of its mean square (+ 1e-8)."""

    def __call__(self, X: F32) -> F32:
        return np.asarray(X / (np.sqrt((X * X).mean(axis=1, keepdims=True)) + TINY))


class Unit(NamedTuple):
    """Each sample divided by its Euclidean length (+ 1e-8)."""

    def __call__(self, X: F32) -> F32:
        return np.asarray(X / (np.sqrt((X * X).sum(axis=1, keepdims=True)) + TINY))


class LayerNorm(NamedTuple):
    """Each sample less its mean, divided by its standard deviation + eps: Ba et al. 2016, without gain and offset."""

    eps: float = 1e-5

    def __call__(self, X: F32) -> F32:
        apart = X - X.mean(axis=1, keepdims=True)
        return np.asarray(
            apart / (np.sqrt((apart * apart).mean(axis=1, keepdims=True)) + np.float32(self.eps))
        )
