"""Dense networks trained by back-propagation: the twin that a local system is measured against.

Samples and seeds are those of the system; sizes, epochs, batch and rate are a `Setting`: the table says before a number
where they are not those of the system. Hidden layers are a product, batch normalisation where asked for, and a curve;
the loss is the cross-entropy of a softmax, or half the squared error.
"""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import numpy as np

from edgelearn.bench.counting import counted
from edgelearn.bench.counts import Cost
from edgelearn.bench.images import Images
from edgelearn.bench.means import share
from edgelearn.bench.run import Progress, quiet
from edgelearn.bench.twin import Twin
from edgelearn.systems import chain
from edgelearn.systems.epochs import cosine
from edgelearn.systems.net import he, one_hot, softmax
from edgelearn.types import F32, I64, Array

Curve = Literal["relu", "leaky_relu", "tanh"]
Loss = Literal["softmax", "squared"]
_SMALL, _FOLLOW = (
    np.float32(1e-5),
    np.float32(0.1),
)  # added to a variance; share of a batch in running statistics


class Setting(NamedTuple):
    """How the twin is built and trained."""

    sizes: Sequence[int]
    curve: Curve = "relu"
    loss: Loss = "softmax"
    normalised: bool = False
    eta: float = 1e-3
    epochs: int = 10
    batch: int = 100
    left: Callable[[float], float] = cosine  # share of the rate left, of the share of steps done


class Backprop(Twin):
    """The network."""

    def __init__(self, setting: Setting, seed: int = 0) -> None:
        super().__init__(setting, seed)
        self.setting = setting
        self._depth, self._curve = len(setting.sizes) - 1, chain.Pointwise(setting.curve)
        for k, (n_pre, n_post) in enumerate(zip(setting.sizes, setting.sizes[1:], strict=False)):
            self.arrays |= {f"w{k}": he(self.rng, n_pre, n_post), f"b{k}": np.zeros(n_post, np.float32)}
            if setting.normalised and k < self._depth - 1:
                gain, shift = np.ones(n_post, np.float32), np.zeros(n_post, np.float32)
                self.arrays |= {f"gain{k}": gain, f"shift{k}": shift}
        self._recent = [np.stack([np.zeros(n), np.ones(n)]).astype(np.float32) for n in setting.sizes[1:-1]]

    def accuracy(self, X: F32, y: I64) -> float:
        """Return the share of ``X`` (n, n_pre) named rightly."""
        last = chain.Dense(self.arrays[f"w{self._depth - 1}"], self.arrays[f"b{self._depth - 1}"])
        return share(chain.run([*self.frozen(), last], X).argmax(axis=1), y)

    def frozen(self) -> list[chain.Op]:
        """Return the operations up to the last hidden layer."""
        ops: list[chain.Op] = []
        for k in range(self._depth - 1):
            hidden = chain.Dense(self.arrays[f"w{k}"], self.arrays[f"b{k}"])
            ops += [hidden, *self._standing(k), self._curve]
        return ops

    def gradient(self, X: Array, y: I64) -> dict[str, Array]:
        """Return the gradient of the mean loss by each array: X (n, n_pre), y (n,)."""
        inputs, drives, standard = [X], list[Array](), list[tuple[Array, Array]]()
        for k in range(self._depth):
            u = inputs[-1] @ self.arrays[f"w{k}"] + self.arrays[f"b{k}"]
            if k == self._depth - 1:
                break
            if self.setting.normalised:
                standard.append(self._standard(k, u))
                u = standard[k][0] * self.arrays[f"gain{k}"] + self.arrays[f"shift{k}"]
            drives.append(u)
            inputs.append(self._curve(u))
        scores = softmax(u) if self.setting.loss == "softmax" else u
        delta = (scores - one_hot(y, self.setting.sizes[-1])) / X.dtype.type(len(X))
        found: dict[str, Array] = {}
        for k in range(self._depth - 1, -1, -1):
            found |= {f"w{k}": inputs[k].T @ delta, f"b{k}": delta.sum(axis=0)}
            if k:
                delta = (delta @ self.arrays[f"w{k}"].T) * self._slope(drives[k - 1], inputs[k])
                if self.setting.normalised:
                    found |= self._stretched(k - 1, delta, standard[k - 1][0])
                    delta = _through(delta * self.arrays[f"gain{k - 1}"], *standard[k - 1])
        return found

    def cost(self) -> Cost:
        """Return what one update from one sample takes: every layer's activity is kept until the way back."""
        x, y = np.ones((1, self.setting.sizes[0]), np.float32), np.zeros(1, np.int64)
        kept = sum(self.setting.sizes) + max(self.setting.sizes[1:])  # activities, and the error on its way
        return Cost(4 * kept, counted(self.arrays, lambda: self.gradient(x, y)))

    def _standard(self, k: int, u: Array) -> tuple[Array, Array]:
        """Return drives of a batch in units of their own deviation, and 1 / that; running statistics follow."""
        seen = np.stack([u.mean(axis=0), u.var(axis=0)])
        self._recent[k] += _FOLLOW * (seen - self._recent[k])
        by = 1 / np.sqrt(seen[1] + _SMALL)
        return (u - seen[0]) * by, by

    def _standing(self, k: int) -> list[chain.Op]:
        """Return batch normalisation with the running statistics, if there is any."""
        if not self.setting.normalised:
            return []
        mean, variance = self._recent[k]
        by = self.arrays[f"gain{k}"] / np.sqrt(variance + _SMALL)
        return [chain.Scale(by, self.arrays[f"shift{k}"] - mean * by)]

    def _stretched(self, k: int, delta: Array, normal: Array) -> dict[str, Array]:
        return {f"gain{k}": (delta * normal).sum(axis=0), f"shift{k}": delta.sum(axis=0)}

    def _slope(self, u: Array, out: Array) -> Array:
        if self.setting.curve == "tanh":
            return np.asarray(1 - out * out)
        low = chain.LEAK if self.setting.curve == "leaky_relu" else np.float32(0)
        return np.where(u > 0, u.dtype.type(1), low)


def _through(delta: Array, normal: Array, by: Array) -> Array:
    """Return the gradient below batch normalisation."""
    return np.asarray(by * (delta - delta.mean(axis=0) - normal * (delta * normal).mean(axis=0)))


def trained(setting: Setting, images: Images, seed: int, progress: Progress = quiet) -> float:
    """Return the test accuracy of a twin after its last epoch."""
    return Backprop(setting, seed).taught(images, f"back-propagation, seed {seed}", progress)
