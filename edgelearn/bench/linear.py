"""Linear readouts that tell how good features are: ridge in closed form, and a softmax by Adam.

Both standardise each feature by the training set. No choice looks at the test set: the ridge penalty is chosen on the
last tenth of the training set, the softmax runs a fixed number of epochs and its last weights count.
"""

from collections.abc import Iterator

import numpy as np

from edgelearn.bench.means import share
from edgelearn.systems.adam import Adam
from edgelearn.systems.net import softmax as shares
from edgelearn.types import F32, F64, Array

PENALTIES = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)  # per sample, of standardised features
_BLOCK = 4000  # rows made float32 at a time


class Scale:
    """Mean and deviation of each feature of the first 20,000 rows of ``X`` (n, d), which may be in float16."""

    def __init__(self, X: Array) -> None:
        blocks = [X[i : i + _BLOCK].astype(np.float32) for i in range(0, min(len(X), 5 * _BLOCK), _BLOCK)]
        self.mean = np.mean([block.mean(axis=0) for block in blocks], axis=0, dtype=np.float32)
        variance = np.mean(
            [((block - self.mean) ** 2).mean(axis=0) for block in blocks], axis=0, dtype=np.float32
        )
        self.by = 1 / (np.sqrt(variance) + np.float32(1e-6))

    def __call__(self, X: Array) -> F32:
        scaled: F32 = X.astype(np.float32)
        scaled -= self.mean
        scaled *= self.by
        return scaled


def ridge(X: Array, y: Array, X_test: Array, y_test: Array) -> float:
    """Return the test accuracy of ridge regression onto one-hot labels."""
    scale, target, n = Scale(X), np.eye(int(y.max()) + 1)[y], len(X) * 9 // 10
    gram, cross = _sums(scale, X[:n], target[:n])
    more = _sums(scale, X[n:], target[n:])
    held = scale(X[n:])
    scores = {
        penalty: _accuracy(held, y[n:], *_solve(gram, cross, target[:n], n * penalty))
        for penalty in PENALTIES
    }
    best = max(PENALTIES, key=lambda penalty: scores[penalty])
    found = _solve(gram + more[0], cross + more[1], target, len(X) * best)
    return _accuracy(scale(X_test), y_test, *found)


def _sums(scale: Scale, X: Array, target: F64) -> tuple[F64, F64]:
    gram, cross = np.zeros((X.shape[1], X.shape[1])), np.zeros((X.shape[1], target.shape[1]))
    for start in range(0, len(X), _BLOCK):
        block = scale(X[start : start + _BLOCK])
        gram += block.T @ block
        cross += block.T @ target[start : start + _BLOCK]
    return gram, cross


def _solve(gram: F64, cross: F64, target: F64, penalty: float) -> tuple[F32, F32]:
    w = np.linalg.solve(gram + penalty * np.eye(len(gram)), cross)
    return w.astype(np.float32), target.mean(axis=0).astype(np.float32)


def _accuracy(X: F32, y: Array, w: F32, bias: F32) -> float:
    return share((X @ w + bias).argmax(axis=1), y)


def softmax(
    X: Array,
    y: Array,
    X_test: Array,
    y_test: Array,
    *,
    epochs: int = 20,
    drop: float = 0.0,
    rate: float = 1e-3,
    seed: int = 0,
) -> float:
    """Return the test accuracy of a softmax regression: Adam, minibatches of 64, a rate that falls to 0.

    ``drop`` is the share of features left out of each sample while learning.
    """
    rng, scale = np.random.default_rng(seed), Scale(X)
    d, c = X.shape[1], int(y.max()) + 1
    w, target, adam = np.zeros((d + 1, c), np.float32), np.eye(c, dtype=np.float32)[y], Adam()
    steps = list(_minibatches(len(X), epochs, rng))
    for number, few in enumerate(steps, 1):
        x = scale(X[few])
        if drop:
            x *= (rng.integers(256, size=x.shape, dtype=np.uint8) >= 256 * drop) * np.float32(1 / (1 - drop))
        error = shares(x @ w[:d] + w[d]) - target[few]
        slope = np.vstack([x.T @ error, error.sum(axis=0)]) / np.float32(len(few))
        adam.step({"w": w}, {"w": slope}, rate * (1 - number / len(steps)))
    hits = [
        ((scale(X_test[i : i + _BLOCK]) @ w[:d] + w[d]).argmax(axis=1) == y_test[i : i + _BLOCK]).sum()
        for i in range(0, len(X_test), _BLOCK)
    ]
    return float(np.sum(hits) / len(X_test))


def _minibatches(n: int, epochs: int, rng: np.random.Generator) -> Iterator[Array]:
    for _ in range(epochs):
        order = rng.permutation(n)
        yield from (order[start : start + 64] for start in range(0, n, 64))
