"""Gaussian blobs: classes whose separation is known."""

import numpy as np

from edgelearn.types import F32, I64


def blobs(n_each: int = 40, classes: int = 4, d: int = 6, gap: float = 6.0, seed: int = 0) -> tuple[F32, I64]:
    """Return rows (n, d) and labels (n,) from 0; means lie ``gap`` spreads from the origin, samples are shuffled."""
    rng = np.random.default_rng(seed)
    means = gap * np.linalg.qr(np.random.default_rng(99).normal(size=(d, d)))[0][:classes]
    y = rng.permutation(np.repeat(np.arange(classes), n_each))
    return (means[y] + rng.normal(size=(len(y), d))).astype(np.float32), y
