"""What trained networks share: named arrays, whole state in and out, and checks of what they are given."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from edgelearn.bounds import whole
from edgelearn.conv import Shape
from edgelearn.errors import ConfigError, InputError, UnsupportedError
from edgelearn.kernels.checks import LARGEST
from edgelearn.neurons import Neuron
from edgelearn.rules.base import check_array
from edgelearn.signals import Signal
from edgelearn.types import F32, I64, Array


class Net:
    """``arrays`` holds everything learned, by name; a subclass fills it once and then only changes values in place.

    What a random generator will draw next is no part of it.
    """

    arrays: dict[str, Array]
    bounds: ClassVar[Mapping[str, tuple[float, float]]] = {}  # by how the names of such arrays begin

    def state(self) -> dict[str, Array]:
        """Return everything learned as arrays, views of live ones."""
        return dict(self.arrays)

    def load(self, arrays: Mapping[str, Array]) -> None:
        """Take over what `state` returned.

        Raises InputError, unchanged, for arrays of other names, shapes, types, or values none can have. Settings are
        no part of a state: make the network with those it had, for another of the same sizes takes it as well.
        """
        if not isinstance(arrays, Mapping) or set(arrays) != set(self.arrays):
            raise InputError(
                f"a state has {', '.join(sorted(self.arrays))}: give all that state() of such a network returned"
            )
        for name, mine in self.arrays.items():
            given = check_array(name, arrays[name], mine.shape, mine.dtype)
            if not np.isfinite(given).all():
                raise InputError(f"{name} has NaN or infinity; nothing was loaded")
            for prefix, (low, high) in self.bounds.items():
                if name.startswith(prefix) and given.size and not low <= given.min() <= given.max() <= high:
                    raise InputError(
                        f"{name} has values outside {low:g} to {high:g}, which it never has; nothing was loaded"
                    )
        for name, mine in self.arrays.items():
            mine[...] = arrays[name]
        self._loaded()

    def _loaded(self) -> None:
        """Forget what was kept of other weights, beside ``arrays``."""


def samples(X: object, n_pre: int, dtype: Any = np.float32) -> Array:
    """Return ``X`` (n, n_pre); raises InputError for another shape or dtype, and for values no layer can work with."""
    if isinstance(X, np.ndarray) and X.dtype != dtype:
        raise InputError(
            f"X must be an array of {np.dtype(dtype)}, not {X.dtype}; use X.astype(numpy.{np.dtype(dtype)})"
        )
    if isinstance(X, np.ndarray) and (X.ndim != 2 or X.shape[1] != n_pre):
        raise InputError(f"X must have {n_pre} values a sample, shape (n, {n_pre}), not {X.shape}")
    found = check_array("X", X, None, dtype)
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
    if not n:
        raise InputError("X and y have no samples, none at all; give some")
    if y.min() < 0 or y.max() >= n_classes:
        raise InputError(f"y must be in 0..{n_classes - 1}, not {y.min()}..{y.max()}")
    return y.astype(np.int64)


def widths(sizes: object, least: int, named: str, *, last: int = 1) -> tuple[int, ...]:
    """Return ``sizes`` of at least 1, in all at least ``least``, the last at least ``last``.

    Raises ConfigError, which says that they must name what is ``named``.
    """
    given = tuple(sizes) if isinstance(sizes, Iterable) else ()
    found = tuple(whole("sizes", n, 1) for n in given)
    if len(found) < least or found[-1] < last:
        raise ConfigError(f"sizes must name {named}, not {given or sizes!r}")
    return found


def image_shape(shape: object) -> Shape:
    """Return a shape (height, width, channels); raises ConfigError for another number of sides, or one below 1."""
    given = tuple(shape) if isinstance(shape, Iterable) else ()
    if len(given) != 3:
        raise ConfigError(f"shape must be (height, width, channels), not {given or shape!r}")
    height, width, channels = (whole("shape", side, 1) for side in given)
    return height, width, channels


def tame(name: str, array: Array) -> Array:
    """Return ``array``; raises InputError where learning has run away: for NaN, and for values beyond `LARGEST`."""
    if array.size and not (array.max() < LARGEST and array.min() > -LARGEST):
        raise InputError(
            f"learning runs away at {name}, which would get NaN or values above {LARGEST:.1g}; "
            "lower eta, or bring X to values of about 1"
        )
    return array


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
