"""Samples as they must arrive at a readout: float32, one row each, finite."""

import numpy as np

from edgelearn.errors import InputError
from edgelearn.kernels.checks import LARGEST, all_below
from edgelearn.types import F32

_F32 = np.dtype(np.float32)


def as_vector(x: object, n_features: int | None) -> F32:
    """Return ``x`` as a contiguous float32 vector (D,).

    Raises InputError for another shape, a dtype that is not a real number, NaN, infinity, or sizes whose
    squares float32 does not hold.
    """
    if not (type(x) is np.ndarray and x.dtype is _F32 and x.ndim == 1 and x.flags.c_contiguous):
        x = _convert(x, 1)
    if n_features is not None and x.shape[0] != n_features:
        raise InputError(f"expected {n_features} features a sample, got {x.shape[0]}")
    if not all_below.dispatcher(x, LARGEST):
        raise InputError(f"the sample {_trouble(x)}; nothing was learned")
    return x


def as_matrix(X: object, n_features: int | None) -> F32:
    """Return ``X`` as contiguous float32 rows (n, D); same errors as `as_vector`, naming the row.

    No samples at all, in any shape, are (0, D).
    """
    if isinstance(X, np.ndarray | list | tuple) and len(X) == 0:
        return np.zeros((0, n_features or 0), np.float32)
    rows = _convert(X, 2)
    if n_features is not None and rows.shape[1] != n_features:
        raise InputError(f"expected {n_features} features a sample, got {rows.shape[1]}")
    if not all_below(rows.reshape(-1), LARGEST):
        bad = int(np.flatnonzero(~(np.abs(rows) < LARGEST).all(axis=1))[0])
        raise InputError(f"sample {bad} {_trouble(rows[bad])}; nothing was learned from the whole batch")
    return rows


def _convert(x: object, ndim: int) -> F32:
    try:
        array = np.asarray(x)
    except ValueError as error:  # rows of different lengths
        raise InputError(f"the sample is no regular array of numbers ({error})") from error
    if array.dtype.kind not in "fiub":
        raise InputError(f"features are numbers, not {array.dtype}")
    if array.ndim != ndim or array.shape[-1] == 0:
        wanted = "(D,)" if ndim == 1 else "(n, D)"
        raise InputError(f"expected an array of shape {wanted}, got {array.shape}")
    with np.errstate(over="ignore"):  # too large for float32 becomes infinite, and is refused as such
        return np.ascontiguousarray(array, dtype=np.float32)


def _trouble(x: F32) -> str:
    first = int(np.flatnonzero(~(np.abs(x) < LARGEST))[0])
    if not np.isfinite(x[first]):
        return f"has NaN or infinity (first at feature {first})"
    return f"has {x[first]:.3g} at feature {first}, and float32 holds no squares of sizes above {LARGEST:.1g}; scale it"
