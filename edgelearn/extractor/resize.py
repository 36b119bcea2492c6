"""Bilinear resizing in NumPy: half-pixel centres, edges repeated, no antialiasing.

The same as the ONNX operator Resize (mode linear, coordinate_transformation_mode half_pixel) and as OpenCV's
INTER_LINEAR. Indices and weights are computed once for a pair of sizes.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.types import F32, I64, Array


class _Axis(NamedTuple):
    low: I64  # (n_out,) index of the pixel before
    high: I64  # (n_out,) index of the pixel after
    weight: F32  # (n_out,) of the pixel after, in [0, 1)


class Bilinear:
    """Resizes (H, W, C) images of one size to another."""

    def __init__(self, source: tuple[int, int], target: tuple[int, int]) -> None:
        self._rows = _axis(source[0], target[0])
        self._columns = _axis(source[1], target[1])

    def __call__(self, image: Array) -> F32:
        """``image``: (H, W, C) of any real dtype; returns a new float32 (height, width, C)."""
        wide = _blend(image.astype(np.float32, copy=False), self._columns, 1)
        return _blend(wide, self._rows, 0)


def _axis(source: int, target: int) -> _Axis:
    at = np.clip((np.arange(target) + 0.5) * (source / target) - 0.5, 0, source - 1)
    low = np.floor(at).astype(np.int64)
    return _Axis(low, np.minimum(low + 1, source - 1), (at - low).astype(np.float32))


def _blend(image: F32, axis: _Axis, along: int) -> F32:
    weight = axis.weight.reshape(-1, 1, 1) if along == 0 else axis.weight.reshape(1, -1, 1)
    low = image.take(axis.low, along)
    high = image.take(axis.high, along)
    high -= low
    high *= weight
    low += high
    return low
