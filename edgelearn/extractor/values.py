"""What is done to the values of a sample: declared arithmetic, and rounding for integer networks."""

from collections.abc import Callable
from typing import Any

import numpy as np

from edgelearn.extractor.preprocess import Preprocess
from edgelearn.types import Array


def arithmetic(declared: Preprocess) -> Callable[[Array], Array]:
    """x * scale, less mean, over std, in float32 and in this order; channels are the last axis."""
    scale = None if declared.scale is None else np.float32(declared.scale)
    mean = None if declared.mean is None else np.array(declared.mean, np.float32)
    std = None if declared.std is None else np.array(declared.std, np.float32)

    def apply(sample: Array) -> Array:
        value = sample.astype(np.float32)
        if scale is not None:
            value *= scale
        if mean is not None:
            value = value - mean
        return value if std is None else value / std

    return apply


def to_integer(target: "np.dtype[Any]") -> Callable[[Array], Array]:
    """Rounded to the nearest (ties to even) and clipped to what the dtype holds; still to be cast."""
    limits = np.iinfo(target)
    low, high = int(limits.min), int(limits.max)

    def convert(sample: Array) -> Array:
        if sample.dtype.kind == "b":
            return sample
        if sample.dtype.kind in "ui":
            own = np.iinfo(sample.dtype)
            return np.clip(sample, max(low, own.min), min(high, own.max))
        wide = target.itemsize > 2 or sample.dtype != np.float32
        exact = 2**53  # float64 holds every integer up to here
        value = np.rint(sample, dtype=np.float64 if wide else np.float32)
        return np.clip(value, max(low, -exact), min(high, exact), out=value)

    return convert
