"""Snapshots that tell their own number, so that a mixture of two is seen."""

import numpy as np

from edgelearn.types import Snapshot


def snapshot(number: int, floats: int = 4000) -> Snapshot:
    """Return the snapshot of a number: other arrays, other sizes, other words for each."""
    rng = np.random.default_rng(number)
    arrays = {
        "mean": rng.normal(size=floats + 700 * (number % 4)).astype(np.float32),
        "count": np.full((3, 2), number, dtype=np.int64),
        "scale": np.array(number, dtype=np.float64),
    }
    return Snapshot(arrays, {"schema": 1, "n_seen": number, "labels": ["a", 7], "readout": "ncm"})


def same(one: Snapshot, other: Snapshot) -> bool:
    """Return whether two snapshots are equal bit for bit."""
    return (
        dict(one.meta) == dict(other.meta)
        and one.arrays.keys() == other.arrays.keys()
        and all(_bits(array) == _bits(other.arrays[name]) for name, array in one.arrays.items())
    )


def _bits(array: np.ndarray) -> tuple[str, tuple[int, ...], bytes]:
    native = array.astype(array.dtype.newbyteorder("="), copy=False)
    return native.dtype.name, native.shape, native.tobytes()
