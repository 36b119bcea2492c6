"""What the nets of this folder are given, checked before anything is learned of it."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from edgelearn.bounds import whole
from edgelearn.errors import ConfigError, InputError
from edgelearn.kernels.checks import LARGEST
from edgelearn.systems.net import widths
from edgelearn.types import Array

T = TypeVar("T")
SEEDS = 2**63 - 1  # the largest seed


def part(name: str, value: object, kind: type[T]) -> T:
    """Return ``value``; raises ConfigError unless it is a Neuron or Rule: these nets take no names."""
    if not isinstance(value, kind):
        raise ConfigError(f"{name} must be a {kind.__name__}, not {value!r}")
    return value


def sizes(value: Sequence[int]) -> tuple[int, ...]:
    """Return ``value`` as ints; raises ConfigError unless it names inputs, at least one hidden layer, and 2 classes."""
    return widths(value, 3, "inputs, hidden layers and at least 2 classes", last=2)


def real(value: object) -> np.dtype[np.floating]:
    """Return ``value`` as a dtype; raises ConfigError unless it is float32 or float64."""
    if value not in (np.float32, np.float64):
        raise ConfigError(f"dtype must be numpy.float32 or numpy.float64, not {value!r}")
    return np.dtype(value)


def within(name: str, value: int, low: int, high: int) -> int:
    """Return ``value`` as int; raises ConfigError unless it is a whole number in low..high."""
    if whole(name, value, low) > high:
        raise ConfigError(f"{name} must be at most {high}, not {value!r}")
    return int(value)


def sequences(x: object, least: int, n_in: int) -> Array:
    """Return x; raises InputError unless it is an array of real numbers (T >= least, n_samples, n_in)."""
    if not isinstance(x, np.ndarray) or x.dtype.kind not in "biuf":
        raise InputError(f"x must be an array of real numbers, not {_found(x)}")
    if x.ndim != 3 or x.shape[2] != n_in or len(x) < least:
        raise InputError(f"x must be (T >= {least}, n_samples, {n_in}), not {x.shape}")
    return x


def frames(x: object, least: int, n_in: int, dtype: np.dtype[np.floating]) -> None:
    """Raise InputError unless x is what `sequences` returns, in ``dtype`` and of values units can work with."""
    found = sequences(x, least, n_in)
    if found.dtype != dtype:
        raise InputError(f"x must be an array of {dtype}, not {found.dtype}; use x.astype({dtype.name!r})")
    if found.size and not (found.max() < LARGEST and found.min() > -LARGEST):  # NaN is neither
        raise InputError(f"x has NaN, infinity or values above {LARGEST:.1g}; nothing was learned")


def classes(y: object, n_samples: int, n_classes: int) -> None:
    """Raise InputError unless y is an array of whole numbers (n_samples,) in [0, n_classes), and not empty."""
    if not isinstance(y, np.ndarray) or y.dtype.kind not in "iu":
        raise InputError(f"y must be an array of whole numbers, not {_found(y)}")
    if y.shape != (n_samples,) or not n_samples:
        raise InputError(f"y must hold one class a sample, of {n_samples} and at least 1, not {y.shape}")
    if y.min() < 0 or y.max() >= n_classes:
        raise InputError(f"y must be in 0..{n_classes - 1}, not {y.min()}..{y.max()}")


def label(value: object, n_classes: int) -> int:
    """Return a class as int; raises InputError unless it is a whole number in [0, n_classes)."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 0 <= value < n_classes:
        raise InputError(f"label must be a whole number in 0..{n_classes - 1}, not {value!r}")
    return int(value)


def spikes(active: object, n_active: object) -> None:
    """Raise InputError unless both are arrays of int32, (T, most spikes a step) and (T,)."""
    for name, value, n_axes in (("active", active, 2), ("n_active", n_active, 1)):
        if not isinstance(value, np.ndarray) or value.dtype != np.int32 or value.ndim != n_axes:
            raise InputError(f"{name} must be an int32 array of {n_axes} axes, not {_found(value)}")


def _found(value: object) -> str:
    return f"{value.dtype}{value.shape}" if isinstance(value, np.ndarray) else type(value).__name__
