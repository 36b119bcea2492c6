"""What trained networks share: named arrays, whole state in and out, and checks of what they are given."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from edgelearn.errors import InputError, UnsupportedError
from edgelearn.kernels.checks import LARGEST
from edgelearn.neurons import Neuron
from edgelearn.rules.base import check_array
from edgelearn.signals import Signal
from edgelearn.types import F32, I64, Array


class Net:
    """``arrays`` holds everything learned, by name; a subclass fills it once and then only changes values in place."""

    arrays: dict[str, Array]

    def state(self) -> dict[str, Array]:
        """Return everything learned as arrays, views of live ones."""
        return dict(self.arrays)

    def load(self, arrays: Mapping[str, Array]) -> None:
        """Take over what `state` returned; raises InputError, unchanged, for arrays of another network."""
        if not isinstance(arrays, Mapping) or set(arrays) != set(self.arrays):
            raise InputError(
                f"a state has {', '.join(sorted(self.arrays))}: give all that state() of such a network returned"
            )
        for name, mine in self.arrays.items():
            given = check_array(name, arrays[name], mine.shape, mine.dtype)
            if not np.isfinite(given).all():
                raise InputError(f"{name} has NaN or infinity; nothing was loaded")
        for name, mine in self.arrays.items():
            mine[...] = arrays[name]


def samples(X: object, n_pre: int, dtype: Any = np.float32) -> Array:
    """Return ``X`` (n, n_pre); raises InputError for another shape or dtype, and for values no layer can work with."""
    found = check_array("X", X, None, dtype)
    if found.shape[1] != n_pre:
        raise InputError(f"X must have {n_pre} values a sample, shape (n, {n_pre}), not {found.shape}")
    if found.size and not (found.max() < LARGEST and found.min() > -LARGEST):  # NaN is neither
        raise InputError(f"X has NaN, infinity or values above {LARGEST:.1g}; nothing was learned")
    return found


def labels(y: object, n: int, n_classes: int) -> I64:
    """Return the classes (n,) as int64; raises InputError for others than 0..n_classes - 1, and for one class alone."""
    found = classes(y, n, n_classes)
    if found.min() == found.max():
        raise InputError(
            f"all labels are {found[0]}; there is nothing to tell apart: give samples of two classes"
        )
    return found


def classes(y: object, n: int, n_classes: int) -> I64:
    """Return the classes (n,) as int64; raises InputError for none, and for others than 0..n_classes - 1."""
    if not isinstance(y, np.ndarray) or y.dtype.kind not in "iu" or y.shape != (n,):
        found = f"{y.dtype}{y.shape}" if isinstance(y, np.ndarray) else type(y).__name__
        raise InputError(f"y must be one whole number a sample, shape ({n},), not {found}")
    if not n or y.min() < 0 or y.max() >= n_classes:
        said = f"{y.min()}..{y.max()}" if n else "none at all"
        raise InputError(f"y must be in 0..{n_classes - 1}, not {said}")
    return y.astype(np.int64)


def many(part: Neuron | Signal, *seen: Array) -> F32:
    """Return what a neuron or a signal makes of many samples (n, …); raises UnsupportedError if it cannot."""
    if part.batch is None:
        raise UnsupportedError(f"{part.name} has no form for many samples at once")
    found: F32 = part.batch(part.params, *seen)
    return found


def he(rng: np.random.Generator, n_pre: int, n_post: int) -> F32:
    """Return weights (n_pre, n_post) from N(0, 2 / n_pre): He et al. 2015, ICCV."""
    drawn: F32 = (rng.standard_normal((n_pre, n_post)) * np.sqrt(2 / n_pre)).astype(np.float32)
    return drawn


def one_hot(y: I64, n_classes: int) -> F32:
    """Return the labels (n,) as rows of one 1 (n, n_classes)."""
    return np.asarray(np.eye(n_classes, dtype=np.float32)[y])


def softmax(scores: Array) -> Array:
    """Return the shares (n, n_classes) of scores (n, n_classes)."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
