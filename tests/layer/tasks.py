"""Small tasks that a layer can learn in a second."""

import numpy as np


def blobs(n, n_classes=4, n_pre=8, noise=0.5, seed=0):
    """Return samples (n, n_pre) around centres of length 2, and their classes."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(n_classes, n_pre))
    centres *= 2 / np.linalg.norm(centres, axis=1, keepdims=True)
    y = rng.integers(0, n_classes, n)
    return (centres[y] + noise * rng.normal(size=(n, n_pre))).astype(np.float32), y


def pairs(n, seed=0):
    """Return (n, 12) samples of two halves, and 1 where the halves are alike (real), 0 where they are not."""
    rng = np.random.default_rng(seed)
    kinds = np.random.default_rng(99).normal(size=(4, 6))
    real = rng.integers(0, 2, n)
    first = rng.integers(0, 4, n)
    second = np.where(real, first, (first + rng.integers(1, 4, n)) % 4)
    X = np.concatenate([kinds[first], kinds[second]], axis=1) + 0.2 * rng.normal(size=(n, 12))
    return unit(X) * np.float32(12**0.5), real


def parity(n, seed=0):
    """Return (n, 10) samples (two signs, noise and a constant 1), and whether the signs are alike: not linear."""
    rng = np.random.default_rng(seed)
    signs = rng.choice([-1.0, 1.0], (n, 2))
    X = np.concatenate([signs, rng.normal(size=(n, 7)), np.ones((n, 1))], axis=1)
    return X.astype(np.float32), (signs.prod(axis=1) > 0).astype(int)


def unit(X):
    """Return the rows at length 1."""
    return (X / np.linalg.norm(X, axis=1, keepdims=True)).astype(np.float32)


def hot(c, n):
    """Return the one-hot vector (n,) of class ``c``."""
    return np.eye(n, dtype=np.float32)[c]


def accuracy(layer, X, y):
    """Return how often the strongest unit is the class."""
    return float(np.mean([layer.transform(x).argmax() for x in X] == y))


def purity(layer, X, y):
    """Return how often a sample is of the class that its strongest unit sees most."""
    winners = np.array([layer.transform(x).argmax() for x in X])
    return sum(np.bincount(y[winners == k]).max() for k in set(winners)) / len(y)
