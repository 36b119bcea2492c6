"""What a frozen stack of learned layers computes: a list of plain operations, each with its definition in NumPy.

A system says what it has become by ``frozen()``; `run` is what its features are, and `edgelearn.export.to_onnx` writes
the same operations as a network. Values travel flat, (n, values); maps are (height, width, channels) in C order. A
`Tap` sends what is there to the output as well; with taps, the output is what they saw, side by side.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

import numpy as np

from edgelearn.types import F32, Array

LEAK = np.float32(0.01)  # slope of leaky_relu below 0
Curve = Literal["relu", "leaky_relu", "tanh"]


class Op(Protocol):
    """One operation on many samples."""

    def __call__(self, X: F32) -> F32: ...


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


class Pointwise(NamedTuple):
    """A curve on every value."""

    curve: Curve

    def __call__(self, X: F32) -> F32:
        if self.curve == "tanh":
            return np.tanh(X)
        return np.maximum(X, LEAK * X if self.curve == "leaky_relu" else np.float32(0))


class RootMeanSquare(NamedTuple):
    """Each sample divided by the root of its mean square (+ 1e-8)."""

    def __call__(self, X: F32) -> F32:
        return np.asarray(X / (np.sqrt((X * X).mean(axis=1, keepdims=True)) + np.float32(1e-8)))


class Tap(NamedTuple):
    """What is there becomes part of the output."""

    def __call__(self, X: F32) -> F32:
        return X


def run(chain: Sequence[Op], X: F32) -> F32:
    """Return what a chain makes of ``X`` (n, values)."""
    seen: list[Array] = []
    for op in chain:
        X = op(X)
        if isinstance(op, Tap):
            seen.append(X)
    return np.concatenate(seen, axis=1) if seen else X
