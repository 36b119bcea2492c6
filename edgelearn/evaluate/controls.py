"""What a figure is worth beside: everything known at once, and next to nothing known."""

import numpy as np

from edgelearn.evaluate.metrics import Bools
from edgelearn.evaluate.splits import stratified
from edgelearn.types import F64, I64, Array

PENALTIES = 10.0 ** np.arange(-6, 2)  # of the ridge, per sample of standardised features
FOLDS = 5


class OfflineRidge:
    """Ridge regression on one-hot labels, fitted at once in float64: what an online readout is measured by.

    Features are standardised by the training samples; the penalty is the best of `PENALTIES` on a fifth of
    the training samples held out, then all of them are fitted.
    """

    def __init__(self, X: Array, y: Array, seed: int = 0) -> None:
        rows = np.asarray(X, np.float64)
        self.classes, target = np.unique(y, return_inverse=True)
        self.penalty = _best_penalty(rows, target, len(self.classes), seed)
        self._fit = _Fit(rows, target, len(self.classes))

    def predict(self, X: Array) -> Array:
        """Return the label of each row of ``X`` (n, D)."""
        scores = self._fit.scores(np.asarray(X, np.float64), self.penalty)
        return np.asarray(self.classes[scores.argmax(axis=1)])


def offline_stream(X: Array, y: Array, seed: int = 0) -> Bools:
    """Return where an offline ridge is right (n,): each fifth by a fit on the rest, the future included."""
    folds = np.random.default_rng(seed).permutation(len(y)) % min(FOLDS, len(y))
    correct = np.zeros(len(y), np.bool_)
    for fold in np.unique(folds):
        held = folds == fold
        if not held.all():
            correct[held] = OfflineRidge(X[~held], y[~held], seed).predict(X[held]) == y[held]
    return correct


def _best_penalty(rows: F64, target: I64, n_classes: int, seed: int) -> float:
    train, held = stratified(target, 1 / FOLDS, np.random.default_rng(seed))
    if not len(held):
        return float(PENALTIES[len(PENALTIES) // 2])
    fit = _Fit(rows[train], target[train], n_classes)
    right = [np.mean(fit.scores(rows[held], p).argmax(axis=1) == target[held]) for p in PENALTIES]
    best = max(range(len(right)), key=lambda i: (right[i], i))  # of equals the stronger penalty
    return float(PENALTIES[best])


class _Fit:
    """One eigendecomposition on the smaller side, so that every penalty costs a product."""

    def __init__(self, rows: F64, target: I64, n_classes: int) -> None:
        self._n = len(rows)
        self._mean, spread = rows.mean(axis=0), rows.std(axis=0)
        self._spread = np.where(spread > 1e-12 * (1.0 + np.abs(self._mean)), spread, np.inf)
        z = (rows - self._mean) / self._spread
        hot = np.eye(n_classes)[target]
        self._bias = hot.mean(axis=0)
        self._wide = z.shape[1] > z.shape[0]
        values, self._basis = np.linalg.eigh(z @ z.T if self._wide else z.T @ z)
        self._values = np.maximum(values, 0.0)
        centred = hot - self._bias
        self._moved = self._basis.T @ (centred if self._wide else z.T @ centred)
        self._rows = z if self._wide else None

    def scores(self, rows: F64, penalty: float) -> F64:
        w = self._basis @ (self._moved / (self._values + penalty * self._n)[:, None])
        if self._rows is not None:
            w = self._rows.T @ w
        return np.asarray((rows - self._mean) / self._spread @ w + self._bias)
