"""An extractor that is no network, a clock that is no clock, and streams of features."""

import numpy as np

from edgelearn.errors import InputError


class FakeExtractor:
    """Turns a sample (3,) into features (6,): itself and its squares."""

    n_features = 6

    def __init__(self, fingerprint="f" * 64):
        self.fingerprint = fingerprint

    def __call__(self, x):
        x = np.asarray(x, np.float32)
        if x.shape != (3,) or not np.isfinite(x).all():
            raise InputError("the sample holds a NaN or an infinity, or has another shape")
        return np.concatenate([x, x * x])

    def many(self, X):
        return np.stack([self(x) for x in X]) if len(X) else np.zeros((0, 6), np.float32)


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def blobs(n, n_features=4, n_classes=3, seed=0):
    """Return X (n, D) float32 and labels (n,) of well separated classes, from one mixture, in random order."""
    centres = np.random.default_rng(1).normal(size=(n_classes, n_features)) * 6
    rng = np.random.default_rng(seed)
    y = rng.integers(0, n_classes, n)
    return (centres[y] + rng.normal(size=(n, n_features))).astype(np.float32), y.tolist()


def learned(learner):
    """Return a copy of everything learned, tickets aside, to compare with `same`."""
    snapshot = learner.snapshot()
    arrays = {name: np.array(a) for name, a in snapshot.arrays.items() if not name.startswith("tickets/")}
    return arrays, dict(snapshot.meta)


def same(a, b):
    return (
        a[1] == b[1]
        and a[0].keys() == b[0].keys()
        and all(np.array_equal(array, b[0][name], equal_nan=True) for name, array in a[0].items())
    )
