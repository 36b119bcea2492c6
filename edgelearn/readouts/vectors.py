"""Samples as they must arrive at a readout: float32, one row each, finite."""

import numpy as np

from edgelearn.errors import InputError
from edgelearn.kernels.checks import all_finite
from edgelearn.types import F32

_F32 = np.dtype(np.float32)


def as_vector(x: object, n_features: int | None) -> F32:
    """Return ``x`` as a contiguous float32 vector (D,).

    Raises InputError for another shape, a dtype that is not a real number, or NaN and infinity.
    """
    if not (type(x) is np.ndarray and x.dtype is _F32 and x.ndim == 1 and x.flags.c_contiguous):
        x = _convert(x, 1)
    if n_features is not None and x.shape[0] != n_features:
        raise InputError(f"expected {n_features} features a sample, got {x.shape[0]}")
    if not all_finite.dispatcher(x):
        raise InputError(
            f"the sample has NaN or infinity (first at feature {_first_bad(x)}); nothing was learned"
        )
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
    if not all_finite(rows.reshape(-1)):
        bad = int(np.flatnonzero(~np.isfinite(rows).all(axis=1))[0])
        raise InputError(f"sample {bad} has NaN or infinity; nothing was learned from the whole batch")
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


def _first_bad(x: F32) -> int:
    return int(np.flatnonzero(~np.isfinite(x))[0])
