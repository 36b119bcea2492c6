"""What units make of their drives: curves on every value, and competitions of the units at one position."""

from typing import Literal, NamedTuple

import numpy as np

from edgelearn.types import F32

LEAK = np.float32(0.01)  # slope of leaky_relu below 0
Curve = Literal["relu", "leaky_relu", "tanh"]


class Pointwise(NamedTuple):
    """A curve on every value."""

    curve: Curve

    def __call__(self, X: F32) -> F32:
        if self.curve == "tanh":
            return np.tanh(X)
        return np.asarray(np.maximum(X, LEAK * X if self.curve == "leaky_relu" else np.float32(0)))


class Power(NamedTuple):
    """X ** exponent, of values that are at least 0."""

    exponent: float

    def __call__(self, X: F32) -> F32:
        return np.asarray(np.power(X, np.float32(self.exponent)), np.float32)


class Triangle(NamedTuple):
    """What a unit has above the mean of the ``units`` at its position, else 0."""

    units: int

    def __call__(self, X: F32) -> F32:
        u = X.reshape(-1, self.units)
        above: F32 = np.maximum(u - u.mean(axis=1, keepdims=True), np.float32(0))
        return above.reshape(X.shape)


class Softmax(NamedTuple):
    """Shares of the ``units`` at a position, by exp(t X)."""

    units: int
    t: float

    def __call__(self, X: F32) -> F32:
        u = np.float32(self.t) * X.reshape(-1, self.units)
        raised = np.exp(u - u.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True)).reshape(X.shape)


class KWinners(NamedTuple):
    """The ``k`` highest of the ``units`` at a position pass, all others are 0; of equals the first wins."""

    units: int
    k: int

    def __call__(self, X: F32) -> F32:
        u = X.reshape(-1, self.units)
        best = np.argsort(-u, axis=1, kind="stable")[:, : self.k]
        out = np.zeros_like(u)
        np.put_along_axis(out, best, np.take_along_axis(u, best, axis=1), axis=1)
        return out.reshape(X.shape)
