"""Recordings of an event camera as frames of counts."""

from collections.abc import Mapping

import numpy as np

from edgelearn.types import F32, I64, Array

SIDE, POOLED = 34, 17  # pixels a side, of the camera and of a frame
BINS, LENGTH_US = 10, 300_000


def frames(data: Mapping[str, Array]) -> tuple[F32, I64]:
    """Return log(1 + events) (BINS, n, 2 * POOLED**2) of the first 300 ms, and the labels (n,).

    ``data`` holds x, y, dt_us (events,), polarity_bits, offset (n + 1,) and label (n,).
    """
    offset = data["offset"]
    which = np.repeat(np.arange(len(offset) - 1), np.diff(offset))
    passed = np.cumsum(data["dt_us"], dtype=np.int64)
    before = np.where(offset[:-1] > 0, passed[offset[:-1] - 1], 0)
    time = passed - before[which]
    polarity = np.unpackbits(data["polarity_bits"])[: len(which)].astype(np.int64)
    scale = SIDE // POOLED
    pixel = (polarity * POOLED + data["y"] // scale) * POOLED + data["x"] // scale
    kept = time < LENGTH_US
    n, size = len(offset) - 1, 2 * POOLED**2
    place = (time * BINS // LENGTH_US * n + which) * size + pixel
    counts = np.bincount(place[kept], minlength=BINS * n * size).reshape(BINS, n, size)
    return np.log1p(counts).astype(np.float32), data["label"].astype(np.int64)
