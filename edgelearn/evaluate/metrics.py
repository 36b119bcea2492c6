"""Figures of continual learning, each a few lines: accuracy matrices and streams.

``R`` (T, T) has the test accuracy on experience j after learning experience i in row i, column j; NaN where
an experience has no test samples. Streams are boolean ``correct`` (n,), one a prediction. Everything is in
[0, 1] except transfers and kappa. A figure that is not defined (one experience, no sample) is NaN.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from edgelearn.errors import ConfigError
from edgelearn.types import F64, Array

Bools = npt.NDArray[np.bool_]


def average_accuracy(R: F64) -> float:
    """ACC: mean of the last row (Lopez-Paz & Ranzato 2017, eq. 2)."""
    return _mean(R[-1])


def learning_accuracy(R: F64) -> float:
    """LA: mean accuracy on each experience right after learning it; ACC = LA + BWT (T - 1) / T."""
    return _mean(np.diagonal(R))


def accuracy_so_far(R: F64, counts: Array | None = None) -> F64:
    """Return A (T,): after each step, the accuracy on all experiences seen so far.

    ``counts`` (T,) are the test samples of each experience; without them all weigh the same.
    """
    weights = np.ones(len(R)) if counts is None else np.asarray(counts, np.float64)
    weights = np.where(np.isnan(R[-1]), 0.0, weights)
    values = np.where(np.isnan(R), 0.0, R)
    seen = np.cumsum(weights)
    total = np.array([values[i, : i + 1] @ weights[: i + 1] for i in range(len(R))])
    return np.asarray(np.divide(total, seen, out=np.full(len(R), np.nan), where=seen > 0))


def average_incremental(R: F64, counts: Array | None = None) -> float:
    """Mean over steps of the accuracy on everything seen so far (Rebuffi et al. 2017, iCaRL)."""
    return _mean(accuracy_so_far(R, counts))


def forgetting(R: F64) -> float:
    """F: best accuracy an experience ever had, less its last; all but the newest (Chaudhry et al. 2018)."""
    return _mean(np.array([R[j:-1, j].max() - R[-1, j] for j in range(len(R) - 1)]))


def backward_transfer(R: F64) -> float:
    """BWT: last accuracy less that right after learning (Lopez-Paz & Ranzato 2017); negative forgets."""
    return _mean(R[-1, :-1] - np.diagonal(R)[:-1])


def backward_transfer_all(R: F64) -> float:
    """BWT over every later step, not the last alone (Diaz-Rodriguez et al. 2018)."""
    below = np.tril_indices(len(R), -1)
    return _mean((R - np.diagonal(R))[below])


def prequential_accuracy(correct: Bools) -> float:
    """Mean over the stream of what was right before its label was used."""
    return _mean(correct)


def cumulative(correct: Bools) -> F64:
    """Return P (n,): the prequential accuracy up to each sample."""
    return np.cumsum(correct) / np.arange(1, len(correct) + 1)


def sliding(correct: Bools, window: int) -> F64:
    """Return (n,): accuracy over the last ``window`` samples (fewer at the start)."""
    if window < 1:
        raise ConfigError(f"a window is at least 1 sample, got {window}")
    total = np.concatenate([[0], np.cumsum(correct)])
    stop = np.arange(1, len(correct) + 1)
    start = np.maximum(stop - window, 0)
    return np.asarray((total[stop] - total[start]) / (stop - start))


def fading(correct: Bools, keep: float = 0.999) -> F64:
    """Return P = S/N (n,) with S = correct + keep S, N = 1 + keep N (Gama et al. 2013)."""
    if not 0 < keep <= 1:
        raise ConfigError(f"a fading factor is above 0 and at most 1, got {keep}")
    out = np.empty(len(correct))
    s = n = 0.0
    for t, hit in enumerate(correct):
        s, n = float(hit) + keep * s, 1.0 + keep * n
        out[t] = s / n
    return out


def balanced_prequential(correct: Bools, y: Sequence[object] | Array, keep: float = 0.999) -> float:
    """Mean over classes of each class's fading accuracy at the end; ``y`` (n,) are the true labels."""
    _, inverse = np.unique(np.asarray(y), return_inverse=True)
    classes = range(int(inverse.max()) + 1) if len(inverse) else range(0)
    return _mean(np.array([fading(correct[inverse == c], keep)[-1] for c in classes]))


def kappa_temporal(accuracy: float, no_change: float) -> float:
    """Share won of what repeating the last label gets wrong (Bifet et al. 2013); below 0 is worse."""
    return (accuracy - no_change) / (1.0 - no_change) if no_change < 1.0 else float("nan")


def spread(values: Sequence[float]) -> tuple[float, float]:
    """Return mean and sample standard deviation over seeds; the deviation of one value is NaN."""
    array = np.asarray(values, np.float64)
    return _mean(array), float(array.std(ddof=1)) if len(array) > 1 else float("nan")


def _mean(values: Array) -> float:
    kept = np.asarray(values, np.float64)
    kept = kept[~np.isnan(kept)]
    return float(kept.mean()) if len(kept) else float("nan")
