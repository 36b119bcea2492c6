"""What arrives, and when: the digits of the demo in an order drawn from a seed.

Phase 1: half of the 0-4 of the training part, shuffled. Phase 2: half of the 5-9, one class after another.
Phase 3: the other halves, in sweeps of one class at a time, while the camera turns from upright to
`FINAL_DEGREES`. The test part is never learned from.
"""

from importlib.resources import as_file, files
from pathlib import Path
from typing import NamedTuple

import numpy as np

from edgelearn.demo.drift import rotate
from edgelearn.types import F32, F64, I64

FINAL_DEGREES = 30.0
SWEEPS = 3  # how often every class comes back in phase 3
OLD, NEW = range(5), range(5, 10)


class Digits(NamedTuple):
    """Handwritten digits of scikit-learn, and a fixed stratified split."""

    x: F32  # (1797, 8, 8), 0..16
    y: I64  # (1797,)
    train: I64  # indices
    test: I64


class Stream(NamedTuple):
    """Samples in the order of their arrival."""

    x: F32  # (n, 8, 8), 0..16, turned already
    y: I64  # (n,)
    degrees: F64  # (n,) how far the camera has turned
    new_from: int  # where phase 2 begins
    drift_from: int  # where phase 3 begins


def asset(name: str) -> Path:
    """Return the path of a file of the demo."""
    with as_file(files("edgelearn.demo") / "assets" / name) as path:
        return path


def load_digits() -> Digits:
    """Return the digits the package carries."""
    with np.load(asset("digits.npz"), allow_pickle=False) as data:
        return Digits(data["x"].astype(np.float32), data["y"], data["train"], data["test"])


def make(digits: Digits, seed: int) -> Stream:
    """Return the stream of a seed; two processes with one seed see the same samples."""
    rng = np.random.default_rng(seed)
    mine = [rng.permutation(digits.train[digits.y[digits.train] == c]) for c in (*OLD, *NEW)]
    first, second = [c[: len(c) // 2] for c in mine], [c[len(c) // 2 :] for c in mine]
    known = rng.permutation(np.concatenate([first[c] for c in OLD]))
    arrivals = np.concatenate([first[c] for c in NEW])
    sweeps = [
        np.array_split(second[c], SWEEPS)[sweep] for sweep in range(SWEEPS) for c in rng.permutation(10)
    ]
    order = np.concatenate([known, arrivals, *sweeps])
    drift_from = len(known) + len(arrivals)
    degrees = np.zeros(len(order))
    degrees[drift_from:] = np.linspace(0, FINAL_DEGREES, len(order) - drift_from)
    x = rotate(digits.x[order], degrees)
    return Stream(x, digits.y[order], degrees, len(known), drift_from)
