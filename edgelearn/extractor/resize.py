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
    weight: F32  # of the pixel after, in [0, 1): (height, 1, 1) for rows, (1, width, C) for columns


class Bilinear:
    """Resizes (H, W, C) images of one size to another, always in the same buffers: a result lasts one call."""

    def __init__(self, source: tuple[int, int], target: tuple[int, int], channels: int) -> None:
        rows, columns = _axis(source[0], target[0]), _axis(source[1], target[1])
        self._rows = rows._replace(weight=rows.weight.reshape(-1, 1, 1))
        # One weight a value: a broadcast along so short an axis as the channels is five times slower.
        self._columns = columns._replace(weight=np.repeat(columns.weight, channels).reshape(1, -1, channels))
        self._image = np.empty((*source, channels), np.float32)
        self._wide = np.empty((2, source[0], target[1], channels), np.float32)
        self._full = np.empty((2, *target, channels), np.float32)

    def __call__(self, image: Array) -> F32:
        """``image``: (H, W, C) of any real dtype; the result is float32 (height, width, C)."""
        np.copyto(self._image, image, casting="unsafe")
        wide = _blend(self._image, self._columns, 1, self._wide)
        return _blend(wide, self._rows, 0, self._full)


def _axis(source: int, target: int) -> _Axis:
    at = np.clip((np.arange(target) + 0.5) * (source / target) - 0.5, 0, source - 1)
    low = np.floor(at).astype(np.int64)
    return _Axis(low, np.minimum(low + 1, source - 1), (at - low).astype(np.float32))


def _blend(image: F32, axis: _Axis, along: int, buffers: F32) -> F32:
    low: F32 = buffers[0]
    high: F32 = buffers[1]
    image.take(axis.low, along, out=low, mode="clip")  # "clip" lets take write to the buffer directly
    image.take(axis.high, along, out=high, mode="clip")
    high -= low
    high *= axis.weight
    low += high
    return low
