"""The drift of the demo: the camera turns. Bilinear rotation in NumPy."""

import numpy as np
import numpy.typing as npt

from edgelearn.types import F32, F64


def rotate(images: F32, degrees: npt.ArrayLike) -> F32:
    """Turn images (n, H, W) counter-clockwise about their centre; outside is 0.

    ``degrees`` is one angle for all, or one an image (n,).
    """
    n, height, width = images.shape
    angle = np.broadcast_to(np.deg2rad(np.asarray(degrees, np.float64)), n)[:, None, None]
    rows, columns = np.mgrid[:height, :width]
    y, x = rows - (height - 1) / 2, columns - (width - 1) / 2
    source_y = np.cos(angle) * y + np.sin(angle) * x + (height - 1) / 2
    source_x = np.cos(angle) * x - np.sin(angle) * y + (width - 1) / 2
    return _bilinear(images, source_y, source_x)


def _bilinear(images: F32, y: F64, x: F64) -> F32:
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    height, width = padded.shape[1:]
    y, x = np.clip(y + 1, 0, height - 1), np.clip(x + 1, 0, width - 1)
    top = np.minimum(y.astype(np.int64), height - 2)
    left = np.minimum(x.astype(np.int64), width - 2)
    down, right = y - top, x - left
    each = np.arange(len(images))[:, None, None]
    upper = (1 - right) * padded[each, top, left] + right * padded[each, top, left + 1]
    lower = (1 - right) * padded[each, top + 1, left] + right * padded[each, top + 1, left + 1]
    return np.asarray((1 - down) * upper + down * lower, np.float32)
