"""Sums over all values of a sample, and a gain and an offset for each channel."""

from typing import NamedTuple

import numpy as np

from edgelearn.types import F32


class Dense(NamedTuple):
    """X w + b: w (n_pre, n_post), b (n_post,) or None."""

    w: F32
    b: F32 | None = None

    def __call__(self, X: F32) -> F32:
        u: F32 = X @ self.w
        return u if self.b is None else u + self.b


class Scale(NamedTuple):
    """X by + shift for each channel, the innermost axis: by and shift (channels,)."""

    by: F32
    shift: F32

    def __call__(self, X: F32) -> F32:
        return np.asarray(X.reshape(-1, len(self.by)) * self.by + self.shift).reshape(X.shape)
